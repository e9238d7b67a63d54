"""Facets of one's own, on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from webapp.errors import PermissionDenied, ValidationFailed
from webapp.extensions import db
from webapp.language import tree
from webapp.language.tree import attribute, resource_attribute
from webapp.models import PinnedFacet, Project, Role, User
from webapp.services import accounts, facet_pins
from webapp.services.actors import SYSTEM, person


def test_they_stay_in_the_order_in_which_they_were_added(ada: User, project: Project) -> None:
    added = [attribute("b"), resource_attribute("b"), attribute("Ünïcode 🚀 key")]
    for field in [*added, added[0]]:
        facet_pins.pin(project.id, field, person(ada))
    assert facet_pins.pins_of(ada, project.id) == added
    facet_pins.unpin(project.id, attribute("b"), person(ada))
    facet_pins.unpin(project.id, attribute("b"), person(ada))
    assert facet_pins.pins_of(ada, project.id) == added[1:]


def test_everybody_who_may_look_has_their_own(ada: User, project: Project) -> None:
    eve = accounts.create_user("eve@example.org", "Eve", [project], Role.VIEWER)
    facet_pins.pin(project.id, attribute("a"), person(eve))
    assert facet_pins.pins_of(ada, project.id) == []
    stranger = accounts.create_user("mallory@example.org", "Mallory", [])
    for change in (facet_pins.pin, facet_pins.unpin):
        with pytest.raises(PermissionDenied):
            change(project.id, attribute("a"), person(stranger))
        with pytest.raises(ValidationFailed, match="Only people"):
            change(project.id, attribute("a"), SYSTEM)
    assert facet_pins.pins_of(eve, project.id) == [attribute("a")]


@pytest.mark.parametrize(
    "field", [tree.MESSAGE, tree.LEVEL, attribute(""), attribute("k" * 401), attribute("a\0b"), attribute("a\u202eb")]
)
def test_what_cannot_be_a_facet_is_refused(ada: User, project: Project, field: tree.Field) -> None:
    with pytest.raises(ValidationFailed):
        facet_pins.pin(project.id, field, person(ada))
    assert facet_pins.pins_of(ada, project.id) == []


def test_their_number_is_bounded(ada: User, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facet_pins, "MAX_PINS", 2)
    for name in ("a", "b"):
        facet_pins.pin(project.id, attribute(name), person(ada))
    with pytest.raises(ValidationFailed, match="2 facets"):
        facet_pins.pin(project.id, attribute("c"), person(ada))
    facet_pins.pin(project.id, attribute("a"), person(ada))  # is there already


def test_they_go_with_their_person_and_with_their_project(ada: User, project: Project) -> None:
    bob = accounts.create_user("bob@example.org", "Bob", [project])
    for user in (ada, bob):
        facet_pins.pin(project.id, attribute("a"), person(user))
    db.session.delete(bob)
    db.session.commit()
    assert facet_pins.pins_of(ada, project.id) == [attribute("a")]
    db.session.delete(project)
    db.session.commit()
    assert db.session.query(PinnedFacet).count() == 0
