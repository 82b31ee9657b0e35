"""Joins one machine and watches it until the managers call it ready."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from backends.api import Cluster, Engine
from backends.change.options import Options
from backends.change.outcome import Outcome, State
from backends.change.requests import SwarmJoin, SwarmLeave
from backends.errors import BackendError
from backends.joining.door import Door
from backends.joining.preflight import join_address
from backends.joining.ways import Guest
from backends.model import Changes, Node
from backends.state.clock import Clock, SystemClock

#: What a join goes through, in this order.
STEPS = ("connect", "token", "join", "certificate", "ready", "networks")
#: Seconds in which a node that has joined becomes ready, and in which its networks are there.
_READY, _NETWORKS = 60.0, 8.0
#: Seconds between two looks at an attempt that goes on by itself.
LOOK = 5.0


class Phase(StrEnum):
    """How a join stands."""

    RUNNING = "running"
    JOINED = "joined"
    PENDING = "pending"
    """No result yet: the engine there goes on trying by itself."""
    REFUSED = "refused"
    ENDED = "ended"
    """The attempt was taken back."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One join."""

    role: str
    phase: Phase = Phase.RUNNING
    done: tuple[str, ...] = ()
    """Steps that are behind it, of ``STEPS``."""
    began: float = 0.0
    """Seconds since the epoch."""
    sentence: str = ""
    hint: str = ""
    said: str = ""
    """The engine's own words."""
    there: str = ""
    """The state of its membership, as its engine says: ``pending``, ``active``."""
    asked: float = 0.0
    """When that was."""
    node_id: str = ""
    command: str = ""
    """The docker line that it equals, without the token."""

    @property
    def step(self) -> str:
        """What it is at; empty when all is done."""
        return next((name for name in STEPS if name not in self.done), "")


@dataclass(slots=True)
class Joining:
    """Joins one machine; ``told`` hears of each step."""

    guest: Guest
    cluster: Cluster
    door: Door
    told: Callable[[Progress], None]
    advertise: str = ""
    """The address by which others reach it; empty lets the engine choose."""
    clock: Clock = field(default_factory=SystemClock)
    progress: Progress = field(default_factory=lambda: Progress("worker"))

    def _note(self, *, done: str = "", **values: object) -> None:
        steps = (*self.progress.done, done) if done and done not in self.progress.done else self.progress.done
        self.progress = replace(self.progress, done=steps, **values)  # type: ignore[arg-type]
        self.told(self.progress)

    async def run(self, role: str) -> Progress:
        """Joins as ``worker`` or ``manager``. What goes wrong is in the progress; raises ``ReadOnly`` and ``OSError``
        (the journal cannot be written) before anything was sent."""
        self.progress = Progress(role, began=self.clock.time())
        self._note(done="connect")
        remote = join_address(self.cluster.snapshot)
        try:
            token = await _token(self.cluster.engine, role)
        except BackendError as error:
            self._refused(str(error), error.hint, error.original)
            return self.progress
        self._note(done="token")
        if not remote:
            self._refused(
                "This manager does not say at which address others reach it.", "docker swarm init --advertise-addr"
            )
            return self.progress
        request = join_request(remote, token, self.advertise)
        where = self.guest.login
        self._note(command=f"ssh {where} {shown_line(remote, self.advertise)}")
        outcome = await self.door.send(request, self.guest.engine, where)
        await self._sent(outcome)
        return self.progress

    async def _sent(self, outcome: Outcome) -> None:
        said = outcome.error.original if outcome.error is not None else ""
        if outcome.state is State.DONE:
            self._note(done="join")
            await self.follow()
        elif outcome.state is State.UNKNOWN:
            self._note(done="join", phase=Phase.PENDING, sentence=outcome.sentence, hint=outcome.hint, said=said)
        else:
            self._refused(outcome.sentence, outcome.hint, said)

    def _refused(self, sentence: str, hint: str = "", said: str = "") -> None:
        self._note(phase=Phase.REFUSED, sentence=sentence, hint=hint, said=said)

    async def follow(self) -> None:
        """Watches what was sent until the node is ready; a join that is pending is looked at once."""
        if not await self.look():
            return
        node = await self._ready(self.progress.node_id)
        if node is None:
            sentence = f"It has joined, and is not ready after {_READY:g} s."
            self._note(phase=Phase.JOINED, sentence=sentence, hint="Its row in Nodes says why.")
            return
        self._note(done="ready")
        if await self._networks():
            self._note(done="networks")
        took = self.clock.time() - self.progress.began
        self._note(
            phase=Phase.JOINED, sentence=f"{node.name} is ready as a {node.role}, in {took:.1f} s.", hint="", said=""
        )

    async def look(self) -> bool:
        """Asks its engine how it stands now; whether it is a node."""
        try:
            member = (await self.guest.engine.info()).swarm
        except BackendError as error:
            self._note(there="", asked=self.clock.time(), sentence=f"Its engine does not answer: {error}")
            return False
        self._note(there=member.state, asked=self.clock.time(), node_id=member.node_id)
        if member.state != "active":
            if member.state in ("", "inactive"):
                self._note(phase=Phase.ENDED, sentence="It is a plain engine: the attempt has ended.", hint="")
            elif self.progress.phase is Phase.RUNNING:
                self._note(
                    phase=Phase.PENDING, sentence=member.error or "It is not in the swarm yet, and goes on trying."
                )
            return False
        self._note(done="certificate", phase=Phase.RUNNING)
        return True

    async def _ready(self, node_id: str) -> Node | None:
        """The node as soon as the managers call it ready; ``None`` where they do not in time."""
        heard = asyncio.Event()

        def listen(_: Changes) -> None:
            heard.set()

        end = self.cluster.subscribe(listen)
        try:
            async with asyncio.timeout(_READY):
                while True:
                    heard.clear()
                    node = self.cluster.snapshot.nodes.get(node_id)
                    if node is not None and node.state == "ready":
                        return node
                    await heard.wait()
        except TimeoutError:
            return None
        finally:
            end()

    async def _networks(self) -> bool:
        """Whether the Swarm's own networks have come to it."""
        with_limit = self.clock.monotonic() + _NETWORKS
        while True:
            try:
                found = await self.guest.engine.call("GET", "/networks")
            except BackendError:
                return False
            names = (
                {str(entry.get("Name")) for entry in found if isinstance(entry, dict)}
                if isinstance(found, list)
                else set()
            )
            if {"ingress", "docker_gwbridge"} <= names:
                return True
            if self.clock.monotonic() > with_limit:
                return False
            await self.clock.sleep(0.3)

    async def end(self) -> Outcome:
        """Ends an attempt that goes on by itself: it is a plain engine again."""
        leave = SwarmLeave(options=Options((("force", ("true",)),)))
        outcome = await self.door.send(leave, self.guest.engine, self.guest.login)
        if outcome.state is State.DONE:
            self._note(phase=Phase.ENDED, sentence="The attempt was ended: it is a plain engine.", hint="", said="")
        else:
            self._note(sentence=outcome.sentence, hint=outcome.hint)
        return outcome


def join_request(remote: str, token: str, advertise: str = "") -> SwarmJoin:
    """What joins a machine."""
    items = [("token", (token,))]
    if advertise:
        items.append(("advertise-addr", (advertise,)))
    return SwarmJoin(remote=remote, options=Options(tuple(items)))


def shown_line(remote: str, advertise: str = "") -> str:
    """The docker line that a join equals, its token left out."""
    tail = f" --advertise-addr {advertise}" if advertise else ""
    return f"docker swarm join --token ***{tail} {remote}"


async def _token(engine: Engine, role: str) -> str:
    found = await engine.call("GET", "/swarm")
    tokens = found.get("JoinTokens") if isinstance(found, Mapping) else None
    token = tokens.get(role.capitalize()) if isinstance(tokens, Mapping) else None
    if not isinstance(token, str) or not token:
        raise BackendError(f"The swarm tells no token for a {role}.")
    return token
