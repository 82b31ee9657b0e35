"""How a machine that may join, and the nodes of the Swarm, are reached: what the rest of this package relies on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from backends.api import Engine
from backends.joining.machine import Machine

if TYPE_CHECKING:
    from backends.transport.ssh import Reach


class Guest(Protocol):
    """A machine that is to join. Made by ``Ways.guest``; connects when it is first asked."""

    @property
    def login(self) -> str:
        """``user@host`` once that is known, else what was typed."""
        ...

    @property
    def engine(self) -> Engine:
        """Its engine."""
        ...

    @property
    def reach(self) -> Reach | None:
        """How it is reached or why not; ``None`` where that is not over SSH."""
        ...

    async def open(self, *, again: bool = False) -> Machine:
        """Logs in, and connects to its engine; waits while a person is asked. ``again`` takes back what was refused.
        Raises ``BackendError``."""
        ...

    async def machine(self) -> Machine | None:
        """Where commands can be run on it, also where its engine does not answer."""
        ...

    async def close(self) -> None:
        """Lets it go."""
        ...


class Ways(Protocol):
    """From here to other machines."""

    def guest(self, text: str) -> Guest:
        """The machine of ``[user@]host[:port]`` or of a ``Host`` of ssh_config. Raises ``Unreachable`` where it is
        none."""
        ...

    def machine(self, node_id: str) -> Machine | str:
        """Where commands can be run on a node of the Swarm; else the reason why not."""
        ...

    def remember(self, hostname: str, text: str) -> None:
        """The login that led to a machine leads to the node that it becomes, for as long as the program runs; what a
        person has said about that node counts more."""
        ...

    def known(self) -> tuple[str, ...]:
        """Hosts that ssh_config names, to choose from."""
        ...
