"""The counts of several processes as one: each writes a file of its own, and whoever is asked adds them up.

The library maps the files into memory, so that those of a killed process hold its last count. They are added to one
file of the dead, or a machine whose processes come and go would have to read more of them each time.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

KINDS = ("counter", "histogram")
THE_DEAD = 0  # in place of a process id


class SharedCounts(Collector):
    """Collects what the processes that share a folder have counted, the living and the dead."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterable[Metric]:
        """Add up all files."""
        with _locked(self._folder, fcntl.LOCK_SH):
            files = [str(file) for file in self._folder.glob("*.db") if _is_begun(file)]
            return list(MultiProcessCollector.merge(files))


def bury(folder: Path, process: int) -> None:
    """Add the counts of a process that has ended to those of the dead, and remove its files.

    To be called by the one process that learns of all ends.
    """
    with _locked(folder, fcntl.LOCK_EX):
        for kind in KINDS:
            file = folder / f"{kind}_{process}.db"
            if not file.exists():
                continue
            if _is_begun(file):
                _add(file, folder / f"{kind}_{THE_DEAD}.db")
            file.unlink()


def _add(file: Path, total: Path) -> None:
    kept = MmapedDict(str(total))
    for key, value, _timestamp, _position in MmapedDict.read_all_values_from_file(str(file)):
        kept.write_value(key, kept.read_value(key)[0] + value, 0.0)
    kept.close()


def _is_begun(file: Path) -> bool:
    """Whether there is anything in a file: a process may be killed right after it made it."""
    return file.stat().st_size > 0


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    """Keep readers from a moment at which a count is in two files."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)
