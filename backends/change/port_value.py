"""``--publish``: short and long form to the engine's port configs and back (docker/cli ``opts/swarmopts/port.go``,
docker/go-connections ``nat``)."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from backends.change.csv_record import read_record
from backends.change.flag_error import BadValue, part_of_value
from backends.change.flags import ValueType
from backends.change.numbers import parse_uint
from backends.change.part import Spec

_LONG = re.compile(r"[0-9A-Za-z_]+=[0-9A-Za-z_]+(,[0-9A-Za-z_]+=[0-9A-Za-z_]+)*")
_PROTOCOLS = ("tcp", "udp", "sctp")


def parse_ports(value: str) -> list[Spec]:
    """Port configs of one ``--publish``; a range gives several. Raises ``BadValue``."""
    return [_long(value)] if _LONG.search(value) else _short(value)


def _long(value: str) -> Spec:
    port = {"Protocol": "tcp", "TargetPort": 0, "PublishedPort": 0, "PublishMode": "ingress"}
    for field in read_record(value):
        with part_of_value(field):
            _read(port, field)
    if not port["TargetPort"]:
        raise BadValue("missing mandatory field 'target'")
    return {key: number for key, number in port.items() if number}


def _read(port: Spec, field: str) -> None:
    key, found, text = field.lower().partition("=")
    if not found or not key:
        raise BadValue(f"invalid field: {field}")
    if key == "protocol":
        if text not in _PROTOCOLS:
            raise BadValue(f"invalid protocol value '{text}'")
        port["Protocol"] = text
    elif key == "mode":
        if text not in ("ingress", "host"):
            raise BadValue(f"invalid publish mode value ({text}): must be either 'ingress' or 'host'")
        port["PublishMode"] = text
    elif key in ("target", "published"):
        port["TargetPort" if key == "target" else "PublishedPort"] = _long_number(key, text)
    else:
        raise BadValue(f"invalid field key: {key}")


def _long_number(key: str, text: str) -> int:
    try:
        return parse_uint(text, 16, based=False)
    except BadValue as error:
        reason = str(error).rpartition(": ")[2]
        raise BadValue(f"invalid {key} port ({text}): value must be an integer: {reason}") from None


def _short(value: str) -> list[Spec]:
    parts = value.split(":")
    target = parts[-1]
    published = parts[-2] if len(parts) > 1 else ""
    address = ":".join(parts[:-2])
    target, protocol = _protocol(target)
    _no_address(address)
    if not target:
        raise BadValue(f"no port specified: {value}<empty>")
    with part_of_value(target):
        first, last = _range(target, "containerPort")
    with part_of_value(published):
        host_first, host_last = _range(published, "hostPort") if published else (0, 0)
    if published and last - first != host_last - host_first and last != first:
        raise BadValue(f"invalid ranges specified for container and host Ports: {target} and {published}")
    if address:
        raise BadValue("hostip is not supported")
    if not published:
        return [_port(protocol, number, 0) for number in range(first, last + 1)]
    if first == last:
        return [_port(protocol, first, number) for number in range(host_first, host_last + 1)]
    return [_port(protocol, first + i, host_first + i) for i in range(last - first + 1)]


def _port(protocol: str, target: int, published: int) -> Spec:
    port: Spec = {"Protocol": protocol, "TargetPort": target, "PublishedPort": published, "PublishMode": "ingress"}
    return {key: value for key, value in port.items() if value}


def _protocol(target: str) -> tuple[str, str]:
    # What follows a second slash is not looked at.
    port, protocol, *_ = [*target.split("/"), ""]
    if not port:
        return "", "tcp"
    protocol = protocol.lower() or "tcp"
    if protocol not in _PROTOCOLS:
        raise BadValue(f"invalid proto: {protocol}")
    return port, protocol


def _no_address(address: str) -> None:
    """A wrong address is said before that none may be given at all."""
    plain = address[1:-1] if address.startswith("[") and address.endswith("]") else address
    try:
        if address:
            ipaddress.ip_address(plain)
    except ValueError:
        raise BadValue(f"invalid IP address: {plain}") from None


def _range(text: str, what: str) -> tuple[int, int]:
    match = re.fullmatch(r"0*([0-9]{1,6})(?:-0*([0-9]{1,6}))?", text)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if last < first or last > 65535:
        raise BadValue(f"invalid {what}: {text}")
    return first, last


def show_port(port: Any) -> str:
    """One port config as ``8080:80``, in long form where it is in host mode."""
    target, published = port.get("TargetPort", 0), port.get("PublishedPort", 0)
    protocol = port.get("Protocol", "tcp")
    if port.get("PublishMode", "ingress") == "ingress":
        text = f"{published}:{target}" if published else f"{target}"
        return text if protocol == "tcp" else f"{text}/{protocol}"
    fields = [f"published={published}"] if published else []
    fields += [f"target={target}", f"protocol={protocol}", f"mode={port['PublishMode']}"]
    return ",".join(fields)


PORT = ValueType(
    "port",
    parse_ports,
    lambda ports: show_port(ports[0]) if ports else "",
    "8080:80, 53:53/udp or published=8080,target=80,mode=host",
)
