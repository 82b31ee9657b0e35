"""A mapping of a node being edited, as a value: what its fields hold, what is wrong with them, what it comes to."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from backends.ssh import names
from backends.ssh.target import NodeMapping, Target

#: Fields in the order of the form. ``sudo`` and ``name`` are chosen, the others typed.
FIELDS = ("host", "port", "user", "key", "jump", "socket", "sudo", "name")
#: What may be chosen; empty leaves it to the general setting.
SUDO = ("", "yes", "no")


@dataclass(frozen=True, slots=True)
class Draft:
    """What is typed; an empty field leaves that part to SSH's own configuration."""

    name: str
    """Of the entry: the node's host name, or a pattern."""
    host: str = ""
    port: str = ""
    user: str = ""
    key: str = ""
    jump: str = ""
    socket: str = ""
    sudo: str = ""

    def value(self, field: str) -> str:
        """What a field holds."""
        return str(getattr(self, field))

    def with_value(self, field: str, value: str) -> Draft:
        """The same with another value in one field."""
        return replace(self, **{field: value})


def draft_of(name: str, mapping: NodeMapping | None) -> Draft:
    """What the form begins with."""
    if mapping is None:
        return Draft(name)
    return Draft(
        name=name,
        host=mapping.host,
        port=str(mapping.port or ""),
        user=mapping.user,
        key=mapping.key,
        jump="none" if mapping.jump == "" else mapping.jump or "",
        socket=mapping.socket,
        sudo="" if mapping.sudo is None else "yes" if mapping.sudo else "no",
    )


def problem(draft: Draft, field: str) -> str:
    """What is wrong with a field, with what would be right; empty where nothing is."""
    value = draft.value(field)
    if not value:
        return ""
    match field:
        case "host" if not names.is_host(value):
            return "That is no host name or address; like 10.20.1.23 or worker-3.example.net."
        case "port" if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
            return "A port is a number from 1 to 65535."
        case "user" if not names.is_user(value):
            return "That is no login name; like deploy."
        case "key" if not value.isprintable() or not os.path.isfile(os.path.expanduser(value)):
            return f"There is no file {value}."
        case "socket" if not value.startswith("/") or not value.isprintable():
            return "A socket is a path from the root, like /var/run/docker.sock."
        case "jump":
            try:
                names.hops(value)
            except ValueError:
                return "Write [user@]host[:port], several with commas, or none for directly."
    return ""


def first_problem(draft: Draft) -> str:
    """The first field that has something wrong; empty where the draft can be saved."""
    return next((field for field in FIELDS if problem(draft, field)), "")


def mapping(draft: Draft) -> NodeMapping:
    """What the draft comes to; raises ``ValueError`` where something is wrong with it."""
    wrong = first_problem(draft)
    if wrong:
        raise ValueError(problem(draft, wrong))
    return NodeMapping(
        host=draft.host,
        port=int(draft.port or 0),
        user=draft.user,
        key=draft.key,
        jump=draft.jump or None,
        socket=draft.socket,
        sudo=None if not draft.sudo else draft.sudo == "yes",
    )


def entry(draft: Draft) -> dict[str, str | int | bool]:
    """The table of the configuration file; what is empty is left out."""
    values: dict[str, str | int | bool] = {}
    for field in ("host", "user", "port", "jump", "key", "socket"):
        if value := draft.value(field):
            values[field] = int(value) if field == "port" else value
    if draft.sudo:
        values["sudo"] = draft.sudo == "yes"
    return values


def entry_lines(draft: Draft, *, same: bool = False) -> list[str]:
    """The entry as it stands in the file; ``same`` where nothing of it is changed."""
    rows = [f'[nodes."{draft.name}"]']
    for key, value in entry(draft).items():
        shown = (
            str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int) else f'"{value}"'
        )
        rows.append(f"{key} = {shown}")
    if len(rows) > 1:
        return rows
    return ["nothing is said of it there" if same else f'nothing: [nodes."{draft.name}"] is taken out']


def ssh_line(draft: Draft, target: Target | None, hostname: str) -> str:
    """The line that reaches the engine by hand in the same way."""
    words = ["ssh"]
    if draft.key:
        words += ["-i", draft.key]
    if draft.port and draft.port != "22":
        words += ["-p", draft.port]
    if draft.jump and draft.jump != "none":
        words += ["-J", draft.jump]
    host = draft.host or (target.host if target is not None else hostname)
    words.append(f"{draft.user}@{host}" if draft.user else host)
    if draft.sudo == "yes":
        words += ["sudo", "-n"]
    return f"{shlex.join(words)} docker system dial-stdio"


def entries_for(hostname: str, known: Mapping[str, NodeMapping], used: str) -> Sequence[str]:
    """Names that the entry may have: the one it has, the node's own, and the pattern of its like (``worker-*``)."""
    stem = hostname.rstrip("0123456789")
    pattern = f"{stem}*" if stem and stem != hostname else ""
    return tuple(dict.fromkeys(name for name in (used, hostname, pattern) if name))
