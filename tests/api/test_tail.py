"""``query/`` as a live tail: the checkpoint of one answer asks for what has come since."""

from __future__ import annotations

import time
from typing import Any

from tests.support.api import Api

MINUTE_NS = 60 * 10**9


def ask(api: Api, **query: Any) -> dict[str, Any]:
    response = api.post("query/", {"query": query})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json
    return answer


def test_a_tail_adds_what_the_search_did_not_have(api: Api) -> None:
    api.send({"body": "before"})
    answer = ask(api)
    known = {row["uuid"] for row in answer["results"]}
    (checkpoint,) = {row["live_logs_checkpoint"] for row in answer["results"]}
    api.send({"body": "after 1"})
    api.send({"body": "after 2", "timeUnixNano": str(time.time_ns() - 30 * MINUTE_NS)})
    answer = ask(api, liveLogsCheckpoint=checkpoint)
    assert {row["body"] for row in answer["results"] if row["uuid"] not in known} == {"after 1", "after 2"}
    assert all(row["live_logs_checkpoint"] == answer["liveLogsCheckpoint"] >= checkpoint for row in answer["results"])
    assert (answer["hasMore"], answer["nextCursor"]) == (False, None)


def test_an_answer_without_rows_has_a_checkpoint_too(api: Api) -> None:
    begin = ask(api)["liveLogsCheckpoint"]
    api.send({"body": "here"})
    assert [row["body"] for row in ask(api, liveLogsCheckpoint=begin)["results"]] == ["here"]


def test_a_tail_keeps_the_filters(api: Api) -> None:
    begin = ask(api)["liveLogsCheckpoint"]
    api.send({"body": "yes", "severityNumber": 17}, {"body": "no"})
    rows = ask(api, liveLogsCheckpoint=begin, severityLevels=["error"])["results"]
    assert [row["body"] for row in rows] == ["yes"]


def test_a_burst_is_read_on_by_polling_and_by_paging(api: Api) -> None:
    begin = ask(api)["liveLogsCheckpoint"]
    api.send(*({"body": str(number)} for number in range(25)))
    polled: set[str] = set()
    checkpoint = begin
    for _ in range(3):
        answer = ask(api, liveLogsCheckpoint=checkpoint, limit=10)
        polled |= {row["body"] for row in answer["results"]}
        checkpoint = answer["liveLogsCheckpoint"]
    assert (len(polled), answer["hasMore"]) == (25, False)
    paged: list[str] = []
    cursor = None
    for _ in range(3):
        answer = ask(api, liveLogsCheckpoint=begin, limit=10, after=cursor)
        paged += [row["body"] for row in answer["results"]]
        cursor = answer["nextCursor"]
    assert (cursor, len(paged), set(paged)) == (None, 25, polled)


def test_a_sender_whose_clock_is_ahead_is_seen_at_once(api: Api) -> None:
    begin = ask(api)["liveLogsCheckpoint"]
    ahead = str(time.time_ns() + 10 * MINUTE_NS)
    api.send({"body": "ahead", "timeUnixNano": ahead})
    assert ask(api)["results"] == []
    assert [row["body"] for row in ask(api, liveLogsCheckpoint=begin)["results"]] == ["ahead"]
    bounded = {"date_from": "-1h", "date_to": "-1s"}
    assert ask(api, liveLogsCheckpoint=begin, dateRange=bounded)["results"] == []


def test_only_the_first_page_of_a_search_begins_a_tail(api: Api) -> None:
    api.send({"body": "1"}, {"body": "2"})
    first = ask(api, limit=1)
    assert first["results"][0]["live_logs_checkpoint"] == first["liveLogsCheckpoint"]
    second = ask(api, limit=1, after=first["nextCursor"])
    assert second["results"][0]["live_logs_checkpoint"] is None
