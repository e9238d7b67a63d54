"""Write a filter tree as a search, as plainly as it can be read back."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.language import tree
from webapp.language.clicks import terms, with_term, without_term
from webapp.language.dates import print_dates
from webapp.language.errors import InexpressibleError, QuerySyntaxError
from webapp.language.keys import RESOURCE_PREFIX, Sign
from webapp.language.lexer import SURROGATE, TokenType, lex
from webapp.language.quotes import quote
from webapp.language.tree import LEVELS, And, Field, Match, Node, Not, Operator, Or

__all__ = ["InexpressibleError", "print_key", "print_query", "print_value", "terms", "with_term", "without_term"]

_COLUMN_KEYS = {tree.EVENT_NAME: "event"}  # the others go by the name of the column


@dataclass(frozen=True, slots=True)
class _Form:
    """A way to write the values of an operator: the sign, the stars round each value, whether all are in quotes."""

    sign: Sign
    before: str = ""
    behind: str = ""
    in_quotes: bool = False


# Of several forms the first is used that reads as what is meant: ``:`` finds a text anywhere in the message, and in
# a column of levels or ids takes nothing else.
_FORMS: dict[Operator, tuple[_Form, ...]] = {
    Operator.EQUALS: (_Form(Sign.IS), _Form(Sign.IS_EXACTLY, in_quotes=True)),
    Operator.CONTAINS: (_Form(Sign.IS), _Form(Sign.IS, "*", "*")),
    Operator.STARTS_WITH: (_Form(Sign.IS, "", "*"),),
    Operator.ENDS_WITH: (_Form(Sign.IS, "*", ""),),
    Operator.REGEX: (_Form(Sign.FITS, in_quotes=True),),
    Operator.GREATER: (_Form(Sign.GREATER),),
    Operator.AT_LEAST: (_Form(Sign.AT_LEAST),),
    Operator.LESS: (_Form(Sign.LESS),),
    Operator.AT_MOST: (_Form(Sign.AT_MOST),),
}


def print_query(node: Node) -> str:
    """Write the search that parses to the node's normal form.

    A comparison with the name of a level, which the search takes by severity, becomes the levels that it is true of.
    Raises InexpressibleError for what has no text: a tree that matches nothing, a span of dates without an end that
    is behind its start, a pattern that is not a regular expression, text that is not Unicode.
    """
    return _print(tree.normalise(node))


def print_key(field: Field) -> str:
    """Write a key, in quotes if it would be taken for something else."""
    plain, *quoted = _keys(field)
    is_plain = not quoted or _reading(f'{plain}:"a"') == [Match(field, Operator.EQUALS, ("a",))]
    return plain if is_plain else quoted[0]


def print_value(field: Field, sign: Sign, value: str) -> str:
    """Write a value as it can stand behind a key and a sign, in quotes if it would be taken for something else."""
    if field == tree.LEVEL and value in LEVELS:
        return value
    operators = [(operator, form) for operator, forms in _FORMS.items() for form in forms if form.sign is sign]
    is_text = field == tree.MESSAGE and sign is Sign.IS
    operator, form = operators[1 if is_text else 0]
    return _written_value(field, form, operator, value)


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
    if match.field == tree.MESSAGE and match.operator is Operator.CONTAINS and len(match.values) == 1:
        word = match.values[0]
        if '"' not in word and _reading(before + word)[-1:] == [match]:
            return word
        if word:
            return quote(word)
    if match.field == tree.LEVEL:
        match = _levels_by_name(match)
    for key in _keys(match.field):
        for written in _written_values(match):
            if _reading(key + written) == [match]:
                return key + written
    raise InexpressibleError(f"The search has no form for {match.field.name} {match.operator} with these values.")


def _levels_by_name(match: Match) -> Match:
    """Replace a comparison of names, which are texts to the store, by the levels that it is true of."""
    compare = {
        Operator.GREATER: str.__gt__,
        Operator.AT_LEAST: str.__ge__,
        Operator.LESS: str.__lt__,
        Operator.AT_MOST: str.__le__,
    }.get(match.operator)
    if compare is None or not set(match.values) <= set(LEVELS):
        return match
    levels = tuple(level for level in LEVELS if any(compare(level, value) for value in match.values))
    if not levels:
        raise InexpressibleError("No search finds nothing at all.")
    return Match(match.field, Operator.EQUALS, levels)


def _keys(field: Field) -> list[str]:
    """Give the ways to write a key, the plainer first."""
    if field.kind == "column":
        return [_COLUMN_KEYS.get(field, field.name)]
    prefix = RESOURCE_PREFIX if field.kind == "resource_attribute" else ""
    return [prefix + field.name, prefix + quote(field.name)]


def _written_values(match: Match) -> list[str]:
    if match.operator is Operator.EXISTS:
        return [f"{Sign.IS}*"]
    if match.operator is Operator.IN_TIME:
        return [f"{Sign.IS}{print_dates(*match.values)}"]
    return [
        form.sign + ",".join(_written_value(match.field, form, match.operator, value) for value in match.values)
        for form in _FORMS[match.operator]
    ]


def _written_value(field: Field, form: _Form, operator: Operator, value: str) -> str:
    """Write a value plainly where it reads as itself behind a key that cannot be taken for text."""
    plain = f"{form.before}{value}{form.behind}"
    if not form.in_quotes and '"' not in value:
        certain = field if field.kind == "column" else tree.attribute("key")
        if _reading(f"{_keys(certain)[-1]}{form.sign}{plain}") == [Match(certain, operator, (value,))]:
            return plain
    return f"{form.before}{quote(value)}{form.behind}"


def _reading(text: str) -> list[Node | None]:
    """Read what a text stands for wherever it is put; nothing if that depends on the place.

    The parentheses round it find those of its own that are open. Callers leave out quotes, whose other end could be
    found in what follows.
    """
    try:
        first, *lexemes, last = lex(f"({text})")
    except (QuerySyntaxError, ValueError):
        return []
    is_whole = (first.type, last.type) == (TokenType.LPAR, TokenType.RPAR)
    return [lexeme.node for lexeme in lexemes] if is_whole else []
