"""What every engine must do for us: events and logs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from backends.api import Engine, LogLine, LogOptions
from backends.errors import NotFound
from backends.model import Key, Kind, Service, Task
from tests.contract.conftest import Target
from tests.contract.support import NOWHERE, gather_events, run


async def test_an_event_is_seen_after_its_action_and_again_by_replay(target: Target) -> None:
    container_id = await target.with_shell()
    # GIVEN a listener
    ready = asyncio.Event()
    listening = asyncio.create_task(gather_events(target.engine, None, "exec_start", ready))
    await ready.wait()
    # WHEN something happens
    await run(target.engine, container_id, "true")
    seen = await listening
    # THEN it is told, with its node
    event = next(e for e in seen if e.action.startswith("exec_start"))
    assert (event.type, event.id) == ("container", container_id)
    assert event.node_id == (await target.engine.info()).swarm.node_id
    # AND told again to whoever asks for what came since
    again = await gather_events(target.engine, event.time - 0.001, "exec_start", asyncio.Event())
    assert event.time_nano in {e.time_nano for e in again}


async def test_many_streams_at_once_end_with_their_contexts(target: Target) -> None:
    async with asyncio.timeout(60):
        for _ in range(3):
            readies = [asyncio.Event() for _ in range(8)]
            tasks = [asyncio.create_task(gather_events(target.engine, None, "never", ready)) for ready in readies]
            await asyncio.gather(*(ready.wait() for ready in readies))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        # and the engine answers as before
        await target.engine.info()


async def lines_of(engine: Engine, key: Key, options: LogOptions, enough: int = 10_000) -> list[LogLine]:
    lines: list[LogLine] = []
    async with asyncio.timeout(60), engine.logs(key, options) as batches:
        async for batch in batches:
            lines += batch.lines
            if len(lines) >= enough:
                break
    return lines


async def a_logging_service(target: Target) -> tuple[Service, Sequence[LogLine]]:
    for service in await target.engine.list(Kind.SERVICE):
        assert isinstance(service, Service)
        if service.running:
            lines = await lines_of(target.engine, service.key, LogOptions(follow=False, tail=20))
            if lines:
                return service, lines
    raise AssertionError("no service has a log")


async def test_a_service_log_names_task_and_node_of_each_line(target: Target) -> None:
    service, lines = await a_logging_service(target)
    tasks = [t for t in await target.engine.list(Kind.TASK) if isinstance(t, Task) and t.service_id == service.id]
    assert {line.source for line in lines} <= {task.id for task in tasks}
    assert {line.node_id for line in lines} <= {task.node_id for task in tasks}
    assert all(line.time is not None and "\n" not in line.text for line in lines)
    assert not any("com.docker.swarm" in line.text for line in lines)


async def test_a_task_log(target: Target) -> None:
    _, lines = await a_logging_service(target)
    key = Key(Kind.TASK, lines[0].source)
    found = await lines_of(target.engine, key, LogOptions(follow=False, tail=5))
    assert {line.source for line in found} == {key.id}


async def test_a_container_log_that_is_followed_stays_open(target: Target) -> None:
    _, lines = await a_logging_service(target)
    task = next(t for t in await target.engine.list(Kind.TASK) if isinstance(t, Task) and t.id == lines[0].source)
    local = [c for c in await target.running() if c.task_id == task.id] or await target.running()
    async with target.engine.logs(local[0].key, LogOptions(follow=True, tail=1)) as batches:
        reading = asyncio.ensure_future(anext(batches))
        done, _ = await asyncio.wait([reading], timeout=0.5)
        assert not done or reading.exception() is None
        reading.cancel()


async def test_the_log_of_nothing_is_not_found(target: Target) -> None:
    with pytest.raises(NotFound):
        await lines_of(target.engine, Key(Kind.CONTAINER, NOWHERE), LogOptions())
