"""Patterns as the API writes them."""

from __future__ import annotations

from typing import Any

from webapp.services.log_json import iso_microseconds, iso_seconds
from webapp.services.log_patterns import Pattern, Patterns


def patterns_as_json(found: Patterns) -> dict[str, Any]:
    """Return the answer of ``patterns/``."""
    return {
        "patterns": [_pattern_as_json(pattern) for pattern in found.patterns],
        "scanned_count": len(found.sample.rows),
        "total_count": found.sample.total,
        "total_is_estimate": found.sample.total_is_estimate,
        "sampled": not found.sample.is_complete,
        "sample_coverage_pct": _percent(found.coverage),
        "truncated": found.truncated,
        "sparkline_buckets": [{"start": iso_seconds(start), "end": iso_seconds(end)} for start, end in found.buckets],
    }


def _pattern_as_json(pattern: Pattern) -> dict[str, Any]:
    return {
        "pattern": pattern.text,
        "count": pattern.count,
        "estimated_count": pattern.estimated_count,
        "volume_share_pct": _percent(pattern.share),
        "error_count": pattern.error_count,
        "first_seen": iso_microseconds(pattern.first_seen_ns),
        "last_seen": iso_microseconds(pattern.last_seen_ns),
        "examples": pattern.examples,
        "services": pattern.services,
        "sparkline": pattern.sparkline,
        "severity_counts": pattern.severity_counts,
        "match_regex": pattern.pivot.regex,
        "match_literal": pattern.pivot.literal,
    }


def _percent(share: float) -> float:
    return round(100 * share, 2)
