"""Reading: values arrive as they were sent, limits hold, errors are sentences, queries can be cancelled."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.support.logs import Log, every, insert
from webapp.errors import HedgerowError, QueryTimeout, QueryTooLarge, Unavailable
from webapp.queries.query import Query
from webapp.settings import Settings
from webapp.store.errors import QueryCancelled, StoreSetupError
from webapp.store.store import Store

HOSTILE = [
    "",
    "'",
    "\\",
    "\\\\'",
    "\\N",
    "\\n",
    "\t",
    "\n",
    "\r\n",
    "\0",
    "a\0b",
    "\b\f\a\v\x1b[31m\x7f",
    "%",
    "%s %(name)s %%",
    "{x:String}",
    "{p0:String}",
    "'); DROP TABLE logs; --",
    "😀👩‍👩‍👧 e\u0301 \u202e \u2028",
    "[1, 'a']",
    "NULL",
    '`"/*--*/',
    "x" * 100_000,
]


def asking(sql: str, **params: object) -> Query:
    return Query("test", sql, params, project_id=1)


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_arrive_unchanged(store: Store, value: str) -> None:
    rows = store.read(asking("SELECT {one:String}, {many:Array(String)}", one=value, many=[value, "x", value])).rows
    assert rows == [(value, [value, "x", value])]


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.text() | st.text("'\\\t\n\0nNx0{}%\b\r\"a"), max_size=6))
def test_any_text_arrives_unchanged(store: Store, values: list[str]) -> None:
    rows = store.read(asking("SELECT {many:Array(String)}, {one:String}", many=values, one="".join(values))).rows
    assert rows == [(values, "".join(values))]


def test_numbers_keep_all_their_digits(store: Store) -> None:
    sql = "SELECT {low:Int64}, {high:Int64}, {large:UInt64}, {id:UUID}"
    uuid = UUID("0199d0c0-0000-7000-8000-00000000abcd")
    rows = store.read(asking(sql, low=-(2**63), high=2**63 - 1, large=2**64 - 1, id=str(uuid))).rows
    assert rows == [(-(2**63), 2**63 - 1, 2**64 - 1, uuid)]


def test_an_answer_says_what_it_cost(store: Store) -> None:
    insert(store, [Log(timestamp_ns=moment) for moment in every(1, 500)])
    answer = store.read(asking("SELECT body AS text, 1 AS n FROM logs WHERE body != ''"))
    assert answer.columns == ["text", "n"]
    assert len(answer.rows) == 500
    assert answer.rows_read == 500
    assert answer.bytes_read > 500
    assert answer.elapsed_ms > 0
    assert answer.query_id.startswith("test-")


def test_an_answer_without_rows_still_names_its_columns(store: Store) -> None:
    answer = store.read(asking("SELECT body FROM logs"))
    assert (answer.rows, answer.columns) == ([], ["body"])


ENDLESS = "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number))"


def test_a_query_that_takes_too_long_is_stopped_and_told_what_to_narrow(settings: Settings) -> None:
    store = Store.from_settings(replace(settings, query_timeout_s=1))
    with pytest.raises(QueryTimeout) as caught:
        store.read(asking(ENDLESS))
    assert caught.value.status == 504
    assert caught.value.detail == (
        "The query took longer than 1 seconds and was stopped. "
        "Choose a shorter time range, or add a service, a level or a rarer word."
    )


def test_a_query_that_needs_too_much_memory_is_stopped(settings: Settings) -> None:
    store = Store.from_settings(replace(settings, query_memory_bytes=100 * 1024**2))
    with pytest.raises(QueryTimeout, match=r"needed more than 0\.1 GiB of memory"):
        store.read(asking("SELECT groupArray(number) FROM numbers(100000000)"))


def test_an_answer_with_too_many_rows_is_stopped(store: Store) -> None:
    with pytest.raises(QueryTooLarge, match=r"more than 1,000,000 rows or 256 MiB"):
        store.read(asking("SELECT number FROM numbers(1000001)"))


def test_an_answer_with_too_many_bytes_is_stopped(store: Store) -> None:
    with pytest.raises(QueryTooLarge, match=r"more than 1,000,000 rows or 256 MiB"):
        store.read(asking("SELECT repeat('x', 1000000 - number) FROM numbers(300)"))


def test_the_reader_cannot_be_made_to_lift_its_limits(store: Store) -> None:
    greedy = Query("test", "SELECT 1", {}, 1, {"max_memory_usage": 0})
    with pytest.raises(StoreSetupError, match=r"^The profile of the ClickHouse user of CLICKHOUSE_READER_URL forbids"):
        store.read(greedy)


def test_a_question_cannot_write(store: Store) -> None:
    with pytest.raises(StoreSetupError, match=r"^The ClickHouse user of CLICKHOUSE_READER_URL"):
        store.read(asking("INSERT INTO logs (project_id) SELECT 1"))


def test_a_query_can_be_cancelled_from_another_thread(store: Store) -> None:
    caught: list[BaseException] = []

    def run() -> None:
        try:
            store.read(asking(ENDLESS), query_id="cancel-me")
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    deadline = time.monotonic() + 20
    while thread.is_alive() and time.monotonic() < deadline:
        store.cancel("cancel-me")
        thread.join(0.1)
    assert not thread.is_alive()
    assert [type(error) for error in caught] == [QueryCancelled]
    assert store.read(asking("SELECT 1")).rows == [(1,)]


def test_cancelling_what_has_ended_does_nothing(store: Store) -> None:
    store.cancel("no such query '; --")


def test_an_error_of_the_server_is_no_stack_trace(store: Store) -> None:
    with pytest.raises(HedgerowError) as caught:
        store.read(asking("SELECT no_such_column FROM logs"), query_id="known")
    assert caught.value.status == 500
    assert caught.value.detail == "ClickHouse could not answer: error 47, query known."


def test_a_query_after_a_failed_one_is_answered(store: Store) -> None:
    with pytest.raises(HedgerowError):
        store.read(asking("SELECT throwIf(number = 100000) FROM numbers(200000)"))
    assert store.read(asking("SELECT 1")).rows == [(1,)]


def test_missing_tables_are_named_as_such(settings: Settings) -> None:
    with pytest.raises(StoreSetupError, match=r"^The tables for logs are missing from ClickHouse"):
        Store.from_settings(settings).read(asking("SELECT count() FROM logs"))


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("clickhouse://app:secret@127.0.0.1:1/logs", "ClickHouse (CLICKHOUSE_URL) does not answer."),
        ("clickhouse://app:secret@no-such-host.invalid/logs", "ClickHouse (CLICKHOUSE_URL) does not answer."),
        ("", "There is no ClickHouse: Hedgerow is not running here, and CLICKHOUSE_URL is not set."),
    ],
)
def test_a_server_that_is_away_is_unavailable(address: str, sentence: str) -> None:
    store = Store.from_settings(Settings(clickhouse_url=address))
    for ask in (lambda: store.read(asking("SELECT 1")), store.ping, store.migrate):
        with pytest.raises(Unavailable) as caught:
            ask()
        assert caught.value.detail == sentence
        assert caught.value.retry_after_s == 5


def test_a_wrong_password_is_a_set_up_error_that_does_not_show_it(settings: Settings) -> None:
    user, _, rest = settings.clickhouse_url.partition("@")
    wrong = f"{user.rpartition(':')[0]}:hunter2@{rest}"
    with pytest.raises(StoreSetupError) as caught:
        Store.from_settings(replace(settings, clickhouse_url=wrong)).ping()
    assert caught.value.detail == "ClickHouse refuses the user or the password of CLICKHOUSE_URL."


def test_a_ping_needs_both_users(settings: Settings) -> None:
    Store.from_settings(settings).ping()
    user, _, rest = settings.clickhouse_reader_url.partition("@")
    wrong = f"{user.rpartition(':')[0]}:hunter2@{rest}"
    with pytest.raises(StoreSetupError, match="CLICKHOUSE_READER_URL"):
        Store.from_settings(replace(settings, clickhouse_reader_url=wrong)).ping()
