"""Upkeep of both databases."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete

from webapp.extensions import db
from webapp.models import SignInLink
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
