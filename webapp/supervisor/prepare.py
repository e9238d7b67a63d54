"""Bring the databases up to date before anything serves: ``python -m webapp.supervisor.prepare DESCRIPTOR``.

A process of its own, because the supervisor must neither import the application nor connect to anything. It prepares
the SQL database at once, waits for a line on standard input, which says that the embedded servers are ready, goes on
with those, and writes one JSON object to the descriptor: what the others need to know, or ``{"error": sentence}``.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

from webapp.settings import load_settings

if TYPE_CHECKING:
    from flask import Flask

    from webapp.models import Project


class Failed(Exception):
    """Why preparing failed, in one plain sentence."""


def prepare() -> dict[str, Any]:
    """Migrate both databases, create the first user and projects, and return what the start needs to know.

    Raises:
        Failed: a server cannot be used.
    """
    from webapp import create_app, observability

    settings = load_settings()
    observability.configure(settings, "cli")
    app = create_app(settings)
    prepare_sql(app)
    sys.stdin.readline()
    with app.app_context():
        prepare_clickhouse()
        check_redis()
        return facts()


def prepare_sql(app: Flask) -> None:
    """Migrate the SQL database and create the first user and projects."""
    from sqlalchemy.exc import DBAPIError

    from webapp.services.accounts import ensure_first_run
    from webapp.services.database import upgrade_database

    try:
        upgrade_database(app)
        with app.app_context():
            ensure_first_run()
    except DBAPIError as error:
        raise Failed(f"The SQL database (DATABASE_URL) cannot be used: {first_line(error.orig or error)}") from error


def prepare_clickhouse() -> None:
    """Create and migrate the tables for logs; refuses a server that is too old."""
    from webapp.errors import HedgerowError
    from webapp.extensions import store

    try:
        store.migrate()
    except HedgerowError as error:
        raise Failed(f"ClickHouse (CLICKHOUSE_URL) cannot be used: {error.detail}") from error


def check_redis() -> None:
    """Ask Redis for an answer."""
    from redis.exceptions import RedisError

    from webapp.extensions import redis

    try:
        redis.ping()
    except RedisError as error:
        raise Failed(f"Redis (REDIS_URL) cannot be used: {first_line(error)}") from error


def facts() -> dict[str, Any]:
    """Return the sign-in link's token, the token to send logs with, and that for our own logs; empty where none is."""
    from webapp.errors import NotFound
    from webapp.services import accounts, projects

    by_slug = {project.slug: project for project in projects.all_projects()}
    default = by_slug.get(accounts.DEFAULT_SLUG) or next(iter(by_slug.values()), None)
    try:
        sign_in_token = accounts.create_sign_in_link(accounts.first_user())
    except NotFound:  # every account is disabled
        sign_in_token = ""
    return {
        "sign_in_token": sign_in_token,
        "ingestion_token": token_of(default),
        "own_logs_token": token_of(by_slug.get(accounts.OWN_SLUG)),
    }


def token_of(project: Project | None) -> str:
    """Return a token that sends logs to the project, or nothing if there is none."""
    from webapp.errors import NotFound
    from webapp.services.tokens import ingestion_token

    try:
        return ingestion_token(project.id) if project is not None else ""
    except NotFound:
        return ""


def first_line(error: BaseException) -> str:
    """Return what a driver says, without the lines that follow."""
    lines = str(error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__


def main() -> int:
    """Prepare, and write the result where the supervisor reads it; what else there is to say goes to its log."""
    result = int(sys.argv[1])
    try:
        found = prepare()
    except Exception as error:
        traceback.print_exc()
        found = {"error": explain(error)}
    os.write(result, json.dumps(found).encode())
    return 1 if "error" in found else 0


def explain(error: Exception) -> str:
    """Return the sentence for the person who started Hedgerow."""
    from webapp.errors import HedgerowError

    if isinstance(error, Failed):
        return str(error)
    if isinstance(error, HedgerowError):
        return error.detail
    if isinstance(error, ImportError):
        return f"A library that Hedgerow needs cannot be loaded: {first_line(error)}"
    return f"Preparing the databases failed: {type(error).__name__}: {first_line(error)}"


if __name__ == "__main__":
    sys.exit(main())
