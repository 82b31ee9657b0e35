"""One frozen request for each verb: the value that a form, a typed line and a pasted docker line all become."""

from __future__ import annotations

from dataclasses import dataclass, field

from backends.change.options import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be done. Two requests that are equal send the same."""

    options: Options = field(default_factory=Options)

    @property
    def arguments(self) -> tuple[str, ...]:
        """What stands behind the flags."""
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OneNamed(Request):
    """A verb with one name."""

    name: str

    @property
    def arguments(self) -> tuple[str, ...]:
        return (self.name,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyNamed(Request):
    """A verb with one name or more."""

    names: tuple[str, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.names


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCreate(Request):
    """``docker service create``."""

    image: str
    command: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        return (self.image, *self.command)


class ServiceUpdate(OneNamed):
    """``docker service update SERVICE``."""


class ServiceRollback(OneNamed):
    """``docker service rollback SERVICE``."""


class ServiceRemove(ManyNamed):
    """``docker service rm SERVICE…``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceScale(Request):
    """``docker service scale SERVICE=REPLICAS…``."""

    replicas: tuple[tuple[str, int], ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        return tuple(f"{name}={count}" for name, count in self.replicas)


class NetworkCreate(OneNamed):
    """``docker network create NETWORK``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Membership(Request):
    network: str
    container: str

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.network, self.container


class NetworkConnect(_Membership):
    """``docker network connect NETWORK CONTAINER``."""


class NetworkDisconnect(_Membership):
    """``docker network disconnect NETWORK CONTAINER``."""


class NetworkRemove(ManyNamed):
    """``docker network rm NETWORK…``."""


class NetworkPrune(Request):
    """``docker network prune``."""


class SwarmInit(Request):
    """``docker swarm init``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmJoin(Request):
    """``docker swarm join HOST:PORT``."""

    remote: str

    @property
    def arguments(self) -> tuple[str, ...]:
        return (self.remote,)


class SwarmLeave(Request):
    """``docker swarm leave``."""


class SwarmUpdate(Request):
    """``docker swarm update``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwarmJoinToken(Request):
    """``docker swarm join-token worker|manager``."""

    role: str

    @property
    def arguments(self) -> tuple[str, ...]:
        return (self.role,)


class SwarmUnlock(Request):
    """``docker swarm unlock``; the key comes from standard input, never from the line."""


class SwarmUnlockKey(Request):
    """``docker swarm unlock-key``."""


class SwarmCa(Request):
    """``docker swarm ca``."""


class NodeUpdate(OneNamed):
    """``docker node update NODE``."""


class NodePromote(ManyNamed):
    """``docker node promote NODE…``."""


class NodeDemote(ManyNamed):
    """``docker node demote NODE…``."""


class NodeRemove(ManyNamed):
    """``docker node rm NODE…``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Data(Request):
    name: str
    file: str = ""
    """Path of its content; ``-`` is standard input, empty is none (a secret of a driver)."""

    @property
    def arguments(self) -> tuple[str, ...]:
        return (self.name, self.file) if self.file else (self.name,)


class SecretCreate(_Data):
    """``docker secret create SECRET [FILE|-]``."""


class ConfigCreate(_Data):
    """``docker config create CONFIG FILE|-``."""


class SecretRemove(ManyNamed):
    """``docker secret rm SECRET…``."""


class ConfigRemove(ManyNamed):
    """``docker config rm CONFIG…``."""
