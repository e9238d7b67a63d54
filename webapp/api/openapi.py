"""The machine-readable description of the API, made from the schemas that check requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from threading import Lock
from typing import Any

from flask import Flask
from flask_smorest import Api, Blueprint

from webapp.api.schemas.base import ErrorSchema
from webapp.api.schemas.filters import COMPONENTS

DESCRIPTION = """\
Hedgerow speaks the Logs API that PostHog publishes: a script written for it works here with only the host changed.
What Hedgerow adds never gets in the way of such a client.

Every address answers with and without the slash at its end, and what begins with /api/projects/{project}/logs/ also
under /api/environments/{project}/logs/. Keys that are not known are ignored.\
"""

KEY, SESSION = "personalApiKey", "session"
SECURITY_SCHEMES: dict[str, dict[str, Any]] = {
    KEY: {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "phx_…",
        "description": "A personal API key, which acts for its person within its scopes. Those that an operation names "
        "are the ones of which the key needs one.",
    },
    SESSION: {
        "type": "apiKey",
        "in": "cookie",
        "name": "hedgerow_session",
        "description": "The session of the pages. Requests that are not GET then need the page's CSRF token in the "
        "header X-CSRFToken.",
    },
}

REQUEST_ID = {
    "description": "Yours, if you sent one; it finds the request in the server's log.",
    "schema": {"type": "string"},
    "example": "3f2a9c51b7d04e6f",
}
RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}, "example": 12}
SERVER_TIMING = {
    "description": "What ClickHouse did for the answer: milliseconds, questions, rows and bytes read.",
    "schema": {"type": "string"},
    "example": "clickhouse;dur=12.3;queries=2;rows=16384;bytes=1048576",
}
PROJECT_PARAMETER: dict[str, Any] = {
    "in": "path",
    "name": "project",
    "required": True,
    "description": "The number of a project, or @current: the first that the key may use; in a session, the one "
    "opened last.",
    "schema": {"type": "string", "pattern": "^([0-9]+|@current)$"},
    "example": "@current",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A way in which operations fail."""

    description: str
    type: str
    code: str
    detail: str
    attr: str | None = None
    headers: tuple[tuple[str, dict[str, Any]], ...] = ()

    def as_response(self) -> dict[str, Any]:
        """Return the response as OpenAPI has it."""
        example = {"type": self.type, "code": self.code, "detail": self.detail, "attr": self.attr}
        return {
            "description": self.description,
            "headers": {"X-Request-Id": REQUEST_ID, **dict(self.headers)},
            "content": {"application/json": {"schema": ErrorSchema, "example": example}},
        }


FAILURES: dict[int, Failure] = {
    400: Failure(
        "Something that was sent cannot be used, or not be read; attr is the path to it.",
        "validation_error",
        "invalid_choice",
        '"loud" is not a valid choice. Choose from trace, debug, info, warn, error, fatal.',
        "query__severityLevels__0",
    ),
    401: Failure(
        "No credential came, or one that is wrong, revoked or expired.",
        "authentication_error",
        "authentication_failed",
        "This personal API key was revoked.",
        headers=(("WWW-Authenticate", {"description": "Always Bearer.", "schema": {"type": "string"}}),),
    ),
    403: Failure(
        "A scope is missing, the role is too low, or the project is not yours or does not exist.",
        "authentication_error",
        "permission_denied",
        "API key missing required scope 'logs:read'.",
    ),
    404: Failure("There is no such thing.", "invalid_request", "not_found", "Not found."),
    413: Failure("The body is too large.", "invalid_request", "payload_too_large", "The request body is too large."),
    415: Failure(
        "The body is something else than JSON.",
        "invalid_request",
        "unsupported_media_type",
        'Media type "text/plain" is not supported. Send JSON as application/json.',
    ),
    429: Failure(
        "The key has asked too often.",
        "throttled_error",
        "throttled",
        "This personal API key may make 480 requests in one minute and 4,800 requests in one hour. Try again in 12 s.",
        headers=(("Retry-After", RETRY_AFTER),),
    ),
    500: Failure(
        "A mistake of ours.",
        "server_error",
        "error",
        "Something broke on our side. The request id is in the server's log with the cause.",
    ),
    503: Failure(
        "A server that is needed is away or busy.",
        "server_error",
        "unavailable",
        "The SQL database does not answer. Try again in a few seconds.",
        headers=(("Retry-After", RETRY_AFTER),),
    ),
    504: Failure(
        "The question took too long, or too much memory; detail says what to narrow.",
        "server_error",
        "timeout",
        "The query took longer than 30 s. Choose a shorter range of time.",
    ),
}
ALWAYS = (500, 503)
WITH_CREDENTIAL = (401, 403, 429)
WITH_BODY = (400, 413, 415)


class SchemaApi(Api):  # type: ignore[misc]
    """Collects the machine-readable description; errors stay with ``webapp.errors``."""

    ERROR_SCHEMA = ErrorSchema
    DEFAULT_ERROR_RESPONSE_NAME = None  # every status that can occur is named

    def __init__(self, app: Flask) -> None:
        self._mounted: list[tuple[Blueprint, str, list[dict[str, Any]]]] = []
        self._describing = Lock()
        super().__init__(app, spec_kwargs={"info": {"description": DESCRIPTION}, "servers": [{"url": "/"}]})

    def register_blueprint(
        self, blueprint: Blueprint, *, parameters: list[dict[str, Any]] | None = None, **options: Any
    ) -> None:
        """Mount a blueprint, to be described when the description is asked for: most processes never are.

        Describing takes longer than everything else that makes an application.
        """
        self._app.register_blueprint(blueprint, **options)
        self._mounted.append((blueprint, options.get("name", blueprint.name), parameters or []))

    def _register_error_handlers(self) -> None:
        """Register none: flask-smorest's would answer in another shape."""

    def _register_responses(self) -> None:
        """Register none yet: see ``_describe``."""

    def _register_pagination_header(self) -> None:
        """Register none: pages say in their bodies where they are."""

    @cached_property
    def document(self) -> dict[str, Any]:
        """The whole description, with an example for every body; asked for when every blueprint is registered."""
        with self._describing:
            self._describe()
            document: dict[str, Any] = self.spec.to_dict()
        schemas = document["components"]["schemas"]
        for media in _media_of(document):
            if "example" not in media and "examples" not in media:
                media["example"] = example_of(media["schema"], schemas)
        return document

    def _describe(self) -> None:
        """Bring everything into the description, once; flask-smorest refers to failures by these names."""
        mounted, self._mounted = self._mounted, []
        if not mounted:
            return
        for name, scheme in SECURITY_SCHEMES.items():
            self.spec.components.security_scheme(name, scheme)
        for status, failure in FAILURES.items():
            self.spec.components.response(HTTPStatus(status).name, failure.as_response(), lazy=True)
        for name, schema in COMPONENTS.items():
            self.spec.components.schema(name, schema)
        for blueprint, name, parameters in mounted:
            blueprint.register_views_in_doc(self, self._app, self.spec, name=name, parameters=parameters)
            self.spec.tag({"name": name, "description": blueprint.description})


def _media_of(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        for operation in path.values():
            if not isinstance(operation, dict):
                continue  # the parameters that all operations of the path share
            for part in (operation.get("requestBody", {}), *operation["responses"].values()):
                yield from part.get("content", {}).values()


def example_of(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Build an example of a schema from those of its fields."""
    if "example" in schema:
        return schema["example"]
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for choices in ("anyOf", "oneOf"):
        if choices in schema:
            return example_of(schema[choices][0], schemas)
    if "properties" in schema:
        return {name: example_of(part, schemas) for name, part in schema["properties"].items()}
    if "items" in schema:
        return [example_of(schema["items"], schemas)]
    return schema.get("default", {} if schema.get("type") == "object" else None)
