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
    return _change(before, after, f"demoting {_names(going)}", _first(snapshot, going))


def leaving(nodes: Iterable[Node], snapshot: Snapshot) -> QuorumChange:
    """Managers that leave by force or are switched off: they stay in the count and are not reachable."""
    going = [node for node in nodes if is_manager(node)]
    before = votes(snapshot)
    if len(going) >= before.managers:
        after = Votes(0, 0)
    else:
        after = Votes(before.managers, before.reachable - sum(map(is_reachable, going)))
    first = _first(snapshot, going)
    if after.managers and demoting(going, snapshot).after.held:
        names = " ".join(node.name for node in going)
        first = (f"demote it first, so that it leaves the count: docker node demote {names}", *first)
    return _change(before, after, f"{_names(going)} leaving", first)


def promoting(nodes: Iterable[Node], snapshot: Snapshot) -> QuorumChange:
    """Workers that become managers."""
    coming = [node for node in nodes if not is_manager(node)]
    before = votes(snapshot)
    up = sum(1 for node in coming if node.state == "ready")
    after = Votes(before.managers + len(coming), before.reachable + up)
    return _change(before, after, f"promoting {_names(coming)}", ("bring back nodes that are down, then do it",))


def _names(nodes: list[Node]) -> str:
    return listing([node.name for node in nodes]) or "nobody"


def _first(snapshot: Snapshot, going: Iterable[Node]) -> tuple[str, ...]:
    """What would make it safe."""
    leaving = {node.id for node in going}
    others = [n for n in snapshot.nodes.values() if n.id not in leaving]
    workers = sorted(n.name for n in others if not is_manager(n) and n.state == "ready")
    down = sorted(n.name for n in others if is_manager(n) and not is_reachable(n))
    if workers:
        names = f", {' or '.join(workers[:2])}" if len(workers) > 1 else ""
        ways = [f"promote another node first{names}: docker node promote {workers[0]}"]
    else:
        ways = ["let another machine join as a manager first: docker swarm join-token manager"]
    if down:
        ways.append(f"bring back {listing(down, 3)}, then do it")
    return tuple(ways)


def _change(before: Votes, after: Votes, what: str, first: tuple[str, ...]) -> QuorumChange:
    lost = before.held and not after.held
    if after.managers == 0:
        sentence = f"No manager would be left after {what}: the Swarm would be gone."
    elif lost:
        sentence = f"The Swarm would lose its quorum by {what}: {after}. Tasks would run on, and nothing could change."
    elif after == before:
        sentence = f"Managers stay as they are: {after}."
    else:
        sentence = f"Managers: {before}; then {after}."
    return QuorumChange(before, after, lost, sentence, _ways(before, after, lost, first))


def _ways(before: Votes, after: Votes, lost: bool, first: tuple[str, ...]) -> tuple[str, ...]:
    if lost or after.managers == 0:
        return first
    if after.managers % 2 == 0 and after.managers != before.managers:
        return (f"{after.managers} managers bear no more losses than {after.managers - 1}: an odd number is better",)
    return ()
