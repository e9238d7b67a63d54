"""Reading what ``/metrics`` says, as Prometheus does."""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

TOKEN = "only for metrics"


@dataclass(frozen=True)
class Scrape:
    """The samples of one answer."""

    samples: Mapping[tuple[str, frozenset[tuple[str, str]]], float]

    def value(self, name: str, **labels: str) -> float:
        """Return a sample; 0 for a counter that has not been touched."""
        return self.samples.get((name, frozenset(labels.items())), 0.0)

    def labels(self, name: str) -> list[dict[str, str]]:
        """Return the sets of labels that there are under a name."""
        return [dict(labels) for found, labels in self.samples if found == name]


def parse(text: str) -> Scrape:
    """Read Prometheus's format; a sample that comes twice is an error."""
    samples: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in samples, f"{key} comes twice"
            samples[key] = sample.value
    return Scrape(samples)


def scrape(url: str) -> Scrape:
    """Ask a server for its metrics."""
    request = urllib.request.Request(f"{url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return parse(response.read().decode())
