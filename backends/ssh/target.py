"""Where and how to log in, as one frozen value, and what a person may have said about it."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from backends.ssh.names import written

#: Tried in this order, as OpenSSH does (``PreferredAuthentications``, ssh_config(5)).
METHODS = ("publickey", "keyboard-interactive", "password")


@dataclass(frozen=True, slots=True)
class Fact:
    """One part of a target and who said so, e.g. ``port``, ``2222``, ``~/.ssh/config``; ``also`` is what was
    asked too and did not win."""

    field: str
    value: str
    source: str
    also: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeMapping:
    """What a person says about reaching a node; what is empty is left to SSH's own configuration."""

    host: str = ""
    user: str = ""
    port: int = 0
    jump: str | None = None
    """``[user@]host[:port]``, several with commas; ``""`` says directly, ``None`` says nothing."""
    key: str = ""
    """Path of the private key, ``~`` allowed; no other is tried then."""
    socket: str = ""
    """Path of the engine's socket there; empty is the usual one."""
    sudo: bool | None = None
    """Whether ``sudo -n docker`` may be tried; ``None`` leaves it to the general setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One login. Equal ones share one connection; who said what does not count for that."""

    host: str
    user: str
    port: int = 22
    keys: tuple[str, ...] = ()
    """Paths of private keys, in the order they are tried; those that do not exist are passed over."""
    certificates: tuple[str, ...] = ()
    agent: str = ""
    """Path of the agent's socket; empty for none."""
    keys_only: bool = False
    """Only the agent's keys that are among ``keys`` (``IdentitiesOnly``)."""
    methods: tuple[str, ...] = METHODS
    batch: bool = False
    """No question may be asked (``BatchMode``)."""
    jump: tuple[Target, ...] = ()
    """The hops before it, nearest first. A hop has none of its own."""
    proxy_command: str = ""
    """A shell command whose input and output lead there, tokens expanded."""
    known_hosts: tuple[str, ...] = ()
    system_known_hosts: tuple[str, ...] = ()
    revoked_keys: tuple[str, ...] = ()
    """Files with keys that no host may show (``RevokedHostKeys``)."""
    host_key_alias: str = ""
    hash_known_hosts: bool = False
    family: int = 0
    """``socket.AF_INET``, ``AF_INET6`` or 0 for both."""
    ciphers: tuple[str, ...] = ()
    macs: tuple[str, ...] = ()
    exchanges: tuple[str, ...] = ()
    """Key exchange algorithms."""
    host_key_types: tuple[str, ...] = ()
    """Algorithms in order of preference; empty leaves these four to asyncssh."""
    limit: float = 0.0
    """Seconds that connecting may take; 0 leaves it to the pool."""
    origin: str = field(default="", compare=False)
    """For people: ``mapping``, ``~/.ssh/config, Host worker-*``, ``the node's address``."""
    facts: tuple[Fact, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return written(self.host, self.port, self.user)

    @property
    def url(self) -> str:
        """``ssh://user@host:port``, as ``--host`` takes it."""
        plain = ":" in self.host and self.port == 22
        return f"ssh://{written(f'[{self.host}]' if plain else self.host, self.port, self.user)}"

    @property
    def via(self) -> str:
        """The hops before it, as people write them; empty where it is reached directly."""
        return ", ".join(hop.host for hop in self.jump) or ("ProxyCommand" if self.proxy_command else "")

    @property
    def key_name(self) -> str:
        """What known_hosts knows it by: the alias, else the host; the port only where it is not 22."""
        if self.host_key_alias:
            return self.host_key_alias
        return self.host if self.port == 22 else f"[{self.host}]:{self.port}"


def mapping_of(mappings: Mapping[str, NodeMapping], hostname: str, node_id: str = "") -> tuple[str, NodeMapping | None]:
    """(its name in the mappings, the mapping) of a node: by ID, by host name, then the first pattern that fits
    (``worker-*``); (``""``, ``None``) where there is none."""
    for name in (node_id, hostname):
        if name and name in mappings:
            return name, mappings[name]
    for pattern, mapping in mappings.items():
        if any(character in pattern for character in "*?[") and hostname and fnmatch.fnmatchcase(hostname, pattern):
            return pattern, mapping
    return "", None


def hop_target(target: Target) -> Target:
    """The last hop before a target, with the hops before that one."""
    return replace(target.jump[-1], jump=target.jump[:-1])
