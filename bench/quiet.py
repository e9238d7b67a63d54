"""Measurements print their tables, not the log lines of what they run."""

from __future__ import annotations

import logging

import structlog


def keep_quiet() -> None:
    """Let pass only what is worth a warning."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
