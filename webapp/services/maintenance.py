"""Upkeep of both databases."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete

from webapp.extensions import db, store
from webapp.models import SignInLink
from webapp.queries import storage
from webapp.services.accounts import SIGN_IN_LINK_LIFE


def purge_sign_in_links(now: datetime) -> int:
    """Remove the links that ran out a day ago or longer, used or not; return how many there were.

    Until then somebody may open one, and is told that it was used or has run out rather than that it is unknown.
    """
    result = cast(
        "CursorResult[Any]",
        db.session.execute(delete(SignInLink).where(SignInLink.expires_at < now - SIGN_IN_LINK_LIFE)),
    )
    db.session.commit()
    return result.rowcount


def measure_store() -> dict[str, object]:
    """Return the rows, bytes on disk and active parts of each table of logs, and the rows of each project.

    The names are those of the attributes in the log line that reports them, so that each can be searched for.
    """
    facts: dict[str, object] = {}
    for name, rows, size_bytes, parts in store.read(storage.tables()).rows:
        facts |= {f"{name}.rows": rows, f"{name}.bytes_on_disk": size_bytes, f"{name}.active_parts": parts}
    facts["rows_by_project"] = {str(project_id): rows for project_id, rows in store.read(storage.projects()).rows}
    return facts
