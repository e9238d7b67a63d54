"""The HTML pages."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from webapp.errors import InvalidRequest, error_response
from webapp.pages import formats, home, invitations, preferences, session, static
from webapp.pages.logs.bar_routes import blueprint as bar
from webapp.pages.logs.downloads import blueprint as downloads
from webapp.pages.logs.facet_routes import blueprint as facets
from webapp.pages.logs.live_routes import blueprint as live
from webapp.pages.logs.routes import blueprint as logs
from webapp.pages.logs.view_routes import blueprint as views
from webapp.pages.services.routes import blueprint as services
from webapp.pages.settings import account, audit, keys, members, project, tokens
from webapp.pages.settings import views as saved_views
from webapp.services.projects import projects_of

HTMX_CONFIG: dict[str, Any] = {
    "includeIndicatorStyles": False,  # the policy allows no styles but our own files
    "allowEval": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,  # a page restored from a copy would show old logs: Back loads it again
    "refreshOnHistoryMiss": True,
    "historyRestoreAsHxRequest": False,
    "scrollIntoViewOnBoost": False,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "422", "swap": True},  # a form that needs another look is no error
        {"code": "[45]..", "swap": True, "error": True},  # the server says where an error goes: HX-Retarget
    ],
}


def init_app(app: Flask) -> None:
    """Mount the pages, their filters and what every template knows."""
    static.init_app(app)
    ours = (home, session, preferences, invitations, account, keys, tokens, members, project, saved_views, audit)
    of_logs = (logs, bar, facets, live, downloads, views)
    for blueprint in (*(module.blueprint for module in ours), *of_logs, services):
        app.register_blueprint(blueprint)
    for name in ("number", "compact", "size", "duration", "interval"):
        app.jinja_env.filters[name] = getattr(formats, name)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_frame)
    app.register_error_handler(CSRFError, _on_csrf_error)


def _frame() -> dict[str, Any]:
    theme = request.cookies.get(preferences.THEME_COOKIE, "")
    return {
        "htmx_config": HTMX_CONFIG,
        "theme": theme if theme in preferences.THEMES else "",
        # Both ask only when a page shows them: an error page must not need the database that may be what is away.
        "current_user": current_user,
        "my_projects": lambda: projects_of(current_user),
    }


def _on_csrf_error(_error: CSRFError) -> ResponseReturnValue:
    return error_response(
        InvalidRequest("This form is from before you signed in or out. Go back, load the page again and repeat.")
    )
