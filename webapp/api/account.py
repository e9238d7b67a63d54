"""The API's kind of blueprint for what belongs to a person rather than to a project."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema

from webapp.api.auth import authenticate
from webapp.api.blueprint import BodyParser

View = Callable[..., Any]


class AccountBlueprint(Blueprint):  # type: ignore[misc]
    """Routes of an account: a credential is checked before a view runs, which gets the caller."""

    ARGUMENTS_PARSER = BodyParser()

    def route(
        self, rule: str, *, body: type[Schema] | None = None, answer: type[Schema], status: int = 200, **options: Any
    ) -> Callable[[View], View]:
        """Register a view that gets its checked body and the caller; ``answer`` and ``status`` only describe."""
        register = super().route(rule, strict_slashes=False, **options)

        def decorate(view: View) -> View:
            inner = self.alt_response(status, schema=answer)(view)
            if body is not None:
                inner = self.arguments(body)(inner)

            @wraps(inner)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                return inner(*args, caller=authenticate(), **kwargs)

            register(guarded)
            return guarded

        return decorate
