"""What changes of the Swarm itself would do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from backends.change.flag_error import FlagError
from backends.change.requests import (
    Request,
    SwarmCa,
    SwarmInit,
    SwarmJoin,
    SwarmJoinToken,
    SwarmLeave,
    SwarmUnlock,
    SwarmUnlockKey,
    SwarmUpdate,
)
from backends.changing import quorum
from backends.changing.told import Grade, Told
from backends.model import Snapshot
from backends.state.wording import listing

_IN = FlagError("This engine is part of a Swarm already.", "", instead="docker swarm leave takes it out first")
_OUT = FlagError("This engine is not part of a Swarm.", "", instead="docker swarm init, or join")


def _init(request: SwarmInit, snapshot: Snapshot) -> Told | FlagError:
    forced = request.options.flag("force-new-cluster")
    if snapshot.in_swarm and not forced:
        return _IN
    if forced:
        sentence = "Makes this node the only manager, with what it knows of the Swarm; all other managers are left out."
        return Told("Force a new cluster", sentence, Grade.LOSES)
    at = request.options.text("advertise-addr")
    return Told("Start a Swarm", f"Makes this engine the first manager of a new Swarm{f', at {at}' if at else ''}.")


def _join(request: SwarmJoin, snapshot: Snapshot) -> Told | FlagError:
    if snapshot.in_swarm:
        return _IN
    return Told("Join a Swarm", f"Makes this engine a node of the Swarm at {request.remote}.", Grade.STOPS)


def _leave(request: SwarmLeave, snapshot: Snapshot) -> Told | FlagError:
    if not snapshot.in_swarm:
        return _OUT
    found = quorum.without(snapshot, {snapshot.node_id})
    tasks = sum(1 for t in snapshot.tasks.values() if t.node_id == snapshot.node_id and not t.is_over)
    if found is not None and not request.options.flag("force"):
        return FlagError(
            f"This node is a manager. {found.sentence}", "force", instead="demote it first, or add --force"
        )
    sentence = "Takes this node out of the Swarm; its tasks are started on other nodes."
    warnings = (f"{tasks} tasks run here.",) if tasks > 1 else ()
    return Told("Leave the Swarm", sentence, Grade.LOSES, warnings, (), (), found)


def _update(request: SwarmUpdate, _: Snapshot) -> Told:
    what = [f"{name} {' '.join(values)}" for name, values in request.options.items]
    return Told("Update the Swarm", f"Sets {listing(what, 6) or 'nothing'} for the whole Swarm.", Grade.STOPS)


def _token(request: SwarmJoinToken, _: Snapshot) -> Told:
    if not request.options.flag("rotate"):
        return Told("Show a join token", f"Shows the token that lets a {request.role} join. It changes nothing.")
    return Told(
        "Rotate the join token",
        f"Makes a new token for a {request.role} that joins; the old one opens nothing any more. Nodes stay.",
        Grade.LOSES,
    )


def _unlock(request: SwarmUnlock, _: Snapshot) -> Told:
    return Told("Unlock the Swarm", "Unlocks this manager with the key from standard input.")


def _unlock_key(request: SwarmUnlockKey, _: Snapshot) -> Told:
    if not request.options.flag("rotate"):
        return Told("Show the unlock key", "Shows the key that unlocks managers. It changes nothing.")
    sentence = "Makes a new unlock key; a manager that restarts before it has heard of it needs the old one."
    return Told("Rotate the unlock key", sentence, Grade.LOSES)


def _ca(request: SwarmCa, _: Snapshot) -> Told:
    if not request.options.flag("rotate"):
        return Told("Show the root certificate", "Shows the Swarm's root certificate. It changes nothing.")
    return Told(
        "Rotate the root certificate",
        "Makes a new root certificate, and each node's own anew; join tokens change with it.",
        Grade.LOSES,
    )


TELLERS: Mapping[type[Request], Callable[[Any, Snapshot], Told | FlagError]] = MappingProxyType(
    {
        SwarmInit: _init,
        SwarmJoin: _join,
        SwarmLeave: _leave,
        SwarmUpdate: _update,
        SwarmJoinToken: _token,
        SwarmUnlock: _unlock,
        SwarmUnlockKey: _unlock_key,
        SwarmCa: _ca,
    }
)
