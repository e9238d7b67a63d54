"""The live tail as the page asks for it: each row once, marks to go on from, and an end for those who may not stay."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.pages.conftest import Member, Visitor
from tests.pages.test_outages import member, storeless, waiting
from tests.support.live import Event, end_after_one_look, events_of, read_events
from tests.support.logs import Log, arrive
from tests.support.web import run_gunicorn, web_processes
from webapp.models import Role
from webapp.pages.logs import live
from webapp.services import accounts, members
from webapp.services.actors import operator
from webapp.settings import Settings

__all__ = ["member", "storeless", "waiting"]  # fixtures

SECOND_NS = 10**9


def send(app: Flask, to: Member, *bodies: str, ago_s: float = 1) -> None:
    """Store rows of a moment ago, a millisecond apart."""
    start_ns = time.time_ns() - int(ago_s * SECOND_NS)
    arrive(
        app.extensions["hedgerow_store"],
        [
            Log(project_id=to.project_id, body=body, timestamp_ns=start_ns + at * 1_000_000)
            for at, body in enumerate(bodies)
        ],
    )


def poll(visitor: Visitor, member: Member, mark: str = "", query: str = "") -> Event:
    answer = visitor.get(f"{member.logs}/live/poll?{query}", headers={"Last-Event-ID": mark})
    assert answer.status_code == 200
    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    [event] = read_events(answer.text)
    return event


def test_a_tail_begins_with_the_latest_rows_and_goes_on_with_each_that_comes_once(
    app: Flask, visitor: Visitor, ada: Member, bob: Member
) -> None:
    send(app, ada, "one", "two")
    begin = poll(visitor, ada)
    assert (begin.kind, begin.bodies, begin.data["note"]) == ("begin", ["two", "one"], "")
    seen: list[str] = []
    mark, total = begin.mark, 0
    for bodies in (["three", "four"], [], ["five"]):
        send(app, ada, *bodies)
        send(app, bob, "of Bob's")
        event = poll(visitor, ada, mark)
        mark = event.mark
        assert event.kind == ("rows" if bodies else "")
        assert event.bodies == bodies[::-1]
        total += event.data.get("count", 0)
        seen += event.bodies
    assert (len(seen), total) == (3, 3)


def test_a_tail_that_is_turned_round_has_the_latest_rows_too(app: Flask, visitor: Visitor, ada: Member) -> None:
    send(app, ada, *(f"row {number:03d}" for number in range(120)))
    begin = poll(visitor, ada, query="sort=asc")
    assert begin.bodies == [f"row {number:03d}" for number in range(20, 120)]
    assert begin.data["is_cut"]
    assert not poll(visitor, ada).data["is_cut"]  # its list goes on by itself
    send(app, ada, "next", "last")
    assert poll(visitor, ada, begin.mark, "sort=asc").bodies == ["next", "last"]


def test_a_tail_honours_the_search(app: Flask, visitor: Visitor, ada: Member) -> None:
    mark = poll(visitor, ada, query="q=order%20-placed").mark
    send(app, ada, "order placed", "order declined", "nothing")
    event = poll(visitor, ada, mark, "q=order%20-placed")
    assert (event.data["count"], len(event.bodies)) == (1, 1)
    assert "declined" in event.data["html"]
    assert visitor.get(f"{ada.logs}/live/poll?q=%22open").status_code == 400


def test_of_a_range_that_is_over_what_comes_from_now_on_is_shown(app: Flask, visitor: Visitor, ada: Member) -> None:
    send(app, ada, "of then", ago_s=7000)
    begin = poll(visitor, ada, query="t=now-2h..now-90m")
    assert (begin.bodies, begin.data["is_over"]) == ([], True)
    assert begin.data["note"] == "This range is over: live shows what comes from now on."
    send(app, ada, "of now")
    assert poll(visitor, ada, begin.mark, "t=now-2h..now-90m").bodies == ["of now"]


def test_a_range_that_ends_later_ends_there(app: Flask, visitor: Visitor, ada: Member) -> None:
    end = datetime.now(UTC) + timedelta(minutes=5)
    query = f"t=now-1h..{end:%Y-%m-%dT%H:%M:%S}Z"
    mark = poll(visitor, ada, query=query).mark
    send(app, ada, "before", ago_s=-60)
    send(app, ada, "after", ago_s=-600)
    assert poll(visitor, ada, mark, query).bodies == ["before"]
    assert poll(visitor, ada, mark).bodies == ["after", "before"]  # of a range that ends now: clocks may be ahead


def test_of_a_burst_a_sample_is_shown_and_all_are_counted(app: Flask, visitor: Visitor, ada: Member) -> None:
    mark = poll(visitor, ada).mark
    send(app, ada, *(f"row {number}" for number in range(5000)), ago_s=9)
    event = poll(visitor, ada, mark)
    assert event.data["count"] == 5000
    assert event.data["one_in"] > 8
    assert 2500 < len(event.bodies) * event.data["one_in"] < 10_000


def test_what_lies_too_far_back_is_left_out_and_said(app: Flask, visitor: Visitor, ada: Member) -> None:
    send(app, ada, "latest")
    long_ago = time.time_ns() - live.LONGEST_GAP_NS - 60 * SECOND_NS
    begin = poll(visitor, ada, f"{long_ago}-0")
    assert (begin.kind, begin.bodies) == ("begin", ["latest"])
    assert re.fullmatch(r"What came between .* is left out\.", begin.data["note"])


@pytest.mark.parametrize("mark", ["", "nonsense", "-1-2", "99999999999999999999-0", "1-1-1", "٣-1", "9" * 19 + "-0"])
def test_what_is_no_mark_begins_anew_or_has_nothing(visitor: Visitor, ada: Member, mark: str) -> None:
    answer = visitor.get(f"{ada.logs}/live/poll", headers={"Last-Event-ID": mark.encode().decode("latin-1")})
    assert answer.status_code == 200
    [event] = read_events(answer.text)
    assert event.kind in ("begin", "")


def test_after_midnight_the_list_comes_anew_with_its_dates(
    app: Flask, visitor: Visitor, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LONGEST_GAP_NS", 48 * 3600 * SECOND_NS)
    send(app, ada, "today")
    yesterday = poll(visitor, ada, f"{time.time_ns() - 24 * 3600 * SECOND_NS}-0")
    assert (yesterday.kind, yesterday.bodies) == ("begin", ["today"])
    send(app, ada, "later")
    assert poll(visitor, ada, yesterday.mark).kind == "rows"


def test_hostile_lines_are_text_in_events(app: Flask, visitor: Visitor, ada: Member) -> None:
    mark = poll(visitor, ada).mark
    texts = ["<script>alert(1)</script>", "a\n\nevent: end\ndata: {}\n\nb", "\u2028\u2029\x00\r\x1b[31m", '"}\n\n']
    send(app, ada, *texts)
    event = poll(visitor, ada, mark)
    assert event.data["count"] == len(texts)
    assert event.data["html"].count('<div class="row') == len(texts)
    assert "<script" not in event.data["html"]


def test_a_log_store_that_is_away_is_said_in_an_event(waiting: Visitor, member: Member) -> None:
    [event] = read_events(waiting.get(f"/p/{member.slug}/logs/live/poll").text)
    assert event.kind == "error"
    assert "does not answer" in event.data["detail"]


def test_a_stream_of_a_log_store_that_is_away_says_so_and_ends(waiting: Visitor, member: Member) -> None:
    answer = waiting.get(f"/p/{member.slug}/logs/live")
    assert [event.kind for event in read_events(answer.text)] == ["error"]


def test_nobody_else_has_a_tail(app: Flask, visitor: Visitor, stranger: Visitor, bob: Member) -> None:
    for path in ("", "/poll"):
        assert visitor.get(f"{bob.logs}/live{path}").status_code == 404
        assert stranger.part(f"{bob.logs}/live{path}").status_code == 401


def test_a_stream_that_nobody_reads_gives_its_place_back(app: Flask, visitor: Visitor, ada: Member) -> None:
    end_after_one_look(app)
    for _time in range(app.extensions["hedgerow_streams"].most + 2):
        assert visitor.get(f"{ada.logs}/live").status_code == 200


class Server:
    """A web server with room for one stream, and Ada's streams from it."""

    def __init__(self, url: str, cookie: str, member: Member, opened: ExitStack) -> None:
        self._opened = opened
        self._address, self._member = urlsplit(url).netloc, member
        self._headers = {"Cookie": f"hedgerow_session={cookie}", "HX-Request": "true"}

    @contextmanager
    def open(self, mark: str = "") -> Iterator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection(self._address, timeout=60)
        try:
            connection.request("GET", f"{self._member.logs}/live", headers={**self._headers, "Last-Event-ID": mark})
            yield connection.getresponse()
        finally:
            connection.close()

    def await_place(self, mark: str) -> Iterator[Event]:
        """Open a stream as soon as there is room for one; it stays open until the test ends."""
        deadline = time.monotonic() + 30
        while True:
            try:
                response = self._opened.enter_context(self.open(mark))
                if response.status == 200:
                    return listen(response)
            except OSError:
                pass  # the process is being replaced
            assert time.monotonic() < deadline


def listen(response: http.client.HTTPResponse) -> Iterator[Event]:
    return events_of(line.decode() for line in response)


@pytest.fixture
def server(app: Flask, settings: Settings, visitor: Visitor, ada: Member, tmp_path: Path) -> Iterator[Server]:
    cookie = visitor.client.get_cookie("hedgerow_session")
    assert cookie is not None
    log = tmp_path / "web.log"
    with run_gunicorn(replace(settings, live_streams=1), log, threads=4) as url, ExitStack() as opened:
        yield Server(url, cookie.value, ada, opened)


def end_after(heard: Iterator[Event]) -> list[str]:
    """What a stream still says until it ends in order, as its last line tells."""
    return [event.kind for event in heard if event.kind]


def test_a_stream_has_a_place_for_as_long_as_it_is_wanted_and_may_go_on(
    app: Flask, server: Server, ada: Member
) -> None:
    """One server for all of it, since it takes a while to start: rows, the cap, a hang-up, a stop, no membership."""
    send(app, ada, "before")
    with server.open() as response:
        heard = listen(response)
        begin = next(heard)
        assert (begin.kind, begin.bodies) == ("begin", ["before"])
        for body in ("one", "two"):
            send(app, ada, body)
            event = next(event for event in heard if event.kind)
            assert (event.kind, event.bodies, event.data["count"]) == ("rows", [body], 1)
        with server.open() as refused:
            assert refused.status == 503
            assert b"too_many_streams" in refused.read()

    send(app, ada, "while nobody listened")
    heard = server.await_place(event.mark)  # the server sees by itself that the client has gone
    event = next(heard)
    assert event.bodies == ["while nobody listened"]

    for process in web_processes():
        process.terminate()
    assert end_after(heard) == []
    send(app, ada, "after the restart")
    heard = server.await_place(event.mark)
    assert next(heard).bodies == ["after the restart"]

    other = accounts.create_user("eve@example.org", "Eve", [])
    members.add_member(ada.project_id, other, Role.ADMIN, operator())
    members.remove_member(ada.project_id, ada.user.id, operator())
    send(app, ada, *["secret"] * 3)
    assert end_after(heard)[-1] == "end"
