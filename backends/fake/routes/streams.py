"""Answers that go on: events, logs, stats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from backends.fake import logstream
from backends.fake.api import Api, route
from backends.fake.bus import Obj
from backends.fake.filters import Filters, event_matches
from backends.fake.http import Answer, Request, Stream, answer
from backends.fake.rows import encode
from backends.fake.stats import sample
from backends.fake.times import nano


@route("GET", "/events")
def events(api: Api, request: Request) -> Stream:
    """Events: those remembered since a time first, then new ones as they come."""
    now = api.world.now()
    given = request.filters()
    event_matches(given, {"Type": "", "Action": "", "scope": "", "Actor": {"ID": "", "Attributes": {}}})
    since = nano(request.query.get("since", ""), now)
    until = nano(request.query.get("until", ""), now)
    return Stream(_events(api, given, since, until))


async def _events(api: Api, given: Filters, since: int | None, until: int | None) -> AsyncIterator[bytes]:
    bus = api.host.bus
    subscription = bus.subscribe()
    try:
        past = bus.replay(since or 0) if since is not None or until is not None else []
        yield _lines(given, past, until)
        while until is None or until > api.world.now() * 1e9:
            wait = None if until is None else max(0.0, until / 1e9 - api.world.now())
            try:
                fresh = await asyncio.wait_for(subscription.take(), wait)
            except TimeoutError:
                return
            yield _lines(given, fresh, until)
    finally:
        bus.unsubscribe(subscription)


def _lines(given: Filters, found: list[Obj], until: int | None) -> bytes:
    return b"".join(
        encode(e) + b"\n" for e in found if event_matches(given, e) and (until is None or e["timeNano"] <= until)
    )


@route("GET", "/containers/{id}/logs")
def container_logs(api: Api, request: Request, ref: str) -> Stream:
    """The log of one container, in frames unless it has a terminal."""
    box = api.world.find_container(api.host, ref)
    return logstream.open_log(api, request, [logstream.Source(box)], tty=box["Config"]["Tty"])


@route("GET", "/services/{id}/logs")
def service_logs(api: Api, request: Request, ref: str) -> Stream:
    """The logs of all tasks of a service, as they come in."""
    api.need_manager()
    found = api.world.find("service", ref)
    tasks = api.world.tasks_of(found["ID"])
    return logstream.open_log(api, request, logstream.sources(api.world, tasks), tty=False)


@route("GET", "/tasks/{id}/logs")
def task_logs(api: Api, request: Request, ref: str) -> Stream:
    """The log of one task."""
    api.need_manager()
    found = api.world.find("task", ref)
    return logstream.open_log(api, request, logstream.sources(api.world, [found]), tty=False)


@route("GET", "/containers/{id}/stats")
def stats(api: Api, request: Request, ref: str) -> Stream | Answer:
    """What a container uses, once a second or once."""
    box = api.world.find_container(api.host, ref)
    if request.flag("stream", default=True):
        return Stream(_stats(api, box))
    return answer(sample(api.world, box, 0))


async def _stats(api: Api, box: Obj) -> AsyncIterator[bytes]:
    number = 0
    while box["Id"] in api.host.containers:
        yield encode(sample(api.world, box, number)) + b"\n"
        number += 1
        await asyncio.sleep(1.0)
