"""The docker line that takes a change back, made from the values before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backends.change import network_flags, requests
from backends.change.edit import update_of
from backends.change.find import find_container, find_network
from backends.change.flag_error import BadValue
from backends.change.line import render
from backends.change.network_again import network_again
from backends.change.node_flags import UPDATE as NODE
from backends.change.options import Options
from backends.change.part import Names, reach
from backends.change.readback import as_create
from backends.change.requests import Request
from backends.change.steps import Compiled, Target
from backends.model import Snapshot
from backends.state.relations import relations


@dataclass(frozen=True, slots=True)
class Undo:
    """How a change is taken back."""

    request: Request | None = None
    """``None`` where it cannot be."""
    note: str = ""
    """What does not come back by it, or why there is none, as a sentence part."""

    @property
    def line(self) -> str:
        """The docker line, secrets included; empty where there is none."""
        return render(self.request) if self.request is not None else ""


def undo_of(request: Request, compiled: Compiled, snapshot: Snapshot) -> Undo:
    """What takes a planned change back, by the values that were read for it."""
    targets = [t for t in compiled.targets if t.before != t.after]
    if isinstance(request, requests.ServiceScale):
        counts = tuple((t.name, count) for t in targets if (count := _replicas(t.before)) is not None)
        return Undo(requests.ServiceScale(replicas=counts)) if counts else Undo()
    if isinstance(request, requests.ServiceUpdate | requests.ServiceRollback):
        return _service(request, targets, Names({id: network.name for id, network in snapshot.networks.items()}))
    if isinstance(request, requests.NodeUpdate) and targets:
        return _node(targets[0])
    if isinstance(request, requests.NodePromote | requests.NodeDemote):
        names = tuple(t.name for t in targets)
        back = requests.NodeDemote if isinstance(request, requests.NodePromote) else requests.NodePromote
        return Undo(back(names=names)) if names else Undo()
    return _made(request, snapshot)


def _replicas(spec: Any) -> int | None:
    mode = reach(spec, "Mode") if isinstance(spec, dict) else None
    for name, field in (("Replicated", "Replicas"), ("ReplicatedJob", "TotalCompletions")):
        if isinstance(mode, dict) and isinstance(mode.get(name), dict):
            count = mode[name].get(field)
            return 1 if count is None else int(count)
    return None


def _service(
    request: requests.ServiceUpdate | requests.ServiceRollback, targets: Sequence[Target], names: Names
) -> Undo:
    back = requests.ServiceRollback(name=request.name)
    if isinstance(request, requests.ServiceRollback) or request.options.flag("rollback"):
        return Undo(back, "puts back what it had before rolling back")
    if not targets or not isinstance(targets[0].before, dict) or not isinstance(targets[0].after, dict):
        return Undo()
    before, after = targets[0].before, targets[0].after
    try:
        found = update_of(request.name, after, as_create(before, names), names)
    except (BadValue, ValueError, KeyError, TypeError):
        # A spec that our flags cannot say: the engine has the one before it.
        return Undo(back)
    if not isinstance(found, requests.ServiceUpdate):
        return Undo(back)
    if not found.options.items:
        # Only the digest of its image, or a forced restart.
        return Undo(note="nothing of it can be taken back") if request.options.flag("force") else Undo(back)
    return Undo(found)


def _node(target: Target) -> Undo:
    before, after = (spec if isinstance(spec, dict) else {} for spec in (target.before, target.after))
    given: dict[str, list[str]] = {}
    for flag, field in (("availability", "Availability"), ("role", "Role")):
        if before.get(field) != after.get(field):
            given[flag] = [str(before.get(field, ""))]
    was, now = (_labels(spec) for spec in (before, after))
    given["label-add"] = [f"{key}={value}" for key, value in was.items() if now.get(key) != value]
    given["label-rm"] = [key for key in now if key not in was]
    options = Options.of(NODE, {flag: values for flag, values in given.items() if values})
    note = "tasks do not come back by themselves" if after.get("Availability") == "drain" else ""
    return Undo(requests.NodeUpdate(name=target.name, options=options), note)


def _labels(spec: dict[str, Any]) -> dict[str, str]:
    labels = spec.get("Labels")
    return {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}


def _made(request: Request, snapshot: Snapshot) -> Undo:
    """What was made is removed; what was removed cannot be made again from here."""
    match request:
        case requests.ServiceCreate():
            name = request.options.text("name")
            return Undo(requests.ServiceRemove(names=(name,))) if name else Undo(note="docker service rm, by its ID")
        case requests.NetworkCreate():
            return Undo(requests.NetworkRemove(names=(request.name,)))
        case requests.SecretCreate():
            return Undo(requests.SecretRemove(names=(request.name,)))
        case requests.ConfigCreate():
            return Undo(requests.ConfigRemove(names=(request.name,)))
        case requests.NetworkConnect():
            return Undo(requests.NetworkDisconnect(network=request.network, container=request.container))
        case requests.NetworkDisconnect():
            return _connect(request, snapshot)
        case requests.SwarmInit():
            return Undo(requests.SwarmLeave(options=_flag("force")))
        case requests.SwarmJoin():
            return Undo(requests.SwarmLeave())
        case requests.NetworkRemove() if len(request.names) == 1:
            network = find_network(snapshot, request.names[0])
            if network is None:
                return Undo(note="none: it has to be created anew, and gets another ID")
            return Undo(network_again(network), "it gets another ID")
        case requests.ServiceRemove() | requests.NetworkRemove() | requests.NetworkPrune():
            return Undo(note="none: it has to be created anew, and gets another ID")
        case requests.SecretRemove() | requests.ConfigRemove():
            return Undo(note="none: its content is gone")
        case requests.NodeRemove() | requests.SwarmLeave():
            return Undo(note="none: it has to join anew, with a token")
        case _:
            return Undo(note="none: what was before is not told by the engine") if _rotates(request) else Undo()


def _rotates(request: Request) -> bool:
    return request.options.flag("rotate")


def _flag(name: str) -> Options:
    from backends.change.swarm_flags import LEAVE

    return Options.of(LEAVE, {name: ["true"]})


def _connect(request: requests.NetworkDisconnect, snapshot: Snapshot) -> Undo:
    container = find_container(snapshot, request.container)
    network = find_network(snapshot, request.network)
    held = relations(snapshot).attachment(container, network) if container is not None and network is not None else None
    # The head of its own ID answers on every network.
    aliases = [a for a in held.aliases if container is not None and not container.id.startswith(a)] if held else []
    options = Options.of(network_flags.CONNECT, {"alias": aliases})
    note = "it may get another address" if held is not None and held.ipv4 else ""
    return Undo(requests.NetworkConnect(network=request.network, container=request.container, options=options), note)
