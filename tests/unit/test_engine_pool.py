"""Blocking calls on daemon threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from backends.engine import pool as pools
from backends.engine.pool import CallPool
from backends.errors import Disconnected, TimedOut


@pytest.fixture
def pool() -> Iterator[CallPool]:
    made = CallPool(2, "test")
    yield made
    made.close()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Holds threads until the test is over."""
    event = threading.Event()
    yield event
    event.set()


async def test_a_result_comes_back(pool: CallPool) -> None:
    assert await pool.run(lambda left: left <= 5, 5, "x") is True


async def test_an_error_comes_back(pool: CallPool) -> None:
    def fail(left: float) -> None:
        raise Disconnected("gone")

    with pytest.raises(Disconnected, match="gone"):
        await pool.run(fail, 5, "x")


async def test_a_call_that_hangs_is_given_up(
    pool: CallPool, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "_GRACE", 0.0)
    with pytest.raises(TimedOut, match=r"did not answer GET /x within 0\.1 s"):
        await pool.run(lambda left: gate.wait(), 0.1, "GET /x")


async def test_a_call_that_waits_behind_hanging_ones_is_given_up_too(
    pool: CallPool, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "_GRACE", 0.0)
    hanging = [asyncio.create_task(pool.run(lambda left: gate.wait(), 30, "x")) for _ in range(2)]
    await asyncio.sleep(0)  # both are in the queue before the third
    with pytest.raises(TimedOut):
        await pool.run(lambda left: None, 0.1, "y")
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_a_cancelled_caller_leaves_at_once(pool: CallPool, gate: threading.Event) -> None:
    task = asyncio.create_task(pool.run(lambda left: gate.wait(), 30, "x"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_threads_are_few_and_daemons(pool: CallPool) -> None:
    await asyncio.gather(*(pool.run(lambda left: None, 5, "x") for _ in range(20)))
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("test-")]
    assert 1 <= len(threads) <= 2
    assert all(thread.daemon for thread in threads)


async def test_a_closed_pool_refuses(pool: CallPool) -> None:
    pool.close()
    with pytest.raises(Disconnected):
        await pool.run(lambda left: None, 5, "x")
