"""The API's kind of blueprint: every route names who may call it, and every refusal has the one error shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, NoReturn

from flask import Request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from webapp.api.auth import authorize
from webapp.api.bodies import discard_rest
from webapp.api.openapi import ALWAYS, KEY, REQUEST_ID, SERVER_TIMING, SESSION, WITH_BODY, WITH_CREDENTIAL
from webapp.errors import InvalidRequest, UnsupportedMediaType, ValidationFailed
from webapp.models import Role

View = Callable[..., Any]

MAX_DEPTH = 64  # filters go 16 groups deep; far below where parsers of JSON give up


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


class ApiBlueprint(Blueprint):  # type: ignore[misc]
    """Routes that say in the description of the API what they take and what they may answer."""

    ARGUMENTS_PARSER = BodyParser()

    def describe(
        self,
        view: View,
        *,
        body: type[Schema] | None,
        query: type[Schema] | None,
        answer: type[Schema] | Schema | None,
        status: int,
        failures: Iterable[int],
        security: list[dict[str, list[str]]],
    ) -> View:
        """Return the view with its arguments checked: the body, then what stands in the address after ``?``.

        The rest only describes: views build JSON themselves, because marshmallow would take longer over a page of rows
        than ClickHouse.
        """
        inner: View = self.doc(operationId=f"{self.name}_{view.__name__}", security=security)(view)
        described = _first_line(answer) if answer is not None else "Done; there is nothing to say."
        inner = self.alt_response(
            status, schema=answer, description=described, headers={"X-Request-Id": REQUEST_ID, **self.headers}
        )(inner)
        for failure in sorted({*failures, *ALWAYS}):
            inner = self.alt_response(failure, response=HTTPStatus(failure).name)(inner)
        if query is not None:
            inner = self.arguments(query, location="query")(inner)
        if body is not None:
            is_needed = any(field.required for field in body().fields.values())
            inner = self.arguments(body, required=is_needed)(inner)
        return inner

    @property
    def headers(self) -> dict[str, Any]:
        """What answers that are no failures have in addition to their request id."""
        return {}


class ProjectBlueprint(ApiBlueprint):
    """Routes inside a project: a credential, the membership and the scope are checked before a view runs.

    Those that ask ClickHouse, which is what they do by default, may fail by asking too much of it.
    """

    def __init__(self, *args: Any, asks_clickhouse: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asks_clickhouse = asks_clickhouse

    @property
    def headers(self) -> dict[str, Any]:
        """Say that answers tell what they cost."""
        return {"Server-Timing": SERVER_TIMING} if self._asks_clickhouse else {}

    def route(
        self,
        rule: str,
        *,
        scopes: tuple[str, ...],
        role: Role = Role.VIEWER,
        body: type[Schema] | None = None,
        query: type[Schema] | None = None,
        answer: type[Schema] | Schema | None,
        status: int = 200,
        **options: Any,
    ) -> Callable[[View], View]:
        """Register a view that gets its checked body and query, and the project instead of its id.

        A key needs one of ``scopes``, a person at least ``role``. Without ``strict_slashes`` the address answers with
        and without the slash at its end, and without a redirect, in which a POST would lose its body.
        """
        register = super().route(rule, strict_slashes=False, **options)
        failures = {*WITH_CREDENTIAL, 404, *(WITH_BODY if body else ()), *((504,) if self._asks_clickhouse else ())}
        security: list[dict[str, list[str]]] = [{KEY: list(scopes)}, {SESSION: []}]

        def decorate(view: View) -> View:
            inner = self.describe(
                view, body=body, query=query, answer=answer, status=status, failures=failures, security=security
            )

            @wraps(inner)
            def guarded(*given: Any, project: str, **kwargs: Any) -> Any:
                return inner(*given, project=authorize(project, scopes, role), **kwargs)

            register(guarded)
            return guarded

        return decorate


def _first_line(schema: type[Schema] | Schema) -> str:
    return str(schema.__doc__).partition("\n")[0].strip()


def read_json_object(req: Request) -> dict[str, Any]:
    """Read a JSON object from the body.

    Raises:
        UnsupportedMediaType: the body says that it is something else.
        InvalidRequest: it is not JSON, or not an object.
        RequestEntityTooLarge: it is longer than the limit.
    """
    try:
        sent = req.get_data(cache=True)
    except RequestEntityTooLarge:
        discard_rest()
        raise
    if not sent.strip():
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
    named = [part for part in path[1:] if part != "_schema"]  # the first part is the location: "json" or "query"
    return ValidationFailed(
        str(messages), attr="__".join(named) or None, code=getattr(messages, "code", "invalid_input")
    )
