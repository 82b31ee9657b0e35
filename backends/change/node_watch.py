"""Whether a node has come to what was asked of it: empty where it is drained, a manager that is reached, a worker."""

from __future__ import annotations

from dataclasses import dataclass

from backends.change.convergence import Progress, Standing
from backends.model import Kind, Node, Snapshot
from backends.state.relations import relations
from backends.state.wording import plural


@dataclass(frozen=True, slots=True)
class NodeWatch:
    """What is waited for."""

    node_id: str
    name: str
    version: int
    """The node's version index before it was sent."""
    drained: bool = False
    """Whether its tasks are to go."""
    role: str = ""
    """``manager`` or ``worker`` where that changes."""
    listed: float = 0.0
    """When tasks were last listed before it was sent: what moves is told by a later listing."""


def judge_node(watch: NodeWatch, snapshot: Snapshot) -> Standing:
    """Where the change stands in a snapshot."""
    if watch.role == "worker" and watch.node_id == snapshot.node_id and snapshot.manager_problem:
        return Standing(Progress.CONVERGED, f"{watch.name} is a worker: the Swarm cannot be seen from it.")
    node = snapshot.nodes.get(watch.node_id)
    if node is None:
        return Standing(Progress.GONE, f"{watch.name} is gone.")
    if node.version <= watch.version:
        return Standing(Progress.WORKING, f"The change of {watch.name} has yet to be seen.")
    if watch.role:
        return _role(watch, node)
    return _drained(watch, node, snapshot)


def _role(watch: NodeWatch, node: Node) -> Standing:
    if watch.role == "manager":
        if node.manager is not None and node.manager.reachability == "reachable":
            return Standing(Progress.CONVERGED, f"{node.name} is a manager.")
        return Standing(Progress.WORKING, f"{node.name} is becoming a manager.")
    if node.manager is None:
        return Standing(Progress.CONVERGED, f"{node.name} is a worker.")
    return Standing(Progress.WORKING, f"{node.name} is becoming a worker.")


def _drained(watch: NodeWatch, node: Node, snapshot: Snapshot) -> Standing:
    if not watch.drained or node.state != "ready":
        # What runs on a node that is down cannot be told: nobody waits for that.
        return Standing(Progress.CONVERGED, f"{node.name} is {node.availability}.")
    if snapshot.listed.get(Kind.TASK, 0.0) <= watch.listed:
        return Standing(Progress.WORKING, f"The tasks of {node.name} have yet to be listed.")
    tasks = [t for t in relations(snapshot).tasks_on(node.id) if not t.is_over]
    if tasks:
        return Standing(Progress.WORKING, f"{plural(len(tasks), 'task')} left on {node.name}.")
    return Standing(Progress.CONVERGED, f"{node.name} is empty.")
