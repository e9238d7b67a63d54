"""Whether somebody who was let in may stay: asked again and again by what goes on for minutes."""

from __future__ import annotations

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from webapp.errors import Unavailable
from webapp.extensions import db
from webapp.services.accounts import user_by_session_id
from webapp.services.projects import membership


def may_stay(session_id: str, project_id: int) -> bool:
    """Tell whether a session still belongs to a member of the project, by what SQL says now.

    No connection and nothing that was read before is kept: what asks goes on for minutes without SQL.

    Raises:
        Unavailable: the SQL database does not answer.
    """
    db.session.close()
    try:
        user = user_by_session_id(session_id)
        return user is not None and membership(user, project_id) is not None
    except (OperationalError, PoolTimeout) as error:
        raise Unavailable("The SQL database does not answer. Try again in a few seconds.") from error
    finally:
        db.session.close()
