"""Who calls the API, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, g, request
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from webapp.errors import AuthenticationFailed, NotAuthenticated, NotFound, PermissionDenied
from webapp.extensions import csrf, key_rates, login
from webapp.models import Membership, PersonalApiKey, Project, Role, User
from webapp.services import accounts, keys, projects
from webapp.services.actors import Actor, person, program

CURRENT = "@current"


@dataclass(frozen=True, slots=True)
class Caller:
    """The person behind the request, and the key if a program acts for them."""

    user: User
    key: PersonalApiKey | None


def init_app(app: Flask) -> None:  # noqa: ARG001
    """Tell flask-login how to find people and what to do without one."""
    login.user_loader(accounts.user_by_session_id)
    login.unauthorized_handler(refuse_anonymous)


def refuse_anonymous() -> None:
    """Raise what ``webapp.errors`` turns into a page or into JSON."""
    raise NotAuthenticated("Authentication credentials were not provided.")


def authenticate() -> Caller:
    """Find out who calls: by ``Authorization: Bearer phx_…`` if there is one, else by the session.

    Raises:
        NotAuthenticated: neither came with the request.
        AuthenticationFailed: the key is wrong, revoked or expired. A session does not make up for that.
        Throttled: the key has asked too often.
        PermissionDenied: a session's request that changes or posts something lacks its CSRF token.
    """
    caller = _identify()
    g.caller = caller  # for ``actor``
    return caller


def _identify() -> Caller:
    header = request.headers.get("Authorization", "").strip()
    if header:
        scheme, _, value = header.partition(" ")
        if scheme.lower() != "bearer" or not value.strip():
            raise AuthenticationFailed("The Authorization header must read `Bearer phx_…`.")
        key = keys.authenticate_key(value.strip())
        key_rates.admit(key)
        return Caller(key.user, key)
    if not current_user.is_authenticated:
        raise NotAuthenticated("Authentication credentials were not provided.")
    try:
        csrf.protect()
    except CSRFError as error:
        raise PermissionDenied(
            f"CSRF check failed: {error.description} Send the page's token as X-CSRFToken, or use a personal API key."
        ) from None
    user: User = current_user._get_current_object()
    return Caller(user, None)


def authorize(project: str, scopes: tuple[str, ...], role: Role) -> Project:
    """Return the project of the address if the caller may do this there.

    A project of others and one that does not exist get the same answer.

    Raises:
        PermissionDenied: a scope is missing, the role is too low, or the project is not the caller's.
        NotFound: the address names no project at all.
    """
    caller = authenticate()
    if caller.key is not None and not keys.grants(caller.key.scopes, *scopes):
        raise PermissionDenied(f"API key missing required scope '{scopes[0]}'.")
    return reach_project(caller, project, role).project


def reach_project(caller: Caller, project: str, role: Role = Role.VIEWER) -> Membership:
    """Return the caller's membership in the project of the address, whatever the scopes of their key.

    Raises:
        PermissionDenied: the role is too low, or the project is not the caller's.
        NotFound: the address names no project at all.
    """
    project_id = _project_id(project, caller)
    allowed = caller.key.project_ids if caller.key is not None else None
    if allowed is not None and project_id not in allowed:
        raise PermissionDenied(projects.NOT_YOURS)
    return projects.require_role(caller.user, project_id, role)


def reachable(caller: Caller) -> list[Membership]:
    """List the caller's memberships in the projects that they may see, the oldest project first."""
    allowed = caller.key.project_ids if caller.key is not None else None
    mine = projects.memberships_of(caller.user)
    return [membership for membership in mine if allowed is None or membership.project_id in allowed]


def actor() -> Actor:
    """Return who makes the present request, for the services to check and the audit log to keep."""
    caller: Caller = g.caller
    address = request.remote_addr or ""
    return program(caller.key, address) if caller.key is not None else person(caller.user, address)


def _project_id(text: str, caller: Caller) -> int:
    if text == CURRENT:
        current = current_project(caller)
        if current is None:
            raise PermissionDenied(projects.NOT_YOURS)
        return current.id
    if not (text.isascii() and text.isdigit()):
        raise NotFound(f"{text!r} is not a project: give its number, or {CURRENT}.")
    return min(int(text[:20]), 2**31 - 1)  # PostgreSQL refuses larger ones; there are none


def current_project(caller: Caller) -> Project | None:
    """Return what ``@current`` means: for a session the project opened last, for a key the first that it may use."""
    if caller.key is None:
        return projects.current_project(caller.user)
    return next((membership.project for membership in reachable(caller)), None)
