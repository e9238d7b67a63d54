"""OTLP over HTTP, and JSON lines: where clients send their logs."""

from __future__ import annotations

import time
from typing import cast

import structlog
from flask import Blueprint, g, request
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from webapp.api.bodies import BROKEN_BODY, PIECE_BYTES, body_stream, discard_rest
from webapp.errors import HedgerowError, InvalidRequest, PayloadTooLarge, Unavailable, from_http_exception
from webapp.extensions import ingestion, settings
from webapp.ingest.budget import Hold
from webapp.ingest.encoding import Encoding, declared_encoding, encoding_of
from webapp.ingest.inflation import in_mebibytes, inflate
from webapp.ingest.receipt import Receipt, receive, receive_lines
from webapp.ingest.replies import write_failure, write_lines_answer, write_success
from webapp.observability import metrics
from webapp.services.tokens import IngestionTarget, project_by_ingestion_token

PATHS = ("/v1/logs", "/i/v1/logs")
LINES_PATH = "/i/v1/jsonline"
PREFLIGHT_S = 86_400  # browsers ask again after a day at most

log = structlog.get_logger(__name__)
blueprint = Blueprint("otlp", __name__)


def receive_logs() -> Response:
    """Store the logs of one ``ExportLogsServiceRequest``, and answer when they are durable."""
    target = _authenticate()
    received_at_ns = time.time_ns()
    with ingestion.budget.hold() as hold:
        body = _admit_body(target, hold)
        g.otlp_encoding = encoding_of(request.headers.get("Content-Type", ""), body)
        receipt = receive(body, g.otlp_encoding, target, ingestion.writer, received_at_ns)
    _note(receipt)
    return _respond(write_success(receipt, g.otlp_encoding), 200)


def receive_json_lines() -> Response:
    """Store the logs of a body with one JSON object a line, and answer when they are durable."""
    g.otlp_encoding = Encoding.JSON
    target = _authenticate()
    received_at_ns = time.time_ns()
    with ingestion.budget.hold() as hold:
        body = _admit_body(target, hold)
        receipt = receive_lines(body, target, ingestion.writer, received_at_ns)
    _note(receipt)
    return _respond(write_lines_answer(receipt), 200)


def _admit_body(target: IngestionTarget, hold: Hold) -> bytes:
    """Read and inflate what was sent, within what the process may hold and the project may send."""
    sent = _read_body(hold)
    g.received_bytes = len(sent)
    encoding = request.headers.get("Content-Encoding", "")
    body = inflate(sent, encoding, settings.max_inflated_bytes, hold.take)
    ingestion.rates.admit(target.project_id, len(body))
    return body


def _note(receipt: Receipt) -> None:
    facts = {"records": receipt.accepted, "refused": receipt.rejected, "received_bytes": g.received_bytes}
    structlog.contextvars.bind_contextvars(**facts)
    metrics.record_ingestion(receipt.accepted, receipt.rejected, g.received_bytes)
    if receipt.rejected:
        log.warning("records were refused", refused=receipt.rejected, reason=receipt.reason)


def answer_preflight() -> Response:
    """Let a page of any origin send its logs here: the token is what counts, and no cookie is read."""
    return Response(status=204)


for _path, _view in (*((path, receive_logs) for path in PATHS), (LINES_PATH, receive_json_lines)):
    blueprint.add_url_rule(
        _path, _view.__name__, _view, methods=["POST"], strict_slashes=False, provide_automatic_options=False
    )
    blueprint.add_url_rule(_path, "preflight", answer_preflight, methods=["OPTIONS"], strict_slashes=False)


def _authenticate() -> IngestionTarget:
    """Find the project by the token of the header, which wins, or of the address."""
    header = request.headers.get("Authorization", "").strip()
    scheme, _, credential = header.partition(" ")
    token = credential.strip() if scheme.lower() == "bearer" else header
    target = project_by_ingestion_token(token or request.args.get("token", "").strip())
    structlog.contextvars.bind_contextvars(project=target.slug)
    return target


def _read_body(hold: Hold) -> bytes:
    """Read what was sent, also where its length is not known beforehand."""
    limit, announced = settings.max_body_bytes, request.content_length
    if announced is not None and announced > limit:
        raise _too_large(limit)
    pieces, size = [], 0
    try:
        while piece := body_stream().read(PIECE_BYTES):
            size += len(piece)
            if size > limit:
                raise _too_large(limit)
            hold.take(len(piece))
            pieces.append(piece)
    except BROKEN_BODY:
        raise _broken() from None
    if announced is not None and size < announced:
        raise _broken()  # what came may well be decodable, and the client will send all of it again
    return b"".join(pieces)


def _broken() -> InvalidRequest:
    return InvalidRequest("The body ended before all of it was sent, or its chunks are not well formed.")


def _too_large(limit_bytes: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The body is larger than {in_mebibytes(limit_bytes)}. Send it in smaller batches.")


def _respond(body: bytes, status: int) -> Response:
    return Response(body, status, content_type=_encoding().value)


def _encoding() -> Encoding:
    """Return the encoding of the answer: that of the request, as far as it is known yet."""
    declared = declared_encoding(request.headers.get("Content-Type", ""))
    return cast("Encoding", g.get("otlp_encoding") or declared or Encoding.JSON)


@blueprint.after_request
def allow_any_origin(response: Response) -> Response:
    """Say to browsers that pages of every origin may send logs and read the answer."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "Retry-After, X-Request-Id"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "POST, OPTIONS"
        # A wildcard would leave out Authorization.
        wanted = request.headers.get("Access-Control-Request-Headers", "Authorization, Content-Type, Content-Encoding")
        response.headers["Access-Control-Allow-Headers"] = wanted
        response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_S)
    return response


@blueprint.errorhandler(HedgerowError)
def on_domain_error(error: HedgerowError) -> Response:
    """Answer in the encoding of the request, with what the protocol defines for failures."""
    if error.status >= 500:
        log.warning("request failed", status=error.status, code=error.code, detail=error.detail)
    metrics.record_refusal(error.code)
    discard_rest()
    response = _respond(write_failure(error, _encoding(), g.get("request_id", "")), error.status)
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


@blueprint.errorhandler(HTTPException)
def on_http_exception(error: HTTPException) -> Response:
    """Answer what werkzeug refuses like what we refuse."""
    return on_domain_error(from_http_exception(error))


@blueprint.errorhandler(OperationalError)
@blueprint.errorhandler(PoolTimeout)
def on_database_away(error: SQLAlchemyError) -> Response:
    """Make the client wait: without its token nobody can be told from anybody."""
    log.warning("the SQL database does not answer", error=repr(error))
    return on_domain_error(Unavailable("The SQL database does not answer. Send the same request again later."))


@blueprint.errorhandler(Exception)
def on_unexpected(error: Exception) -> Response:
    """Never show a trace; the client may send the same request again."""
    log.exception("unexpected error", error=repr(error))
    return on_domain_error(
        HedgerowError("Something broke on our side. The request id is in the server's log with the cause.")
    )
