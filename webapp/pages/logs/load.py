"""Fill the explorer's view model from the log store, one part at a time, so that one failing part blanks no other."""

from __future__ import annotations

from contextlib import suppress

from flask import request
from flask_login import current_user

from webapp.errors import HedgerowError, NotFound
from webapp.extensions import settings
from webapp.models import Project
from webapp.pages.logs.blocks import Place, load_block
from webapp.pages.logs.view import Explorer
from webapp.pages.snippets import how_to_send
from webapp.services import logs
from webapp.services.accounts import OWN_SLUG
from webapp.services.projects import projects_of
from webapp.services.tokens import ingestion_token


def load_list(view: Explorer) -> None:
    """Load the first rows into the page, or what stands in their place: an error, or how to send the first log."""
    if not view.reading.is_right:
        return
    try:
        view.blocks = load_block(view, Place.read(request.args), alone=True)
        shown = len(view.blocks.rows)
        view.rows_shown = f"{shown}+ rows" if view.blocks.next_url else f"{shown} {'row' if shown == 1 else 'rows'}"
        if not shown and not logs.has_logs(view.project.id):
            show_start(view)
        elif view.project.slug == OWN_SLUG:
            view.visiting = _waiting_project()
    except HedgerowError as error:
        view.error = error


def show_start(view: Explorer) -> None:
    """Show how to send the first log."""
    view.empty_project = True
    with suppress(NotFound):  # every token is revoked: the page says so
        view.sending = how_to_send(settings.base_url, ingestion_token(view.project.id))


def _waiting_project() -> Project | None:
    """Return a project of the person's own that has no logs yet, to point at from Hedgerow's own logs."""
    for project in projects_of(current_user):
        if project.slug != OWN_SLUG:
            return None if logs.has_logs(project.id) else project
    return None
