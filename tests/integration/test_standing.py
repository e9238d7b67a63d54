"""Whether somebody may go on to see what they were let in to see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Connection, delete, update

from webapp.extensions import db
from webapp.models import Membership, Role, User
from webapp.models.types import utc_now
from webapp.services import accounts, members, projects
from webapp.services.actors import operator
from webapp.services.standing import may_stay

ENDS: dict[str, Callable[[Connection], object]] = {
    "a new password": lambda sql: sql.execute(update(User).values(session_version=User.session_version + 1)),
    "disabled": lambda sql: sql.execute(update(User).values(disabled_at=utc_now())),
    "removed": lambda sql: sql.execute(delete(Membership)),
    "deleted": lambda sql: (sql.execute(delete(Membership)), sql.execute(delete(User))),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_member_stays_until_another_process_ends_it(app: Flask, end: str) -> None:
    user = accounts.create_user("ada@example.org", "Ada", [])
    project = projects.create_project("Shop", user)
    session_id, project_id = user.get_id(), project.id
    assert may_stay(session_id, project_id)
    assert not may_stay(session_id, project_id + 1)
    assert not may_stay("", project_id)
    with db.engine.begin() as sql:
        ENDS[end](sql)
    assert not may_stay(session_id, project_id)


def test_whoever_may_only_look_stays(app: Flask) -> None:
    project = projects.create_project("Shop", accounts.create_user("ada@example.org", "Ada", []))
    eve = accounts.create_user("eve@example.org", "Eve", [])
    members.add_member(project.id, eve, Role.VIEWER, operator())
    assert may_stay(eve.get_id(), project.id)
