"""The API's kind of blueprint for what belongs to a person rather than to a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from marshmallow import Schema

from webapp.api.auth import authenticate
from webapp.api.blueprint import ApiBlueprint, View
from webapp.api.openapi import KEY, SESSION, WITH_BODY, WITH_CREDENTIAL


class AccountBlueprint(ApiBlueprint):
    """Routes of an account: a credential is checked before a view runs, which gets the caller."""

    def route(
        self,
        rule: str,
        *,
        body: type[Schema] | None = None,
        query: type[Schema] | None = None,
        answer: type[Schema] | None,
        status: int = 200,
        failures: Iterable[int] = (),
        credentials: tuple[str, ...] = (KEY, SESSION),
        **options: Any,
    ) -> Callable[[View], View]:
        """Register a view that gets its checked body and query, and the caller.

        ``failures`` are those that are not a matter of the credential or the body; ``credentials`` those that the view
        lets in. Both only describe.
        """
        register = super().route(rule, strict_slashes=False, **options)
        all_failures = {*WITH_CREDENTIAL, *failures, *(WITH_BODY if body else ())}
        security: list[dict[str, list[str]]] = [{name: []} for name in credentials]

        def decorate(view: View) -> View:
            inner = self.describe(
                view, body=body, query=query, answer=answer, status=status, failures=all_failures, security=security
            )

            @wraps(inner)
            def guarded(*args: Any, **kwargs: Any) -> Any:
                return inner(*args, caller=authenticate(), **kwargs)

            register(guarded)
            return guarded

        return decorate
