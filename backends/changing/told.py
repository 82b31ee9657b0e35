"""What the modules of each noun say of a request, and how they look names up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from backends.change.flag_error import FlagError
from backends.changing.drain import Moving
from backends.changing.quorum import Quorum
from backends.model import Network, Node, Service, Snapshot


class Grade(StrEnum):
    """How much is asked before a change is sent."""

    ADDS = "adds"
    """It only adds, or is undone by the same verb: nothing is asked."""
    STOPS = "stops"
    """Something stops or restarts and comes back: one line."""
    LOSES = "loses"
    """Data, reach or quorum may be lost: a plan, Cancel first."""


@dataclass(frozen=True, slots=True)
class Told:
    """A request in words; see ``backends.changing.plan.Plan``, which has the same and the request itself."""

    title: str
    sentence: str
    grade: Grade = Grade.ADDS
    warnings: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    moving: tuple[Moving, ...] = ()
    quorum: Quorum | None = None


_T = TypeVar("_T", Service, Node, Network)


def service(snapshot: Snapshot, name: str) -> Service | FlagError:
    """The service of a name, an ID or the head of one."""
    return _find("service", snapshot.services, name, lambda one: one.name, "SERVICE")


def node(snapshot: Snapshot, name: str) -> Node | FlagError:
    """The node of a host name, an ID, the head of one, or ``self``."""
    if name == "self" and snapshot.node_id in snapshot.nodes:
        return snapshot.nodes[snapshot.node_id]
    return _find("node", snapshot.nodes, name, lambda one: one.hostname, "NODE")


def network(snapshot: Snapshot, name: str) -> Network | FlagError:
    """The network of a name, an ID or the head of one. One of the Swarm outranks a node's own, and this node's own
    those of others."""
    known = snapshot.networks
    mine = {id: one for id, one in known.items() if one.is_swarm or one.node_id in ("", snapshot.node_id)}
    return _find("network", mine, name, lambda one: one.name, "NETWORK")


def _find(kind: str, known: Mapping[str, _T], name: str, called: Callable[[_T], str], argument: str) -> _T | FlagError:
    exact = [one for one in known.values() if called(one) == name]
    if not exact and name in known:
        exact = [known[name]]
    if not exact and name:
        exact = [one for id, one in known.items() if id.startswith(name)]
    if len(exact) == 1:
        return exact[0]
    if exact:
        return FlagError(f"{len(exact)} {kind}s are called {name}.", argument, instead="give the ID")
    near = get_close_matches(name, [called(one) for one in known.values()], n=1, cutoff=0.6)
    return FlagError(f"There is no {kind} {name}.", argument, instead=f"did you mean {near[0]}?" if near else "")


def first_error(found: Iterable[object]) -> FlagError | None:
    """The first of several look-ups that failed."""
    return next((one for one in found if isinstance(one, FlagError)), None)
