"""Placement constraints, understood as Swarm's scheduler does.

Source: swarmkit ``manager/constraint/constraint.go``: values compare without regard to case, keys of labels
with it; a label that is absent counts as empty, so ``!=`` passes; an unknown key matches nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from backends.model import Node


@dataclass(frozen=True, slots=True)
class Constraint:
    """One parsed constraint, e.g. ``node.labels.disk==ssd``."""

    key: str
    equal: bool
    value: str

    @property
    def text(self) -> str:
        """As it is written."""
        return f"{self.key}{'==' if self.equal else '!='}{self.value}"

    @property
    def subject(self) -> str:
        """What it asks for, for people: ``label disk=ssd``, ``role manager``."""
        lower = self.key.lower()
        for prefix, noun in (("node.labels.", "label "), ("engine.labels.", "engine label ")):
            if lower.startswith(prefix):
                return f"{noun}{self.key[len(prefix) :]}={self.value}"
        nouns = {
            "node.role": "role",
            "node.hostname": "host name",
            "node.id": "id",
            "node.ip": "address",
            "node.platform.os": "system",
            "node.platform.arch": "architecture",
        }
        return f"{nouns.get(lower, self.key)} {self.value}"


def parse_constraint(text: str) -> Constraint | None:
    """Reads ``key==value`` or ``key!=value``; ``None`` where it is neither."""
    for operator in ("==", "!="):
        key, found, value = text.partition(operator)
        if found:
            return Constraint(key.strip(), operator == "==", value.strip())
    return None


def satisfies(node: Node, constraint: Constraint) -> bool:
    """Whether the scheduler would find that ``node`` meets ``constraint``."""
    key, lower = constraint.key, constraint.key.lower()
    if lower == "node.ip":
        return _address(node.address, constraint.value) is constraint.equal
    for prefix, labels in (("node.labels.", node.labels), ("engine.labels.", node.engine_labels)):
        if lower.startswith(prefix):
            return (labels.get(key[len(prefix) :], "").casefold() == constraint.value.casefold()) is constraint.equal
    facts = {
        "node.id": node.id,
        "node.hostname": node.hostname,
        "node.role": node.role,
        "node.platform.os": node.os,
        "node.platform.arch": node.architecture,
    }
    if lower not in facts:
        return False
    return (facts[lower].casefold() == constraint.value.casefold()) is constraint.equal


def _address(address: str, wanted: str) -> bool:
    try:
        if "/" in wanted:
            return ip_address(address) in ip_network(wanted, strict=False)
        return ip_address(address) == ip_address(wanted)
    except ValueError:
        return False


_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i386": "386", "i686": "386"}


def platform_fits(node: Node, platforms: tuple[str, ...]) -> bool:
    """Whether one of a service's platforms (``linux/amd64``; an empty part is any) is the node's. A variant
    in the third place is not looked at, as the scheduler does not (swarmkit ``PlatformFilter``)."""
    if not platforms:
        return True
    for platform in platforms:
        system, _, architecture = platform.partition("/")
        architecture = architecture.partition("/")[0]
        if system and system.lower() != node.os.lower():
            continue
        if architecture and _plain(architecture) != _plain(node.architecture):
            continue
        return True
    return False


def _plain(architecture: str) -> str:
    lower = architecture.lower()
    return _ARCHITECTURES.get(lower, lower)
