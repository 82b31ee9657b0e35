"""Blocking calls on daemon threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from backends.engine import pool as pools
from backends.engine.crew import Crew
from backends.engine.pool import CallPool
from backends.errors import Disconnected, TimedOut


@pytest.fixture
def pool() -> Iterator[CallPool]:
    made = CallPool(2, Crew("test", idle=0.05))
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


async def test_few_calls_run_at_once_and_on_daemons(pool: CallPool) -> None:
    running, most = set[int](), list[int]()

    def call(left: float) -> bool:
        running.add(threading.get_ident())
        most.append(len(running))
        threading.Event().wait(0.002)
        running.discard(threading.get_ident())
        return threading.current_thread().daemon

    assert all(await asyncio.gather(*(pool.run(call, 5, "x") for _ in range(20))))
    assert 1 <= max(most) <= 2


async def test_an_engine_that_hangs_keeps_no_other_waiting(gate: threading.Event) -> None:
    # GIVEN two engines on one crew, one of which answers nothing
    crew = Crew("shared", idle=0.05)
    dead, alive = CallPool(2, crew), CallPool(2, crew)
    hanging = [asyncio.create_task(dead.run(lambda left: gate.wait(), 30, "x")) for _ in range(8)]
    await asyncio.sleep(0)
    # THEN the other is asked as before
    assert await alive.run(lambda left: "here", 5, "y") == "here"
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


async def test_threads_end_when_there_is_nothing_to_do() -> None:
    crew = Crew("passing", idle=0.05)
    made = CallPool(4, crew)
    await asyncio.gather(*(made.run(lambda left: None, 5, "x") for _ in range(8)))
    async with asyncio.timeout(60):
        while any(thread.name.startswith("passing-") for thread in threading.enumerate()):
            await asyncio.sleep(0.01)
    assert await made.run(lambda left: "again", 5, "x") == "again"


async def test_a_closed_pool_refuses(pool: CallPool) -> None:
    pool.close()
    with pytest.raises(Disconnected):
        await pool.run(lambda left: None, 5, "x")
