"""Networks by key and verb: a new one, connecting and detaching containers, removing, pruning."""

from __future__ import annotations

from backends.model import Container, Key, Kind, Network
from backends.state.relations import relations
from tui.actions.forms import opens
from tui.actions.objects import get
from tui.actions.spec import ActionContext, ActionSpec, Danger, Verdict

_NETWORK = frozenset({Kind.NETWORK})
_CONTAINER = frozenset({Kind.CONTAINER})


def _network(context: ActionContext) -> Network | None:
    found = get(context.snapshot, context.target) if context.target else None
    return found if isinstance(found, Network) else None


def _container(context: ActionContext) -> Container | None:
    found = get(context.snapshot, context.target) if context.target else None
    return found if isinstance(found, Container) else None


def _connects(context: ActionContext) -> Verdict:
    """Whether a container can be connected to another network."""
    container = _container(context)
    if container is None:
        return "the container is gone"
    mode = container.network_mode
    if mode in ("host", "none") or mode.startswith("container:"):
        return f"{container.name} shares the network of {mode.replace('container:', 'container ')}"
    return True


def _takes(context: ActionContext) -> Verdict:
    """Whether a network takes containers."""
    network = _network(context)
    if network is None:
        return "the network is gone"
    if network.ingress:
        return f"{network.name} carries published ports only"
    if network.config_only:
        return f"{network.name} is only a plan"
    if network.is_swarm and not network.attachable:
        return f"{network.name} is for services: it was not made attachable"
    if network.name in ("host", "none") and not network.is_swarm:
        return f"{network.name} is taken when a container is made, not later"
    return True


def _removable(context: ActionContext) -> Verdict:
    network = _network(context)
    if network is None:
        return "the network is gone"
    of_container = _scoped(context)
    if of_container is None and network.name in ("bridge", "host", "none") and not network.is_swarm:
        return f"{network.name} is the engine's own and never goes"
    return True


def _scoped(context: ActionContext) -> Key | None:
    """The container whose networks are listed."""
    scope = context.place.scope[-1] if context.place.scope else None
    return scope if scope is not None and scope.kind is Kind.CONTAINER and context.place.view == "networks" else None


def _prompt(context: ActionContext, what: str) -> None:
    if context.target is not None:
        context.ui.prompt(what, context.target)


def _remove(context: ActionContext) -> None:
    """Removes it; where the networks of a container are listed, detaches that one."""
    container = _scoped(context)
    if container is not None and context.target is not None:
        context.ui.prompt("detach", Key(Kind.NETWORK, f"{context.target.id} {container.id}"))
    elif len(context.targets) > 1:
        from tui.actions.changing import removal_line

        context.ui.change(removal_line(context.targets, context.snapshot))
    else:
        _prompt(context, "network-remove")


def _endpoint(context: ActionContext) -> tuple[Key | None, str]:
    """(the network whose endpoints are listed, the container or name of the one under the cursor)."""
    network = next((key for key in reversed(context.place.scope) if key.kind is Kind.NETWORK), None)
    key = context.target
    if network is None or key is None:
        return network, ""
    if key.kind is Kind.TASK:
        task = context.snapshot.tasks.get(key.id)
        found = relations(context.snapshot).container_of(task) if task is not None else None
        return network, found.id if found is not None else task.container_id if task is not None else ""
    return network, key.id


def _detachable(context: ActionContext) -> Verdict:
    network, ident = _endpoint(context)
    if network is None:
        return "it is on no network here"
    if not ident:
        return "its container is not known yet"
    if ident.startswith("endpoint/"):
        held = context.snapshot.networks.get(network.id)
        name = ident.rpartition("/")[2]
        end = next((e for e in held.endpoints if name in (e.endpoint_id, e.name)), None) if held is not None else None
        if end is None or end.name.startswith("lb-"):
            return "a load balancer goes with the last task on its node"
    return True


def _detach(context: ActionContext) -> None:
    network, ident = _endpoint(context)
    if network is not None and ident:
        context.ui.prompt("detach", Key(Kind.NETWORK, f"{network.id} {ident}"))
    else:
        context.ui.say("There is nothing to detach here.", bad=True)


def _connect_here(context: ActionContext) -> None:
    network, _ = _endpoint(context)
    if network is not None:
        context.ui.prompt("connect", network)
    else:
        context.ui.say("These are the endpoints of no network.", bad=True)


def _prune(context: ActionContext) -> None:
    context.ui.prompt("prune", Key(Kind.NETWORK, context.arguments[0] if context.arguments else ""))


NETWORKS: tuple[ActionSpec, ...] = (
    ActionSpec(
        id="network.new",
        title="new network",
        help="Fills in a new network: subnets are checked against networks and routes of every node while typed.",
        keys=("n",),
        views=frozenset({"networks"}),
        group="Object",
        footer=5,
        changes=True,
        run=opens("network-create"),
    ),
    ActionSpec(
        id="network.connect",
        title="attach",
        help="Connects a container to the network: which, by what name, with which address.",
        keys=("a",),
        kinds=_NETWORK,
        views=frozenset({"networks"}),
        group="Object",
        footer=3,
        changes=True,
        when=_takes,
        run=lambda context: _prompt(context, "connect"),
    ),
    ActionSpec(
        id="container.connect",
        title="attach to network",
        help="Connects the container to one more network, on whichever node it is; free addresses are offered.",
        keys=("a",),
        kinds=_CONTAINER,
        views=frozenset({"containers"}),
        group="Object",
        verb="connect",
        arguments="NAME",
        footer=4,
        changes=True,
        when=_connects,
        run=lambda context: _prompt(context, "connect"),
    ),
    ActionSpec(
        id="endpoint.connect",
        title="attach",
        help="Connects one more container to the network.",
        keys=("a",),
        views=frozenset({"endpoints"}),
        group="Object",
        footer=3,
        changes=True,
        run=_connect_here,
    ),
    ActionSpec(
        id="endpoint.detach",
        title="detach",
        help="Takes the container off the network; says what breaks before. A stale endpoint is taken off by force.",
        keys=("ctrl+d",),
        kinds=frozenset({Kind.CONTAINER, Kind.TASK, Kind.ENGINE}),
        views=frozenset({"endpoints"}),
        group="Object",
        footer=4,
        danger=Danger.STOPS,
        changes=True,
        when=_detachable,
        run=_detach,
    ),
    ActionSpec(
        id="network.remove",
        title="remove",
        help="Removes the network, or says who holds it; among the networks of a container, detaches it from that one.",
        keys=("ctrl+d",),
        kinds=_NETWORK,
        views=frozenset({"networks"}),
        group="Object",
        footer=8,
        danger=Danger.LOSES,
        changes=True,
        when=_removable,
        run=_remove,
    ),
    ActionSpec(
        id="network.prune",
        title="prune networks",
        help="Shows the networks that nothing uses on any node, what stays and why, and removes those that are marked.",
        group="Program",
        verb="prune",
        arguments="[LABEL]",
        danger=Danger.LOSES,
        changes=True,
        run=_prune,
    ),
)
