"""A program in another language, written from the API's contract alone, goes through all of it on a real instance."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support import javascript
from tests.support.api import Api, Person
from tests.support.web import run_gunicorn
from webapp.extensions import db
from webapp.models import User
from webapp.services import attribute_counts, keys
from webapp.settings import Settings

FOLDER = javascript.FOLDER / "contract"
SUBJECTS = sorted(FOLDER.glob("*.test.mjs"))


def known(person: Person) -> dict[str, Any]:
    return {"projectId": person.project_id, "token": person.token, "key": person.key}


def make_keys(api: Api) -> dict[str, str]:
    """Make keys of Ada's that may do less than everything, and one that may do nothing any more."""
    ada = db.session.get_one(User, api.ada.id)
    _, reader = keys.create_key(ada, "reader", ["logs:read"], project_ids=[api.ada.project_id])
    _, writer = keys.create_key(ada, "writer", ["logs:write"])
    _, exporter = keys.create_key(ada, "exporter", ["export:read"])
    revoked, old = keys.create_key(ada, "revoked", ["*"])
    keys.revoke_key(revoked.id)
    return {"reader": reader, "writer": writer, "exporter": exporter, "revoked": old}


@pytest.mark.timeout(600)  # a thousand questions: seconds, but many on a machine that has other things to do
def test_node_client_finds_the_contract_kept(
    api: Api, settings: Settings, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    contract = {"nowMs": time.time_ns() // 1_000_000, "ada": known(api.ada), "bob": known(api.bob)}
    with run_gunicorn(settings, tmp_path / "gunicorn.log") as address:
        world = {"CONTRACT": json.dumps({**contract, "address": address, "keys": make_keys(api)})}
        javascript.run_node(FOLDER / "send.mjs", environment=world)
        time.sleep(0.01)  # what arrived within the last millisecond is not counted yet
        attribute_counts.count_arrivals(60)
        for subject in SUBJECTS:
            with subtests.test(subject.name):
                javascript.run_node("--test-reporter=spec", str(subject), environment=world)
