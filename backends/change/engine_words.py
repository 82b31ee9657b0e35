"""The engine's refusals in words that help, each at its field; the original is kept in the error."""

from __future__ import annotations

import re

from backends.change.finding import Finding, error
from backends.change.swarm_words import SWARM
from backends.errors import BackendError, Unreachable

#: (what the engine says, the flag or argument, our sentence or empty for the engine's, what would be right).
#: Texts are those of engines 20.10 to 28.5.
_TABLE: tuple[tuple[str, str, str, str], ...] = (
    (r"name conflicts with an existing object: (\w+) (?P<name>\S+) already exists", "name", "", "another name"),
    (r"network with name (?P<name>\S+) already exists", "NETWORK", "", "another name"),
    (r"name must be valid as a DNS name component|name must be 63 characters", "name", "", "letters, digits and -"),
    (r"is not a valid repository/tag", "IMAGE", "", "small letters, such as nginx:1.27"),
    (r"port '(?P<port>\d+)' is already in use by service '(?P<name>[^']+)'", "publish", "", "another port"),
    (
        r"can't be used with dnsrr mode",
        "publish",
        "A service without a virtual IP cannot publish through the routing mesh.",
        "mode=host, or --endpoint-mode vip",
    ),
    (r"network \S+ not found", "network", "", "the name of a network of the swarm"),
    (r"cannot be used with services", "network", "", "an overlay network"),
    (r"not manually attachable", "NETWORK", "", "a network made with --attachable"),
    (r"secret not found|secret '(?P<name>[^']+)' is in use", "secret", "", ""),
    (r"config not found|config '(?P<name>[^']+)' is in use", "config", "", ""),
    (r"duplicate mount point|invalid MountType|mount (?:source|target)", "mount", "", ""),
    (r"expanding hostname failed", "hostname", "", "a name, or {{.Node.Hostname}} and its like"),
    (r"expanding env failed", "env", "", "NAME={{.Node.Hostname}} and its like"),
    (r"expanding mounts failed", "mount", "", "{{.Service.Name}} and its like"),
    (r"constraint expected one operator", "constraint", "", "such as node.role==worker"),
    (r"invalid memory value", "limit-memory", "", "4m or more"),
    (r"invalid cpu value", "limit-cpu", "", "0.001 or more"),
    (r"Jobs may not have an update config", "update-parallelism", "", "leave the update flags out"),
    (r"Pool overlaps with other one", "subnet", "The subnet overlaps another network of this node.", "a free subnet"),
    (r"available, non-overlapping IPv4 address pool|predefined address pools", "subnet", "", "give a --subnet"),
    (r"invalid network config:\s*(?P<text>.+)", "subnet", "", ""),
    (r'plugin "(?P<name>[^"]+)" not found', "driver", "", "a driver that the engine has"),
    (r"only updates to Labels are allowed", "", "", "create another one under a new name"),
    (
        r"attempting to demote the last manager",
        "NODE",
        "It is the last manager: the Swarm would be gone.",
        "promote another node first",
    ),
    (r"is not down and can't be removed", "NODE", "", "docker swarm leave on it first, or --force"),
    (r"must be demoted to worker before removal", "NODE", "", "docker node demote first"),
    (r"has active endpoints", "NETWORK", "", "disconnect who is on it"),
    (r"invalid join token|valid join token is necessary", "token", "", "the token of docker swarm join-token"),
    (
        r"remote CA does not match fingerprint",
        "token",
        "The token belongs to another Swarm, or its certificate authority was rotated.",
        "a new token from docker swarm join-token",
    ),
    (
        r"connection refused",
        "HOST:PORT",
        "Nothing listens there: it is no manager, or its port is closed.",
        "port 2377",
    ),
    (
        r"Timeout was reached before node joined",
        "HOST:PORT",
        "The manager did not answer in time. It may still join later by itself.",
        "docker swarm leave --force ends the attempt",
    ),
    *SWARM,
    (r"already part of a swarm", "", "", "docker swarm leave first"),
    (r"participating as a manager", "force", "", "demote it first, or --force"),
    (r"service does not have a previous spec|no previous spec", "SERVICE", "", "there is nothing to go back to"),
    (r"No such container", "CONTAINER", "", "the name of a container of this node"),
    (r"service (?P<name>\S+) not found", "SERVICE", "", "the name of a service"),
    (r"node (?P<name>\S+) not found", "NODE", "", "the name of a node"),
    (r"already exists in network|Address already in use", "ip", "", "another address"),
    (
        r"user specified IP address is supported",
        "ip",
        "An address can only be chosen on networks made with a --subnet.",
        "leave it out",
    ),
)


def explained(refused: BackendError, known_flags: frozenset[str] | None = None) -> Finding:
    """The engine's refusal as a finding of a field. ``known_flags`` are those of the verb: a listed flag becomes its
    ``-add`` where the verb has only that."""
    if isinstance(refused, Unreachable):
        # Said by this side of the connection: the engine refused nothing.
        return error(str(refused), "", refused.hint)
    for pattern, flag, sentence, instead in _TABLE:
        match = re.search(pattern, refused.original, re.IGNORECASE | re.DOTALL)
        if match is None:
            continue
        groups = match.groupdict()
        said = sentence or (_sentence(groups["text"]) if groups.get("text") else str(refused))
        return error(said, _flag(flag, known_flags), instead or refused.hint)
    return error(str(refused), "", refused.hint)


def _flag(flag: str, known: frozenset[str] | None) -> str:
    if known is None or not flag or flag in known or flag.isupper():
        return flag
    if f"{flag}-add" in known:
        return f"{flag}-add"
    return "image" if flag == "IMAGE" and "image" in known else flag


def _sentence(text: str) -> str:
    """Several lines as one."""
    words = " ".join(text.split())
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}"
