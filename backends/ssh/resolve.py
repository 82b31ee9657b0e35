"""From a node of the Swarm, or a host as people write it, to the targets that may reach it."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace

from backends.errors import Unreachable
from backends.ssh import names
from backends.ssh.config import Settings, SshConfig, local_user
from backends.ssh.target import METHODS, Fact, NodeMapping, Target, mapping_of

#: Who says what a mapping says, for people.
MAPPED = "your mapping"
#: A chain longer than this leads in a circle.
_MOST_HOPS = 8
_TOKEN = re.compile(r"%(.)")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Resolution:
    """All ways to a node, the best first; empty for this node, which is never reached over SSH."""

    targets: tuple[Target, ...]
    mapping_name: str = ""
    """The entry of the mappings that was used; empty where there is none."""
    socket: str = ""
    """Path of the engine's socket there, where the mapping says so."""
    sudo: bool | None = None
    passed_over: tuple[str, ...] = ()
    """Sentences: names and addresses that were not taken, and why."""


class Resolver:
    """Asks the mappings first, then SSH's own configuration. Keeps what it learned until ``forget``."""

    def __init__(
        self,
        config: SshConfig | None = None,
        *,
        mappings: Mapping[str, NodeMapping] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self._config = config or SshConfig()
        self._environ = os.environ if environ is None else environ
        self.mappings: Mapping[str, NodeMapping] = mappings or {}
        """By host name, ID or pattern; may be replaced at any time."""

    def forget(self) -> None:
        """Reads SSH's configuration anew from now on."""
        self._config.forget()

    async def node(
        self,
        hostname: str,
        address: str = "",
        *,
        node_id: str = "",
        manager_address: str = "",
        here: bool = False,
        via: Target | None = None,
        twin: bool = False,
    ) -> Resolution:
        """The targets of a node of the Swarm.

        ``address`` is ``Status.Addr``, ``manager_address`` ``ManagerStatus.Addr``: a manager may call itself
        0.0.0.0 or 127.0.0.1 in either. ``here`` says that it is this node; ``twin`` that another node has the same
        host name, which then says less than the address. ``via`` is the machine through which
        the Swarm is reached: the last resort for nodes that are not reachable directly. Raises ``Unreachable``
        where nothing about the node is an address, or SSH's configuration is broken.
        """
        if here:
            return Resolution(())
        name, mapping = mapping_of(self.mappings, hostname, node_id)
        given = mapping or NodeMapping()
        passed: list[str] = []
        targets: list[Target] = []
        if given.host:
            targets.append(await self._mapped(name, given))
        else:
            usable = names.reachable_address(address) or names.reachable_address(manager_address)
            if (address or manager_address) and not usable:
                passed.append(f"Its address {address or manager_address} means itself only.")
            if names.is_host(hostname):
                targets.append(await self._named(hostname, given, name, "the node's host name"))
            elif hostname:
                passed.append(f"It calls itself {hostname!r}, which is no host name.")
            if usable:
                targets.append(await self._addressed(usable, targets[0] if targets else None, given, name))
            if twin and len(targets) > 1:
                passed.append(f"Another node is called {hostname} too: the address is tried before the name.")
                targets.reverse()
        if not targets:
            raise Unreachable(
                " ".join(passed) or "Neither a host name nor an address of this node is known.",
                hint="Say in the mapping which host it is.",
            )
        targets = _distinct(targets)
        if via is not None and given.jump != "":
            direct = [target for target in targets if not target.jump and not target.proxy_command]
            # A jump host too may be in reach of the managers only.
            jumped = [target for target in targets if target.jump and not _leads_through(via, target)]
            targets += [through(via, ways[-1]) for ways in (direct, jumped) if ways]
        return Resolution(tuple(targets), name, given.socket, given.sudo, tuple(passed))

    async def host(self, text: str, origin: str = "") -> Target:
        """The target of ``[user@]host[:port]``. Raises ``Unreachable`` where that is none."""
        try:
            hop = names.hop(text)
        except ValueError as error:
            raise Unreachable(f"{text!r} is not [user@]host[:port].", original=str(error)) from error
        return await self.login(hop.host, hop.user, hop.port, origin)

    async def login(self, host: str, user: str = "", port: int = 0, origin: str = "") -> Target:
        """The target of a host; what is empty or 0 comes from SSH's configuration. ``origin`` says who named it.
        Raises ``Unreachable`` where the host or the user cannot be one."""
        if not names.is_host(host):
            raise Unreachable(f"{host!r} is no host name or address.")
        asked = NodeMapping(host=host, user=user, port=port)
        return await self._target(host, asked, origin or "as given", origin or "as given")

    async def _mapped(self, name: str, mapping: NodeMapping) -> Target:
        if not names.is_host(mapping.host):
            raise Unreachable(f"The mapping of {name} names {mapping.host!r}, which is no host name or address.")
        return await self._target(mapping.host, mapping, MAPPED, MAPPED)

    async def _named(self, hostname: str, mapping: NodeMapping, name: str, source: str) -> Target:
        return await self._target(hostname, mapping, MAPPED if name else "", source)

    async def _addressed(self, address: str, named: Target | None, mapping: NodeMapping, name: str) -> Target:
        """Where a ``Host`` block speaks of the name, its user, port and keys hold for the address too."""
        if named is not None and named.origin.rpartition(", Host ")[0] and not names.is_address(named.host):
            facts = tuple(Fact("host", address, "the node's address") if f.field == "host" else f for f in named.facts)
            return replace(named, host=address, facts=facts)
        return await self._target(address, mapping, MAPPED if name else "", "the node's address")

    async def _target(
        self, host: str, mapping: NodeMapping, mapped_by: str, host_source: str, depth: int = 0
    ) -> Target:
        if mapping.user and not names.is_user(mapping.user):
            raise Unreachable(f"{mapping.user!r} is no user name.")
        # A mapping is laid over what SSH says, so that both can be shown; else SSH knows who logs in (Match user).
        mapped = mapped_by == MAPPED
        settings = await self._config.settings(host, "" if mapped else mapping.user, 0 if mapped else mapping.port)
        facts: list[Fact] = []

        def take(field: str, mine: str, theirs: str) -> str:
            value, source = (mine, mapped_by) if mine else (theirs, settings.origin)
            facts.append(Fact(field, value, source, f"{settings.origin}: {theirs}" if mine and mine != theirs else ""))
            return value

        real = settings.one("hostname", host)
        facts.append(Fact("host", real, settings.origin if real != host else host_source))
        user = take("user", mapping.user, settings.one("user", local_user()))
        port = int(take("port", str(mapping.port or ""), settings.one("port", "22")))
        if not names.is_host(real) or not names.is_user(user):
            raise Unreachable(f"{user}@{real} of {settings.origin} is no login.")
        expand = self._expander(settings, host, real, user, port)
        jump = await self._jump(mapping, settings, depth)
        facts.append(
            Fact(
                "jump",
                ", ".join(str(hop) for hop in jump) or "none",
                mapped_by if mapping.jump is not None else settings.origin,
            )
        )
        keys = (expand(mapping.key),) if mapping.key else tuple(map(expand, settings.several("identityfile")))
        if mapping.key:
            facts.append(Fact("key", mapping.key, mapped_by))
        specific = ", Host " in settings.origin
        command = settings.one("proxycommand")
        return Target(
            host=real,
            user=user,
            port=port,
            keys=keys,
            certificates=() if mapping.key else tuple(map(expand, settings.several("certificatefile"))),
            agent=self._agent(settings, expand),
            keys_only=bool(mapping.key) or settings.says("identitiesonly", False),
            methods=_methods(settings),
            batch=settings.says("batchmode", False),
            jump=jump,
            proxy_command=expand(command) if command and not jump and mapping.jump is None else "",
            known_hosts=tuple(map(expand, settings.several("userknownhostsfile"))),
            system_known_hosts=settings.several("globalknownhostsfile"),
            revoked_keys=tuple(map(expand, settings.several("revokedhostkeys"))),
            host_key_alias=settings.one("hostkeyalias"),
            hash_known_hosts=settings.says("hashknownhosts", False),
            family={"inet": socket.AF_INET, "inet6": socket.AF_INET6}.get(settings.one("addressfamily"), 0),
            ciphers=_listed(settings, "ciphers"),
            macs=_listed(settings, "macs"),
            exchanges=_listed(settings, "kexalgorithms"),
            host_key_types=_listed(settings, "hostkeyalgorithms"),
            limit=float(settings.one("connecttimeout", "0")) if settings.one("connecttimeout", "0").isdigit() else 0.0,
            origin=settings.origin if specific else mapped_by or host_source,
            facts=tuple(facts),
        )

    async def _jump(self, mapping: NodeMapping, settings: Settings, depth: int) -> tuple[Target, ...]:
        """The chain, each hop a target of its own; only the first hop's own configuration may add hops before."""
        text = settings.one("proxyjump") if mapping.jump is None else mapping.jump
        try:
            chain = names.hops(text)
        except ValueError as error:
            raise Unreachable(f"The jump {text!r} is not [user@]host[:port],….", original=str(error)) from error
        if chain and depth >= _MOST_HOPS:
            raise Unreachable(f"The jump hosts lead in a circle: {text}.", hint="See ProxyJump in ~/.ssh/config.")
        made: list[Target] = []
        for number, hop in enumerate(chain):
            asked = NodeMapping(user=hop.user, port=hop.port, jump=None if number == 0 else "")
            target = await self._target(hop.host, asked, "the jump", "the jump", depth + 1)
            made += [*target.jump, replace(target, jump=())]
        return tuple(made)

    def _agent(self, settings: Settings, expand: _Expander) -> str:
        said = " ".join(settings.values.get("identityagent", ()))
        if not said or said == "SSH_AUTH_SOCK":
            return self._environ.get("SSH_AUTH_SOCK", "")
        if said.lower() == "none":
            return ""
        return self._environ.get(said[1:], "") if said.startswith("$") and said[1:2] != "{" else expand(said)

    def _expander(self, settings: Settings, asked: str, host: str, user: str, port: int) -> _Expander:
        local = socket.gethostname()
        tokens = {
            "%": "%",
            "d": str(self._config.home),
            "h": host,
            "i": str(os.getuid()),
            "k": settings.one("hostkeyalias", asked),
            "L": local.partition(".")[0],
            "l": local,
            "n": asked,
            "p": str(port),
            "r": user,
            "u": local_user(),
            "j": settings.one("proxyjump"),
        }
        return _Expander(tokens, self._environ, str(self._config.home))


class _Expander:
    """Expands ``~``, ``${VARIABLE}`` and the tokens of ssh_config(5)."""

    def __init__(self, tokens: Mapping[str, str], environ: Mapping[str, str], home: str) -> None:
        self._tokens, self._environ, self._home = tokens, environ, home

    def __call__(self, text: str) -> str:
        if text == "~" or text.startswith("~/"):
            text = self._home + text[1:]
        elif text.startswith("~"):
            text = os.path.expanduser(text)
        text = _VARIABLE.sub(lambda m: self._environ.get(m[1], m[0]), text)
        return _TOKEN.sub(lambda m: self._tokens.get(m[1], m[0]), text)


def _methods(settings: Settings) -> tuple[str, ...]:
    allowed = {
        "publickey": settings.one("pubkeyauthentication", "yes").lower() != "no",
        "keyboard-interactive": settings.says("kbdinteractiveauthentication", True),
        "password": settings.says("passwordauthentication", True),
    }
    wanted = _listed(settings, "preferredauthentications") or METHODS
    return tuple(method for method in wanted if allowed.get(method, False))


def _listed(settings: Settings, name: str) -> tuple[str, ...]:
    text = settings.one(name)
    # "+x", "-x" and "^x" change a default list that only OpenSSH knows; ``ssh -G`` prints the result instead.
    return () if text[:1] in ("+", "-", "^") else tuple(part for part in text.split(",") if part)


def _distinct(targets: list[Target]) -> list[Target]:
    kept: list[Target] = []
    for target in targets:
        if all((target.host, target.port, target.user) != (k.host, k.port, k.user) for k in kept):
            kept.append(target)
    return kept


def _leads_through(via: Target, target: Target) -> bool:
    """Whether its jumps begin at that machine anyway."""
    logins = [(hop.host, hop.port) for hop in target.jump]
    return (via.host, via.port) in logins


def through(via: Target, target: Target) -> Target:
    """A target reached over another one, the way to the Swarm; where it has jumps of its own, the first of those is."""
    facts = tuple(fact for fact in target.facts if fact.field != "jump")
    hops = (replace(via, jump=()), *target.jump)
    also = ", ".join(str(hop) for hop in target.jump) or "directly"
    made = Fact("jump", ", ".join(str(hop) for hop in hops), "the way to the Swarm", also)
    return replace(target, jump=(*via.jump, *hops), facts=(*facts, made))
