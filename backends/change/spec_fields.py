"""A spec as fields that people have names for: environment by name, ports by number, mounts by target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from backends.change.part import Spec, reach
from backends.change.port_value import show_port

#: One place of a spec: its keys from the top; members of keyed lists by their key.
Path = tuple[str, ...]
_CONTAINER = ("TaskTemplate", "ContainerSpec")


def _env_key(value: Any) -> str:
    return str(value).partition("=")[0]


def _port_key(value: Any) -> str:
    published = value.get("PublishedPort") or 0
    number = published or f"to {value.get('TargetPort', 0)}"
    return f"{number}/{value.get('Protocol', 'tcp')}" + ("" if value.get("PublishMode") != "host" else " host")


def _reference_key(name: str) -> Callable[[Any], str]:
    return lambda value: f"{value.get(name, '')} {reach(value, 'File', 'Name') or ''}".strip()


def _host_key(value: Any) -> str:
    return " ".join(str(value).split())


#: Lists of which each member has a key; the order of the others counts.
KEYED: Mapping[Path, Callable[[Any], str]] = {
    (*_CONTAINER, "Env"): _env_key,
    (*_CONTAINER, "Mounts"): lambda value: str(value.get("Target", "")),
    (*_CONTAINER, "Secrets"): _reference_key("SecretName"),
    (*_CONTAINER, "Configs"): _reference_key("ConfigName"),
    (*_CONTAINER, "Ulimits"): lambda value: str(value.get("Name", "")),
    (*_CONTAINER, "Hosts"): _host_key,
    (*_CONTAINER, "Groups"): str,
    (*_CONTAINER, "CapabilityAdd"): str,
    (*_CONTAINER, "CapabilityDrop"): str,
    (*_CONTAINER, "DNSConfig", "Nameservers"): str,
    (*_CONTAINER, "DNSConfig", "Search"): str,
    (*_CONTAINER, "DNSConfig", "Options"): str,
    ("TaskTemplate", "Networks"): lambda value: str(value.get("Target", "")),
    ("Networks",): lambda value: str(value.get("Target", "")),
    ("TaskTemplate", "Placement", "Constraints"): str,
    ("TaskTemplate", "Resources", "Reservations", "GenericResources"): lambda value: str(
        reach(value, "DiscreteResourceSpec", "Kind") or reach(value, "NamedResourceSpec", "Kind") or ""
    ),
    ("EndpointSpec", "Ports"): _port_key,
}


def keyed(path: Path, values: Any) -> dict[str, Any] | None:
    """A keyed list as a map in its order; ``None`` where it is no keyed list, or keys repeat or are missing."""
    key = KEYED.get(path)
    if key is None or not isinstance(values, list):
        return None
    try:
        found = {key(value): value for value in values}
    except AttributeError:
        return None
    return found if len(found) == len(values) else None


def fields(spec: Spec) -> dict[Path, Any]:
    """Every value of a spec by its path. Empty objects and lists do not count."""
    return dict(_fields(spec, ()))


def _fields(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    members = value if isinstance(value, dict) else keyed(path, value)
    if members is None:
        if value not in (None, [], {}):
            yield path, value
    elif isinstance(value, dict):
        for key, member in members.items():
            yield from _fields(member, (*path, key))
    else:
        for key, member in members.items():
            yield (*path, key), member


_WORDS: Mapping[Path, str] = {
    ("Name",): "name",
    (*_CONTAINER, "Image"): "image",
    (*_CONTAINER, "Args"): "command",
    (*_CONTAINER, "Command"): "entrypoint",
    (*_CONTAINER, "Dir"): "workdir",
    (*_CONTAINER, "TTY"): "tty",
    ("Mode", "Replicated", "Replicas"): "replicas",
    ("Mode", "ReplicatedJob", "TotalCompletions"): "replicas",
    ("Mode", "ReplicatedJob", "MaxConcurrent"): "max concurrent",
    ("TaskTemplate", "ForceUpdate"): "forced restarts",
    ("TaskTemplate", "Placement", "MaxReplicas"): "replicas per node",
    ("TaskTemplate", "Placement", "Preferences"): "placement preferences",
    ("TaskTemplate", "Placement", "Platforms"): "platforms",
    ("EndpointSpec", "Mode"): "endpoint mode",
    ("TaskTemplate", "Resources", "Limits", "NanoCPUs"): "CPU limit",
    ("TaskTemplate", "Resources", "Limits", "MemoryBytes"): "memory limit",
    ("TaskTemplate", "Resources", "Limits", "Pids"): "process limit",
    ("TaskTemplate", "Resources", "Reservations", "NanoCPUs"): "CPU reservation",
    ("TaskTemplate", "Resources", "Reservations", "MemoryBytes"): "memory reservation",
    (*_CONTAINER, "Healthcheck", "Test"): "health command",
    ("TaskTemplate", "LogDriver", "Name"): "log driver",
}
_MEMBERS: tuple[tuple[Path, str], ...] = (
    ((*_CONTAINER, "Env"), "env"),
    ((*_CONTAINER, "Mounts"), "mount"),
    ((*_CONTAINER, "Secrets"), "secret"),
    ((*_CONTAINER, "Configs"), "config"),
    ((*_CONTAINER, "Ulimits"), "ulimit"),
    ((*_CONTAINER, "Hosts"), "host entry"),
    ((*_CONTAINER, "Groups"), "group"),
    ((*_CONTAINER, "CapabilityAdd"), "added capability"),
    ((*_CONTAINER, "CapabilityDrop"), "dropped capability"),
    ((*_CONTAINER, "DNSConfig", "Nameservers"), "DNS server"),
    ((*_CONTAINER, "DNSConfig", "Search"), "DNS search domain"),
    ((*_CONTAINER, "DNSConfig", "Options"), "DNS option"),
    ((*_CONTAINER, "Sysctls"), "sysctl"),
    ((*_CONTAINER, "Labels"), "container label"),
    ((*_CONTAINER, "Healthcheck"), "health"),
    (("TaskTemplate", "Networks"), "network"),
    (("TaskTemplate", "Placement", "Constraints"), "constraint"),
    (("TaskTemplate", "Resources", "Reservations", "GenericResources"), "generic resource"),
    (("TaskTemplate", "LogDriver", "Options"), "log option"),
    (("TaskTemplate", "RestartPolicy"), "restart"),
    (("EndpointSpec", "Ports"), "port"),
    (("Labels",), "label"),
    (("UpdateConfig",), "update"),
    (("RollbackConfig",), "rollback"),
    (_CONTAINER, ""),
)


def words(path: Path, names: Mapping[str, str] | None = None) -> str:
    """A path for people: ``env LOG_LEVEL``, ``port 8080/tcp``, ``update delay``. ``names`` gives those of
    networks by ID."""
    if path in _WORDS:
        return _WORDS[path]
    for prefix, noun in _MEMBERS:
        if path[: len(prefix)] == prefix and len(path) > len(prefix):
            rest = " ".join(path[len(prefix) :])
            rest = (names or {}).get(rest, rest) if noun == "network" else rest
            rest = _spaced(rest) if noun in ("", "update", "rollback", "restart", "health") else rest
            return f"{noun} {rest}".strip()
    return ".".join(path)


def _spaced(name: str) -> str:
    """``MaxFailureRatio`` as ``max failure ratio``."""
    text = "".join(
        f" {c.lower()}" if c.isupper() and i and not name[i - 1].isupper() else c for i, c in enumerate(name)
    )
    return text if text.isupper() else text[:1].lower() + text[1:]


def shown(path: Path, value: Any) -> str:
    """A value for people, on one line; secrets are not looked for here, see ``redaction``."""
    if value is None:
        return ""
    if path[:-1] == (*_CONTAINER, "Env"):
        return str(value).partition("=")[2]
    if path[:-1] == ("EndpointSpec", "Ports"):
        return show_port(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} {shown((), member)}".strip() for key, member in value.items())
    if isinstance(value, list):
        return " ".join(shown((), member) for member in value)
    return str(value)
