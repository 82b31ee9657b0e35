"""Types of plain flag values, with the docker CLI's own checks (docker/cli ``opts``)."""

from __future__ import annotations

import ipaddress
import re

from backends.change import numbers
from backends.change.csv_record import read_record, write_record
from backends.change.flag_error import BadValue
from backends.change.flags import ValueType
from backends.change.numbers import quoted
from backends.change.part import Spec
from backends.change.words import command_words

_DOMAIN = re.compile(
    r"(:?(?::?[a-zA-Z0-9]|(?::?[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9]))"
    r"(?::?\.(?::?[a-zA-Z0-9]|(?::?[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9])))*)\.?\s*\Z"
)

_BRACKETED = re.compile(r"\[(?P<host>[0-9a-fA-F:.]+)\]:(?P<port>[0-9]*)")
_PLAIN = re.compile(r"(?P<host>[^\s:/\[\]%@?#]*)(?::(?P<port>[0-9]*))?")
#: More colons than one, and no brackets: all of it is the host, as long as a port could stand at its end.
_COLONS = re.compile(r"(?P<host>[^\s/\[\]%@?#]*:[^\s/\[\]%@?#]*:[0-9]*)(?P<port>)")


def text(value: str) -> str:
    """Any text, as it stands."""
    return value


def cut(value: str, separator: str = "=") -> tuple[str, str]:
    """What stands before and behind the first separator."""
    before, _, behind = value.partition(separator)
    return before, behind


def _label(value: str) -> str:
    key = cut(value)[0].lstrip(" \t")
    if not key:
        raise BadValue(f"invalid label '{value}': empty name")
    if " " in key or "\t" in key:
        raise BadValue(f"label '{key}' contains whitespaces")
    return value


def _node_label(value: str) -> str:
    """The CLI looks at none of these; one without a name means nothing."""
    if not cut(value)[0]:
        raise BadValue(f"invalid label '{value}': empty name")
    return value


def _env(value: str) -> str:
    if not cut(value)[0]:
        raise BadValue(f"invalid environment variable: {value}")
    return value


def _ip(value: str) -> str:
    """As Go writes it: an IPv4 address in IPv6 form is one of IPv4, and a zone is none of an address."""
    try:
        address = ipaddress.ip_address("%" if "%" in value else value.strip())
    except ValueError:
        raise BadValue(f"IP address is not correctly formatted: {value}") from None
    return str(getattr(address, "ipv4_mapped", None) or address)


def _domain(value: str) -> str:
    value = value.strip(" ")
    if value == ".":
        return value
    match = _DOMAIN.match(value)
    if not re.search(r"[a-zA-Z]", value) or match is None or len(match[1]) >= 255:
        raise BadValue(f"{value} is not a valid domain")
    return match[1]


def _extra_host(value: str) -> str:
    name, found, address = value.partition("=")
    if not found:
        name, found, address = value.partition(":")
    if not found or not name or ":" in name:
        raise BadValue(f"bad format for add-host: {quoted(value)}")
    if address != "host-gateway":
        if len(address) > 2 and address[0] == "[" and address[-1] == "]":
            address = address[1:-1]
        try:
            _ip(address)
        except BadValue:
            raise BadValue(f"invalid IP address in add-host: {quoted(address)}") from None
    return f"{name}:{address}"


def _generic_resource(value: str) -> str:
    if "=" not in value:
        raise BadValue(f"invalid generic-resource format `{value}` expected `name=value`")
    return value


def _preference(value: str) -> str:
    strategy, found, descriptor = value.partition("=")
    if not found or not strategy:
        raise BadValue('placement preference must be of the format "<strategy>=<arg>"')
    if strategy != "spread":
        raise BadValue(f"unsupported placement preference {strategy} (only spread is supported)")
    return descriptor


def _credential_spec(value: str) -> Spec:
    for scheme in ("config", "file", "registry"):
        if value.startswith(f"{scheme}://"):
            return {"Config": "", "File": "", "Registry": "", scheme.capitalize(): value.removeprefix(f"{scheme}://")}
    if value:
        raise BadValue('invalid credential spec: value must be prefixed with "config://", "file://", or "registry://"')
    return {}


def _command(value: str) -> list[str]:
    try:
        return command_words(value)
    except ValueError as error:
        raise BadValue(str(error)) from None


def _link(value: str) -> str:
    if not value:
        raise BadValue("empty string specified for links")
    if value.count(":") > 1:
        raise BadValue(f"bad format for links: {value}")
    return value


def _pair(value: str) -> tuple[str, str]:
    return cut(value)


def _strings(value: str) -> list[str]:
    return read_record(value) if value else []


def _filter(value: str) -> tuple[str, str]:
    if not value:
        return "", ""
    if "=" not in value:
        raise BadValue("bad format of filter (expected name=value)")
    name, wanted = cut(value)
    return name.strip().lower(), wanted.strip()


def _addresses(value: str) -> list[str]:
    """pflag's ``IPNetSlice``: networks in CIDR form, host bits cleared."""
    found: list[str] = []
    for part in read_record(value) if value else ():
        try:
            if "/" not in part:
                raise ValueError
            found.append(str(ipaddress.ip_network(part.strip(), strict=False)))
        except ValueError:
            raise BadValue(f"invalid string being converted to CIDR: {part}") from None
    return found


def listen_address(value: str) -> str:
    """``opts.ParseTCPAddr`` with the swarm's default ``0.0.0.0:2377``."""
    if value in ("", "tcp://"):
        return "0.0.0.0:2377"
    address = value.removeprefix("tcp://")
    if "://" in address or not address:
        raise BadValue(f"invalid proto, expected tcp: {value}")
    address, slash, path = address.partition("/")
    match = _BRACKETED.fullmatch(address) or _PLAIN.fullmatch(address) or _COLONS.fullmatch(address)
    if match is None:
        raise BadValue(f"invalid bind address format: {value}")
    host, port = match["host"] or "0.0.0.0", match["port"] or "2377"
    return f"[{host}]:{port}{slash}{path}" if ":" in host else f"{host}:{port}{slash}{path}"


def _bool_text(value: object) -> str:
    return "true" if value else "false"


STRING = ValueType("string", text)
BOOL = ValueType("bool", numbers.parse_bool, _bool_text, "true or false")
UINT = ValueType("uint", numbers.parse_uint, str, "a number from 0 on")
UINT32 = ValueType("uint32", lambda value: numbers.parse_uint(value, 32), str, "a number from 0 on")
INT = ValueType("int", numbers.parse_int, str, "a whole number")
FLOAT = ValueType("float", numbers.parse_float32, numbers.show_float, "a ratio between 0 and 1, such as 0.25")
DURATION = ValueType("duration", numbers.parse_duration, numbers.show_duration, "such as 10s, 1m30s or 2h")
SPAN = ValueType("duration", numbers.parse_positive_duration, numbers.show_duration, "such as 10s, 1m30s or 2h")
CPUS = ValueType("decimal", numbers.parse_cpus, numbers.show_cpus, "such as 0.5 or 2")
BYTES = ValueType("bytes", numbers.parse_size, numbers.show_size, "such as 64m or 1.5g")
LIST = ValueType("list", text)
LABEL = ValueType("list", _label, str, "KEY=VALUE")
NODE_LABEL = ValueType("list", _node_label, str, "KEY=VALUE")
ENV = ValueType("list", _env, str, "NAME=VALUE, or NAME alone to take its value from here")
IP = ValueType("list", _ip, str, "an address such as 10.0.0.53")
DOMAIN = ValueType("list", _domain, str, "a domain such as example.com, or . for none")
HOST = ValueType("list", _extra_host, str, "NAME:ADDRESS, such as db:10.0.0.7")
GENERIC = ValueType("list", _generic_resource, str, "KIND=NUMBER, such as gpu=2")
PREFERENCE = ValueType("pref", _preference, lambda value: f"spread={value}", "spread=node.labels.zone")
CREDENTIAL = ValueType(
    "credential-spec",
    _credential_spec,
    lambda value: next((f"{k.lower()}://{v}" for k, v in value.items() if v), ""),
    "config://NAME, file://NAME or registry://NAME",
)
COMMAND = ValueType("command", _command, lambda value: " ".join(map(_word, value)), "a command with its quotes closed")
LINK = ValueType("list", _link, str, "CONTAINER or CONTAINER:ALIAS")
MAP = ValueType("map", _pair, lambda value: f"{value[0]}={value[1]}", "KEY=VALUE")
STRINGS = ValueType("strings", _strings, lambda value: write_record(value), "values, separated by commas")
FILTER = ValueType("filter", _filter, lambda value: f"{value[0]}={value[1]}", "until=24h or label=KEY")
CIDRS = ValueType("ipNetSlice", _addresses, lambda value: ",".join(value), "a network such as 10.30.0.0/16")
LISTEN = ValueType("node-addr", listen_address, str, "ADDRESS or INTERFACE, with :PORT where it is not 2377")
FILE = ValueType("pem-file", text, str, "the path of a PEM file")


def _word(value: str) -> str:
    """A word that ``command_words`` reads back."""
    if value and not set(value) & set(" \t\r\n'\"\\#"):
        return value
    return "'" + value.replace("'", "'\\''") + "'"
