"""The JSON API. Everything under ``/api/`` asks for a credential; ingestion and health have rules of their own."""

from __future__ import annotations

from flask import Flask

from webapp.api import aggregates, attributes, auth, docs, health, logs, metrics, otlp, personal_keys, users, views
from webapp.api.openapi import PROJECT_PARAMETER, SchemaApi
from webapp.extensions import csrf

PROJECT_BLUEPRINTS = {
    logs.blueprint: "/logs",
    attributes.blueprint: "/logs",
    aggregates.blueprint: "/logs",
    views.blueprint: "/logs/views",
}
PROJECT_PREFIXES = {"": "/api/projects/<project>", "environments_": "/api/environments/<project>"}


def init_app(app: Flask) -> None:
    """Mount the API."""
    app.config.update(API_TITLE="Hedgerow", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    app.extensions["hedgerow_openapi"] = api = SchemaApi(app)
    auth.init_app(app)
    for blueprint, path in PROJECT_BLUEPRINTS.items():
        csrf.exempt(blueprint)  # checked in auth.py for sessions; keys need none
        for alias, prefix in PROJECT_PREFIXES.items():
            options = {"name": f"{alias}{blueprint.name}", "url_prefix": f"{prefix}{path}"}
            if alias:
                app.register_blueprint(blueprint, **options)
            else:
                api.register_blueprint(blueprint, parameters=[PROJECT_PARAMETER], **options)
    for blueprint in (users.users, users.blueprint, personal_keys.blueprint):
        csrf.exempt(blueprint)  # as above
        api.register_blueprint(blueprint)
    api.register_blueprint(docs.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(metrics.blueprint)
    csrf.exempt(otlp.blueprint)  # its callers bring a token and no cookie
    app.register_blueprint(otlp.blueprint)
