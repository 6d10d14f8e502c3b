"""How moto is mended: a function stands in for one of its methods and is given the original."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

Replacement = Callable[..., Any]


def around(owner: type, name: str) -> Callable[[Replacement], Replacement]:
    """Decorator: the function replaces ``owner.name`` and is called as ``function(original, self, ...)``.

    The patch is in place once the function's module is imported. AttributeError when moto has no such method.
    """
    original = getattr(owner, name)

    def decorate(function: Replacement) -> Replacement:
        @functools.wraps(original)
        def patched(self: Any, *args: Any, **kwargs: Any) -> Any:
            return function(original, self, *args, **kwargs)

        setattr(owner, name, patched)
        return function

    return decorate
