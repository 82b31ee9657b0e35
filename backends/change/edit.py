"""A form that edits a service: what differs from the service becomes the flags of ``service update``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from backends.change import service_tables
from backends.change.flag_error import FlagError
from backends.change.flags import Flag
from backends.change.options import Options
from backends.change.part import Names
from backends.change.port_value import parse_ports, show_port
from backends.change.readback import as_create
from backends.change.reference_value import parse_config, parse_secret
from backends.change.requests import ServiceCreate, ServiceUpdate
from backends.change.words import command_words

#: Flags about sending: they go with an edit as they are given.
SENDING = ("detach", "quiet", "with-registry-auth", "no-resolve-image")
#: Flags of create that no update can change.
FIXED = {
    "name": "A service's name cannot be changed: duplicate it under another one.",
    "mode": "A service's mode cannot be changed after it is made: duplicate it in another one.",
    "max-concurrent": "docker service update cannot change how many tasks of a job run at once.",
    "health-start-interval": "docker service update cannot change the health check's start interval.",
    "env-file": "Files of variables are read when a service is created: write the variables themselves here.",
}
#: How a flag is emptied where its zero value is not an empty text.
_EMPTY = {"bool": "false", "uint": "0", "int": "0", "decimal": "0", "bytes": "0", "duration": "0s", "float": "0"}
_DEFAULTS = {
    "endpoint-mode": "vip",
    **{f"{p}-{f}": v for p in ("update", "rollback") for f, v in (("parallelism", "1"), ("monitor", "5s"))},
    **{
        f"{p}-{f}": v for p in ("update", "rollback") for f, v in (("failure-action", "pause"), ("order", "stop-first"))
    },
    "stop-grace-period": "10s",
    "restart-condition": "any",
    "restart-delay": "5s",
}


def update_of(
    name: str, before: Mapping[str, Any], wanted: ServiceCreate, names: Names | None = None
) -> ServiceUpdate | tuple[FlagError, ...]:
    """The ``service update`` that turns a service's spec into what a form holds, or what cannot be done.

    ``before`` is the spec as read; ``wanted`` began as ``as_create(before)`` and was edited.
    """
    was = as_create(before, names)
    given: dict[str, list[str]] = {}
    errors: list[FlagError] = []
    for flag in service_tables.CREATE.values():
        old, new = was.options.values(flag.name), wanted.options.values(flag.name)
        if flag.name in SENDING:
            if new:
                given[flag.name] = list(new)
        elif old == new:
            continue
        elif flag.name in FIXED:
            errors.append(FlagError(FIXED[flag.name], flag.name, instead="leave it as it was"))
        elif flag.name in service_tables.LISTED_FLAGS:
            removed, added, error = _listed(flag, old, new)
            given[f"{flag.name}-rm"], given[f"{flag.name}-add"] = removed, added
            errors += [error] if error else []
        elif flag.name in ("cap-add", "cap-drop", "log-driver", "log-opt"):
            continue  # each pair is written together below
        else:
            given[flag.name] = [_single(flag, new)]
    _health(was, wanted, given)
    errors += _log(was, wanted, given)
    _capabilities(was, wanted, given)
    _image_and_command(was, wanted, given)
    if errors:
        return tuple(errors)
    return ServiceUpdate(name=name, options=Options.of(service_tables.UPDATE, given))


def _single(flag: Flag, new: tuple[str, ...]) -> str:
    if new:
        return new[-1]
    return _DEFAULTS.get(flag.name, _EMPTY.get(flag.type.name, ""))


def before_equals(text: str) -> str:
    """The key of ``key=value``."""
    return text.partition("=")[0]


#: What ``-rm`` calls a value of a list, by the list's flag; of lists that are not here the value itself. They raise
#: ``BadValue`` and ``KeyError`` for what is no such value.
KEYS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(("env", "label", "container-label", "sysctl", "ulimit", "generic-resource"), before_equals),
    "mount": lambda text: str(service_tables.CREATE["mount"].type.parse(text)["Target"]),
    "network": lambda text: str(service_tables.CREATE["network"].type.parse(text)["Target"]),
    "secret": lambda text: str(parse_secret(text)["SecretName"]),
    "config": lambda text: str(parse_config(text)["ConfigName"]),
}


#: Lists whose ``-add`` replaces what has the same key: it need not be taken out first.
_REPLACED = frozenset({"env", "label", "container-label", "sysctl", "ulimit", "generic-resource", "mount"})


def _listed(flag: Flag, old: tuple[str, ...], new: tuple[str, ...]) -> tuple[list[str], list[str], FlagError | None]:
    """(what to take out, what to add, why it cannot be)."""
    if flag.name == "publish":
        return _ports(old, new)
    if flag.name == "placement-pref":
        # Their order counts: all are written anew.
        return list(old), list(new), None
    key = KEYS.get(flag.name, str)
    kept = {key(text) for text in new}
    added = [text for text in new if text not in old]
    removed = [key(text) for text in old if key(text) not in kept]
    if flag.name not in _REPLACED:
        # What changed goes first; what goes by name takes all of that name along, which is added again.
        again = {key(text) for text in added}
        removed = [key(text) for text in old if text not in new or key(text) in again]
        if flag.name in ("secret", "config", "network"):
            added += [text for text in new if text in old and key(text) in removed]
    return list(dict.fromkeys(removed)), added, None


def _ports(old: tuple[str, ...], new: tuple[str, ...]) -> tuple[list[str], list[str], FlagError | None]:
    before, after = _each_port(old), _each_port(new)
    removed = [port for port in before if port not in after]
    added = [port for port in after if port not in before]
    for port in removed:
        for other in before:
            if other in after and _target(other) == _target(port):
                error = FlagError(
                    f"docker service update takes ports out by the container's port, so {show_port(other)} would go "
                    f"with {show_port(port)}.",
                    "publish",
                    instead="change one at a time, or publish them with different container ports",
                )
                return [], [], error
    return [_removal(port) for port in removed], [show_port(port) for port in added], None


def _each_port(texts: Iterable[str]) -> list[dict[str, Any]]:
    return [port for text in texts for port in parse_ports(text)]


def _target(port: Mapping[str, Any]) -> tuple[Any, ...]:
    return port.get("TargetPort"), port.get("Protocol"), port.get("PublishMode")


def _removal(port: Mapping[str, Any]) -> str:
    """A port as ``--publish-rm`` names it: by target, protocol and mode."""
    return show_port({key: value for key, value in port.items() if key != "PublishedPort"})


def _health(was: ServiceCreate, wanted: ServiceCreate, given: dict[str, list[str]]) -> None:
    """No check stands alone; any other flag ends it, and an empty command inherits the image's."""
    if wanted.options.flag("no-healthcheck"):
        for name in [n for n in given if n.startswith("health-")]:
            del given[name]
    elif was.options.flag("no-healthcheck"):
        given.pop("no-healthcheck", None)
        given["health-cmd"] = [wanted.options.text("health-cmd")]


def _log(was: ServiceCreate, wanted: ServiceCreate, given: dict[str, list[str]]) -> list[FlagError]:
    old = [was.options.values(flag) for flag in ("log-driver", "log-opt")]
    driver, options = (wanted.options.values(flag) for flag in ("log-driver", "log-opt"))
    if old == [driver, options]:
        return []
    if not driver or not driver[-1]:
        flag = "log-driver" if old[0] else "log-opt"
        sentence = "docker service update cannot take the log driver away." if old[0] else "Options need a log driver."
        return [FlagError(sentence, flag, instead="name the driver to use, such as json-file")]
    given["log-driver"], given["log-opt"] = list(driver), list(options)
    return []


def _capabilities(was: ServiceCreate, wanted: ServiceCreate, given: dict[str, list[str]]) -> None:
    """Both lists are emptied and written anew: a capability that only changes sides would end in neither."""
    for flag in ("cap-add", "cap-drop"):
        if was.options.values(flag) != wanted.options.values(flag):
            for each in ("cap-add", "cap-drop"):
                given[each] = ["RESET", *wanted.options.values(each)]
            return


def _image_and_command(was: ServiceCreate, wanted: ServiceCreate, given: dict[str, list[str]]) -> None:
    if wanted.image != was.image:
        given["image"] = [wanted.image]
    if wanted.command != was.command:
        text = service_tables.UPDATE["args"].type.show(list(wanted.command))
        assert command_words(text) == list(wanted.command)
        given["args"] = [text]
