"""The requests that the loads write by hand mean what the generated classes say."""

from __future__ import annotations

from tests.support.bulk import Row, write_json, write_protobuf
from tests.support.otlp import NOW_NS, as_json, decode, decode_text, record, request

ROWS = [Row(NOW_NS + number, 9 + number % 3, number) for number in range(300)]
RESOURCE = {"service.name": "api", "host.name": "größe"}


def test_a_request_written_by_hand_is_the_one_that_is_meant() -> None:
    meant = request(
        *(
            record(
                f"word {row.number}",
                {"request": "word", "row": row.number},
                time_unix_nano=row.time_ns,
                severity_number=row.severity_number,
            )
            for row in ROWS
        ),
        resource=RESOURCE,
    )
    columns = decode(meant.SerializeToString()).columns()
    for made in (decode(write_protobuf("word", ROWS, RESOURCE)), decode_text(write_json("word", ROWS, RESOURCE))):
        assert {**made.columns(), "uuid": columns["uuid"]} == columns
    assert {**decode_text(as_json(meant)).columns(), "uuid": columns["uuid"]} == columns
