"""The app on a cluster that a test holds in its hands: no engine, no network, no real time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import Any, cast

from backends.api import Budget, Engine, ExecRequest, ExecSession, Interest, Json, LogOptions, Nodes
from backends.errors import Unreachable
from backends.fake.demo_routes import DemoRoutes
from backends.model import Changes, Event, Key, Kind, Link, LinkState, Snapshot
from backends.routes import RouteSource
from tests.unit.actions_support import swarm
from tui.actions.history import CommandHistory
from tui.actions.keymap import Keymap
from tui.actions.registry import actions_for
from tui.app import DnetApp, Look
from tui.frame.session import ContextRow, Session
from tui.look.tokens import Choice, detect
from tui.places import Place
from tui.tables.registry import TABLES

NOW = 1_700_000_000.0


@dataclass
class FakeLog:
    """Events as they were added."""

    kept: list[Event] = field(default_factory=list)

    @property
    def total(self) -> int:
        return len(self.kept)

    def tail(self, count: int) -> Sequence[Event]:
        return self.kept[-count:] if count else ()

    def after(self, total: int) -> Sequence[Event]:
        return self.kept[total:]


class NoEngine:
    """Answers nothing: what is not in the snapshot cannot be had."""

    endpoint = "nowhere"
    api_version = "1.41"

    async def list(self, *_: object, **__: object) -> object:
        raise Unreachable("There is no engine in this test.")

    info = call = list


class FakeCluster:
    """Implements ``Cluster`` with a snapshot that the test replaces."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.events = FakeLog()
        self.budget = Budget()
        self.nodes: Nodes | None = None
        self.routes: RouteSource = DemoRoutes(self)
        self.engine = cast(Engine, NoEngine())
        """Nothing may be sent to it."""
        self.watched: list[Interest] = []
        self.started = self.closed = False
        self.retries = self.refreshes = 0
        self._listeners: list[Callable[[Changes], None]] = []

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def change(self, snapshot: Snapshot, changes: Changes) -> None:
        """A new state arrives."""
        self.snapshot = snapshot
        for listener in list(self._listeners):
            listener(changes)

    def link(self, **fields: Any) -> None:
        """The link to the engine changes."""
        link = Link(**{**_fields(self.snapshot.link), **fields})
        self.change(replace(self.snapshot, link=link), Changes(links=True))

    def happen(self, event: Event) -> None:
        """An event arrives."""
        self.events.kept.append(event)
        self.change(self.snapshot, Changes(events=1))

    def watch(self, interest: Interest) -> None:
        self.watched.append(interest)

    async def start(self) -> None:
        self.started = True

    def retry(self) -> None:
        self.retries += 1

    def refresh(self) -> None:
        self.refreshes += 1

    async def inspect(self, key: Key) -> Json:
        return {"ID": key.id}

    def logs(self, key: Key, options: LogOptions) -> AbstractAsyncContextManager[Any]:
        raise NotImplementedError

    def stats(self, key: Key) -> AbstractAsyncContextManager[Any]:
        raise NotImplementedError

    async def exec(self, key: Key, request: ExecRequest) -> ExecSession:
        raise NotImplementedError

    async def engine_at(self, node_id: str) -> Engine:
        return self.engine

    async def aclose(self) -> None:
        self.closed = True


def _fields(link: Link) -> dict[str, Any]:
    return {name: getattr(link, name) for name in link.__struct_fields__}


def live(snapshot: Snapshot | None = None) -> Snapshot:
    """A snapshot of a Swarm that has been listed whole."""
    base = snapshot or swarm()
    engine = base.engine
    assert engine is not None
    return replace(
        base,
        taken=NOW,
        link=Link(endpoint="unix:///var/run/docker.sock", state=LinkState.LIVE, since=NOW - 100, fresh=NOW),
        engine=_manager(engine),
        listed=dict.fromkeys(Kind, NOW),
    )


def everything(snapshot: Snapshot) -> Changes:
    """The change by which all of a snapshot is new."""
    maps = (snapshot.nodes, snapshot.services, snapshot.tasks, snapshot.containers, snapshot.networks)
    keys = frozenset(thing.key for one in maps for thing in one.values())
    return Changes(keys=keys, kinds=frozenset(Kind), links=True)


def _manager(engine: Any) -> Any:
    import msgspec

    return msgspec.structs.replace(
        engine, swarm=msgspec.structs.replace(engine.swarm, control_available=True, managers=1, nodes=2)
    )


class FakeComposer:
    """Makes sessions on clusters of the test's own."""

    def __init__(self) -> None:
        self.made: list[Session] = []
        self.history = CommandHistory()

    def context(self, name: str) -> Session:
        return self._made(Session(cluster=FakeCluster(live()), context=name, clock=lambda: NOW))

    def demo(self, reason: str = "") -> Session:
        session = Session(cluster=FakeCluster(live()), context="demo", demo=True, reason=reason, clock=lambda: NOW)
        return self._made(session)

    def _made(self, session: Session) -> Session:
        self.made.append(session)
        return session

    def theme(self, name: str) -> Choice:
        return detect({}, theme=name, color="truecolor")

    def contexts(self) -> Sequence[ContextRow]:
        return [ContextRow("default", "unix:///var/run/docker.sock", current=True), ContextRow("prod-eu", "ssh://prod")]


def make_app(
    snapshot: Snapshot | None = None,
    *,
    view: str = "services",
    look: Look | None = None,
    demo_if_none: bool = False,
    keys: dict[str, Sequence[str]] | None = None,
    problems: Sequence[str] = (),
    **session: Any,
) -> DnetApp:
    """An app on a fake cluster, to be run with ``run_test``."""
    cluster = FakeCluster(live() if snapshot is None else snapshot)
    clock = session.pop("clock", lambda: NOW)
    made = Session(cluster=cluster, context=session.pop("context", "default"), clock=clock, **session)
    keymap = Keymap(actions_for(TABLES), keys)
    return DnetApp(
        made, FakeComposer(), keymap, start=Place(view), look=look, demo_if_none=demo_if_none, problems=problems
    )


def cluster_of(app: DnetApp) -> FakeCluster:
    """The fake cluster below an app."""
    cluster = app.session.cluster
    assert isinstance(cluster, FakeCluster)
    return cluster


def screen_text(app: DnetApp) -> str:
    """What stands on the screen, as rows of text."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    rows = ["".join(segment.text for segment in strip) for strip in lines[:height]]
    return "\n".join(row[:width].rstrip() for row in rows)
