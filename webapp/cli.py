"""The commands beside the running server: credentials, keys, people, projects."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Add the commands."""
