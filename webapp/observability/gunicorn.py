"""Gunicorn's own lines among ours; its access log stays off, because ours knows the route and the project."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger


class StructuredLogger(Logger):
    """Hand gunicorn's messages to the handlers that ``observability.configure`` made."""

    def setup(self, cfg: Any) -> None:
        """Follow the configuration, then let the lines through to the root logger."""
        super().setup(cfg)
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True
