"""The detail of a row that is too large to be sent at once: what is shown, and how one gets to the rest."""

from __future__ import annotations

import html
import re

import pytest
from flask import Flask

from tests.pages.conftest import Member, Visitor
from tests.support.logs import HOUR_NS, NOON_NS, Log, insert
from webapp.pages.logs.view import ADDRESS_BYTES

WINDOW = f"w={NOON_NS - HOUR_NS}-{NOON_NS + HOUR_NS}"
HUGE = "🦔é'\\%" * 250_000 + "the very end"
LINK = re.compile(r'href="([^"]*)"[^>]*data-detail-link="([^"]*)">([^<]*)<')


@pytest.fixture
def keep(app: Flask, ada: Member, visitor: Visitor) -> Keep:
    return Keep(app, ada, visitor)


class Keep:
    """Stores a row of Ada's and shows it to her."""

    def __init__(self, app: Flask, ada: Member, visitor: Visitor) -> None:
        self.app, self.ada, self.visitor = app, ada, visitor

    def __call__(self, **values: object) -> str:
        row = Log(project_id=self.ada.project_id, **values)  # type: ignore[arg-type]
        insert(self.app.extensions["hedgerow_store"], [row])
        return f"{self.ada.logs}/row/{row.timestamp_ns}.{row.uuid.hex}?{WINDOW}"

    def show(self, path: str) -> str:
        response = self.visitor.part(path)
        assert response.status_code == 200
        return response.text

    def follow(self, shown: str, label: str) -> str:
        """Open the link that says so, beside the list as scripts do."""
        [address] = {html.unescape(href) for href, _, text in LINK.findall(shown) if label in text}
        row = re.search(r"row=([0-9.a-f]+)", address)
        assert row is not None
        return self.show(f"{self.ada.logs}/row/{row[1]}?{address.partition('?')[2]}")


def test_many_attributes_are_shown_in_part_and_all_of_them_as_json(keep: Keep) -> None:
    path = keep(attributes={f"many.{at:04}": f"value {at}" for at in range(5_000)})
    shown = keep.show(path)
    assert len(shown) < 400_000
    assert "value 199<" in shown
    assert "value 200<" not in shown
    whole = keep.follow(shown, "4,800 more, as JSON")
    assert len(whole) < 300_000
    assert "value 4999" in whole


def test_long_values_are_shown_in_part_and_whole_on_demand(keep: Keep) -> None:
    path = keep(body=HUGE, attributes={"long": HUGE, **{f"long.{at}": f"{at}{'x' * 20_000}!" for at in range(100)}})
    shown = keep.show(path)
    assert len(shown.encode()) < 1_600_000
    assert "the very end" not in shown
    assert 'data-copy-value="&#34;x' not in shown
    whole = keep.follow(shown, "Load the rest: ")
    assert whole.count("the very end") == 3  # the message, the attribute, and what its button copies
    assert "99" + "x" * 20_000 + "!" in whole
    assert "Load the rest" not in whole


def test_long_json_is_shown_in_part_and_whole_on_demand(keep: Keep) -> None:
    path = keep(attributes={"long": HUGE})
    shown = keep.show(f"{path}&as=json")
    assert "the very end" not in shown
    assert "the very end" in keep.follow(shown, "Load the rest: ")


def test_a_link_is_never_longer_than_an_address_may_be(keep: Keep) -> None:
    shown = keep.show(keep(attributes={"🦔" * 300: "🦔" * 690, "🦔" * 100: "🦔" * 100, "k" * 100_000: "v"}))
    links = re.findall(r'href="([^"]*)"', shown)
    assert max(map(len, links)) <= ADDRESS_BYTES
    assert any(len(link) > 2_400 for link in links)
    assert len(shown) < 40_000
