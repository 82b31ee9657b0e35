"""The verbs that change something: their words, flags and arguments, each declared once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from backends.change import network_flags, node_flags, numbers, requests, service_tables, swarm_flags
from backends.change.flag_error import BadValue, FlagError, Refused
from backends.change.flags import FlagTable, Source
from backends.change.options import Options
from backends.change.requests import Request

_Maker = Callable[[tuple[str, ...], Options], Request]


@dataclass(frozen=True, slots=True)
class Verb:
    """One docker command."""

    words: tuple[str, str]
    table: FlagTable
    make: _Maker
    """The request of arguments and options; raises ``Refused`` for arguments that cannot be."""
    arguments: str = ""
    """As the CLI's usage shows them: ``IMAGE [COMMAND] [ARG...]``."""
    least: int = 0
    most: int | None = 0
    """``None`` takes any number."""
    sources: tuple[Source, ...] = ()
    """Where completions of the arguments come from; the last one holds for all that follow."""
    interspersed: bool = True
    """Whether flags may follow arguments."""
    since: str = ""
    """API version that brings the command."""

    @property
    def name(self) -> str:
        """``service create``."""
        return " ".join(self.words)

    @property
    def usage(self) -> str:
        """``docker service create [OPTIONS] IMAGE [COMMAND] [ARG...]``."""
        return " ".join(filter(None, ("docker", *self.words, "[OPTIONS]" if self.table else "", self.arguments)))

    def count_error(self, count: int) -> FlagError | None:
        """The CLI's words for too few or too many arguments."""
        if self.least <= count and (self.most is None or count <= self.most):
            return None
        command = f"docker: 'docker {self.name}'"
        if self.most == 0:
            return FlagError(f"{command} accepts no arguments", instead=self.usage)
        noun = "argument" if self.least == 1 else "arguments"
        if self.most is None:
            sentence = f"{command} requires at least {self.least} {noun}"
        elif self.least == self.most:
            sentence = f"{command} requires {self.least} {noun}"
        else:
            sentence = f"{command} requires at least {self.least} and at most {self.most} arguments"
        missing = self.argument(count) if count < self.least else ""
        return FlagError(sentence, missing, instead=self.usage)

    def argument(self, index: int) -> str:
        """Name of an argument in capitals, as errors give it in ``FlagError.flag``: ``IMAGE``."""
        names = self.arguments.split()
        name = names[min(index, len(names) - 1)].strip("[]().").split("=")[0] if names else ""
        return {"worker|manager": "ROLE", "file|-": "FILE"}.get(name, name)


def _one(kind: type[requests.OneNamed]) -> _Maker:
    return lambda arguments, options: kind(name=arguments[0], options=options)


def _many(kind: type[requests.ManyNamed]) -> _Maker:
    return lambda arguments, options: kind(names=arguments, options=options)


def _none(kind: type[Request]) -> _Maker:
    return lambda _, options: kind(options=options)


def _create(arguments: tuple[str, ...], options: Options) -> Request:
    return requests.ServiceCreate(image=arguments[0], command=arguments[1:], options=options)


def _scale(arguments: tuple[str, ...], options: Options) -> Request:
    found: list[tuple[str, int]] = []
    for text in arguments:
        name, _, count = text.partition("=")
        if not name or not count:
            raise Refused(FlagError(f"invalid scale specifier '{text}'.", "SERVICE", instead="SERVICE=REPLICAS"))
        try:
            found.append((name, numbers.parse_uint(count, based=False)))
        except BadValue as error:
            sentence = f"{name}: invalid replicas value {count}: {error}"
            raise Refused(FlagError(sentence, "SERVICE", instead="SERVICE=REPLICAS, such as web=5")) from None
    return requests.ServiceScale(replicas=tuple(found), options=options)


def _join_token(arguments: tuple[str, ...], options: Options) -> Request:
    if arguments[0] not in ("worker", "manager"):
        raise Refused(FlagError(f"unknown role {arguments[0]}", "ROLE", instead="worker or manager"))
    return requests.SwarmJoinToken(role=arguments[0], options=options)


def _secret(arguments: tuple[str, ...], options: Options) -> Request:
    file = arguments[1] if len(arguments) > 1 else ""
    driver = "driver" in options and options.text("driver")
    if not driver and not file:
        raise Refused(
            FlagError(
                "secret file is required",
                "FILE",
                instead="the path of a file, - for standard input, or --driver",
            )
        )
    if driver and file:
        raise Refused(
            FlagError("When using secret driver secret data must be empty", "FILE", instead="leave one of them out")
        )
    return requests.SecretCreate(name=arguments[0], file=file, options=options)


def _membership(kind: type[requests.NetworkConnect] | type[requests.NetworkDisconnect]) -> _Maker:
    return lambda arguments, options: kind(network=arguments[0], container=arguments[1], options=options)


_S, _N, _K = Source.SERVICE, Source.NETWORK, Source.NODE
VERBS: Mapping[type[Request], Verb] = MappingProxyType(
    {
        requests.ServiceCreate: Verb(
            ("service", "create"),
            service_tables.CREATE,
            _create,
            "IMAGE [COMMAND] [ARG...]",
            1,
            None,
            (Source.IMAGE, Source.NONE),
            interspersed=False,
        ),
        requests.ServiceUpdate: Verb(
            ("service", "update"), service_tables.UPDATE, _one(requests.ServiceUpdate), "SERVICE", 1, 1, (_S,)
        ),
        requests.ServiceScale: Verb(
            ("service", "scale"),
            service_tables.SCALE,
            _scale,
            "SERVICE=REPLICAS [SERVICE=REPLICAS...]",
            1,
            None,
            (_S,),
        ),
        requests.ServiceRollback: Verb(
            ("service", "rollback"),
            service_tables.ROLLBACK,
            _one(requests.ServiceRollback),
            "SERVICE",
            1,
            1,
            (_S,),
            since="1.31",
        ),
        requests.ServiceRemove: Verb(
            ("service", "rm"),
            service_tables.REMOVE,
            _many(requests.ServiceRemove),
            "SERVICE [SERVICE...]",
            1,
            None,
            (_S,),
        ),
        requests.NetworkCreate: Verb(
            ("network", "create"), network_flags.CREATE, _one(requests.NetworkCreate), "NETWORK", 1, 1
        ),
        requests.NetworkConnect: Verb(
            ("network", "connect"),
            network_flags.CONNECT,
            _membership(requests.NetworkConnect),
            "NETWORK CONTAINER",
            2,
            2,
            (_N, Source.CONTAINER),
        ),
        requests.NetworkDisconnect: Verb(
            ("network", "disconnect"),
            network_flags.DISCONNECT,
            _membership(requests.NetworkDisconnect),
            "NETWORK CONTAINER",
            2,
            2,
            (_N, Source.CONTAINER),
        ),
        requests.NetworkRemove: Verb(
            ("network", "rm"),
            network_flags.REMOVE,
            _many(requests.NetworkRemove),
            "NETWORK [NETWORK...]",
            1,
            None,
            (_N,),
        ),
        requests.NetworkPrune: Verb(
            ("network", "prune"), network_flags.PRUNE, _none(requests.NetworkPrune), since="1.25"
        ),
        requests.SwarmInit: Verb(("swarm", "init"), swarm_flags.INIT, _none(requests.SwarmInit)),
        requests.SwarmJoin: Verb(
            ("swarm", "join"),
            swarm_flags.JOIN,
            lambda arguments, options: requests.SwarmJoin(remote=arguments[0], options=options),
            "HOST:PORT",
            1,
            1,
        ),
        requests.SwarmLeave: Verb(("swarm", "leave"), swarm_flags.LEAVE, _none(requests.SwarmLeave)),
        requests.SwarmUpdate: Verb(("swarm", "update"), swarm_flags.UPDATE, _none(requests.SwarmUpdate)),
        requests.SwarmJoinToken: Verb(
            ("swarm", "join-token"), swarm_flags.JOIN_TOKEN, _join_token, "(worker|manager)", 1, 1, (Source.CHOICES,)
        ),
        requests.SwarmUnlock: Verb(("swarm", "unlock"), swarm_flags.UNLOCK, _none(requests.SwarmUnlock)),
        requests.SwarmUnlockKey: Verb(("swarm", "unlock-key"), swarm_flags.UNLOCK_KEY, _none(requests.SwarmUnlockKey)),
        requests.SwarmCa: Verb(("swarm", "ca"), swarm_flags.CA, _none(requests.SwarmCa), since="1.30"),
        requests.NodeUpdate: Verb(
            ("node", "update"), node_flags.UPDATE, _one(requests.NodeUpdate), "NODE", 1, 1, (_K,)
        ),
        requests.NodePromote: Verb(
            ("node", "promote"), node_flags.ROLE, _many(requests.NodePromote), "NODE [NODE...]", 1, None, (_K,)
        ),
        requests.NodeDemote: Verb(
            ("node", "demote"), node_flags.ROLE, _many(requests.NodeDemote), "NODE [NODE...]", 1, None, (_K,)
        ),
        requests.NodeRemove: Verb(
            ("node", "rm"), node_flags.REMOVE, _many(requests.NodeRemove), "NODE [NODE...]", 1, None, (_K,)
        ),
        requests.SecretCreate: Verb(
            ("secret", "create"),
            node_flags.SECRET_CREATE,
            _secret,
            "SECRET [file|-]",
            1,
            2,
            (Source.NONE, Source.FILE),
            since="1.25",
        ),
        requests.ConfigCreate: Verb(
            ("config", "create"),
            node_flags.CONFIG_CREATE,
            lambda arguments, options: requests.ConfigCreate(name=arguments[0], file=arguments[1], options=options),
            "CONFIG file|-",
            2,
            2,
            (Source.NONE, Source.FILE),
            since="1.30",
        ),
        requests.SecretRemove: Verb(
            ("secret", "rm"),
            node_flags.DATA_REMOVE,
            _many(requests.SecretRemove),
            "SECRET [SECRET...]",
            1,
            None,
            (Source.SECRET,),
            since="1.25",
        ),
        requests.ConfigRemove: Verb(
            ("config", "rm"),
            node_flags.DATA_REMOVE,
            _many(requests.ConfigRemove),
            "CONFIG [CONFIG...]",
            1,
            None,
            (Source.CONFIG,),
            since="1.30",
        ),
    }
)
BY_WORDS: Mapping[tuple[str, str], Verb] = MappingProxyType(
    {verb.words: verb for verb in VERBS.values()}
    | {(verb.words[0], "remove"): verb for verb in VERBS.values() if verb.words[1] == "rm"}
)
"""Verbs by their words, ``remove`` for ``rm`` included."""


def verb_of(request: Request) -> Verb:
    """The verb of a request."""
    return VERBS[type(request)]
