"""Mend what a killed ClickHouse server remembers of its last insertion.

A MergeTree table first notes the block's id in its deduplication log, then moves the part to its place. A server that
is killed between the two knows the block and does not have it: the client's retry would be dropped as a duplicate, and
acknowledged. So before each start the last notes are compared with the parts that are there, and those without a part
are taken back in the log's own words.
"""

from __future__ import annotations

import re
from pathlib import Path

ADDED, DROPPED = "1", "2"
# One insertion at a time is between its note and its part, so the last note alone can be wrong; the others are read
# because that costs nothing.
LAST_NOTES = 64

_PART = re.compile(r"(?P<partition>[^_]+)_(?P<first>\d+)_(?P<last>\d+)_\d+(_\d+)?")


def take_back_lost_blocks(store: Path) -> list[str]:
    """Let the tables in a server's folder accept the blocks that they noted and lost; return the names of their parts.

    The server must not be running.
    """
    lost = []
    for logs in store.glob("store/*/*/deduplication_logs"):
        files = sorted(logs.glob("deduplication_log_*.txt"), key=_number)
        if not files:
            continue
        for block, part in _last_blocks(files).items():
            if not _is_there(part, logs.parent):
                lost.append(part)
                with files[-1].open("a") as notes:
                    notes.write(f"{DROPPED}\t{part}\t{block}\n")
    return lost


def _number(file: Path) -> int:
    return int(file.stem.rpartition("_")[2])


def _last_blocks(files: list[Path]) -> dict[str, str]:
    """Return the blocks that the last notes say are there, and the parts that they came in.

    A log that was just begun is empty, and the last note is then in the one before.
    """
    notes = [line.split("\t") for file in files[-2:] for line in file.read_text().splitlines()][-LAST_NOTES:]
    known: dict[str, str] = {}
    for operation, part, block in (note for note in notes if len(note) == 3):
        if operation == ADDED:
            known[block] = part
        else:
            known.pop(block, None)
    return known


def _is_there(part: str, table: Path) -> bool:
    """Whether a part is in the table's folder, as it came or merged into a larger one."""
    wanted = _PART.fullmatch(part)
    if wanted is None:
        return True  # of a kind that we do not know: leave it alone
    for entry in table.iterdir():
        found = _PART.fullmatch(entry.name)
        if (
            found is not None
            and found["partition"] == wanted["partition"]
            and int(found["first"]) <= int(wanted["first"])
            and int(found["last"]) >= int(wanted["last"])
        ):
            return True
    return False
