"""``/api/projects/{project}/logs/…``: questions about logs."""

from __future__ import annotations

from webapp.api.blueprint import ProjectBlueprint

blueprint = ProjectBlueprint("logs_api", __name__, description="Logs: search, count, and whether there are any.")
