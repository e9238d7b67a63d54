"""Bring the databases up to date before anything serves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from webapp.settings import SettingsError

if TYPE_CHECKING:
    from flask import Flask

    from webapp.models import Project
    from webapp.settings import Settings


class Failed(Exception):
    """Why preparing failed, in one plain sentence."""


def prepare(settings: Settings, wait_for_servers: Callable[[], object]) -> dict[str, str]:
    """Migrate both databases, create the first user and projects, and return what the start needs to know.

    The SQL database is prepared at once, the embedded servers when they are there. No connection stays open: the
    process may fork afterwards.

    Raises:
        Failed: a server cannot be used.
    """
    from webapp import create_app
    from webapp.extensions import db, redis, store

    app = create_app(settings)
    prepare_sql(app)
    wait_for_servers()
    with app.app_context():
        try:
            store.migrate()  # refuses a server that is too old
            check_redis()
            return facts()
        finally:
            store.close()
            redis.close()
            db.session.remove()
            db.engine.dispose()


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


def check_redis() -> None:
    """Ask Redis for an answer."""
    from redis.exceptions import RedisError

    from webapp.extensions import redis

    try:
        redis.ping()
    except RedisError as error:
        raise Failed(f"Redis (REDIS_URL) cannot be used: {first_line(error)}") from error


def facts() -> dict[str, str]:
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


def explain(error: Exception) -> str:
    """Return the sentence for the person who started Hedgerow."""
    from webapp.errors import HedgerowError

    if isinstance(error, Failed | SettingsError):
        return str(error)
    if isinstance(error, HedgerowError):
        return error.detail
    if isinstance(error, ImportError):
        return f"A library that Hedgerow needs cannot be loaded: {first_line(error)}"
    return f"Preparing the databases failed: {type(error).__name__}: {first_line(error)}"
