from __future__ import annotations

import json

import pytest

from webapp.ingest.severity import severity_of


@pytest.mark.parametrize(
    ("numbers", "level"),
    [
        (range(1, 5), "trace"),
        (range(5, 9), "debug"),
        (range(9, 13), "info"),
        (range(13, 17), "warn"),
        (range(17, 21), "error"),
        (range(21, 25), "fatal"),
    ],
)
def test_number_of_otlp_decides_the_level_and_stays(numbers: range, level: str) -> None:
    assert [severity_of(number, "", "") for number in numbers] == [(number, level) for number in numbers]


def test_number_wins_over_text_and_body() -> None:
    assert severity_of(17, "debug", '{"level":"trace"}') == (17, "error")


@pytest.mark.parametrize("number", [0, -3, 25, 2**31 - 1])
def test_number_outside_of_otlps_leaves_it_to_the_text(number: int) -> None:
    assert severity_of(number, "warning", "") == (13, "warn")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ("critical fatal crit alert emerg panic CRITICAL Fatal", (21, "fatal")),
        ("error err ERROR", (17, "error")),
        ("warn warning Warning WARN", (13, "warn")),
        ("info information notice Information", (9, "info")),
        ("debug DEBUG", (5, "debug")),
        ("trace verbose Trace", (1, "trace")),
    ],
)
def test_text_gives_level_and_lowest_number(texts: str, expected: tuple[int, str]) -> None:
    assert {severity_of(0, text, "") for text in texts.split()} == {expected}


def test_text_may_have_blanks_around_it() -> None:
    assert severity_of(0, " ERROR\n", "") == (17, "error")


def test_text_wins_over_the_body() -> None:
    assert severity_of(0, "debug", '{"level":"error"}') == (5, "debug")


@pytest.mark.parametrize("text", ["", "loud"])
@pytest.mark.parametrize(
    "body",
    [
        {"level": "ERROR"},
        {"severity": "err", "msg": "x"},
        {"log.level": "error"},
        {"log": {"level": "error"}},
        {"level": 50, "severity": "error"},
        {"level": "loud", "severity": "error"},
    ],
)
def test_without_a_known_text_a_level_inside_a_json_body_counts(text: str, body: dict[str, object]) -> None:
    assert severity_of(0, text, json.dumps(body)) == (17, "error")
    assert severity_of(0, text, "\n " + json.dumps(body)) == (17, "error")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "plain",
        '{"level":',
        '["level"]',
        '{"level":null}',
        '{"log":"error"}',
        '{"log":{"level":5}}',
        '"error"',
        "error",
    ],
)
def test_without_any_level_it_is_info(body: str) -> None:
    assert severity_of(0, "", body) == (9, "info")
