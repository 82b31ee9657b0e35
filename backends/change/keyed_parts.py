"""Mounts, ports, hosts, limits and capabilities of a service: lists whose members have a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backends.change import numbers
from backends.change.flag_error import BadValue, refuse
from backends.change.list_parts import Keyed, same
from backends.change.mount_value import show_mount
from backends.change.part import Build, Given, Names, Spec, assign, reach, sub
from backends.change.port_value import show_port
from backends.change.reference_value import show_ulimit

_CONTAINER = ("TaskTemplate", "ContainerSpec")
#: Stands for all capabilities; the other one empties the list it is given to (``update`` only).
_ALL, _RESET = "ALL", "RESET"


class MountPart:
    """``--mount``."""

    def create(self, build: Build, given: Given) -> None:
        """Writes them in the order typed; ``./data`` is taken from the current folder."""
        assign(build.container, "Mounts", [_absolute(mount, build) for mount in given["mount"]])

    def update(self, build: Build, given: Given) -> None:
        """Replaces by target, takes out, and sorts by source as the CLI does; where nothing comes or goes, the
        order stays, since another order restarts every task."""
        added = [_absolute(mount, build) for mount in given.get("mount-add", ())]
        targets = [mount["Target"] for mount in added]
        if len(set(targets)) < len(targets):
            raise refuse("duplicate mount target", "mount-add", "each target once")
        before = build.container.get("Mounts") or []
        gone = set(given.get("mount-rm", ()))
        after = [*added, *(mount for mount in before if mount.get("Target") not in targets)]
        after = [mount for mount in after if mount.get("Target") not in gone]
        if len(after) != len(before) or any(mount not in before for mount in after):
            after.sort(key=lambda mount: (mount.get("Source", ""), mount.get("Target", "")))
            assign(build.container, "Mounts", after)

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """Each in long form."""
        mounts = reach(spec, *_CONTAINER, "Mounts")
        return {"mount": [show_mount(mount) for mount in mounts]} if mounts else {}


def _absolute(mount: Spec, build: Build) -> Spec:
    source = mount.get("Source", "")
    if source.startswith("."):
        return {**mount, "Source": build.around.absolute(source)}
    return dict(mount)


MOUNTS = MountPart()


class PortPart:
    """``--publish``."""

    def create(self, build: Build, given: Given) -> None:
        """Writes them in the order typed."""
        sub(build.spec, "EndpointSpec")["Ports"] = [dict(port) for ports in given["publish"] for port in ports]

    def update(self, build: Build, given: Given) -> None:
        """Takes out by target port, protocol and mode; adds what was not there before."""
        endpoint = sub(build.spec, "EndpointSpec")
        before = {_port_key(port): port for port in reversed(endpoint.get("Ports") or [])}
        gone = {_removal_key(port) for ports in given.get("publish-rm", ()) for port in ports}
        after = [port for port in before.values() if _removal_key(port) not in gone]
        for ports in given.get("publish-add", ()):
            for port in ports:
                if _port_key(port) in before:
                    if _removal_key(port) in gone:
                        build.warnings.append(
                            f"{show_port(port)} is taken out and not added again: docker service update skips ports "
                            "that were there before."
                        )
                    continue
                after.append(dict(port))
        if not same(endpoint.get("Ports") or (), after):
            assign(endpoint, "Ports", sorted(after, key=_port_key))

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """Each in its shortest form."""
        ports = reach(spec, "EndpointSpec", "Ports")
        return {"publish": [show_port(port) for port in ports]} if ports else {}


def _port_key(port: Spec) -> str:
    return (
        f"{port.get('PublishedPort', 0)}:{port.get('TargetPort', 0)}/"
        f"{port.get('Protocol', '')}/{port.get('PublishMode', '')}"
    )


def _removal_key(port: Spec) -> tuple[int, str, str]:
    return port.get("TargetPort", 0), port.get("Protocol") or "tcp", port.get("PublishMode") or "ingress"


PORTS = PortPart()


class HostPart:
    """``--host``: entries of ``/etc/hosts``; ``ADDRESS NAME [ALIAS…]`` in the spec."""

    def create(self, build: Build, given: Given) -> None:
        """Writes them in the order typed."""
        build.container["Hosts"] = [_entry(text) for text in given["host"]]

    def update(self, build: Build, given: Given) -> None:
        """Takes names out of the entries, with an address only of those that have it; adds at the end."""
        gone = [text.partition(":") for text in given.get("host-rm", ())]
        kept: list[str] = []
        for line in build.container.get("Hosts") or ():
            address, *names = line.split()
            names = [n for n in names if not any(n == name and ip in ("", address) for name, _, ip in gone)]
            if names:
                kept.append(" ".join((address, *names)))
        kept += [_entry(text) for text in given.get("host-add", ())]
        assign(build.container, "Hosts", list(dict.fromkeys(kept)))

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """``NAME:ADDRESS`` each; an entry with aliases becomes several."""
        found = []
        for line in reach(spec, *_CONTAINER, "Hosts") or ():
            address, *hosts = line.split() or [""]
            found += [f"{host}:{address}" for host in hosts]
        return {"host": found} if found else {}


def _entry(text: str) -> str:
    name, _, address = text.partition(":")
    return f"{address} {name}"


HOSTS = HostPart()


def _by_name(limits: Sequence[Any]) -> list[Any]:
    return sorted({limit["Name"]: dict(limit) for limit in limits}.values(), key=lambda limit: str(limit["Name"]))


def _name_of(limit: Any) -> str:
    return str(limit.get("Name", ""))


ULIMITS = Keyed(
    "ulimit",
    (*_CONTAINER, "Ulimits"),
    _name_of,
    show_ulimit,
    lambda kept, added: _by_name([*kept, *added]),
    _by_name,
    lambda text: str(text).partition("=")[0],
)


def _kind(resource: Any) -> str:
    return str(reach(resource, "DiscreteResourceSpec", "Kind") or reach(resource, "NamedResourceSpec", "Kind") or "")


def _resources(texts: Sequence[Any]) -> list[Any]:
    found: dict[str, Spec] = {}
    for text in texts:
        kind, number = (side.strip() for side in str(text).split("=", 1))
        count = _count(number)
        if count is None and "=" not in number:
            raise refuse(
                f"invalid generic-resource request `{kind}={number}`, Named Generic Resources is not supported "
                "for service create or update",
                "generic-resource",
                "KIND=NUMBER, such as gpu=2",
            )
        if count is None or count < 0:
            raise refuse(
                f"invalid generic resource specification: could not parse GenericResource: {text}",
                "generic-resource",
                "KIND=NUMBER, such as gpu=2",
            )
        if kind in found:
            raise refuse(
                "invalid generic resource specification: could not parse GenericResource: mixed discrete and named "
                f"resources in expression '{kind}=[{reach(found[kind], 'DiscreteResourceSpec', 'Value')} {number}]'",
                "generic-resource",
                "each kind once",
            )
        resource: Spec = {}
        assign(resource, "Kind", kind)
        assign(resource, "Value", count)
        found[kind] = {"DiscreteResourceSpec": resource}
    return list(found.values())


def _count(text: str) -> int | None:
    try:
        return numbers.parse_int(text, based=False)
    except BadValue:
        return None


def _with_resources(kept: list[Any], added: Sequence[Any]) -> list[Any]:
    return list({_kind(resource): resource for resource in [*kept, *_resources(added)]}.values())


GENERIC_RESOURCES = Keyed(
    "generic-resource",
    ("TaskTemplate", "Resources", "Reservations", "GenericResources"),
    lambda value: _kind(value) if isinstance(value, dict) else str(value).partition("=")[0],
    lambda value: f"{_kind(value)}={reach(value, 'DiscreteResourceSpec', 'Value') or 0}",
    _with_resources,
    _resources,
    missing="could not find generic-resource `{}` to remove it",
    removed_last=True,
)


def capability(text: str) -> str:
    """A capability's name as the engine wants it: ``CAP_NET_ADMIN``."""
    name = text.strip().upper()
    return name if name in (_ALL, _RESET) or name.startswith("CAP_") else f"CAP_{name}"


class CapabilityPart:
    """``--cap-add`` and ``--cap-drop``: adding wins over dropping the same."""

    def create(self, build: Build, given: Given) -> None:
        """Writes both lists, sorted; ``ALL`` stands alone."""
        add = {capability(text) for text in given.get("cap-add", ())}
        drop = {capability(text) for text in given.get("cap-drop", ())}
        add = {_ALL} if _ALL in add else add
        drop = {_ALL} if _ALL in drop else drop
        assign(build.container, "CapabilityAdd", sorted(add - {_RESET}))
        assign(build.container, "CapabilityDrop", sorted(drop - add - {_RESET}))

    def update(self, build: Build, given: Given) -> None:
        """Three states: adding one that is dropped only takes it from there, and the other way round."""
        before = [list(build.container.get(key) or ()) for key in ("CapabilityAdd", "CapabilityDrop")]
        add, drop = ({capability(text) for text in texts} for texts in before)
        to_add = {capability(text) for text in given.get("cap-add", ())}
        to_drop = {capability(text) for text in given.get("cap-drop", ())}
        add, drop = (set() if _RESET in to_add else add), (set() if _RESET in to_drop else drop)
        to_add, to_drop = to_add - {_RESET}, to_drop - {_RESET}
        for name in to_drop - to_add:
            (add.discard if name in add else drop.add)(name)
        for name in to_add:
            (drop.discard if name in drop else add.add)(name)
        for key, names, texts in (("CapabilityAdd", add, before[0]), ("CapabilityDrop", drop, before[1])):
            after = [_ALL] if _ALL in names else sorted(names)
            if not same(texts, after):
                assign(build.container, key, after)

    def read(self, spec: Spec, names: Names) -> Mapping[str, Sequence[str]]:
        """Both lists."""
        container = reach(spec, *_CONTAINER) or {}
        flags = {"cap-add": container.get("CapabilityAdd"), "cap-drop": container.get("CapabilityDrop")}
        return {flag: list(values) for flag, values in flags.items() if values}


CAPABILITIES = CapabilityPart()
