"""``network connect``, ``disconnect`` and ``rm``: what the engine would refuse, or take and never make work."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from backends.change.compile_network import strings
from backends.change.find import find_container, find_network
from backends.change.finding import Finding, error, note, warning
from backends.change.near import meant
from backends.change.network_addresses import free_addresses, holders_of_addresses, problem_of
from backends.change.network_users import PREDEFINED
from backends.change.requests import NetworkConnect, NetworkDisconnect, NetworkRemove
from backends.model import Container, Kind, Network, Snapshot
from backends.state.relations import relations
from backends.state.wording import listing, plural


def check_connect(request: NetworkConnect, snapshot: Snapshot) -> Iterator[Finding]:
    """A container to a network."""
    network, container = find_network(snapshot, request.network), find_container(snapshot, request.container)
    if network is None and Kind.NETWORK in snapshot.listed:
        sentence = f"network {request.network} not found"
        yield error(sentence, "NETWORK", meant(request.network, (n.name for n in snapshot.networks.values())))
    if container is None and Kind.CONTAINER in snapshot.listed:
        own = (c.name for c in snapshot.containers.values() if c.node_id in ("", snapshot.node_id))
        yield error(f"No such container: {request.container}", "CONTAINER", meant(request.container, own))
    if network is None:
        return
    if network.name in ("host", "none"):
        yield error(f"A container cannot be connected to {network.name} while it exists.", "NETWORK", "another network")
    if network.is_swarm and not network.attachable:
        yield error(
            f"network {network.name} not manually attachable",
            "NETWORK",
            "a network made with --attachable, or a service on it",
        )
    if container is not None:
        yield from _of_container(container, network, snapshot)
    yield from _addresses(request, network, snapshot)


def _of_container(container: Container, network: Network, snapshot: Snapshot) -> Iterator[Finding]:
    if relations(snapshot).attachment(container, network) is not None:
        sentence = f"{container.name} is on {network.name} already"
        yield error(f"{sentence}.", "CONTAINER", f"docker network disconnect {network.name} {container.name} first")
    if container.network_mode in ("host", "none") or container.network_mode.startswith("container:"):
        sentence = (
            f"{container.name} shares the network of {container.network_mode.replace('container:', 'container ')}"
        )
        yield error(
            f"{sentence} and cannot be connected to another.", "CONTAINER", "a container with a network of its own"
        )
    if container.service_name:
        yield warning(
            f"{container.name} is a task of {container.service_name}: the next one will not be on {network.name}.",
            "CONTAINER",
            f"docker service update --network-add {network.name} {container.service_name}",
        )
    if container.state not in ("running", "paused"):
        yield warning(
            f"{container.name} is {container.state}: the engine takes any network now, and fails when it starts.",
            "CONTAINER",
            "start it first",
        )


def _addresses(request: NetworkConnect, network: Network, snapshot: Snapshot) -> Iterator[Finding]:
    options = request.options
    held = holders_of_addresses(network, snapshot)
    default = network.name == "bridge" and not network.is_swarm
    for flag, version in (("ip", 4), ("ip6", 6)):
        text = options.text(flag)
        if not text:
            continue
        problem, right = problem_of(text, version, network)
        if problem:
            yield error(problem, flag, right)
        elif text in held:
            following = free_addresses(network, snapshot, version, 1)
            instead = f"{following[0]}, the next free one" if following else "none to get the next free one"
            yield error(f"Address already in use: {text} is {held[text]}.", flag, instead)
        elif default:
            yield error("On the network bridge the engine gives out the addresses.", flag, "leave it empty")
    for text in strings(options, "link-local-ip"):
        try:
            ip_address(text)
        except ValueError:
            yield error(f"{text} is no address.", "link-local-ip", "such as 169.254.34.68")
    if default and options.values("alias"):
        yield error("Names work on networks that were made, not on bridge.", "alias", "leave it empty")
    use = relations(snapshot).addresses(network)
    if use.size is not None and not use.free and not use.estimated and not options.text("ip"):
        yield warning(f"{network.name} is full: all {use.size:,} addresses are taken.", "NETWORK", "another network")
    yield from _aliases(request, network, snapshot)


def _aliases(request: NetworkConnect, network: Network, snapshot: Snapshot) -> Iterator[Finding]:
    index = relations(snapshot)
    for alias in strings(request.options, "alias"):
        services = [s.name for s in index.services_on(network) if s.name == alias]
        others = [
            c.name
            for c in index.containers_in(network)
            if c.name != request.container and (c.name == alias or alias in _names(c, network, snapshot))
        ]
        if services or others:
            who = listing([*services, *others], 3)
            yield warning(
                f"{alias} is {who} already: the name would lead to one or the other.", "alias", "another name"
            )


def _names(container: Container, network: Network, snapshot: Snapshot) -> tuple[str, ...]:
    attached = relations(snapshot).attachment(container, network)
    return attached.aliases if attached is not None else ()


def check_disconnect(request: NetworkDisconnect, snapshot: Snapshot) -> Iterator[Finding]:
    """A container from a network."""
    network = find_network(snapshot, request.network)
    container = find_container(snapshot, request.container)
    if network is None or container is None:
        return
    if relations(snapshot).attachment(container, network) is None:
        yield error(
            f"container {container.name} is not connected to network {network.name}",
            "CONTAINER",
            listing([a.network for a in container.networks]),
        )
    elif len(container.networks) == 1:
        yield note(f"{container.name} is on no other network: it would have none left.", "CONTAINER")


def check_remove(request: NetworkRemove, snapshot: Snapshot) -> Iterator[Finding]:
    """Networks that somebody uses, by name."""
    index = relations(snapshot)
    for name in request.names:
        network = find_network(snapshot, name)
        if network is None:
            if Kind.NETWORK in snapshot.listed and not request.options.flag("force"):
                known = meant(name, (n.name for n in snapshot.networks.values()))
                yield error(f"network {name} not found", "NETWORK", known)
            continue
        if network.name in PREDEFINED:
            yield error(f"{network.name} is a pre-defined network and cannot be removed", "NETWORK")
        users = index.users(network.key)
        if users.services:
            services = listing([s.name for s in users.services])
            yield error(
                f"{network.name} is in use by {plural(len(users.services), 'service')}: {services}.",
                "NETWORK",
                f"docker service update --network-rm {network.name} for each, or remove them",
            )
        standing = [c for c in users.containers if not c.task_id]
        running = [c.name for c in standing if c.state in ("running", "paused", "restarting")]
        stopped = [c.name for c in standing if c.name not in running]
        if running:
            yield error(
                f"{network.name} has active endpoints: {listing(running)}.",
                "NETWORK",
                f"docker network disconnect {network.name} for each",
            )
        elif stopped:
            again = "it" if len(stopped) == 1 else "they"
            yield warning(
                f"{listing(stopped)}, stopped, {'needs' if len(stopped) == 1 else 'need'} {network.name}: "
                f"{again} could not start again.",
                "NETWORK",
                f"docker network disconnect {network.name} for each first",
            )
        made = [n.name for n in snapshot.networks.values() if network.config_only and n.config_from == network.name]
        if made:
            yield error(f"{listing(made)} {'is' if len(made) == 1 else 'are'} made from {network.name}.", "NETWORK")
