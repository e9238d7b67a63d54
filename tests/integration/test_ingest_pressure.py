"""More than can be stored waits at the client, not here."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support import stored
from tests.support.api import Api, make_api
from tests.support.instance import wait_for
from tests.support.otlp import record, request
from tests.support.otlp_http import PROTOBUF, changed, message, post
from tests.support.web import run_gunicorn, web_processes
from webapp.embedded.clickhouse import EmbeddedClickHouse
from webapp.embedded.processes import free_port
from webapp.embedded.valkey import EmbeddedValkey
from webapp.errors import Throttled, Unavailable
from webapp.extensions import store
from webapp.ingest.budget import Budget
from webapp.ingest.gate import STALLED_S, Gate
from webapp.ingest.rates import BURST_S, Rates
from webapp.ingest.valkey import Valkey
from webapp.settings import MIB, Settings
from webapp.store.errors import Unreachable


@pytest.fixture
def api(app: Any) -> Api:
    return make_api(app)


# --- Memory --------------------------------------------------------------------------------------------------


def test_requests_beyond_the_budget_are_sent_away_and_room_comes_back() -> None:
    budget = Budget(100)
    with budget.hold() as first:
        first.take(60)
        first.take(30)
        with budget.hold() as second, pytest.raises(Unavailable, match="Too many large requests") as refused:
            second.take(11)
        assert refused.value.retry_after_s == 2
        with budget.hold() as third:
            third.take(10)
    with budget.hold() as later:
        later.take(100)


def test_request_that_is_alone_is_taken_whatever_its_size() -> None:
    budget = Budget(100)
    with budget.hold() as hold:
        hold.take(500)
        hold.take(500)
        with budget.hold() as other, pytest.raises(Unavailable):
            other.take(1)


def test_request_that_fails_gives_its_room_back() -> None:
    budget = Budget(100)
    with pytest.raises(ValueError, match="broken"), budget.hold() as hold:
        hold.take(90)
        raise ValueError("broken")
    with budget.hold() as first, budget.hold() as second:
        first.take(50)
        second.take(50)


def test_many_large_bodies_at_once_are_stored_or_sent_away_within_bounded_memory(
    api: Api, settings: Settings, tmp_path: Path
) -> None:
    text = "x" * 4_000
    bodies = [
        request(*(record(f"{number} {text}", time_unix_nano=time.time_ns()) for _ in range(1_500))).SerializeToString()
        for number in range(12)
    ]
    headers = {"Authorization": f"Bearer {api.ada.token}", "Content-Type": PROTOBUF}
    answers: list[requests.Response] = []
    limited = replace(settings, ingest_memory_bytes=16 * MIB)  # two of these requests
    with run_gunicorn(limited, tmp_path / "gunicorn.log", threads=16) as address:

        def send(body: bytes) -> None:
            answers.append(requests.post(f"{address}/v1/logs", data=body, headers=headers, timeout=60))

        [worker] = web_processes()
        send(bodies[0])
        before_bytes = peak_bytes = worker.memory_info().rss
        senders = [threading.Thread(target=send, args=(body,)) for body in bodies[1:]]
        for sender in senders:
            sender.start()
        while any(sender.is_alive() for sender in senders):
            peak_bytes = max(peak_bytes, worker.memory_info().rss)
            time.sleep(0.01)
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) == {200, 503}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers if answer.status_code == 503)
    assert stored.count(settings.clickhouse_url) == statuses[200] * 1_500
    assert peak_bytes - before_bytes < 128 * MIB, f"{(peak_bytes - before_bytes) / MIB:.0f} MiB"


# --- ClickHouse away -----------------------------------------------------------------------------------------


def test_gate_closes_while_clickhouse_is_away_and_lets_one_try_again() -> None:
    gate = Gate()
    gate.check()
    with pytest.raises(Unreachable), gate.passage():
        raise Unreachable("It does not answer.")
    with pytest.raises(Unavailable, match="does not store anything at the moment"):
        gate.check()

    def opens() -> bool:
        try:
            gate.check()
        except Unavailable:
            return False
        return True

    wait_for(opens, "the gate to let one try")
    with gate.passage():
        assert not opens()
    assert opens()


def test_gate_stays_open_when_one_insertion_fails_for_a_reason_of_its_own() -> None:
    gate = Gate()
    with pytest.raises(Unavailable), gate.passage():
        raise Unavailable("The disk of ClickHouse is full.")
    gate.check()


def test_clickhouse_that_hangs_is_waited_for_by_few(tmp_path: Path, settings: Settings, api: Api) -> None:
    with EmbeddedClickHouse(tmp_path / "mortal", memory_bytes=1024 * MIB) as server:
        mine = replace(settings, clickhouse_url=server.url, clickhouse_reader_url=server.reader_url)
        with changed(api, mine):
            store.migrate()
        with run_gunicorn(mine, tmp_path / "gunicorn.log", threads=16) as address:
            headers = {"Authorization": f"Bearer {api.ada.token}", "Content-Type": PROTOBUF}

            def send() -> requests.Response:
                body = message().SerializeToString()
                return requests.post(f"{address}/v1/logs", data=body, headers=headers, timeout=60)

            assert send().status_code == 200
            assert server.process is not None
            server.process.send_signal(signal.SIGSTOP)
            try:
                first: list[requests.Response] = []
                waiting = threading.Thread(target=lambda: first.append(send()))
                waiting.start()
                (refused,) = wait_for(lambda: said_at_once(send()), f"an answer at once after {STALLED_S} s")
                assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
                assert requests.get(f"{address}/healthz", timeout=60).status_code == 200
            finally:
                server.process.send_signal(signal.SIGCONT)
            waiting.join(60)
            assert first[0].status_code in {200, 503}
            wait_for(lambda: send().status_code == 200, "the logs to be taken again")


def said_at_once(response: requests.Response) -> list[requests.Response]:
    """Return the response of a request that did not wait for ClickHouse itself, in a list: a refusal alone is false."""
    return [response] if b"does not store anything at the moment" in response.content else []


# --- Rates ---------------------------------------------------------------------------------------------------


@pytest.fixture
def rates(settings: Settings) -> Iterator[Rates]:
    yield Rates(Valkey(settings.redis_url), 1_000)


def test_project_may_send_its_rate_and_a_burst_and_is_then_told_how_long_to_wait(rates: Rates) -> None:
    rates.admit(7, 1_000 * BURST_S - 500)
    rates.admit(7, 5_000)  # the last of the bucket lets a whole request in
    with pytest.raises(Throttled, match="This project may send 1,000 bytes a second") as refused:
        rates.admit(7, 1)
    assert refused.value.retry_after_s in {4, 5}
    rates.admit(8, 1)


def test_request_larger_than_the_bucket_gets_in_once_and_is_paid_for(rates: Rates) -> None:
    rates.admit(7, 1_000_000)
    with pytest.raises(Throttled) as refused:
        rates.admit(7, 1)
    assert refused.value.retry_after_s == 60


def test_refused_request_costs_nothing_and_the_bucket_fills_again(settings: Settings) -> None:
    rates = Rates(Valkey(settings.redis_url), 100_000)
    rates.admit(7, 100_000 * BURST_S + 20_000)

    def admitted() -> bool:
        try:
            rates.admit(7, 10)
        except Throttled:
            return False
        return True

    assert not admitted()
    wait_for(admitted, "the bucket to fill again", patience_s=10)


def test_buckets_are_shared_by_all_processes(settings: Settings, rates: Rates) -> None:
    rates.admit(7, 1_000 * BURST_S + 5_000)
    with pytest.raises(Throttled):
        Rates(Valkey(settings.redis_url), 1_000).admit(7, 1)


def test_everything_is_let_in_while_redis_is_away_and_that_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    rates = Rates(Valkey(f"redis://127.0.0.1:{free_port()}"), 1)
    for _ in range(5):
        rates.admit(7, 1_000_000)
    assert capsys.readouterr().out.count("Redis does not answer") == 1


def test_redis_that_comes_back_limits_again(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "valkey") as server:
        rates = Rates(Valkey(server.url), 1_000)
        rates.admit(7, 1)
        server.stop()
        rates.admit(7, 1_000_000)
        server.start()

        def limited() -> bool:
            try:
                rates.admit(7, 1_000_000)
            except Throttled:
                return True
            return False

        wait_for(limited, "the rate to be limited again")


def test_request_over_the_rate_is_told_to_wait_and_stores_nothing(api: Api, settings: Settings) -> None:
    with changed(api, settings, project_bytes_per_s=1_000) as limited:
        assert post(limited, message("x" * 15_000).SerializeToString(), Content_Type=PROTOBUF).status_code == 200
        refused = post(limited, b'{"msg": "more"}', path="/i/v1/jsonline")
        assert refused.status_code == 429
        fields = json.loads(refused.data)
        assert (fields["type"], fields["code"]) == ("throttled_error", "throttled")
        assert 0 < int(refused.headers["Retry-After"]) <= 60
        assert (
            post(limited, message().SerializeToString(), token=api.bob.token, Content_Type=PROTOBUF).status_code == 200
        )
    assert [row["project_id"] for row in stored.rows(settings.clickhouse_url)] == [
        api.ada.project_id,
        api.bob.project_id,
    ]
