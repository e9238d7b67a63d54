from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import HedgerowError, InvalidRequest, PayloadTooLarge, UnsupportedMediaType
from webapp.ingest.inflation import in_mebibytes, inflate
from webapp.settings import MIB

Compress = Callable[[bytes], bytes]
COMPRESSORS: dict[str, Compress] = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstandard.compress}
TEXT = b"one line of a log, and another one\n" * 20_000


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


def streamed_zstd(data: bytes) -> bytes:
    """Compress without knowing the length, at the level with the largest window."""
    stream = zstandard.ZstdCompressor(level=22).compressobj()
    return stream.compress(data) + stream.flush()


COMPRESSED = [
    pytest.param("gzip", gzip.compress, id="gzip"),
    pytest.param("x-gzip", gzip.compress, id="x-gzip"),
    pytest.param("GZIP", gzip.compress, id="upper case"),
    pytest.param("", gzip.compress, id="gzip unannounced"),
    pytest.param("identity", gzip.compress, id="gzip called identity"),
    pytest.param("deflate", zlib.compress, id="deflate"),
    pytest.param("deflate", raw_deflate, id="deflate without its wrapper"),
    pytest.param("zstd", zstandard.compress, id="zstd"),
    pytest.param("zstd", streamed_zstd, id="zstd of unknown length"),
]


@pytest.mark.parametrize(("name", "compress"), COMPRESSED)
def test_body_comes_out_as_it_went_in(name: str, compress: Compress) -> None:
    assert inflate(compress(TEXT), name, len(TEXT)) == TEXT


@pytest.mark.parametrize(("name", "compress"), COMPRESSED)
def test_one_byte_over_the_limit_is_too_large(name: str, compress: Compress) -> None:
    with pytest.raises(PayloadTooLarge, match="when inflated"):
        inflate(compress(TEXT), name, len(TEXT) - 1)


@pytest.mark.parametrize(("name", "compress"), COMPRESSED)
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_body_cut_short_is_refused(name: str, compress: Compress, kept: float) -> None:
    whole = compress(TEXT)
    cut = whole[: max(5, int(len(whole) * kept))]
    with pytest.raises(InvalidRequest, match="as it should be"):
        inflate(cut, name, len(TEXT))


@pytest.mark.parametrize(("name", "compress"), [("gzip", gzip.compress), ("zstd", zstandard.compress)])
def test_streams_joined_end_to_end_are_one_body(name: str, compress: Compress) -> None:
    assert inflate(compress(b"first ") + compress(b"second"), name, 100) == b"first second"


@pytest.mark.parametrize("name", COMPRESSORS)
def test_bomb_is_stopped_within_one_piece_of_the_limit(name: str) -> None:
    bomb = COMPRESSORS[name](bytes(256 * MIB))
    tracemalloc.start()
    try:
        with pytest.raises(PayloadTooLarge):
            inflate(bomb, name, 4 * MIB)
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


def test_body_without_encoding_is_left_alone_but_limited() -> None:
    assert inflate(b"{}", "", 2) == b"{}"
    with pytest.raises(PayloadTooLarge):
        inflate(b"{ }", "", 2)


@pytest.mark.parametrize("name", ["br", "compress", "gzip, gzip", "utf-8"])
def test_unknown_encoding_is_named_with_those_that_are_known(name: str) -> None:
    with pytest.raises(UnsupportedMediaType) as caught:
        inflate(b"", name, 10)
    assert name in caught.value.detail
    assert "gzip, deflate, zstd" in caught.value.detail


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "zstd", "", "identity"]))
def test_any_bytes_give_bytes_or_a_clean_refusal(body: bytes, name: str) -> None:
    try:
        inflate(body, name, 1 * MIB)
    except HedgerowError as error:
        assert error.status in {400, 413}


@given(st.binary(max_size=5_000))
def test_any_bytes_survive_every_compression(body: bytes) -> None:
    for name, compress in COMPRESSORS.items():
        assert inflate(compress(body), name, 5_000) == body


@pytest.mark.parametrize(("size", "text"), [(20 * MIB, "20 MiB"), (MIB + MIB // 2, "1.5 MiB"), (999, "999 bytes")])
def test_limits_are_said_in_plain_units(size: int, text: str) -> None:
    assert in_mebibytes(size) == text
