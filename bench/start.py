"""How long a start takes until the instance answers, with data there already, and how long a stop takes.

    ./hedgerow bench start [RUNS]

Runs ``python -m webapp`` as ``./hedgerow`` does, in a data directory of its own: once to make everything (not counted,
printed as the first), then RUNS times (5 unless given). Wall time: it says what this machine does at this moment.
"""

from __future__ import annotations

import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.support.instance import Instance


def measure(data_dir: Path) -> tuple[float, float]:
    """Return the seconds from the start to the block with the address, and from Ctrl-C to the end."""
    began_at = time.perf_counter()
    with Instance(data_dir) as instance:
        instance.ready()
        ready_at = time.perf_counter()
        instance.process.send_signal(signal.SIGINT)
        instance.wait()
    return ready_at - began_at, time.perf_counter() - ready_at


def main(arguments: list[str]) -> None:
    """Measure and print."""
    runs = int(arguments[0]) if arguments else 5
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        first = measure(data_dir)
        later = [measure(data_dir) for _ in range(runs)]
    print(f"{'':14}{'ready':>8}{'stopped':>9}   seconds")
    print(f"{'first':14}{first[0]:8.1f}{first[1]:9.1f}")
    for name, pick in (("later, median", statistics.median), ("later, worst", max)):
        print(f"{name:14}{pick([ready for ready, _ in later]):8.1f}{pick([stop for _, stop in later]):9.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
