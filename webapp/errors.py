"""Domain errors, and the one place where they become responses.

Raise them where the problem is seen; views never build an error response themselves. The JSON shape is the one
that clients of the Logs API know: ``{"type", "code", "detail", "attr"}``.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import structlog
from flask import Flask, g, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response

log = structlog.get_logger(__name__)

API_PREFIXES = ("/api/", "/v1/", "/i/v1/", "/metrics")


@dataclasses.dataclass
class HedgerowError(Exception):
    """A failure with a sentence that a user may read.

    Attributes:
        detail: one or two plain sentences: what was wrong and what is allowed or what to do.
        attr: the field at fault, nested names joined with ``__``.
        code: overrides the class's code within its type.
        retry_after_s: sent as ``Retry-After`` where waiting helps.
    """

    detail: str
    attr: str | None = None
    code: str = ""
    retry_after_s: int | None = None

    status = 500
    type = "server_error"
    default_code = "error"
    title = "Something broke"

    def __post_init__(self) -> None:
        self.code = self.code or self.default_code
        Exception.__init__(self, self.detail)

    def as_dict(self) -> dict[str, Any]:
        """The error in the API's shape."""
        return {"type": self.type, "code": self.code, "detail": self.detail, "attr": self.attr}


class ValidationFailed(HedgerowError):
    """A value that the caller sent cannot be used; ``attr`` names it."""

    status, type, default_code, title = 400, "validation_error", "invalid_input", "That value cannot be used"


class InvalidRequest(HedgerowError):
    """The request as a whole cannot be read."""

    status, type, default_code, title = 400, "invalid_request", "parse_error", "That request cannot be read"


class NotAuthenticated(HedgerowError):
    """No credential came with the request."""

    status, type, default_code, title = 401, "authentication_error", "not_authenticated", "Please sign in"


class AuthenticationFailed(HedgerowError):
    """A credential came, and it is wrong, revoked or expired."""

    status, type, default_code, title = 401, "authentication_error", "authentication_failed", "Please sign in again"


class PermissionDenied(HedgerowError):
    """The credential is good, but not for this."""

    status, type, default_code, title = 403, "authentication_error", "permission_denied", "Not allowed"


class NotFound(HedgerowError):
    """No such object, or one of another project: the two are told apart for nobody."""

    status, type, default_code, title = 404, "invalid_request", "not_found", "Not found"


class LinkOver(HedgerowError):
    """A link that worked once: it was used, revoked, or has run out; the detail says which."""

    status, type, default_code, title = 410, "invalid_request", "gone", "This link does not work any more"


class PayloadTooLarge(HedgerowError):
    """The body is over a limit; the detail names the limit."""

    status, type, default_code, title = 413, "invalid_request", "payload_too_large", "Too large"


class UnsupportedMediaType(HedgerowError):
    """The body is in an encoding that is not understood."""

    status, type, default_code, title = 415, "invalid_request", "unsupported_media_type", "Unknown format"


class Throttled(HedgerowError):
    """Over a rate limit."""

    status, type, default_code, title = 429, "throttled_error", "throttled", "Too many requests"


class Unavailable(HedgerowError):
    """A server that we need is away or at capacity; trying again later helps."""

    status, type, default_code, title = 503, "server_error", "unavailable", "Not available right now"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.retry_after_s is None:
            self.retry_after_s = 5


class QueryTimeout(HedgerowError):
    """ClickHouse hit a time or memory limit; the detail says what to narrow."""

    status, type, default_code, title = 504, "server_error", "timeout", "The query took too long"


class QueryTooLarge(QueryTimeout):
    """What ClickHouse read or would answer is over a limit of size; less of it may do."""


_BY_STATUS: dict[int, tuple[type[HedgerowError], str]] = {
    400: (InvalidRequest, "The request could not be read."),
    401: (NotAuthenticated, "Authentication credentials were not provided."),
    403: (PermissionDenied, "You do not have permission to do this."),
    404: (NotFound, "Not found."),
    413: (PayloadTooLarge, "The request body is too large."),
    415: (UnsupportedMediaType, "The content type of the request is not supported."),
    429: (Throttled, "Too many requests."),
}


class _MethodNotAllowed(HedgerowError):
    status, type, default_code, title = 405, "invalid_request", "method_not_allowed", "Method not allowed"


def from_http_exception(error: HTTPException) -> HedgerowError:
    """Translate an exception of werkzeug's into the domain's."""
    if error.code == 405:
        return _MethodNotAllowed(f'Method "{request.method}" not allowed.')
    code = error.code or 500
    fallback = (InvalidRequest, _BY_STATUS[400][1]) if code < 500 else (HedgerowError, "The request failed.")
    kind, sentence = _BY_STATUS.get(code, fallback)
    return kind(sentence)


def wants_json() -> bool:
    """Whether the caller of the present request is a program rather than a page."""
    path = request.path
    return path.startswith(API_PREFIXES) or path.endswith((".json", ".jsonl", ".csv"))


def error_response(error: HedgerowError) -> Response:
    """Render an error for whoever asked: JSON for programs, a fragment for htmx, else a page."""
    request_id = g.get("request_id", "")
    if wants_json():
        body = error.as_dict()
        if "/logs/" in request.path:
            body["error"] = error.detail  # some log endpoints of the original answer in this older shape
        if error.status >= 500:
            body["request_id"] = request_id
        response = jsonify(body)
    else:
        is_part = request.headers.get("HX-Request") == "true"
        template = "errors/_fragment.html" if is_part else "errors/page.html"
        response = make_response(render_template(template, error=error, request_id=request_id))
        response.vary.add("HX-Request")
        if is_part:  # said in a corner: what the page shows stays
            response.headers.update({"HX-Retarget": "#notice", "HX-Reswap": "innerHTML"})
    response.status_code = error.status
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    if error.status == 401 and wants_json():
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def register_errors(app: Flask) -> None:
    """Turn every exception into the one JSON shape or the one HTML fragment."""

    @app.errorhandler(HedgerowError)
    def on_domain_error(error: HedgerowError) -> ResponseReturnValue:
        if error.status >= 500:
            log.warning("request failed", status=error.status, code=error.code, detail=error.detail)
        return error_response(error)

    @app.errorhandler(HTTPException)
    def on_http_exception(error: HTTPException) -> ResponseReturnValue:
        if error.code is not None and error.code < 400:
            return error
        response = error_response(from_http_exception(error))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    @app.errorhandler(OperationalError)
    @app.errorhandler(PoolTimeout)
    def on_database_away(error: SQLAlchemyError) -> ResponseReturnValue:
        log.warning("the SQL database does not answer", error=repr(error))  # the driver's words may hold its address
        return error_response(Unavailable("The SQL database does not answer. Try again in a few seconds."))

    @app.errorhandler(Exception)
    def on_unexpected(error: Exception) -> ResponseReturnValue:
        log.exception("unexpected error", error=repr(error))
        sentence = "Something broke on our side. The request id is in the server's log with the cause."
        return error_response(HedgerowError(sentence))
