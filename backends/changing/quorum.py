"""What fewer managers mean: how many may fail before the Swarm can decide nothing any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from backends.model import Node, Snapshot


@dataclass(frozen=True, slots=True)
class Quorum:
    """The managers of a Swarm now and after a change."""

    managers: int
    reachable: int
    after: int
    """Managers after it."""
    reachable_after: int

    @property
    def tolerance(self) -> int:
        """How many more managers may fail now."""
        return max(0, self.reachable - (self.managers // 2 + 1))

    @property
    def tolerance_after(self) -> int:
        """How many may fail after it."""
        return max(0, self.reachable_after - (self.after // 2 + 1))

    @property
    def fatal(self) -> bool:
        """Whether the Swarm could decide nothing any more."""
        return self.after <= 0 or self.reachable_after < self.after // 2 + 1

    @property
    def sentence(self) -> str:
        """What it means, in a sentence."""
        if self.after <= 0:
            return "It would leave the Swarm without any manager: nobody could change it any more."
        if self.fatal:
            return (
                f"Of {self.after} managers only {self.reachable_after} would be reachable: the Swarm could decide "
                "nothing any more."
            )
        managers = f"{self.after} manager" + ("s" if self.after != 1 else "")
        losses = self.tolerance_after
        if losses == self.tolerance:
            return f"{managers} stay; as before, {_may_fail(losses)}."
        return f"{managers} stay; {_may_fail(losses)}, instead of {self.tolerance}."


def _may_fail(count: int) -> str:
    return "none of them may fail" if count == 0 else f"{count} of them may fail"


def _reachable(node: Node) -> bool:
    return node.manager is not None and node.manager.reachability == "reachable"


def without(snapshot: Snapshot, node_ids: Collection[str]) -> Quorum | None:
    """The managers with and without some nodes; ``None`` where none of these is a manager."""
    managers = [node for node in snapshot.nodes.values() if node.role == "manager"]
    rest = [node for node in managers if node.id not in node_ids]
    if len(rest) == len(managers):
        return None
    return Quorum(len(managers), sum(map(_reachable, managers)), len(rest), sum(map(_reachable, rest)))
