"""Whether the process lives, and whether everything it needs answers. Open to everyone, so without details."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from webapp.errors import HedgerowError
from webapp.extensions import redis, store
from webapp.services.database import ping_database

log = structlog.get_logger(__name__)

blueprint = Blueprint("health", __name__)

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
    """Say of each server that we need whether it answers; 503 while one does not."""
    probes: dict[str, Callable[[], object]] = {
        "sql": ping_database,
        "clickhouse": store.ping,
        "redis": redis.ping,
    }
    checks = {name: check(name, probe) for name, probe in probes.items()}
    ready = all(found["ok"] for found in checks.values())
    response = jsonify(status="ready" if ready else "unavailable", checks=checks)
    response.status_code = 200 if ready else 503
    response.headers["Cache-Control"] = "no-store"
    return response


def check(name: str, probe: Callable[[], object]) -> dict[str, object]:
    """Ask one server. What its driver says goes to the log only: it may hold an address or a password."""
    try:
        probe()
    except Exception as error:
        log.warning("not ready", dependency=name, error=repr(error))
        reason = error.detail if isinstance(error, HedgerowError) else SENTENCES[name]
        return {"ok": False, "reason": reason}
    return {"ok": True, "reason": None}
