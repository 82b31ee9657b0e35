"""``--external-ca``: a certificate signing endpoint (docker/cli ``cli/command/swarm/opts.go``)."""

from __future__ import annotations

from typing import Any

from backends.change.csv_record import read_record, write_record
from backends.change.flag_error import BadValue, part_of_value
from backends.change.flags import ValueType
from backends.change.part import Spec


def parse_external_ca(value: str) -> Spec:
    """The endpoint; ``cacert`` is still the path of a file. Raises ``BadValue``."""
    found: Spec = {}
    options: dict[str, str] = {}
    for field in read_record(value):
        with part_of_value(field):
            _read(found, options, field)
    for key, name in (("Protocol", "protocol"), ("URL", "url")):
        if key not in found:
            raise BadValue(f"the external-ca option needs a {name}= parameter")
    return {**found, **({"Options": options} if options else {})}


def _read(found: Spec, options: dict[str, str], field: str) -> None:
    name, given, text = field.partition("=")
    key = name.lower()
    if not given:
        raise BadValue(f"invalid field '{field}' must be a key=value pair")
    if key == "protocol":
        if text.lower() != "cfssl":
            raise BadValue(f"unrecognized external CA protocol {text}")
        found["Protocol"] = "cfssl"
    elif key == "url":
        found["URL"] = text
    elif key == "cacert":
        found["CACert"] = text
    else:
        options[name] = text


def show_external_ca(endpoint: Any) -> str:
    """As the flag writes it."""
    fields = [f"protocol={endpoint.get('Protocol', 'cfssl')}", f"url={endpoint.get('URL', '')}"]
    if endpoint.get("CACert"):
        fields.append(f"cacert={endpoint['CACert']}")
    return write_record(fields + [f"{k}={v}" for k, v in (endpoint.get("Options") or {}).items()])


EXTERNAL_CA = ValueType("external-ca", parse_external_ca, show_external_ca, "protocol=cfssl,url=https://ca.example.com")
