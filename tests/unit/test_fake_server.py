"""The simulated engine over its real socket: listings, streams, exec, changes, faults, counters."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from backends.fake import FakeServer, ThreadedFakeServer
from backends.fake.clock import DESIGN_MOMENT
from backends.fake.scenario import SCENARIOS
from backends.wire import decode

LIMIT = 60.0


class Client:
    """As much of an HTTP client as these tests need; every wait has an end."""

    def __init__(self, path: str) -> None:
        self.path = path

    async def open(
        self, method: str, target: str, body: object = None, **headers: str
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_unix_connection(self.path, limit=1 << 26)
        data = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {target} HTTP/1.1", "Host: d", f"Content-Length: {len(data)}"]
        lines += [f"{k}: {v}" for k, v in headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
        return reader, writer

    async def head(self, reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
        text = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LIMIT)).decode()
        first, *rest = text.split("\r\n")
        pairs = (line.partition(": ") for line in rest if line)
        return int(first.split(" ")[1]), {k.lower(): v for k, _, v in pairs}

    async def raw(self, method: str, target: str, body: object = None) -> tuple[int, dict[str, str], bytes]:
        reader, writer = await self.open(method, target, body, Connection="close")
        try:
            status, headers = await self.head(reader)
            return status, headers, await asyncio.wait_for(reader.read(), LIMIT)
        finally:
            writer.close()

    async def get(self, target: str) -> Any:
        status, _, body = await self.raw("GET", target)
        assert status == 200, body
        return json.loads(body)

    async def post(self, target: str, body: object = None) -> tuple[int, Any]:
        status, _, data = await self.raw("POST", target, body)
        return status, json.loads(data) if data.strip() else None

    @contextlib.asynccontextmanager
    async def events(self, query: str = "") -> AsyncIterator[Callable[[], Any]]:
        reader, writer = await self.open("GET", f"/events{query}")
        await self.head(reader)
        pending: list[Any] = []

        async def take() -> Any:
            while not pending:
                size = int(await asyncio.wait_for(reader.readline(), LIMIT), 16)
                data = await reader.readexactly(size + 2)
                pending.extend(json.loads(line) for line in data.splitlines() if line)
            return pending.pop(0)

        try:
            yield take
        finally:
            writer.close()


async def until(condition: Callable[[], Any]) -> None:
    """Polls until ``condition()`` holds; fails after a while."""
    async with asyncio.timeout(LIMIT):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def demo() -> AsyncIterator[FakeServer]:
    async with FakeServer("quiet") as server:
        yield server


@pytest.fixture
def client(demo: FakeServer) -> Client:
    return Client(demo.socket_path)


# -- scenarios ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SCENARIOS)
async def test_every_scenario_is_understood_by_the_wire(name: str) -> None:
    # GIVEN any scenario
    async with FakeServer(name, count=30) as server:
        client = Client(server.socket_path)
        # WHEN all that one engine can tell is read
        _, _, info = await client.raw("GET", "/info")
        _, _, version = await client.raw("GET", "/version")
        engine = decode.engine_info(info, version)
        _, _, containers = await client.raw("GET", "/containers/json?all=true")
        _, _, networks = await client.raw("GET", "/networks")
        # THEN the wire finds as many objects as there are
        host = server.api.host
        assert engine.containers == len(decode.containers(containers, "n", server.world.now()))
        assert len(decode.networks(networks, "n")) >= len(host.networks)
        if engine.swarm.control_available and not engine.swarm.error:
            for path, function, table in (
                ("/nodes", decode.nodes, server.world.nodes),
                ("/services?status=true", decode.services, server.world.services),
                ("/tasks", decode.tasks, {k for k, t in server.world.tasks.items() if t.get("ServiceID")}),
                ("/configs", decode.configs, server.world.configs),
                ("/secrets", decode.secrets, server.world.secrets),
            ):
                _, _, body = await client.raw("GET", path)
                assert {o.id for o in function(body)} == set(table), path
            _, _, body = await client.raw("GET", "/swarm")
            expires = decode.swarm(body).ca_expires
            assert expires is not None
            assert expires > server.world.now()


async def test_the_demo_is_the_swarm_of_the_design(demo: FakeServer, client: Client) -> None:
    # GIVEN the demo at 14:32:07
    assert int(demo.world.now()) == int(DESIGN_MOMENT)
    # WHEN its services and nodes are listed
    _, _, body = await client.raw("GET", "/services?status=true")
    services = {s.name: s for s in decode.services(body)}
    nodes = {n.name: n for n in decode.nodes((await client.raw("GET", "/nodes"))[2])}
    # THEN they are those on its screens
    assert len(services) == 14
    assert {s.stack for s in services.values()} == {"", "edge", "observe", "shop"}
    counts = {name: (s.running, s.desired) for name, s in services.items()}
    assert counts["shop_worker"] == (1, 4)
    assert counts["observe_loki"] == (0, 1)
    assert counts["shop_api"] == (8, 8)
    assert counts["observe_node-exporter"] == (6, 6)
    assert services["shop_api"].update is not None
    assert services["shop_api"].update.state == "updating"
    assert services["backup-nightly"].is_job
    assert services["backup-nightly"].completed == 1
    assert (len(nodes), nodes["worker-5"].state, nodes["worker-4"].availability) == (8, "down", "drain")
    assert nodes["manager-1"].is_leader
    assert len(demo.world.taken(_network(demo, "observe_metrics"))) == 27
    assert len(demo.world.taken(_network(demo, "myoverlaynetwork"))) == 9


def _network(server: FakeServer, name: str) -> str:
    return next(key for key, n in server.world.networks.items() if n["Name"] == name)


async def test_several_engines_of_one_swarm_share_a_world(demo: FakeServer) -> None:
    # GIVEN a second server for worker-1 of the same scene
    async with FakeServer(demo.scene, node="worker-1") as worker:
        client = Client(worker.socket_path)
        # WHEN it is asked
        names = [c["Names"][0] for c in await client.get("/containers/json")]
        status, _, body = await client.raw("GET", "/services")
        # THEN it tells its own containers, and nothing of the Swarm
        assert any(name.startswith("/mysql.1.") for name in names)
        assert status == 503
        assert b"This node is not a swarm manager. Worker nodes" in body


# -- HTTP --------------------------------------------------------------------------------------------------


async def test_ping_tells_the_api_version_and_a_newer_client_is_refused(demo: FakeServer, client: Client) -> None:
    status, headers, body = await client.raw("GET", "/_ping")
    assert (status, headers["api-version"], body) == (200, "1.51", b"OK")
    status, _, body = await client.raw("GET", "/v1.99/info")
    assert status == 400
    assert b"client version 1.99 is too new. Maximum supported API version is 1.51" in body


async def test_the_highest_api_version_can_be_chosen() -> None:
    async with FakeServer("plain", api="1.41") as server:
        _, headers, _ = await Client(server.socket_path).raw("GET", "/_ping")
        assert headers["api-version"] == "1.41"


async def test_one_connection_takes_many_requests(client: Client) -> None:
    reader, writer = await client.open("GET", "/_ping")
    for _ in range(3):
        _, headers = await client.head(reader)
        assert await reader.readexactly(int(headers["content-length"])) == b"OK"
        writer.write(b"GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n")
    writer.close()


@pytest.mark.parametrize(
    ("target", "status", "words"),
    [
        ("/containers/nosuch/json", 404, "No such container: nosuch"),
        ("/tasks?filters=" + quote('{"service":["nosuch"]}'), 404, "service nosuch not found"),
        ("/services/nosuch", 404, "service nosuch not found"),
        ("/networks/nosuch", 404, "network nosuch not found"),
        ("/exec/nosuch/json", 404, "No such exec instance: nosuch"),
        ("/services?filters=" + quote('{"bogus":["x"]}'), 400, "invalid filter 'bogus'"),
        ("/nowhere", 404, "page not found"),
    ],
)
async def test_errors_have_the_engines_words(client: Client, target: str, status: int, words: str) -> None:
    got, _, body = await client.raw("GET", target)
    assert (got, json.loads(body)["message"]) == (status, words)


async def test_filters_narrow_listings(client: Client) -> None:
    async def listed(path: str, **filters: list[str]) -> list[Any]:
        found: list[Any] = await client.get(f"{path}?all=1&filters={quote(json.dumps(filters))}")
        return found

    assert [s["Spec"]["Name"] for s in await listed("/services", name=["mysql"])] == ["mysql"]
    assert len(await listed("/services", label=["com.docker.stack.namespace=shop"])) == 5
    assert {t["Slot"] for t in await listed("/tasks", service=["webapp1"])} == {1, 2, 3}
    assert {t["DesiredState"] for t in await listed("/tasks", **{"desired-state": ["ready"]})} == {"ready"}
    assert {c["State"] for c in await listed("/containers/json", status=["exited"])} == {"exited"}
    assert [n["Name"] for n in await listed("/networks", driver=["macvlan"])] == ["vlan120"]
    # containers attached by hand have tasks too, but only for those who ask
    assert len(await listed("/tasks", runtime=["attachment"])) == 7
    assert all(t["ServiceID"] for t in await listed("/tasks"))


async def test_a_network_tells_endpoints_peers_and_services(demo: FakeServer, client: Client) -> None:
    _, _, body = await client.raw("GET", "/networks/myoverlaynetwork?verbose=true")
    network = decode.network(body, "me")
    assert {e.name.split(".")[0] for e in network.endpoints} == {"webapp1", "lb-myoverlaynetwork"}
    assert [p.name.rsplit("-", 1)[0] for p in network.peers] == ["manager-1", "worker-1", "worker-2"]
    assert set(json.loads(body)["Services"]) == {"webapp1", "mysql"}


# -- events ------------------------------------------------------------------------------------------------


async def test_events_come_as_they_happen_and_are_replayed_since(demo: FakeServer, client: Client) -> None:
    box = next(iter(demo.api.host.containers.values()))
    async with client.events("?filters=" + quote('{"type":["container"]}')) as take:
        demo.world.tell_container(demo.api.host, box, "start")
        first = await take()
        demo.world.tell_container(demo.api.host, box, "die", exitCode="1")
        second = await take()
    assert [first["Action"], second["Action"]] == ["start", "die"]
    assert second["timeNano"] > first["timeNano"]
    since = f"{second['timeNano'] // 10**9}.{second['timeNano'] % 10**9:09d}"
    async with client.events(f"?since={since}") as take:
        assert await take() == second


async def test_a_restart_drops_streams_and_keeps_events_for_replay(demo: FakeServer, client: Client) -> None:
    box = next(iter(demo.api.host.containers.values()))
    reader, writer = await client.open("GET", "/events")
    await client.head(reader)
    await demo.restart()
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), LIMIT) == b""
    writer.close()
    before = demo.world.now() - 1
    demo.world.tell_container(demo.api.host, box, "start")
    async with client.events(f"?since={before}") as take:
        events = [await take()]
        while events[-1]["Action"] != "start":
            events.append(await take())
    assert events[-1]["Actor"]["ID"] == box["Id"]


async def test_while_it_is_down_connecting_is_refused(demo: FakeServer) -> None:
    await demo.hang_up()
    with pytest.raises(OSError, match=r"No such file|refused"):
        await asyncio.open_unix_connection(demo.socket_path)
    await demo.listen()
    assert (await Client(demo.socket_path).raw("GET", "/_ping"))[0] == 200


async def test_events_end_at_until(demo: FakeServer, client: Client) -> None:
    _, _, body = await client.raw("GET", f"/events?since=0.5&until={demo.world.now()}")
    assert b'"Action":"update"' in body
    assert body.endswith(b"0\r\n\r\n")


async def test_the_replay_ring_holds_256(demo: FakeServer) -> None:
    box = next(iter(demo.api.host.containers.values()))
    for _ in range(300):
        demo.world.tell_container(demo.api.host, box, "start")
    assert len(demo.api.host.bus.ring) == 256


# -- logs and stats ----------------------------------------------------------------------------------------


def frames(data: bytes) -> list[tuple[int, bytes]]:
    """Multiplexed frames as (stream, text)."""
    found = []
    while data:
        stream, size = struct.unpack(">BxxxL", data[:8])
        found.append((stream, data[8 : 8 + size]))
        data = data[8 + size :]
    return found


def unchunked(data: bytes) -> bytes:
    """The body of a chunked answer."""
    out = b""
    while data:
        size, _, rest = data.partition(b"\r\n")
        out += rest[: int(size, 16)]
        data = rest[int(size, 16) + 2 :]
    return out


def _box(server: FakeServer, name: str) -> str:
    return next(k for k, c in server.api.host.containers.items() if c["Name"].startswith(f"/{name}"))


async def test_logs_are_framed_with_timestamps_and_only_the_tail(demo: FakeServer, client: Client) -> None:
    key = _box(demo, "webapp1")
    target = f"/containers/{key}/logs?stdout=1&stderr=1&timestamps=1&tail=5"
    found = frames(unchunked((await client.raw("GET", target))[2]))
    assert len(found) == 5
    assert all(text.startswith(b"2026-11-24T14:3") and text.endswith(b"\n") for _, text in found)
    assert found == frames(unchunked((await client.raw("GET", target))[2]))


async def test_service_logs_name_the_task_in_their_details(demo: FakeServer, client: Client) -> None:
    target = "/services/webapp1/logs?stdout=1&stderr=1&details=1&tail=3"
    found = frames(unchunked((await client.raw("GET", target))[2]))
    tasks = {text.split(b" ")[0].rpartition(b"task.id=")[2].decode() for _, text in found}
    assert len(tasks) == 3
    assert tasks <= set(demo.world.tasks)


async def test_logs_of_neither_stream_are_refused(demo: FakeServer, client: Client) -> None:
    status, _, body = await client.raw("GET", f"/containers/{_box(demo, 'webapp1')}/logs")
    assert status == 400
    assert b"you must choose at least one stream" in body


async def test_followed_logs_flood_on_order(demo: FakeServer, client: Client) -> None:
    demo.api.flood.rate = 20_000
    reader, writer = await client.open("GET", f"/containers/{_box(demo, 'webapp1')}/logs?stdout=1&follow=1&tail=0")
    await client.head(reader)
    size = 0
    async with asyncio.timeout(LIMIT):
        while size < 200_000:
            size += len(await reader.read(1 << 16))
    writer.close()


async def test_stats_and_processes(demo: FakeServer, client: Client) -> None:
    key = _box(demo, "webapp1")
    sample = await client.get(f"/containers/{key}/stats?stream=0")
    assert sample["memory_stats"]["limit"] == 256 << 20
    top = await client.get(f"/containers/{key}/top")
    assert top["Processes"][0][-1] == "apache2-foreground"


# -- exec --------------------------------------------------------------------------------------------------


async def start_exec(client: Client, key: str, *command: str, tty: bool = True) -> Any:
    """Creates and starts an exec; returns its id, reader, writer and the first segment."""
    status, made = await client.post(
        f"/containers/{key}/exec", {"Cmd": list(command), "Tty": tty, "AttachStdin": True, "AttachStdout": True}
    )
    assert status == 201
    reader, writer = await client.open(
        "POST", f"/exec/{made['Id']}/start", {"Tty": tty}, Connection="Upgrade", Upgrade="tcp"
    )
    return made["Id"], reader, writer


async def test_a_shell_prompts_echoes_and_ends_with_its_code(demo: FakeServer, client: Client) -> None:
    key, reader, writer = await start_exec(client, _box(demo, "webapp1"), "bash")
    # headers and the first output come in one piece: a client that reads only the headers loses the prompt
    first = await asyncio.wait_for(reader.read(65536), LIMIT)
    assert first.startswith(b"HTTP/1.1 101 UPGRADED\r\n")
    assert first.endswith(b":/var/www/html# ")
    writer.write(b"echo one  two\r")
    got = b""
    async with asyncio.timeout(LIMIT):
        while b"one two\r\n" not in got:
            got += await reader.read(65536)
    assert got.startswith(b"echo one  two\r\n")
    status, _ = await client.post(f"/exec/{key}/resize?w=100&h=30")
    assert status == 200
    writer.write(b"stty size; exit 3\r")
    rest = await asyncio.wait_for(reader.read(), LIMIT)
    assert b"30 100\r\n" in rest
    await until(lambda: demo.api.host.execs[key].exit_code is not None)
    assert (await client.get(f"/exec/{key}/json"))["ExitCode"] == 3
    writer.close()


async def test_an_image_without_a_shell_says_so_as_the_runtime_does(demo: FakeServer, client: Client) -> None:
    key, reader, writer = await start_exec(client, _box(demo, "edge_whoami"), "bash")
    text = await asyncio.wait_for(reader.read(), LIMIT)
    assert text.endswith(
        b"OCI runtime exec failed: exec failed: unable to start container process: "
        b'exec: "bash": executable file not found in $PATH: unknown\r\n'
    )
    await until(lambda: demo.api.host.execs[key].exit_code is not None)
    assert (await client.get(f"/exec/{key}/json"))["ExitCode"] == 127
    writer.close()


async def test_without_a_terminal_output_is_framed(demo: FakeServer, client: Client) -> None:
    _, reader, writer = await start_exec(
        client, _box(demo, "webapp1"), "sh", "-c", "echo $HOSTNAME; cat /etc/hostname", tty=False
    )
    await client.head(reader)
    text = b"".join(part for _, part in frames(await asyncio.wait_for(reader.read(), LIMIT)))
    first, second = text.split()
    assert first == second
    writer.close()


async def test_exec_in_a_stopped_container_is_refused(demo: FakeServer, client: Client) -> None:
    status, body = await client.post(f"/containers/{_box(demo, 'old-migrate')}/exec", {"Cmd": ["sh"]})
    assert status == 409
    assert body["message"].endswith("is not running")


async def test_a_killed_container_ends_its_execs(demo: FakeServer, client: Client) -> None:
    key, reader, writer = await start_exec(client, _box(demo, "toolbox"), "sh")
    await asyncio.wait_for(reader.read(1), LIMIT)
    status, _ = await client.post("/containers/toolbox/kill")
    assert status == 204
    await asyncio.wait_for(reader.read(), LIMIT)
    assert demo.api.host.execs[key].exit_code == 137
    writer.close()


# -- changes -----------------------------------------------------------------------------------------------


async def test_a_stale_version_is_out_of_sequence(client: Client) -> None:
    service = await client.get("/services/webapp1")
    status, body = await client.post(f"/services/{service['ID']}/update?version=1", service["Spec"])
    assert (status, body["message"]) == (500, "rpc error: code = Unknown desc = update out of sequence")


async def test_scaling_starts_tasks_and_containers(demo: FakeServer, client: Client) -> None:
    service = await client.get("/services/webapp1")
    service["Spec"]["Mode"]["Replicated"]["Replicas"] = 5
    status, _ = await client.post(
        f"/services/{service['ID']}/update?version={service['Version']['Index']}", service["Spec"]
    )
    assert status == 200
    demo.world.agenda.advance(10.0)
    [told] = decode.services(
        (await client.raw("GET", "/services?status=1&filters=" + quote('{"name":["webapp1"]}')))[2]
    )
    assert (told.running, told.desired) == (5, 5)


async def test_a_container_is_stopped_started_and_removed(demo: FakeServer, client: Client) -> None:
    assert (await client.post("/containers/toolbox/stop"))[0] == 204
    assert (await client.post("/containers/toolbox/stop"))[0] == 304
    assert (await client.post("/containers/toolbox/start"))[0] == 204
    status, _, body = await client.raw("DELETE", "/containers/toolbox")
    assert status == 409
    assert b"container is running" in body
    assert (await client.raw("DELETE", "/containers/toolbox?force=1"))[0] == 204
    assert (await client.raw("GET", "/containers/toolbox/json"))[0] == 404


async def test_networks_are_made_joined_left_and_removed(client: Client) -> None:
    status, made = await client.post("/networks/create", {"Name": "n1", "Driver": "overlay", "Attachable": True})
    assert status == 201
    assert (await client.post("/networks/n1/connect", {"Container": "toolbox"}))[0] == 200
    box = await client.get("/containers/toolbox/json")
    assert box["NetworkSettings"]["Networks"]["n1"]["NetworkID"] == made["Id"]
    assert (await client.raw("DELETE", "/networks/n1"))[0] == 403
    assert (await client.post("/networks/n1/disconnect", {"Container": "toolbox"}))[0] == 200
    assert (await client.raw("DELETE", "/networks/n1"))[0] == 204


async def test_a_network_that_is_not_attachable_says_so(client: Client) -> None:
    status, body = await client.post("/networks/shop_backend/connect", {"Container": "toolbox"})
    assert status == 403
    assert body["message"].startswith("Could not attach to network shop_backend: rpc error: code = PermissionDenied")


async def test_a_swarm_begins_and_ends_on_a_plain_engine() -> None:
    async with FakeServer("plain") as server:
        client = Client(server.socket_path)
        assert (await client.raw("GET", "/nodes"))[0] == 503
        assert (await client.post("/swarm/init", {"ListenAddr": "0.0.0.0:2377"}))[0] == 200
        assert [n["Description"]["Hostname"] for n in await client.get("/nodes")] == ["box"]
        assert (await client.post("/swarm/leave"))[0] == 503
        assert (await client.post("/swarm/leave?force=1"))[0] == 200
        assert (await client.get("/info"))["Swarm"]["LocalNodeState"] == "inactive"


# -- faults and counters -----------------------------------------------------------------------------------


async def test_faults(demo: FakeServer, client: Client) -> None:
    demo.faults.set("/info", "error", times=1)
    assert (await client.raw("GET", "/info"))[0] == 500
    assert (await client.raw("GET", "/info"))[0] == 200
    demo.faults.set("/info", "malformed")
    with pytest.raises(ValueError, match="Expecting"):
        await client.get("/info")
    demo.faults.set("/info", "refuse")
    with pytest.raises(asyncio.IncompleteReadError):
        await client.raw("GET", "/info")
    demo.faults.set("/containers/json", "cut")
    _, headers, body = await client.raw("GET", "/containers/json")
    assert 0 < len(body) < int(headers["content-length"])
    demo.faults.clear()
    assert (await client.raw("GET", "/info"))[0] == 200


async def test_a_hanging_path_hangs_until_it_is_cleared(demo: FakeServer, client: Client) -> None:
    demo.faults.set("/nodes", "hang")
    waiting = asyncio.create_task(client.raw("GET", "/nodes"))
    await until(lambda: demo.counters.requests.get("/nodes"))
    assert (await client.raw("GET", "/_ping"))[0] == 200
    assert not waiting.done()
    demo.faults.clear()
    with pytest.raises(asyncio.IncompleteReadError):
        await waiting


async def test_requests_and_bytes_are_counted_by_path(demo: FakeServer, client: Client) -> None:
    _, _, body = await client.raw("GET", "/v1.41/services?status=true")
    await client.raw("GET", "/containers/toolbox/json")
    assert demo.counters.requests == {"/services": 1, "/containers/{id}/json": 1}
    assert demo.counters.bytes["/services"] == len(body)
    assert demo.counters.total == 2


async def test_synthetic_events_come_at_a_rate_and_carry_the_state() -> None:
    async with FakeServer("synthetic", count=40, rate=2000.0) as server:
        client = Client(server.socket_path)
        assert len(await client.get("/containers/json?all=1")) == 40
        assert len(await client.get("/services")) == 4
        kinds: set[tuple[str, str]] = set()
        async with client.events() as take, asyncio.timeout(LIMIT):
            while len(kinds) < 4:
                event = await take()
                kinds.add((event["Type"], event["Action"].partition(":")[0]))


async def test_it_runs_as_a_process_and_is_steered_from_outside(tmp_path: Path) -> None:
    # GIVEN the simulation as a process, which prints its socket once it listens
    path = str(tmp_path / "engine.sock")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "backends.fake", "--socket", path, "--scenario", "synthetic", "-n", "20"),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout is not None
        assert (await asyncio.wait_for(process.stdout.readline(), LIMIT)).decode().strip() == path
        client = Client(path)
        # WHEN it is asked, told to count anew, and a container is flipped
        rows = await client.get("/containers/json?all=1")
        await client.post("/_fake/reset")
        status, told = await client.post(f"/_fake/flip?container={rows[0]['Id']}")
        rows = await client.get("/containers/json?all=1")
        # THEN the container has changed, and only requests since then are counted
        assert (status, told["State"], rows[0]["State"]) == (200, "exited", "exited")
        assert (await client.get("/_fake/counters"))["requests"] == {"/containers/json": 1}
    finally:
        process.terminate()
        assert await asyncio.wait_for(process.wait(), LIMIT) == 0


def test_a_server_in_a_thread_is_reached_and_changed_from_outside() -> None:
    # GIVEN a server in a thread
    with ThreadedFakeServer("quiet") as server:
        # WHEN its world is changed through it
        name = server.call(lambda s: s.world.hosts["manager-1"].name)
        status, _, _ = asyncio.run(Client(server.socket_path).raw("GET", "/_ping"))
        # THEN both sides see it
        assert (name, status) == ("manager-1", 200)
