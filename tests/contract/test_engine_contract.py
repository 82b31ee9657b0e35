"""What every engine must do for us, simulated or real."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

import pytest

from backends.api import Engine, ExecRequest, ExecSession, LogLine, LogOptions
from backends.engine.client import Timeouts
from backends.engine.exec import NoShell, find_shell
from backends.errors import ApiError, Disconnected, NotFound, NotManager, TimedOut, Unreachable
from backends.model import (
    Config,
    Container,
    Event,
    Image,
    Key,
    Kind,
    Network,
    Node,
    Secret,
    Service,
    Task,
    Value,
    Volume,
)
from tests.contract.conftest import Target, connectable
from tests.lab.lab import Lab

TYPES: dict[Kind, type[Value]] = {
    Kind.NODE: Node,
    Kind.SERVICE: Service,
    Kind.TASK: Task,
    Kind.CONTAINER: Container,
    Kind.NETWORK: Network,
    Kind.VOLUME: Volume,
    Kind.IMAGE: Image,
    Kind.CONFIG: Config,
    Kind.SECRET: Secret,
}
NOWHERE = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"


async def output(session: ExecSession) -> bytes:
    data = b""
    async with asyncio.timeout(30):
        while more := await session.read():
            data += more
    return data


async def run(engine: Engine, container_id: str, *command: str, tty: bool = False) -> tuple[int, bytes]:
    session = await engine.exec(container_id, ExecRequest(command, tty=tty, stdin=False))
    data = await output(session)
    code = await session.wait()
    await session.close()
    return code, data


async def gather_events(engine: Engine, since: float | None, action: str, ready: asyncio.Event) -> list[Event]:
    """All events until one whose action begins with ``action`` has come."""
    seen: list[Event] = []
    async with asyncio.timeout(30), engine.events(since) as batches:
        ready.set()
        async for batch in batches:
            seen += batch
            if any(event.action.startswith(action) for event in batch):
                return seen
    raise AssertionError("the stream ended")


# --- connection -----------------------------------------------------------------------------------------------


async def test_the_version_is_negotiated_and_connect_may_be_repeated(target: Target) -> None:
    assert re.fullmatch(r"1\.\d\d", target.engine.api_version)
    version = target.engine.api_version
    await target.engine.connect()
    assert target.engine.api_version == version


async def test_info_says_who_and_where(target: Target) -> None:
    info = await target.engine.info()
    assert info.name
    assert info.version
    assert info.api_version == target.engine.api_version
    assert info.swarm.state == "active"
    assert info.swarm.control_available
    assert info.swarm.node_id


async def test_the_swarm_is_known(target: Target) -> None:
    swarm = await target.engine.swarm()
    assert swarm.id
    assert swarm.default_pools


# --- lists and inspections ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPES)
async def test_each_kind_is_listed_and_can_be_inspected(target: Target, kind: Kind) -> None:
    found = await target.engine.list(kind)
    assert all(type(value) is TYPES[kind] for value in found)
    keys = {value.key for value in found}  # type: ignore[attr-defined]
    assert len(keys) == len(found)
    for key in sorted(keys)[:1]:
        whole = await target.engine.inspect(key)
        assert isinstance(whole, dict)
        name = whole.get("ID") or whole.get("Id") or whole.get("Name")
        assert key.id.endswith(str(name))


async def test_what_belongs_to_a_node_carries_it(target: Target) -> None:
    node_id = (await target.engine.info()).swarm.node_id
    containers = await target.running()
    assert containers
    assert {container.node_id for container in containers} == {node_id}


async def test_services_carry_their_counts(target: Target) -> None:
    services = [value for value in await target.engine.list(Kind.SERVICE) if isinstance(value, Service)]
    assert any(service.running for service in services)


async def test_filters_narrow_a_listing(target: Target) -> None:
    tasks = [value for value in await target.engine.list(Kind.TASK) if isinstance(value, Task)]
    service = tasks[0].service_id
    some = await target.engine.list(Kind.TASK, {"service": [service]})
    assert {value.id for value in some if isinstance(value, Task)} == {
        task.id for task in tasks if task.service_id == service
    }


async def test_a_network_is_inspected_with_its_endpoints(target: Target) -> None:
    wanted = next(c for c in await target.running() if any(a.network_id for a in c.networks))
    attachment = next(a for a in wanted.networks if a.network_id)
    network = await target.engine.network(attachment.network_id)
    assert network.inspected
    assert wanted.id in {endpoint.container_id for endpoint in network.endpoints}


async def test_a_service_is_inspected_without_inserted_defaults(target: Target) -> None:
    service = (await target.engine.list(Kind.SERVICE))[0]
    assert isinstance(service, Service)
    whole = await target.engine.inspect(service.key)
    assert isinstance(whole, dict)
    assert isinstance(whole["Spec"], dict)
    assert "RollbackConfig" not in whole["Spec"] or service.rollback_config is not None


@pytest.mark.parametrize("kind", [Kind.NODE, Kind.SERVICE, Kind.TASK, Kind.CONTAINER, Kind.NETWORK, Kind.VOLUME])
async def test_what_is_not_there_is_not_found(target: Target, kind: Kind) -> None:
    with pytest.raises(NotFound) as caught:
        await target.engine.inspect(Key(kind, NOWHERE))
    assert caught.value.status == 404
    assert caught.value.original


async def test_a_path_that_no_engine_has(target: Target) -> None:
    with pytest.raises(ApiError):
        await target.engine.call("GET", "/nothing/here")


# --- events ---------------------------------------------------------------------------------------------------


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
    async with asyncio.timeout(30):
        for _ in range(3):
            readies = [asyncio.Event() for _ in range(8)]
            tasks = [asyncio.create_task(gather_events(target.engine, None, "never", ready)) for ready in readies]
            await asyncio.gather(*(ready.wait() for ready in readies))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        # and the engine answers as before
        await target.engine.info()


# --- logs -----------------------------------------------------------------------------------------------------


async def lines_of(engine: Engine, key: Key, options: LogOptions, enough: int = 10_000) -> list[LogLine]:
    lines: list[LogLine] = []
    async with asyncio.timeout(30), engine.logs(key, options) as batches:
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


# --- exec -----------------------------------------------------------------------------------------------------


async def test_output_and_exit_code(target: Target) -> None:
    container_id = await target.with_shell()
    shell = await find_shell(target.engine, container_id)
    code, data = await run(target.engine, container_id, shell, "-c", "echo hello; exit 7")
    assert (code, data.strip()) == (7, b"hello")


async def test_the_first_bytes_are_never_lost(target: Target) -> None:
    container_id = await target.with_shell()
    shell = await find_shell(target.engine, container_id)
    for _ in range(10):
        session = await target.engine.exec(container_id, ExecRequest((shell, "-c", "echo READY; sleep 5"), tty=True))
        data = b""
        async with asyncio.timeout(20):
            while b"READY" not in data:
                more = await session.read()
                assert more
                data += more
        assert data.lstrip().startswith(b"READY")
        await session.close()


async def test_a_shell_answers_what_is_typed(target: Target) -> None:
    session = await target.engine.exec(await target.with_shell(), ExecRequest(size=(101, 33)))
    await session.write(b"echo $((40+2))-answer\n")
    data = b""
    async with asyncio.timeout(30):
        while b"42-answer" not in data:
            data += await session.read()
    await session.write(b"exit 3\n")
    await output(session)
    assert await session.wait() == 3
    await session.close()


async def test_the_window_size_follows(target: Target) -> None:
    session = await target.engine.exec(await target.with_shell(), ExecRequest(size=(101, 33)))
    data = b""
    async with asyncio.timeout(30):
        await session.write(b"stty size\n")
        while b"33 101" not in data:
            data += await session.read()
        await session.resize(77, 22)
        await session.write(b"stty size\n")
        while b"22 77" not in data:
            data += await session.read()
    await session.close()


async def test_input_can_be_closed_alone(target: Target) -> None:
    session = await target.engine.exec(await target.with_shell(), ExecRequest(("cat",), tty=False))
    await session.write(b"through and back")
    await session.write_eof()
    assert await output(session) == b"through and back"
    assert await session.wait() == 0
    await session.close()


async def test_no_shell_is_said_in_words(target: Target) -> None:
    with pytest.raises(NoShell):
        await target.engine.exec(await target.without_shell(), ExecRequest())


async def test_exec_in_nothing_is_not_found(target: Target) -> None:
    with pytest.raises(NotFound):
        await target.engine.exec(NOWHERE, ExecRequest(("true",)))


# --- only real engines do this --------------------------------------------------------------------------------


@pytest.mark.lab
async def test_a_line_that_a_container_writes_arrives(lab: Lab) -> None:
    engine = connectable(str(lab.manager.socket))
    await engine.connect()
    try:
        name = lab.manager.docker("ps", "-q", "--no-trunc", "--filter", "name=localbox").strip()
        async with asyncio.timeout(30), engine.logs(Key(Kind.CONTAINER, name), LogOptions(tail=0)) as batches:
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
    engine = connectable(str(worker.socket), Timeouts(read=1.0, listing=1.0))
    await engine.connect()
    try:
        worker.stop_engine()
        try:
            with pytest.raises(TimedOut):
                await engine.info()
        finally:
            worker.cont_engine()
        async with asyncio.timeout(30):
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
        async with asyncio.timeout(30):
            while True:
                try:
                    await engine.connect()
                    break
                except (Unreachable, Disconnected):
                    await asyncio.sleep(0.1)
        assert (await engine.info()).name == worker.name
    finally:
        await engine.aclose()
