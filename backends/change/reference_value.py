"""``--network``, ``--secret``, ``--config`` and ``--ulimit``: long forms to the engine's JSON and back
(docker/cli ``opts/network.go``, ``opts/swarmopts``, docker/go-units)."""

from __future__ import annotations

import re
from typing import Any

from backends.change import numbers
from backends.change.csv_record import read_record, write_record
from backends.change.flag_error import BadValue, part_of_value
from backends.change.flags import ValueType
from backends.change.part import Spec

_LONG = re.compile(r"[0-9A-Za-z_]+=[0-9A-Za-z_]+(,[0-9A-Za-z_]+=[0-9A-Za-z_]+)*")
#: What may be limited (docker/go-units ``ulimitNameMapping``).
ULIMITS = (
    *("core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc"),
    *("rss", "rtprio", "rttime", "sigpending", "stack"),
)


def parse_attachment(value: str) -> Spec:
    """A network attachment whose target is still the name as typed. Raises ``BadValue``."""
    if not _LONG.search(value):
        return {"Target": value}
    attachment: Spec = {"Target": ""}
    for field in read_record(value):
        with part_of_value(field):
            _attach(attachment, field)
    if not attachment["Target"]:
        raise BadValue("network name/id is not specified")
    return attachment


def _attach(attachment: Spec, field: str) -> None:
    key, found, text = field.partition("=")
    if not found:
        raise BadValue(f"invalid field {field}")
    key, text = key.lower().strip(), text.lower().strip()
    if key == "name":
        attachment["Target"] = text
    elif key == "alias":
        attachment.setdefault("Aliases", []).append(text)
    elif key == "driver-opt":
        name, found, option = text.partition("=")
        if not found:
            raise BadValue("invalid key value pair format in driver options")
        attachment.setdefault("DriverOpts", {})[name.strip()] = option.strip()
    elif key == "gw-priority":
        _priority(text)
    elif key not in ("ip", "ip6", "link-local-ip", "mac-address"):
        raise BadValue(f"invalid field key {key}")


def _priority(text: str) -> None:
    try:
        numbers.parse_int(text, based=False)
    except BadValue:
        raise BadValue(f"invalid gw-priority ({text}): invalid syntax") from None


def show_attachment(attachment: Any) -> str:
    """An attachment as a name, or in long form where it has more."""
    fields = [f"alias={alias}" for alias in attachment.get("Aliases") or ()]
    fields += [f"driver-opt={k}={v}" for k, v in (attachment.get("DriverOpts") or {}).items()]
    target = str(attachment.get("Target", ""))
    return write_record([f"name={target}", *fields]) if fields else target


def _parse_reference(value: str, what: str) -> Spec:
    """A secret or config reference without its ID."""
    name_key = f"{what.capitalize()}Name"
    file: Spec = {"Name": "", "UID": "0", "GID": "0", "Mode": 0o444}
    fields = read_record(value)
    if len(fields) == 1 and "=" not in fields[0]:
        return {"File": {**file, "Name": fields[0]}, name_key: fields[0]}
    name = ""
    for field in fields:
        with part_of_value(field):
            found = _refer(file, field, what)
        name = name if found is None else found
    if not name:
        raise BadValue("source is required")
    return {"File": {**file, "Name": file["Name"] or name}, name_key: name}


def _refer(file: Spec, field: str, what: str) -> str | None:
    """Reads one field; the source's name where it is that."""
    key, found, text = field.partition("=")
    if not found or not key:
        raise BadValue(f"invalid field '{field}' must be a key=value pair")
    lower = key.lower()
    if lower in ("source", "src"):
        return text
    if lower in ("target", "uid", "gid"):
        file["Name" if lower == "target" else lower.upper()] = text
    elif lower == "mode":
        try:
            file["Mode"] = numbers.parse_uint(text, 32)
        except BadValue as error:
            raise BadValue(f"invalid mode specified: {error}") from None
    else:
        raise BadValue(f"invalid field in {what} request: {key}")
    return None


def parse_secret(value: str) -> Spec:
    """A secret reference without ``SecretID``. Raises ``BadValue``."""
    return _parse_reference(value, "secret")


def parse_config(value: str) -> Spec:
    """A config reference without ``ConfigID``. Raises ``BadValue``."""
    return _parse_reference(value, "config")


def _show_reference(reference: Any, what: str) -> str:
    name = str(reference.get(f"{what}Name", ""))
    file = reference.get("File") or {}
    fields = [f"source={name}"]
    if file.get("Name", name) != name:
        fields.append(f"target={file['Name']}")
    fields += [f"{key.lower()}={file[key]}" for key in ("UID", "GID") if file.get(key, "0") != "0"]
    if file.get("Mode", 0o444) != 0o444:
        fields.append(f"mode=0{file['Mode']:o}")
    return write_record(fields) if len(fields) > 1 or "=" in name or "," in name else name


def parse_ulimit(value: str) -> Spec:
    """``NAME=SOFT[:HARD]``. Raises ``BadValue``."""
    name, found, limits = value.partition("=")
    if not found:
        raise BadValue(f"invalid ulimit argument: {value}")
    if name not in ULIMITS:
        raise BadValue(f"invalid ulimit type: {name}")
    parts = limits.split(":")
    if len(parts) > 2:
        raise BadValue(f"too many limit value arguments - {limits}, can only have up to two, `soft[:hard]`")
    hard = numbers.parse_int(parts[-1], based=False)
    soft = numbers.parse_int(parts[0], based=False)
    if hard != -1 and (soft == -1 or soft > hard):
        reason = f"soft: -1 (unlimited), hard: {hard}" if soft == -1 else f"{soft} > {hard}"
        raise BadValue(f"ulimit soft limit must be less than or equal to hard limit: {reason}")
    return {"Name": name, "Hard": hard, "Soft": soft}


def show_ulimit(limit: Any) -> str:
    """``NAME=SOFT:HARD``, with one number where both are the same."""
    soft, hard = limit.get("Soft", 0), limit.get("Hard", 0)
    return f"{limit.get('Name', '')}={soft}" + ("" if soft == hard else f":{hard}")


NETWORK = ValueType("network", parse_attachment, show_attachment, "NAME or name=NAME,alias=ALIAS")
SECRET = ValueType(
    "secret", parse_secret, lambda r: _show_reference(r, "Secret"), "NAME or source=NAME,target=FILE,mode=0400"
)
CONFIG = ValueType(
    "config", parse_config, lambda r: _show_reference(r, "Config"), "NAME or source=NAME,target=/PATH,mode=0440"
)
ULIMIT = ValueType("ulimit", parse_ulimit, show_ulimit, "such as nofile=1024:2048")
