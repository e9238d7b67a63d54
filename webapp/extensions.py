"""Extensions, unbound: ``create_app`` binds them, so that several apps can live in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase
from werkzeug.local import LocalProxy

if TYPE_CHECKING:
    from redis import Redis

    from webapp.ingest.ingestion import Ingestion
    from webapp.services.key_rates import KeyRates
    from webapp.settings import Settings
    from webapp.store.store import Store
    from webapp.streams import Streams

NAMING = {  # stable names, so that Alembic can alter constraints on every database
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of the typed models."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
login = LoginManager()
csrf = CSRFProtect()

settings = cast("Settings", LocalProxy(lambda: current_app.extensions["hedgerow_settings"]))
store = cast("Store", LocalProxy(lambda: current_app.extensions["hedgerow_store"]))
ingestion = cast("Ingestion", LocalProxy(lambda: current_app.extensions["hedgerow_ingestion"]))
key_rates = cast("KeyRates", LocalProxy(lambda: current_app.extensions["hedgerow_key_rates"]))
streams = cast("Streams", LocalProxy(lambda: current_app.extensions["hedgerow_streams"]))
redis = cast("Redis", LocalProxy(lambda: current_app.extensions["hedgerow_redis"]))
