"""The live tail of the explorer: as a stream of events, and asked again and again where no stream is to be had."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Iterator

from flask import Blueprint, Response, jsonify, request, session, stream_with_context
from flask.typing import ResponseReturnValue

from webapp.errors import HedgerowError, Unavailable, ValidationFailed
from webapp.extensions import streams
from webapp.hangups import has_hung_up, watch_client
from webapp.pages.access import require_sign_in
from webapp.pages.logs.live import LiveTail, Mark, events, told
from webapp.pages.logs.routes import read
from webapp.services.standing import may_stay

STANDING_S = 2.0
# Of a client that takes nothing more: a thread must not wait for it as long as TCP would.
SILENCE_MS = 20_000

blueprint = Blueprint("live", __name__, url_prefix="/p/<slug>/logs/live")
require_sign_in(blueprint)


@blueprint.get("")
def stream(slug: str) -> ResponseReturnValue:
    """Rows as they come, for some minutes; 503 where as many streams as may be are open already."""
    tail, stays = _open(slug)
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    try:
        streams.enter()
    except Unavailable as error:  # no page: a script reads it
        return jsonify(error.as_dict()), error.status
    if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_MS)

    def is_over() -> bool:
        return streams.are_ending or (connection is not None and has_hung_up(connection))

    def heard() -> Iterator[str]:
        watch_client()
        yield from events(tail, may_stay=stays, is_over=is_over)

    response = _respond(stream_with_context(heard()))
    response.call_on_close(streams.leave)
    return response


@blueprint.get("/poll")
def poll(slug: str) -> ResponseReturnValue:
    """What has come since the mark, as the stream would say it."""
    tail, _stays = _open(slug)
    try:
        return _respond([tail.next() or tail.beat()])
    except HedgerowError as error:
        return _respond([told("error", error.detail)])


def _open(slug: str) -> tuple[LiveTail, Callable[[], bool]]:
    """Return the tail that the address asks for, and whether the person may still see it, as of a moment ago."""
    view = read(slug)
    if not view.reading.is_right:
        raise ValidationFailed("There is no tail of a search that cannot be read.", attr="q")
    tail = LiveTail(view, Mark.read(request.headers.get("Last-Event-ID", "")))
    session_id, project_id = str(session.get("_user_id", "")), view.project.id
    asked_at, answer = float("-inf"), False

    def stays() -> bool:
        nonlocal asked_at, answer
        if time.monotonic() - asked_at >= STANDING_S:
            asked_at, answer = time.monotonic(), may_stay(session_id, project_id)
        return answer

    return tail, stays


def _respond(body: Iterable[str]) -> Response:
    response = Response(body, mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would gather events until there is a page of them
    return response
