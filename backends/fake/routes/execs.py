"""Commands in containers: ``exec`` create, start (hijacked), resize, inspect."""

from __future__ import annotations

import asyncio

from backends.fake.api import Api, route
from backends.fake.bus import Obj
from backends.fake.execution import Execution, Pipe, run
from backends.fake.http import Answer, Hijack, Problem, Request, answer, head
from backends.fake.ids import hex_id


@route("POST", "/containers/{id}/exec")
def create(api: Api, request: Request, ref: str) -> Answer:
    """Notes what is to be run. Raises ``Problem`` 409 where the container does not run."""
    box = api.world.find_container(api.host, ref)
    _need_running(box)
    given = request.json()
    if not given.get("Cmd"):
        raise Problem(400, "No exec command specified")
    key = hex_id(f"exec/{box['Id']}/{api.world.next_index()}")
    size = given.get("ConsoleSize")
    execution = Execution(
        key,
        box["Id"],
        [str(word) for word in given["Cmd"]],
        tty=bool(given.get("Tty")),
        user=given.get("User") or "",
        workdir=given.get("WorkingDir") or "",
        env=list(given.get("Env") or ()),
        privileged=bool(given.get("Privileged")),
        stdin=bool(given.get("AttachStdin")),
        size=(size[1], size[0]) if size else (80, 24),
    )
    api.host.execs[key] = execution
    api.world.tell_container(api.host, box, f"exec_create: {' '.join(execution.argv)}", execID=key)
    return answer({"Id": key}, 201)


def _need_running(box: Obj) -> None:
    if box["State"]["Paused"]:
        raise Problem(409, f"container {box['Id']} is paused, unpause the container before exec")
    if not box["State"]["Running"]:
        raise Problem(409, f"container {box['Id']} is not running")


def _find(api: Api, ref: str) -> Execution:
    found = api.host.execs.get(ref)
    if not isinstance(found, Execution):
        raise Problem(404, f"No such exec instance: {ref}")
    return found


@route("POST", "/exec/{id}/start")
def start(api: Api, request: Request, ref: str) -> Hijack:
    """Runs it on the connection of the request, which both sides then use for raw bytes."""
    execution = _find(api, ref)
    given = request.json()
    box = api.world.find_container(api.host, execution.container_id)
    _need_running(box)
    if execution.exit_code is not None or execution.running:
        raise Problem(409, f"exec command {execution.id} has already run")
    if given.get("ConsoleSize"):
        execution.size = (given["ConsoleSize"][1], given["ConsoleSize"][0])
    upgrade = "upgrade" in request.headers.get("connection", "").lower()
    media = "raw-stream" if execution.tty else "multiplexed-stream"
    kind = {"Content-Type": f"application/vnd.docker.{media}"}
    answer_head = (
        head(101, {**kind, "Connection": "Upgrade", "Upgrade": "tcp"}).replace(b"Switching Protocols", b"UPGRADED")
        if upgrade
        else head(200, kind)
    )

    async def hijacked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pipe = Pipe(reader, writer, tty=execution.tty, head=answer_head)
        execution.running = True
        execution.pid = 60_000 + len(api.host.execs)
        what = " ".join(execution.argv)
        api.world.tell_container(api.host, box, f"exec_start: {what}", execID=execution.id)
        code = 137
        try:
            execution.task = asyncio.ensure_future(run(api, execution, box, pipe))
            code = await execution.task
        except asyncio.CancelledError:
            if execution.running:
                raise
            code = execution.exit_code or 137
        except ConnectionError:
            code = 129
        finally:
            execution.running = False
            execution.exit_code = code
            execution.pid = 0
            if box["Id"] in api.host.containers:
                api.world.tell_container(api.host, box, "exec_die", execID=execution.id, exitCode=str(code))

    return Hijack(hijacked)


@route("POST", "/exec/{id}/resize")
def resize(api: Api, request: Request, ref: str) -> Answer:
    """A new window size: ``?w=&h=``."""
    execution = _find(api, ref)
    if not execution.running:
        raise Problem(409, f"cannot resize a stopped exec: {execution.id}")
    width, height = request.query.get("w", ""), request.query.get("h", "")
    if not (width.isdigit() and height.isdigit()):
        raise Problem(400, "invalid resize: w and h must be numbers")
    execution.size = (int(width), int(height))
    return Answer(200)


@route("GET", "/exec/{id}/json")
def inspect(api: Api, request: Request, ref: str) -> Answer:
    """Whether it runs, and its exit code."""
    return answer(_find(api, ref).json())
