"""The API's kind of blueprint: every route names who may call it, and every refusal has the one error shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, NoReturn

from flask import Request
from flask_smorest import Api, Blueprint
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest

from webapp.api.auth import authorize
from webapp.api.schemas.base import ErrorSchema
from webapp.errors import InvalidRequest, UnsupportedMediaType, ValidationFailed
from webapp.models import Role

View = Callable[..., Any]

MAX_DEPTH = 64  # filters go 16 groups deep; far below where parsers of JSON give up


class SchemaApi(Api):  # type: ignore[misc]
    """Collects the machine-readable description; errors stay with ``webapp.errors``."""

    ERROR_SCHEMA = ErrorSchema

    def _register_error_handlers(self) -> None:
        """Register none: flask-smorest's would answer in another shape."""


class BodyParser(FlaskParser):
    """Reads JSON bodies and turns the first thing that is wrong into our error."""

    DEFAULT_VALIDATION_STATUS = 400

    def load_json(self, req: Request, schema: Schema) -> Any:  # noqa: ARG002
        """Read the body; one that is empty counts as an object without keys."""
        return read_json_object(req)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,  # noqa: ARG002
        schema: Schema,  # noqa: ARG002
        *,
        error_status_code: int | None,  # noqa: ARG002
        error_headers: Mapping[str, str] | None,  # noqa: ARG002
    ) -> NoReturn:
        """Raise the first error, named by its path in the body."""
        raise first_error(error) from None


class ProjectBlueprint(Blueprint):  # type: ignore[misc]
    """Routes inside a project: a credential, the membership and the scope are checked before a view runs."""

    ARGUMENTS_PARSER = BodyParser()

    def route(
        self,
        rule: str,
        *,
        scopes: tuple[str, ...],
        role: Role = Role.VIEWER,
        body: type[Schema] | None = None,
        args: type[Schema] | None = None,
        answer: type[Schema] | Schema,
        **options: Any,
    ) -> Callable[[View], View]:
        """Register a view that gets its checked body or arguments of its address, and the project instead of its id.

        A key needs one of ``scopes``, a person at least ``role``. ``answer`` only describes: views build JSON
        themselves, because marshmallow would take longer over a page of rows than ClickHouse. Without
        ``strict_slashes`` the address answers with and without the slash at its end, and without a redirect, in which
        a POST would lose its body.
        """
        register = super().route(rule, strict_slashes=False, **options)

        def decorate(view: View) -> View:
            inner = self.alt_response(200, schema=answer)(view)
            if body is not None:
                inner = self.arguments(body)(inner)
            if args is not None:
                inner = self.arguments(args, location="query")(inner)

            @wraps(inner)
            def guarded(*given: Any, project: str, **kwargs: Any) -> Any:
                return inner(*given, project=authorize(project, scopes, role), **kwargs)

            register(guarded)
            return guarded

        return decorate


def read_json_object(req: Request) -> dict[str, Any]:
    """Read a JSON object from the body.

    Raises:
        UnsupportedMediaType: the body says that it is something else.
        InvalidRequest: it is not JSON, or not an object.
    """
    if not req.get_data(cache=True).strip():
        return {}
    if req.mimetype and not req.is_json:
        raise UnsupportedMediaType(f'Media type "{req.mimetype}" is not supported. Send JSON as application/json.')
    try:
        body = req.get_json(force=True)
    except BadRequest as error:
        reason = str(error.__cause__ or error.__context__ or "it cannot be parsed").rstrip(".")
        raise InvalidRequest(f"The body is not JSON: {reason}.") from None
    if not isinstance(body, dict):
        raise InvalidRequest("The body must be a JSON object.")
    if is_deeper_than(MAX_DEPTH, body):
        raise InvalidRequest(f"The body is nested deeper than {MAX_DEPTH} levels.")
    return body


def is_deeper_than(limit: int, value: Any) -> bool:
    """Whether lists and objects lie in each other more often than that; looks level by level, without recursion."""
    level = [value]
    for _ in range(limit + 1):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return False
    return True


def first_error(error: ValidationError) -> ValidationFailed:
    """Return the first of marshmallow's errors in the API's shape."""
    path: list[str] = []
    messages: Any = error.messages
    while not isinstance(messages, str):
        if isinstance(messages, list):
            messages = messages[0]
        else:
            name, messages = next(iter(messages.items()))
            path.append(str(name))
    named = [part for part in path[1:] if part != "_schema"]  # the first part is the location, "json" or "query"
    return ValidationFailed(
        str(messages), attr="__".join(named) or None, code=getattr(messages, "code", "invalid_input")
    )
