"""Write a filter tree as a search, and change a search by one term as a click does."""

from __future__ import annotations

from webapp.language import tree
from webapp.language.errors import InexpressibleError, QuerySyntaxError
from webapp.language.lexer import SURROGATE, TokenType, lex
from webapp.language.tree import And, Field, Match, Node, Not, Operator, Or

__all__ = ["InexpressibleError", "print_query", "terms", "with_term", "without_term"]

_COLUMN_KEYS = {tree.EVENT_NAME: "event"}  # the others go by the name of the column


def print_query(node: Node) -> str:
    """Write the search that parses to the node's normal form.

    Raises InexpressibleError for what has no text: a tree that matches nothing, an operator that the field does not
    have in the language, text that is not Unicode.
    """
    return _print(tree.normalise(node))


def terms(node: Node) -> tuple[Node, ...]:
    """Give the terms that all have to match: what a person sees as the parts of the search."""
    normal = tree.normalise(node)
    return normal.items if isinstance(normal, And) else (normal,)


def with_term(node: Node, term: Match | Not) -> Node:
    """Filter for a term, or for ``Not(match)`` filter out, as a person expects of a click on a value.

    Filtering for another value of the same field replaces the one before; words of the message add up, and so does
    filtering out. What would contradict the new term goes, and a term that follows from the others is not added.
    """
    wanted = tree.normalise(term)
    kept = [item for item in (_without_contradiction(item, wanted) for item in terms(node)) if item is not None]
    if any(_implies(item, wanted) for item in kept):
        return tree.conjunction(kept)
    places = [at for at, item in enumerate(kept) if _gives_way(item, wanted)]
    kept = [item for item in kept if not _gives_way(item, wanted)]
    kept.insert(places[0] if places else len(kept), wanted)
    return tree.conjunction(kept)


def without_term(node: Node, term: Node) -> Node:
    """Take a term away where it is one of ``terms``; terms inside groups stay."""
    unwanted = tree.normalise(term)
    return tree.conjunction(item for item in terms(node) if item != unwanted)


def _without_contradiction(item: Node, wanted: Node) -> Node | None:
    """Take out of an opposite term the values that are now wanted the other way; None if none are left."""
    match item, wanted:
        case (Match() as there, Not(Match() as new)) | (Not(Match() as there), Match() as new):
            if (there.field, there.operator) != (new.field, new.operator):
                return item
            values = tuple(value for value in there.values if value not in new.values)
            rest = Match(there.field, there.operator, values)
            return (rest if item is there else Not(rest)) if values else None
    return item


def _implies(item: Node, wanted: Node) -> bool:
    """Whether a term that is there says what is wanted, once contradictions are out."""
    match item, wanted:
        case Not(Match() as there), Not(Match() as new):
            return _alike(there, new) and set(new.values) <= set(there.values)
        case Match() as there, Not(Match() as new):
            return _alike(there, new) and new.operator is Operator.EQUALS
    return item == wanted


def _gives_way(item: Node, wanted: Node) -> bool:
    match item, wanted:
        case Match() as there, Match() as new:
            return _alike(there, new) and new.operator is Operator.EQUALS
    return False


def _alike(one: Match, other: Match) -> bool:
    return (one.field, one.operator) == (other.field, other.operator)


def _print(node: Node) -> str:
    match node:
        case Match():
            return _print_match(node)
        case Not(Match() as item):
            return f"-{_print_match(item, '-')}"
        case Not(item):
            return f"-({_print(item)})"
        case And(items):
            return " ".join(f"({_print(item)})" if isinstance(item, Or) else _print(item) for item in items)
        case Or(items) if items:
            return " OR ".join(map(_print, items))
    raise InexpressibleError("No search finds nothing at all.")


def _print_match(match: Match, before: str = "") -> str:
    if SURROGATE.search("".join((match.field.name, *match.values))):
        raise InexpressibleError("A search is Unicode text.")
    if match.field == tree.MESSAGE and match.operator is Operator.CONTAINS:
        if len(match.values) > 1:
            return f"message:{_print_values('message', match.values)}"
        word = match.values[0]
        is_plain = '"' not in word and _tokens(before + word)[-1:] == [(TokenType.TEXT, word)]
        return word if is_plain else _quote(word)
    if match.field == tree.MESSAGE or match.operator is not Operator.EQUALS:
        raise InexpressibleError(f"The search has no form for {match.field.name} {match.operator}.")
    if match.field.kind == "column":
        key = _COLUMN_KEYS.get(match.field, match.field.name)
        return f"{key}:{_print_values(key, match.values)}"
    return _print_attribute(match.field, match.values)


def _print_attribute(field: Field, values: tuple[str, ...]) -> str:
    is_resource = field.kind == "resource_attribute"
    prefix, kind = ("resource.", TokenType.RESOURCE) if is_resource else ("", TokenType.ATTRIBUTE)
    quoted = prefix + _quote(field.name)
    printed = _print_values(quoted, values)
    plain = f"{prefix}{field.name}:{printed}"
    expected = [(kind, field.name), *((TokenType.VALUE, value) for value in values)]
    return plain if _tokens(plain) == expected else f"{quoted}:{printed}"


def _print_values(key: str, values: tuple[str, ...]) -> str:
    return ",".join(value if _is_plain_value(key, value) else _quote(value) for value in values)


def _is_plain_value(key: str, value: str) -> bool:
    tokens = _tokens(f"{key}:{value}")
    return '"' not in value and tokens[1:] == [(TokenType.VALUE, value)]


def _tokens(text: str) -> list[tuple[TokenType, str]]:
    """Read what a text stands for wherever it is put; nothing if that depends on the place.

    The parentheses round it find those of its own that are open. Callers leave out quotes, whose other end could be
    found in what follows.
    """
    try:
        first, *lexemes, last = lex(f"({text})")
    except (QuerySyntaxError, ValueError):
        return []
    is_whole = (first.type, last.type) == (TokenType.LPAR, TokenType.RPAR)
    return [(lexeme.type, lexeme.value) for lexeme in lexemes] if is_whole else []


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
