"""The protocols that the user interface and the state layer rely on. No implementation is imported here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from backends.model import Changes, EngineInfo, Event, Key, Kind, Snapshot, Swarm, Value

if TYPE_CHECKING:
    from backends.joining.ways import Ways
    from backends.routes import RouteSource
    from backends.ssh.questions import Question
    from backends.ssh.run import Completed
    from backends.ssh.target import NodeMapping
    from backends.transport.ssh import Reach

#: A decoded JSON value as ``json.loads`` gives it.
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
#: Engine API filters: ``{"service": ["id1", "id2"]}``.
Filters = Mapping[str, Sequence[str]]


class Transport(Protocol):
    """Brings one endpoint to a private unix socket, so that streams, exec and cancel have one code path."""

    @property
    def endpoint(self) -> str:
        """How people would write it: ``unix:///…``, ``tcp://host:2376``, ``ssh://user@host``."""
        ...

    async def open(self) -> str:
        """Returns the path of a unix socket that reaches the engine; may be called again after a loss.

        Raises ``Unreachable`` or ``PermissionRefused``.
        """
        ...

    async def close(self) -> None:
        """Ends the relay and removes what ``open`` made."""
        ...


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What part of a log to read. ``since`` and ``until`` are seconds since the epoch."""

    follow: bool = True
    tail: int | None = 1000
    since: float | None = None
    until: float | None = None
    details: bool = False


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log, without its newline. ``source`` is the task or container id it came from."""

    time: float | None
    stream: str
    """``stdout`` or ``stderr``."""
    text: str
    source: str = ""
    node_id: str = ""


@dataclass(frozen=True, slots=True)
class LogBatch:
    """Lines that arrived together; ``skipped`` counts those dropped before them because the reader lagged."""

    lines: tuple[LogLine, ...]
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class ExecRequest:
    """A command to run in a container. ``command`` empty asks for a shell: bash, ash, then sh."""

    command: tuple[str, ...] = ()
    tty: bool = True
    stdin: bool = True
    user: str = ""
    workdir: str = ""
    env: tuple[str, ...] = ()
    privileged: bool = False
    size: tuple[int, int] = (80, 24)
    """(columns, rows) at the start."""


class ExecSession(Protocol):
    """A running command. Bytes both ways; nothing is decoded."""

    @property
    def command(self) -> tuple[str, ...]:
        """What was started: the shell that was found, where one was looked for."""
        ...

    async def read(self) -> bytes:
        """The next bytes of its output (stdout and stderr); ``b""`` at the end."""
        ...

    async def write(self, data: bytes) -> None:
        """Sends input; waits while the other side does not take it."""
        ...

    async def write_eof(self) -> None:
        """Closes its input, and only that."""
        ...

    async def resize(self, columns: int, rows: int) -> None:
        """Tells it the new window size; errors are swallowed, since the command may just have ended."""
        ...

    async def wait(self) -> int:
        """Its exit code, once it has ended."""
        ...

    async def close(self) -> None:
        """Drops the connection. The command gets a hang-up where it has a terminal."""
        ...


class Engine(Protocol):
    """One Docker engine. Every call has a time limit and raises only ``backends.errors``."""

    @property
    def endpoint(self) -> str:
        """How people would write its address."""
        ...

    @property
    def api_version(self) -> str:
        """The negotiated API version, e.g. ``1.41``; empty before ``connect``."""
        ...

    async def connect(self) -> None:
        """Opens the transport and negotiates the API version; again after a loss."""
        ...

    async def info(self) -> EngineInfo:
        """``GET /info`` and ``GET /version`` as one value."""
        ...

    async def swarm(self) -> Swarm:
        """``GET /swarm``; raises ``NotManager`` or ``NoQuorum``."""
        ...

    async def list(self, kind: Kind, filters: Filters | None = None) -> Sequence[Value]:
        """All objects of a kind; services come with their counts, containers include stopped ones."""
        ...

    async def inspect(self, key: Key) -> Json:
        """The engine's whole JSON of one object (networks verbose, services without inserted defaults)."""
        ...

    async def network(self, network_id: str) -> Value:
        """One ``Network`` with its endpoints and peers, as far as this engine knows them."""
        ...

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Json = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Json:
        """One raw request below the version prefix; the way all changes are made."""
        ...

    def events(self, since: float | None = None) -> AbstractAsyncContextManager[AsyncIterator[Sequence[Event]]]:
        """Events in batches as they arrive, first those after ``since``. The iterator raises
        ``Disconnected`` when the stream ends for any reason but leaving the context."""
        ...

    def logs(self, key: Key, options: LogOptions) -> AbstractAsyncContextManager[AsyncIterator[LogBatch]]:
        """Log lines of a container, task or service. Ends normally when the log does."""
        ...

    def stats(self, container_id: str) -> AbstractAsyncContextManager[AsyncIterator[Json]]:
        """Raw stats samples, about one a second."""
        ...

    async def exec(self, container_id: str, request: ExecRequest) -> ExecSession:
        """Starts a command; raises ``NoShell`` (see ``backends.engine.exec``) where none was found."""
        ...

    async def aclose(self) -> None:
        """Ends all streams and the transport. Never hangs."""
        ...


@dataclass(frozen=True, slots=True)
class Interest:
    """What the screen needs now; the reconciler spends its request budget on that.

    ``kinds`` are wanted whole and fresh; ``services`` are the ids whose tasks are on screen; ``networks`` the
    ids whose endpoints are on screen.
    """

    kinds: frozenset[Kind] = frozenset()
    services: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()


class EventLog(Protocol):
    """Bounded history of events, oldest first. ``total`` counts all that ever came, so that a reader who
    remembers it can ask for what is new."""

    @property
    def total(self) -> int:
        """How many events were ever added."""
        ...

    def tail(self, count: int) -> Sequence[Event]:
        """The newest ``count`` events, oldest first."""
        ...

    def after(self, total: int) -> Sequence[Event]:
        """Events added since ``total`` was read, as far as they are still kept."""
        ...


@dataclass(frozen=True, slots=True)
class Budget:
    """What we asked of the engine since the start; printed by the bench and shown by ``:debug``."""

    requests: int = 0
    bytes: int = 0
    by_path: Mapping[str, int] = field(default_factory=dict)


class Nodes(Protocol):
    """The machines of the Swarm as such: how each is reached, and what is done on it beside its engine."""

    @property
    def over_ssh(self) -> bool:
        """Whether the engine we are started on is itself reached over SSH: then its machine is another one too."""
        ...

    @property
    def local(self) -> bool:
        """Whether the engine we are started on is on this very machine."""
        ...

    @property
    def waiting(self) -> tuple[tuple[Question, int], ...]:
        """Questions that only a person can answer, each with how many logins wait for it."""
        ...

    def map(self, mappings: Mapping[str, NodeMapping]) -> None:
        """What a person says about nodes, anew; counts from the next try."""
        ...

    async def test(self, node_id: str, mapping: NodeMapping) -> Reach:
        """How a node would be reached with a mapping; what is in use stays as it is. Raises ``BackendError``."""
        ...

    def reach(self, node_id: str) -> Reach | None:
        """How a node is reached or why not; ``None`` for this node and those that nobody needed yet."""
        ...

    async def try_again(self, node_id: str) -> None:
        """A person says "try again": what was refused there may be tried once more."""
        ...

    def ways(self) -> Ways:
        """From here to machines: those of the Swarm, and those that may join it. Raises ``Unreachable``."""
        ...

    async def shell(self, node_id: str, request: ExecRequest) -> ExecSession:
        """A login shell on the machine, or ``request.command`` there. Raises ``BackendError``."""
        ...

    async def run(self, node_id: str, command: str, *, limit: float = 30.0) -> Completed:
        """One command on the machine, run to its end."""
        ...


class Cluster(Protocol):
    """The Swarm as the user interface sees it."""

    @property
    def nodes(self) -> Nodes | None:
        """The machines as such; ``None`` where only this engine is reached."""

    @property
    def engine(self) -> Engine:
        """The engine we were started on: what changes are sent to."""

    @property
    def snapshot(self) -> Snapshot:
        """The newest state."""

    @property
    def routes(self) -> RouteSource:
        """Routes and interfaces of the nodes, asked when a form needs them."""

    @property
    def events(self) -> EventLog:
        """What happened."""

    @property
    def budget(self) -> Budget:
        """What it cost."""

    def subscribe(self, listener: Callable[[Changes], None]) -> Callable[[], None]:
        """Calls ``listener`` in the loop's thread after each change; returns what ends it."""

    def watch(self, interest: Interest) -> None:
        """Replaces what the screen needs."""

    async def start(self) -> None:
        """Begins connecting, listing and listening in the background; returns at once."""

    def retry(self) -> None:
        """Tries a lost connection now instead of at the next time."""

    def refresh(self) -> None:
        """Lists anew what is on screen."""

    async def inspect(self, key: Key) -> Json:
        """The engine's whole JSON of one object, from the node that has it."""

    def logs(self, key: Key, options: LogOptions) -> AbstractAsyncContextManager[AsyncIterator[LogBatch]]:
        """Log lines of a container, task or service."""

    def stats(self, key: Key) -> AbstractAsyncContextManager[AsyncIterator[Json]]:
        """Raw stats samples of a container."""

    async def exec(self, key: Key, request: ExecRequest) -> ExecSession:
        """Starts a command in a container, on whichever reachable node it is."""

    async def engine_at(self, node_id: str) -> Engine:
        """The engine of a node, connected first where need be; empty is ours. Raises ``BackendError``."""

    async def aclose(self) -> None:
        """Ends everything. Never hangs."""
