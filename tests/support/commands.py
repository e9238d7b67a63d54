"""The commands beside a running instance, in this process."""

from __future__ import annotations

import json
from typing import Any

from click.testing import Result
from flask import Flask

from webapp.settings import Settings


class Commands:
    """Runs commands on an application."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.settings: Settings = app.extensions["hedgerow_settings"]

    def __call__(self, *arguments: str, typed: str = "") -> Result:
        return self.app.test_cli_runner().invoke(args=list(arguments), input=typed)

    def json(self, *arguments: str) -> Any:
        result = self(*arguments, "--json")
        assert result.exit_code == 0, result.output
        assert result.stderr == ""
        return json.loads(result.stdout)

    def refused(self, *arguments: str) -> str:
        result = self(*arguments)
        assert result.exit_code in {1, 2}
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        return result.stderr
