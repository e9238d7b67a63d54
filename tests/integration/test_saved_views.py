"""Saved views, on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from webapp.errors import PermissionDenied, ValidationFailed
from webapp.extensions import db
from webapp.models import Project, Role, SavedView, User
from webapp.services import accounts, audit, views
from webapp.services.actors import person


def test_whatever_json_a_view_holds_comes_back(ada: User, project: Project) -> None:
    filters = {"q": "a\0b 🚀", "deep": [{"x": [None, 1.5, True, 2**60]}], "": ""}
    made = views.create_view(project.id, {"name": " Ünïcode 🚀 ", "filters": filters, "columns": [None]}, person(ada))
    db.session.expire_all()
    found = views.find_view(project.id, made.short_id)
    assert (found.name, found.filters, found.columns) == ("Ünïcode 🚀", filters, [None])
    assert views.find_view(project.id, str(found.uuid)) is found


def test_what_changes_nothing_is_no_change(ada: User, project: Project) -> None:
    made = views.create_view(project.id, {"name": "a"}, person(ada))
    before = made.updated_at
    views.change_view(project.id, made.short_id, {"name": "a", "pinned": False}, person(ada), whole=True)
    assert made.updated_at == before
    assert [entry.action for entry in audit.entries(action="view")] == ["view.created"]


def test_the_service_asks_for_the_role_itself(ada: User, project: Project) -> None:
    made = views.create_view(project.id, {"name": "a"}, person(ada))
    eve = person(accounts.create_user("eve@example.org", "Eve", [project], Role.VIEWER))
    with pytest.raises(PermissionDenied):
        views.create_view(project.id, {"name": "b"}, eve)
    with pytest.raises(PermissionDenied):
        views.change_view(project.id, made.short_id, {"name": "b"}, eve, whole=False)
    with pytest.raises(PermissionDenied):
        views.delete_view(project.id, made.short_id, eve)
    assert views.views_of(project.id, limit=10) == ([made], 1)


def test_views_are_found_by_a_part_of_their_name_in_any_case_pinned_ones_first(ada: User, project: Project) -> None:
    for name, pinned in (("Ärger", False), ("100 %", False), ("mehr ÄRGER", True), ("ärgerlich", False), ("b_c", True)):
        views.create_view(project.id, {"name": name, "pinned": pinned}, person(ada))

    def names(text: str, **options: int) -> tuple[list[str], int]:
        found, count = views.views_named(project.id, text, **{"limit": 10, **options})
        return [view.name for view in found], count

    assert names("ärger") == (["mehr ÄRGER", "ärgerlich", "Ärger"], 3)
    assert names("", limit=2, offset=1) == (["mehr ÄRGER", "ärgerlich"], 5)
    assert (names("%"), names("_")) == ((["100 %"], 1), (["b_c"], 1))
    assert views.views_named(project.id + 1, "", limit=10) == ([], 0)


def test_a_project_has_a_bounded_number_of_views(ada: User, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MAX_VIEWS", 2)
    for name in ("a", "b"):
        views.create_view(project.id, {"name": name}, person(ada))
    with pytest.raises(ValidationFailed, match="2 saved views"):
        views.create_view(project.id, {"name": "c"}, person(ada))


def test_views_stay_when_their_person_goes_and_go_with_their_project(ada: User, project: Project) -> None:
    bob = accounts.create_user("bob@example.org", "Bob", [project])
    made = views.create_view(project.id, {"name": "a"}, person(bob))
    db.session.delete(bob)
    db.session.commit()
    assert views.find_view(project.id, made.short_id).created_by is None
    db.session.delete(project)
    db.session.commit()
    assert db.session.query(SavedView).count() == 0
