"""What the processes say about themselves: request ids, structured logs, and shipping those into Hedgerow itself.

``configure`` is called once by each process's entry point, ``init_app`` by the application factory. Modules log
with ``structlog.get_logger(__name__)`` and need nothing from here.
"""

from __future__ import annotations

from webapp.observability.access import init_app
from webapp.observability.shipping import set_unshipped, unshipped
from webapp.observability.structured import configure, stop_shipping

__all__ = ["configure", "init_app", "set_unshipped", "stop_shipping", "unshipped"]
