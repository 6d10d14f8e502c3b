"""How FIS says no: to a request, and of an experiment that it started."""

from __future__ import annotations

from typing import Literal

from moto.fis.exceptions import FISException

# AWS FIS User Guide, "Troubleshooting", error codes.
Code = Literal[
    "AuthorizationFailure", "ConfigurationFailure", "DependentServiceFailure", "InternalFailure", "InvalidTarget"
]


class ValidationException(FISException):  # type: ignore[misc]
    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


class ConflictException(FISException):  # type: ignore[misc]
    code = 409

    def __init__(self, message: str) -> None:
        super().__init__("ConflictException", message)


class ServiceQuotaExceededException(FISException):  # type: ignore[misc]
    code = 402

    def __init__(self, message: str) -> None:
        super().__init__("ServiceQuotaExceededException", message)


class Failure(Exception):
    """Why an experiment or one of its actions failed, as ``state.error`` and ``state.reason`` tell it."""

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(reason)
        self.code: Code = code
        self.reason = reason
