"""What a change of managers does to the Swarm's ability to agree on anything.

Raft: of N managers more than half must be reachable; N - (N // 2 + 1) may be lost. A demoted or removed manager
leaves the count; one that is only gone (down, or left by force) stays in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backends.model import Node, Snapshot
from backends.state.wording import listing, plural


@dataclass(frozen=True, slots=True)
class Votes:
    """Managers, and how many of them are reachable."""

    managers: int
    reachable: int

    @property
    def needed(self) -> int:
        """How many must be reachable."""
        return self.managers // 2 + 1

    @property
    def spare(self) -> int:
        """How many more may be lost; negative is no quorum."""
        return self.reachable - self.needed

    @property
    def held(self) -> bool:
        """Whether anything can be agreed on."""
        return self.managers > 0 and self.spare >= 0

    def __str__(self) -> str:
        up = f"{self.reachable} of {plural(self.managers, 'manager')} up"
        if not self.managers:
            return "no manager"
        if not self.held:
            return f"{up}, {self.needed} needed: no quorum"
        return f"{up}, {self.needed} needed, {'none' if not self.spare else self.spare} may fail"


@dataclass(frozen=True, slots=True)
class QuorumChange:
    """Before and after."""

    before: Votes
    after: Votes
    lost: bool
    """Whether a quorum that is held now would not be."""
    sentence: str
    """What happens, for the plan."""
    ways: tuple[str, ...] = ()
    """What to do instead, where it is lost or gets less."""


def votes(snapshot: Snapshot) -> Votes:
    """The managers as they are known."""
    managers = [node for node in snapshot.nodes.values() if is_manager(node)]
    return Votes(len(managers), sum(1 for node in managers if is_reachable(node)))


def is_manager(node: Node) -> bool:
    """Whether it counts among the managers."""
    return node.manager is not None or node.role == "manager"


def is_reachable(node: Node) -> bool:
    """Whether the other managers reach it."""
    return node.manager is not None and node.manager.reachability == "reachable"


def demoting(nodes: Iterable[Node], snapshot: Snapshot) -> QuorumChange:
    """Managers that become workers: they leave the count."""
    going = [node for node in nodes if is_manager(node)]
    before = votes(snapshot)
    after = Votes(before.managers - len(going), before.reachable - sum(map(is_reachable, going)))
    return _change(before, after, f"demoting {_names(going)}")


def leaving(nodes: Iterable[Node], snapshot: Snapshot) -> QuorumChange:
    """Managers that leave by force or are switched off: they stay in the count and are not reachable."""
    going = [node for node in nodes if is_manager(node)]
    before = votes(snapshot)
    if len(going) >= before.managers:
        after = Votes(0, 0)
    else:
        after = Votes(before.managers, before.reachable - sum(map(is_reachable, going)))
    return _change(before, after, f"{_names(going)} leaving")


def promoting(nodes: Iterable[Node], snapshot: Snapshot) -> QuorumChange:
    """Workers that become managers."""
    coming = [node for node in nodes if not is_manager(node)]
    before = votes(snapshot)
    up = sum(1 for node in coming if node.state == "ready")
    return _change(before, Votes(before.managers + len(coming), before.reachable + up), f"promoting {_names(coming)}")


def _names(nodes: list[Node]) -> str:
    return listing([node.name for node in nodes]) or "nobody"


def _change(before: Votes, after: Votes, what: str) -> QuorumChange:
    lost = before.held and not after.held
    if after.managers == 0:
        sentence = f"No manager would be left after {what}: the Swarm would be gone."
    elif lost:
        sentence = f"The Swarm would lose its quorum by {what}: {after}. Tasks would run on, and nothing could change."
    elif after == before:
        sentence = f"Managers stay as they are: {after}."
    else:
        sentence = f"Managers: {before}; then {after}."
    return QuorumChange(before, after, lost, sentence, _ways(before, after, lost))


def _ways(before: Votes, after: Votes, lost: bool) -> tuple[str, ...]:
    if lost or after.managers == 0:
        return (
            "promote another node first: docker node promote NODE",
            "bring back managers that are down, then do it",
        )
    if after.managers % 2 == 0 and after.managers != before.managers:
        return (f"{after.managers} managers bear no more losses than {after.managers - 1}: an odd number is better",)
    return ()
