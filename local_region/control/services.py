"""AWS services that moto lacks. An operation is a function; botocore's model of the service says how its request is
parsed and checked and its answer written, so a client meets the names, codes and statuses of the real API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.validate import ParamValidator
from moto.core.exceptions import ServiceException
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from local_region.control.backends import Backends

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

Operation = Callable[[Backends, dict[str, Any]], Mapping[str, Any]]


class Refusal(ServiceException):  # type: ignore[misc]  # untyped library
    """An error of the service's model: its code, and what members it has besides the message."""

    def __init__(self, code: str, message: str, **members: str) -> None:
        super().__init__(code, message)
        self.__dict__.update(members)


class Service:
    """The operations of one service, called by its name in botocore, which must be its signing name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._operations: dict[str, Operation] = {}

    def operation(self, name: str) -> Callable[[Operation], Operation]:
        """Decorator: the function answers the operation ``name``; it is given the request's members by name."""

        def register(function: Operation) -> Operation:
            self._operations[name] = function
            return function

        return register

    def application(self, backends: Backends) -> WSGIApplication:
        """The service as a WSGI application. Called with the API's lock held, as moto is."""

        def serve(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
            answer: Iterable[bytes] = self._answer(Request(environ), backends)(environ, start_response)
            return answer

        return serve

    def _answer(self, request: Request, backends: Backends) -> Response:
        try:
            model, path_members = get_service_router(self.name).match(request)
        except NotFound:
            return Response(f"{self.name} has no operation {request.method} {request.path}\n", 404)
        protocol = determine_request_protocol(model.service_model, request.content_type)
        try:
            given = _members(request, model, path_members, protocol)
            result: Any = self._operation(model.name)(backends, given)
        except ServiceException as refusal:
            result = refusal
        answer = get_serializer_class(self.name, protocol)(operation_model=model).serialize(result)
        return Response(answer["body"], answer["status_code"], answer["headers"])

    def _operation(self, name: str) -> Operation:
        if name not in self._operations:
            known = ", ".join(sorted(self._operations))
            raise Refusal("NotImplemented", f"the local region's {self.name} has no {name}; it has {known}")
        return self._operations[name]


def _members(request: Request, model: Any, path_members: dict[str, Any], protocol: str) -> dict[str, Any]:
    """The request's members by the model's names, whole and of the right types."""
    members: dict[str, Any] = PROTOCOL_PARSERS[protocol](model).parse(
        {
            "body": request.data,
            "headers": request.headers,
            "method": request.method,
            "url_params": path_members,
            "url_path": request.path,
            "values": request.args,
        }
    )
    if model.input_shape and (report := ParamValidator().validate(members, model.input_shape)).has_errors():
        raise Refusal("ValidationException", report.generate_report(), reason="MissingValue")
    return members
