"""From a template to a search for its lines, tried out before it is offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.language.regex import check_regex, compile_regex
from webapp.patterns.template import Template


@dataclass(frozen=True, slots=True)
class Pivot:
    """What finds the lines of a template in their bodies, whatever the case: one of the two, or nothing does."""

    regex: str | None = None
    literal: str | None = None


def pivot(template: Template, examples: Sequence[str]) -> Pivot:
    """Return the expression if a search takes it and it finds every example, else the longest literal if that does.

    A search never finds an empty body, so neither does a pivot.
    """
    if not all(examples):
        return Pivot()
    if _finds_all(template.regex, examples):
        return Pivot(regex=template.regex)
    literal = template.literal
    return Pivot(literal=literal) if literal and all(literal in example for example in examples) else Pivot()


def _finds_all(regex: str, examples: Sequence[str]) -> bool:
    if check_regex(regex, ignore_case=True) is not None:
        return False
    compiled = compile_regex(regex, ignore_case=True)
    try:
        return all(compiled.search(example) for example in examples)
    except UnicodeEncodeError:  # half a character, which no log that is stored can have
        return False
