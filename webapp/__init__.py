"""Hedgerow: a self-hosted logs explorer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from webapp.settings import Settings

__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application for these settings, by default those of the environment."""
    from flask import Flask  # not above: the supervisor is this package too, and has no use for it

    from webapp.settings import load_settings

    app = Flask(__name__, static_folder=None)
    register_settings(app, settings or load_settings())
    register_security(app)  # first, so that a request that CSRF refuses has its id and headers, too
    register_extensions(app)
    register_hangups(app)
    register_errors(app)
    register_routes(app)
    return app


def register_settings(app: Flask, settings: Settings) -> None:
    """Keep the settings, and translate those that Flask's own parts read from their configuration."""
    from webapp.serialization import OrjsonProvider

    app.extensions["hedgerow_settings"] = settings
    app.json = OrjsonProvider(app)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        TEMPLATES_AUTO_RELOAD=False,
    )


def register_extensions(app: Flask) -> None:
    """Bind SQLAlchemy, migrations, sign-in, CSRF, the log store and Redis."""
    from webapp import models
    from webapp.extensions import csrf, db, login, migrate
    from webapp.ingest.ingestion import Ingestion
    from webapp.models.connection import configure_engine
    from webapp.services.key_rates import KeyRates
    from webapp.services.queues import connect_queues
    from webapp.store.store import Store
    from webapp.streams import Streams

    settings: Settings = app.extensions["hedgerow_settings"]
    configure_engine(app, settings)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(Path(__file__).parent / "migrations"), render_as_batch=True)
    login.init_app(app, add_context_processor=False)  # it would ask the database for every page, errors among them
    csrf.init_app(app)
    app.extensions["hedgerow_store"] = store = Store.from_settings(settings)
    app.extensions["hedgerow_ingestion"] = ingestion = Ingestion.from_settings(settings, store)
    app.extensions["hedgerow_key_rates"] = KeyRates.from_settings(settings, ingestion.valkey)
    app.extensions["hedgerow_streams"] = Streams(settings.most_streams)
    # Nothing connects here: a page can then say which server is away instead of not starting.
    app.extensions["hedgerow_redis"] = connect_queues(settings)
    app.extensions["hedgerow_models"] = models


def register_security(app: Flask) -> None:
    """Set the content security policy, the other headers, cookies, request ids and trusted proxies."""
    from webapp import observability, security

    observability.init_app(app)
    security.init_app(app)


def register_hangups(app: Flask) -> None:
    """Stop what ClickHouse does for requests whose clients have gone, and tell the others what it did."""
    from webapp import hangups

    hangups.init_app(app)


def register_errors(app: Flask) -> None:
    """Turn every exception into one JSON shape or one HTML fragment."""
    from webapp.errors import register_errors as register

    register(app)


def register_routes(app: Flask) -> None:
    """Mount the API, the pages, the static files and the commands."""
    from webapp import api, cli, pages

    api.init_app(app)
    pages.init_app(app)
    cli.init_app(app)
