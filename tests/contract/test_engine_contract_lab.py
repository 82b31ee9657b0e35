"""What only real engines do: hang, restart, be a worker, write long lines."""

from __future__ import annotations

import asyncio

import pytest

from backends.api import LogOptions
from backends.engine.limits import Timeouts
from backends.errors import Disconnected, NotManager, TimedOut, Unreachable
from backends.model import Key, Kind
from tests.contract.conftest import connectable
from tests.contract.support import gather_events
from tests.lab.lab import Lab


@pytest.mark.lab
async def test_a_line_that_a_container_writes_arrives(lab: Lab) -> None:
    engine = connectable(str(lab.manager.socket))
    await engine.connect()
    try:
        name = lab.manager.docker("ps", "-q", "--no-trunc", "--filter", "name=localbox").strip()
        async with asyncio.timeout(90), engine.logs(Key(Kind.CONTAINER, name), LogOptions(tail=0)) as batches:
            lab.manager.docker("exec", name, "sh", "-c", "printf '%020000d\\n' 7 > /proc/1/fd/1")
            line = (await anext(batches)).lines[0]
        assert line.text == "7".rjust(20000, "0")
    finally:
        await engine.aclose()


@pytest.mark.lab
async def test_a_worker_says_that_it_is_no_manager(lab: Lab) -> None:
    engine = connectable(str(lab.engines[1].socket))
    await engine.connect()
    try:
        for kind in (Kind.NODE, Kind.SERVICE, Kind.TASK, Kind.SWARM):
            with pytest.raises(NotManager):
                await engine.list(kind)
        assert await engine.list(Kind.CONTAINER)
    finally:
        await engine.aclose()


@pytest.mark.lab
async def test_an_engine_that_hangs_is_timed_out_and_comes_back(lab: Lab) -> None:
    worker = lab.engines[2]
    engine = connectable(str(worker.socket), Timeouts(read=5.0, listing=5.0))
    await engine.connect()
    try:
        worker.stop_engine()
        try:
            with pytest.raises(TimedOut):
                await engine.info()
        finally:
            worker.cont_engine()
        async with asyncio.timeout(90):
            while True:
                try:
                    assert (await engine.info()).name == worker.name
                    break
                except TimedOut:
                    continue
    finally:
        await engine.aclose()


@pytest.mark.lab
async def test_a_restarted_engine_is_a_loss_and_can_be_connected_again(lab: Lab) -> None:
    worker = lab.engines[2]
    engine = connectable(str(worker.socket))
    await engine.connect()
    try:
        listening = asyncio.create_task(gather_events(engine, None, "never", asyncio.Event()))
        await engine.info()
        await asyncio.to_thread(worker.restart_engine)
        with pytest.raises(Disconnected):
            await listening
        async with asyncio.timeout(90):
            while True:
                try:
                    await engine.connect()
                    break
                except (Unreachable, Disconnected):
                    await asyncio.sleep(0.1)
        assert (await engine.info()).name == worker.name
    finally:
        await engine.aclose()
