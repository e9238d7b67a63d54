"""The SQL database as a whole: its tables and whether it answers."""

from __future__ import annotations

from alembic import command
from alembic.util.exc import CommandError
from flask import Flask
from sqlalchemy import text

from webapp.errors import Unavailable
from webapp.extensions import db


def upgrade_database(app: Flask) -> None:
    """Bring the tables to this version of Hedgerow. Several processes may do so at once: one works, the others wait.

    Raises:
        Unavailable: a newer version of Hedgerow has been at work in this database.
    """
    with app.app_context():
        config = app.extensions["migrate"].migrate.get_config()
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            if "Can't locate revision" in str(error):
                raise Unavailable(
                    "The SQL database was last used by a newer version of Hedgerow. Start that version, "
                    "or restore a backup made before the update."
                ) from error
            raise


def ping_database() -> None:
    """Ask the SQL database for an answer."""
    db.session.execute(text("SELECT 1"))
    db.session.rollback()
