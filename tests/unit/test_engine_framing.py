"""Chunks, lines, frames and log lines, whatever the pieces they arrive in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backends.api import LogLine
from backends.engine.chunks import Chunked, Frames, Lines
from backends.engine.loglines import LogParser
from backends.errors import BadAnswer

STAMP = b"2026-11-24T10:00:00.500000000Z "
TIME = 1795514400.5
#: Cuts a byte string into pieces of these sizes, over and over.
SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=8)


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces, index = [], 0
    while data:
        size = sizes[index % len(sizes)]
        pieces.append(data[:size])
        data, index = data[size:], index + 1
    return pieces


def frame(stream: int, payload: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=8), SIZES)
def test_chunks_give_the_body_back_in_whatever_pieces(parts: list[bytes], sizes: list[int]) -> None:
    body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    chunked = Chunked()
    assert b"".join(chunked.feed(piece) for piece in cut(body, sizes)) == b"".join(parts)
    assert chunked.ended


def test_chunks_that_break_off_have_not_ended() -> None:
    chunked = Chunked()
    assert chunked.feed(b"5\r\nab") == b"ab"
    assert not chunked.ended


@pytest.mark.parametrize("data", [b"zz\r\n", b"-5\r\n", b"ffffffffff\r\n", b"1" * 5000])
def test_garbled_chunks_are_a_bad_answer(data: bytes) -> None:
    with pytest.raises(BadAnswer):
        Chunked().feed(data)


@given(st.lists(st.binary(max_size=30).map(lambda b: b.replace(b"\n", b"")), max_size=8), SIZES)
def test_lines_are_whole_in_whatever_pieces(texts: list[bytes], sizes: list[int]) -> None:
    data = b"".join(text + b"\n" for text in texts)
    lines = Lines()
    fed = [lines.feed(piece) for piece in cut(data, sizes)]
    assert b"".join(fed) == data
    assert all(not part or part.endswith(b"\n") for part in fed)


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=50)), max_size=8), SIZES)
def test_frames_are_whole_in_whatever_pieces(sent: list[tuple[int, bytes]], sizes: list[int]) -> None:
    data = b"".join(frame(stream, payload) for stream, payload in sent)
    frames = Frames()
    got = [found for piece in cut(data, sizes) for found in frames.feed(piece)]
    assert got == [("stdout" if stream == 1 else "stderr", payload) for stream, payload in sent]


def test_a_garbled_frame_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer):
        Frames().feed(b"HTTP/1.1 500")


@given(SIZES)
def test_a_multiplexed_log(sizes: list[int]) -> None:
    data = frame(1, STAMP + b"out\n") + frame(2, STAMP + "grün\n".encode())
    parser = LogParser("c1")
    lines = [line for piece in cut(data, sizes) for line in parser.feed(piece)]
    assert lines == [LogLine(TIME, "stdout", "out", "c1"), LogLine(TIME, "stderr", "grün", "c1")]


@given(SIZES)
def test_a_log_of_a_terminal(sizes: list[int]) -> None:
    data = STAMP + b"one\r\n" + STAMP + b"two\r\n"
    parser = LogParser("c1")
    lines = [line for piece in cut(data, sizes) for line in parser.feed(piece)]
    assert lines == [LogLine(TIME, "stdout", "one", "c1"), LogLine(TIME, "stdout", "two", "c1")]


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    (line,) = LogParser().feed(frame(1, STAMP + b"a\xffb\n"))
    assert line.text == "a�b"


def test_a_line_in_several_frames_is_joined_and_keeps_its_first_time() -> None:
    later = b"2026-11-24T10:00:09.000000000Z "
    parser = LogParser()
    assert parser.feed(frame(1, STAMP + b"x" * 16384)) == []
    # a line of the other stream in between is not mixed in
    (other,) = parser.feed(frame(2, STAMP + b"err\n"))
    (line,) = parser.feed(frame(1, later + b"end\n"))
    assert other.text == "err"
    assert (line.text, line.time) == ("x" * 16384 + "end", TIME)


def test_a_long_line_of_a_terminal_loses_the_stamps_inside() -> None:
    parser = LogParser()
    (line,) = parser.feed(STAMP + b"x" * 16384 + STAMP + b"y" * 16384 + STAMP + b"end\r\n")
    assert line.text == "x" * 16384 + "y" * 16384 + "end"


def test_an_endless_line_comes_in_pieces() -> None:
    parser = LogParser()
    lines = [line for _ in range(200) for line in parser.feed(frame(1, STAMP + b"x" * 16384))]
    assert lines
    assert sum(len(line.text) for line in lines) > 1_000_000


@pytest.mark.parametrize("data", [frame(1, STAMP + b"no newline"), STAMP + b"no newline"])
def test_what_is_left_at_the_end_is_a_line(data: bytes) -> None:
    parser = LogParser()
    assert parser.feed(data) == []
    assert [line.text for line in parser.finish()] == ["no newline"]
    assert parser.finish() == []


def test_details_name_task_and_node() -> None:
    details = b"com.docker.swarm.node.id=n1,com.docker.swarm.service.id=s1,com.docker.swarm.task.id=t1,app=a%2Cb "
    data = frame(1, STAMP + details + b"hello world\n")
    assert LogParser(details=True).feed(data) == [LogLine(TIME, "stdout", "hello world", "t1", "n1")]
    (kept,) = LogParser(details=True, keep_details=True).feed(data)
    assert kept.text == "app=a,b hello world"


def test_a_line_without_a_stamp_has_no_time() -> None:
    (line,) = LogParser().feed(frame(1, b"error from daemon in stream\n"))
    assert (line.time, line.text) == (None, "error from daemon in stream")


def test_a_stamp_that_is_no_time_stays_text() -> None:
    (line,) = LogParser().feed(frame(1, b"2026-99-99T99:99:99Z x\n"))
    assert (line.time, line.text) == (None, "2026-99-99T99:99:99Z x")
