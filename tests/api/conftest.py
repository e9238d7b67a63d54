"""The API with people who call it."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support.api import Api, make_api


@pytest.fixture
def api(app: Flask) -> Api:
    """The API with Ada and Bob, who have a project each."""
    return make_api(app)
