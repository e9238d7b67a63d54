"""A request id for every request, the context of its log lines, and its one access line."""

from __future__ import annotations

import hmac
import re
import secrets
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, Response, g, request, session

from webapp.observability import metrics
from webapp.observability.shipping import set_unshipped

if TYPE_CHECKING:
    from webapp.settings import Settings

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
QUIET_PATHS = ("/static/", "/healthz", "/readyz", "/metrics", "/favicon.ico")
INGEST_PATHS = ("/v1/logs", "/i/v1/")  # successes are said at debug: senders would drown everything else
SECRET_PATH = re.compile(r"^(/*(?:sign-in|invitations)/).*", re.IGNORECASE | re.DOTALL)
PROJECT_ARGUMENTS = ("project_id", "project")

log = structlog.get_logger(__name__)


def init_app(app: Flask) -> None:
    """Give every request an id, bind what is known of it to its log lines, and write one line at its end."""
    settings: Settings = app.extensions["hedgerow_settings"]

    @app.before_request
    def open_request() -> None:
        g.request_id = _request_id(request.headers.get("X-Request-Id", ""))
        g.request_started_at = time.perf_counter()
        set_unshipped(_ships_own_logs(settings))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(**_context())

    @app.after_request
    def close_request(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        finish = partial(_close, _facts(response), g.request_started_at, said=not request.path.startswith(QUIET_PATHS))
        if response.is_streamed:
            response.call_on_close(finish)  # a download lasts until its last byte
        else:
            finish()
        return response


def _close(facts: dict[str, Any], started_at: float, *, said: bool) -> None:
    duration_s = time.perf_counter() - started_at
    status: int = facts["http.response.status_code"]
    metrics.record_request(facts.get("http.route"), facts["http.request.method"], status, duration_s)
    if said:
        _write_access_line(facts, duration_s)


def _request_id(sent: str) -> str:
    return sent if REQUEST_ID.fullmatch(sent) else secrets.token_hex(16)


def _ships_own_logs(settings: Settings) -> bool:
    """Whether this request carries our own log lines: a line about it would cause the next such request."""
    if not settings.own_logs_token or not request.path.startswith(INGEST_PATHS):
        return False
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    sent = token if scheme.lower() == "bearer" else request.args.get("token", "")
    return hmac.compare_digest(sent.strip().encode(), settings.own_logs_token.encode())


def _context() -> dict[str, Any]:
    """What the log lines of this request have in common; views may bind more."""
    context: dict[str, Any] = {"request_id": g.request_id}
    if request.url_rule is not None:
        context["http.route"] = request.url_rule.rule
    for name in PROJECT_ARGUMENTS:
        if request.view_args and name in request.view_args:
            context["project"] = str(request.view_args[name])
    return context


def _facts(response: Response) -> dict[str, Any]:
    facts: dict[str, Any] = structlog.contextvars.get_contextvars()
    facts["http.request.method"] = request.method
    facts["http.response.status_code"] = response.status_code
    # Counting the bytes of a stream would consume it.
    size = response.content_length if response.is_streamed else response.calculate_content_length()
    if size is not None:
        facts["http.response.body.size"] = size
    if request.url_rule is None:
        # Of known routes only the template: links to sign in and invitations carry their secret in the path.
        facts["url.path"] = _without_secret(request.path)[:200]
    if "_login_user" in g and "_user_id" in session:  # Flask-Login was asked, so the session was read already
        facts.setdefault("user_id", str(session["_user_id"]).partition(".")[0])
    return facts


def _without_secret(path: str) -> str:
    """Cut a link short that was mistyped, with a slash or a full stop at its end: its secret is still good."""
    return SECRET_PATH.sub(r"\1…", path)


def _write_access_line(facts: dict[str, Any], duration_s: float) -> None:
    facts["duration_ms"] = round(duration_s * 1000, 2)
    status: int = facts["http.response.status_code"]
    where = facts.get("http.route") or facts.get("url.path", "")
    line = f"{facts['http.request.method']} {where} {status} in {facts['duration_ms']:.0f} ms"
    if status >= 500:
        log.error(line, **facts)
    elif status >= 400:
        log.warning(line, **facts)
    elif where.startswith(INGEST_PATHS):
        log.debug(line, **facts)
    else:
        log.info(line, **facts)
