from __future__ import annotations

import subprocess
import sys
import threading
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from webapp.ingest.identity import RowIds, request_digest

PROCESS_BITS = 0xFFF << 64 | 0xFFFFF
NOW_NS = 1_790_000_000_123_456_789


def in_clickhouse_order(ids: list[int]) -> list[int]:
    """Sort as ClickHouse does: by the second half first."""
    return sorted(ids, key=lambda item: (item & (1 << 64) - 1, item >> 64))


def test_ids_are_uuids_of_version_7_with_the_time_of_receipt() -> None:
    first, second = (UUID(int=item) for item in RowIds().take(2, NOW_NS))
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
    assert first.int >> 80 == second.int >> 80 == NOW_NS // 1_000_000


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(-5_000_000, 5_000_000)), max_size=10))
def test_ids_of_a_process_rise_in_clickhouses_order_even_if_the_clock_steps_back(steps: list[tuple[int, int]]) -> None:
    ids = RowIds()
    taken = [item for count, offset_ns in steps for item in ids.take(count, NOW_NS + offset_ns)]
    assert len(set(taken)) == len(taken)
    assert in_clickhouse_order(taken) == taken


def test_ids_of_one_clock_also_rise_as_text() -> None:
    ids = RowIds()
    taken = [str(UUID(int=item)) for _ in range(5) for item in ids.take(100, NOW_NS)]
    assert sorted(taken) == taken


def test_processes_that_work_in_the_same_microsecond_make_different_ids() -> None:
    everyone = [item for _ in range(50) for item in RowIds().take(20, NOW_NS)]
    assert len(set(everyone)) == len(everyone)


FORK = """
import os
from webapp.ingest.identity import row_ids
print(row_ids.take(1, 10**18)[0], flush=True)
if os.fork():
    os.wait()
print(row_ids.take(1, 10**18)[0], flush=True)
"""


def test_forked_child_makes_other_ids_than_its_parent() -> None:
    done = subprocess.run([sys.executable, "-c", FORK], capture_output=True, text=True, check=True, timeout=60)
    before, child, parent = (int(line) for line in done.stdout.split())
    assert len({before, child, parent}) == 3
    assert before & PROCESS_BITS == parent & PROCESS_BITS != child & PROCESS_BITS


def test_threads_share_one_sequence() -> None:
    ids, taken = RowIds(), []
    threads = [threading.Thread(target=lambda: taken.extend(ids.take(500, NOW_NS))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(taken)) == 4_000


def test_the_name_of_a_request_is_the_same_in_every_process() -> None:
    assert request_digest(7, b"body").hex().startswith("fc16d7e409ea01e8")


def test_the_name_of_a_request_differs_by_project_and_by_every_byte() -> None:
    names = {request_digest(project, body) for project in (1, 2) for body in (b"", b"a", b"b", b"aa")}
    assert len(names) == 8
