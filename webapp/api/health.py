"""Whether the process lives, and whether everything it needs answers. Open to everyone, so without details."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from webapp.errors import HedgerowError
from webapp.extensions import redis, store
from webapp.services.database import ping_database
from webapp.services.probes import Shared, ask_all

log = structlog.get_logger(__name__)

blueprint = Blueprint("health", __name__)

TIMEOUT_S = 4.0  # of all servers together: those who ask, load balancers for instance, do not wait much longer

Checks = dict[str, dict[str, object]]

SENTENCES = {
    "sql": "The SQL database (DATABASE_URL) does not answer.",
    "clickhouse": "ClickHouse (CLICKHOUSE_URL) does not answer.",
    "redis": "Redis (REDIS_URL) does not answer.",
}


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Say that the process takes requests. It asks nothing else, so that nothing else can get it restarted."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Say of each server that we need whether it answers; 503 while one does not.

    Everybody may ask, any number at once: those who come while the servers are being asked share the answer.
    """
    shared: Shared[Checks] = current_app.extensions.setdefault("hedgerow_readiness", Shared())
    checks = shared.result_of(check_all)
    ready = all(found["ok"] for found in checks.values())
    response = jsonify(status="ready" if ready else "unavailable", checks=checks)
    response.status_code = 200 if ready else 503
    response.headers["Cache-Control"] = "no-store"
    return response


def check_all() -> Checks:
    """Ask each server, all at once."""
    probes: dict[str, Callable[[], object]] = {"sql": ping_database, "clickhouse": store.ping, "redis": redis.ping}
    answers = ask_all(current_app._get_current_object(), probes, TIMEOUT_S)  # type: ignore[attr-defined]
    return {name: judge(name, answer) for name, answer in answers.items()}


def judge(name: str, answer: Any) -> dict[str, object]:
    """Say what an answer means. What a driver says goes to the log only: it may hold an address or a password."""
    if isinstance(answer, Exception):
        log.warning("not ready", dependency=name, error=repr(answer))
        reason = answer.detail if isinstance(answer, HedgerowError) else SENTENCES[name]
        return {"ok": False, "reason": reason}
    return {"ok": True, "reason": None}
