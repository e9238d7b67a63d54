"""When a key or an ingestion token was used last."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm.attributes import set_committed_value

from webapp.extensions import db
from webapp.models import IngestionToken, PersonalApiKey

log = structlog.get_logger(__name__)

PRECISION = timedelta(minutes=1)  # one write a minute for each of them, not one a request


def note_use(row: PersonalApiKey | IngestionToken, now: datetime) -> None:
    """Record the moment of use, at most once a minute; a busy database does not fail the request for it."""
    before = now - PRECISION
    if row.last_used_at is not None and row.last_used_at > before:
        return
    table = type(row)
    statement = (
        update(table)
        .where(table.id == row.id, or_(table.last_used_at.is_(None), table.last_used_at <= before))
        .values(last_used_at=now)
    )
    try:
        # Its own short transaction: committing the session's would load the row and what belongs to it once more.
        with db.engine.begin() as connection:
            connection.execute(statement)
        set_committed_value(row, "last_used_at", now)  # what is read of the row in this request is not of before it
    except SQLAlchemyError as error:
        log.warning("a last use could not be noted", table=table.__tablename__, id=row.id, error=repr(error))
