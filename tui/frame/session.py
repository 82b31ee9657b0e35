"""What one run of the user interface stands on, handed in from outside: cluster, context, marks, clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from backends.api import Cluster
from tui.frame.questions import QuestionDesk
from tui.look.tokens import Choice

if TYPE_CHECKING:
    from backends.joining.ways import Ways

    # Read when the first line is typed.
    from tui.actions.history import CommandHistory
    from tui.config_nodes import NodeMappings

#: What a context is marked as in the configuration.
Mark = Literal["", "production", "staging"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One connection and how it is shown. Another context is another session."""

    cluster: Cluster
    context: str
    """Name shown in row 0."""
    endpoint: str = ""
    """How people would write its address."""
    mark: Mark = ""
    demo: bool = False
    reason: str = ""
    """Why the demo was started, as a sentence; empty where it was asked for."""
    readonly: bool = False
    journal: Path | None = None
    """Where changes are written down; ``None`` keeps them in memory."""
    clock: Callable[[], float] = time.time
    """Seconds since the epoch; tests and pictures stop it."""
    desk: QuestionDesk | None = None
    """Where questions about logins wait; ``None`` where nothing is logged in to."""
    mappings: NodeMappings | None = None
    """What the configuration says about reaching nodes, and where it is saved."""
    ways: Callable[[], Ways] | None = None
    """The way to machines that may join the Swarm; ``None`` where there is none."""
    shown: Callable[[], object] | None = None
    """Called once the first list stands on the screen: what is heavy may be read now."""


@dataclass(frozen=True, slots=True)
class ContextRow:
    """One docker context to choose from. ``problem`` says why it cannot be used, or is empty."""

    name: str
    url: str = ""
    description: str = ""
    current: bool = False
    problem: str = ""


class Composer(Protocol):
    """Makes sessions: the composition root's part that the running app may ask."""

    @property
    def history(self) -> CommandHistory:
        """Lines that were run at ``:``, now and in earlier runs."""
        ...

    def context(self, name: str) -> Session:
        """A session on a docker context; raises ``backends.errors.BackendError`` where it makes no sense."""
        ...

    def demo(self, reason: str = "") -> Session:
        """A session on the built-in demo cluster."""
        ...

    def theme(self, name: str) -> Choice:
        """What to draw with for a theme name; an unknown one raises ``ValueError``."""
        ...

    def contexts(self) -> Sequence[ContextRow]:
        """All docker contexts, the current one marked."""
        ...
