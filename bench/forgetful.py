"""gunicorn's configuration for measurements: as in service, but every question is as if it were new.

ClickHouse remembers which blocks had nothing for a filter, and a question that is asked again would skip them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from webapp import gunicorn_conf
from webapp.queries.query import Query
from webapp.store.store import Answer, Store

logger_class = gunicorn_conf.logger_class
on_starting = gunicorn_conf.on_starting
worker_exit = gunicorn_conf.worker_exit
child_exit = gunicorn_conf.child_exit


class ForgetfulStore(Store):
    """The store without the cache of filters."""

    def read(self, query: Query, *, query_id: str | None = None, timeout_s: float | None = None) -> Answer:
        """Read as if nothing had been asked before."""
        settings = {**query.settings, "use_query_condition_cache": 0}
        return super().read(replace(query, settings=settings), query_id=query_id, timeout_s=timeout_s)


def post_worker_init(worker: Any) -> None:
    """Let the store of a web process forget."""
    worker.wsgi.extensions["hedgerow_store"].__class__ = ForgetfulStore
    gunicorn_conf.post_worker_init(worker)
