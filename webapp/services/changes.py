"""Conditional changes of a row: the UPDATE names what it was decided on, so of several who try one changes it."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, update

from webapp.extensions import Base, db


def change(model: type[Base], *conditions: ColumnElement[bool], **values: Any) -> bool:
    """Change the row that still meets the conditions, in a transaction of its own; whether there was one."""
    statement = update(model).where(*conditions).values(**values)
    result = cast("CursorResult[Any]", db.session.execute(statement, execution_options={"synchronize_session": False}))
    db.session.commit()
    return result.rowcount == 1
