"""Keys to choose from as somebody types one into a form."""

from __future__ import annotations

from webapp.language.errors import InexpressibleError
from webapp.language.printing import print_key
from webapp.language.tree import EVERYTHING, attribute, resource_attribute
from webapp.pages.logs.text import plain
from webapp.pages.logs.view import Explorer
from webapp.queries.attribute_keys import Wanted
from webapp.queries.scope import Scope
from webapp.services.log_attributes import find_keys

MAX_CHARACTERS = 300


def suggested_keys(view: Explorer, most: int, text: str = "") -> list[str]:
    """Return the most frequent keys of the time, whatever is searched for, as they are written in a search.

    Args:
        most: keys, of logs and of resources each.
        text: a piece of them.

    Raises:
        HedgerowError: the log store is away or at a limit.
    """
    scope, found = Scope(view.project.id, view.window, EVERYTHING), list[str]()
    piece = text[:MAX_CHARACTERS].strip().removeprefix("resource.")
    for kind, make in (("log", attribute), ("resource", resource_attribute)):
        for key in find_keys(scope, Wanted(kind, piece), limit=most, offset=0).keys:
            try:
                found.append(print_key(make(key.name)))
            except InexpressibleError:
                continue
    return [key for key in found if plain(key, MAX_CHARACTERS) == key]  # others cannot be typed
