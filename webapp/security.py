"""What the browser is told to refuse: content security policy, headers, cookies, trusted proxies."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Flask, g
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from webapp.settings import Settings

# Nothing is allowed but what the pages load: our own files, and inline code that carries this response's nonce.
POLICY: dict[str, tuple[str, ...]] = {
    "default-src": ("'none'",),
    "script-src": ("'self'", "{nonce}"),
    "style-src": ("'self'", "{nonce}"),
    "img-src": ("'self'", "data:"),
    "connect-src": ("'self'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'none'",),
    "base-uri": ("'none'",),
    "manifest-src": ("'self'",),
}

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # queries stand in our URLs: they stay here
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

COMPRESSED = ["text/html", "text/css", "text/javascript", "application/json", "image/svg+xml"]


def csp_nonce() -> str:
    """Return this response's nonce, for the few inline blocks that our templates hold."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def content_security_policy(nonce: str | None) -> str:
    """Compose the policy; without a nonce no inline code runs at all."""
    parts = []
    for directive, sources in POLICY.items():
        allowed = [f"'nonce-{nonce}'" if source == "{nonce}" else source for source in sources]
        parts.append(" ".join([directive, *(source for source in allowed if source != "'nonce-None'")]))
    return "; ".join(parts)


def init_app(app: Flask) -> None:
    """Set headers on every response, harden the cookies, and believe only the proxies that are named."""
    settings: Settings = app.extensions["hedgerow_settings"]
    app.config.update(
        SESSION_COOKIE_NAME="hedgerow_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        # An answer that comes after the sign-out, to another tab, would bring the session back.
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as the session: a form left open overnight still works
        WTF_CSRF_SSL_STRICT=True,
        COMPRESS_MIMETYPES=COMPRESSED,
        COMPRESS_ALGORITHM=["gzip"],
        COMPRESS_LEVEL=5,
        COMPRESS_STREAMS=False,
    )
    Compress(app)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", content_security_policy(g.get("csp_nonce")))
        if response.mimetype == "text/html":
            response.headers.setdefault("Cache-Control", "private, no-cache")
        if settings.base_url.startswith("https://"):
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response
