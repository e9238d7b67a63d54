"""Change a search by one term, as a click on a value does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.language import tree
from webapp.language.tree import And, Field, Match, Node, Not, Operator, Or

__all__ = ["Chosen", "chosen", "terms", "with_term", "with_values", "without_field", "without_term", "without_value"]

# Whether these find a value can be seen here as well as in the store.
_COVERING = {Operator.EQUALS, Operator.CONTAINS, Operator.STARTS_WITH, Operator.ENDS_WITH}


def terms(node: Node) -> tuple[Node, ...]:
    """Give the terms that all have to match: what a person sees as the parts of the search."""
    normal = tree.normalise(node)
    return normal.items if isinstance(normal, And) else (normal,)


def with_term(node: Node, term: Match | Not) -> Node:
    """Filter for a term, or for ``Not(match)`` filter out, as a person expects of a click on a value.

    Filtering for another value of the same field replaces what was asked of the field before, be it a value, a
    pattern or a comparison; words of the message add up, and so does filtering out. What would contradict the new
    term goes, and a term that follows from the others is not added.
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


@dataclass(frozen=True, slots=True)
class Chosen:
    """The values of a field that a search asks for, and those that it leaves out, by terms of their own."""

    included: tuple[str, ...]
    excluded: tuple[str, ...]


def chosen(node: Node, field: Field) -> Chosen:
    """Return which values of a field are chosen: what a list of its values marks."""
    included: list[str] = []
    excluded: list[str] = []
    for item in terms(node):
        match item:
            case Match(there, Operator.EQUALS, values) if there == field:
                included += values
            case Not(Match(there, Operator.EQUALS, values)) if there == field:
                excluded += values
    return Chosen(tuple(dict.fromkeys(included)), tuple(dict.fromkeys(excluded)))


def with_values(node: Node, field: Field, values: Iterable[str]) -> Node:
    """Show only these values of a field. What was left out of the others says nothing any more, and goes."""
    others = [item for item in terms(node) if not (isinstance(item, Not) and _is_choice(item.item, field))]
    return with_term(tree.conjunction(others), Match(field, Operator.EQUALS, tuple(values)))


def without_value(node: Node, field: Field, value: str) -> Node:
    """Let go of a value of a field, so that it is neither asked for nor left out."""
    return tree.conjunction(left for item in terms(node) if (left := _let_go(item, field, value)) is not None)


def without_field(node: Node, field: Field) -> Node:
    """Take away every choice of values of a field, and every other term that speaks of nothing else."""
    return tree.conjunction(item for item in terms(node) if not _is_about(item, field))


def _let_go(item: Node, field: Field, value: str) -> Node | None:
    match item:
        case Match() if _is_choice(item, field):
            return _without(item, {value})
        case Not(Match() as there) if _is_choice(there, field):
            left = _without(there, {value})
            return left and Not(left)
    return item


def _is_choice(item: Node, field: Field) -> bool:
    return isinstance(item, Match) and item.field == field and item.operator is Operator.EQUALS


def _is_about(item: Node, field: Field) -> bool:
    match item:
        case Match():
            return item.field == field
        case Not(inner):
            return _is_about(inner, field)
        case And(items) | Or(items):
            return bool(items) and all(_is_about(inner, field) for inner in items)


def _without_contradiction(item: Node, wanted: Node) -> Node | None:
    """Take out of an opposite term what is now wanted the other way; None if nothing is left."""
    match item, wanted:
        case Match(field, _) as there, Not(Match(other, Operator.EXISTS)) if field == other:
            return None if _needs_a_value(there) else item
        case Not(Match(field, Operator.EXISTS)), Match(other, _) as new if field == other:
            return None if _needs_a_value(new) else item
        case Match() as there, Not(Match() as new):
            return _without(there, {value for value in there.values if _covers(new, there, value)})
        case Not(Match() as there), Match() as new:
            left = _without(there, {value for value in there.values if _covers_any(_only(there, value), new)})
            return left and Not(left)
    return item


def _without(match: Match, values: set[str]) -> Match | None:
    if not values:
        return match
    left = tuple(value for value in match.values if value not in values)
    return Match(match.field, match.operator, left) if left else None


def _implies(item: Node, wanted: Node) -> bool:
    """Whether a term that is there says what is wanted, once contradictions are out."""
    match item, wanted:
        case Not(Match(field, Operator.EXISTS)), Not(Match() as new):
            return field == new.field and _needs_a_value(new)
        case Not(Match() as there), Not(Match() as new) if new.values:
            return all(_covers(there, new, value) for value in new.values)
        case Match(field, Operator.EQUALS), Not(Match() as new):  # of the values that are left none is unwanted
            return field == new.field and new.operator in _COVERING
        case Match(field, Operator.EQUALS) as there, Match(other, Operator.EXISTS):
            return field == other and _needs_a_value(there)
    return item == wanted


def _gives_way(item: Node, wanted: Node) -> bool:
    match item, wanted:
        case Match() as there, Match(field, Operator.EQUALS):
            return there.field == field and (field != tree.MESSAGE or there.operator is Operator.EQUALS)
        case Or(items), Match():
            return all(isinstance(item, Match) and _gives_way(item, wanted) for item in items)
    return False


def _needs_a_value(match: Match) -> bool:
    """Whether only logs match in which the field is set, and to more than an empty text."""
    return match.operator is Operator.IN_TIME or "" not in match.values


def _covers_any(pattern: Match, match: Match) -> bool:
    return any(_covers(pattern, match, value) for value in match.values)


def _only(match: Match, value: str) -> Match:
    return match if match.operator is Operator.IN_TIME else Match(match.field, match.operator, (value,))


def _covers(pattern: Match, match: Match, value: str) -> bool:
    """Whether all that a match finds by one of its values is found by a pattern too, as far as that can be seen."""
    if pattern.field != match.field:
        return False
    if Operator.IN_TIME in (pattern.operator, match.operator):
        return pattern == match
    if pattern.operator is match.operator:
        return value in pattern.values
    return match.operator is Operator.EQUALS and pattern.operator in _COVERING and _finds(pattern, value)


def _finds(pattern: Match, value: str) -> bool:
    match pattern.operator:
        case Operator.STARTS_WITH:
            return value.startswith(pattern.values)
        case Operator.ENDS_WITH:
            return value.endswith(pattern.values)
    return any(part.lower() in value.lower() for part in pattern.values)
