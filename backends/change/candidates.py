"""What may stand for a value: the candidates of each completion source, from what the cluster has. Pure.

Paths of files (``Source.FILE``) are found by the caller's function: nothing is read here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from backends.change.check_network import may_name
from backends.change.check_values import CAPABILITIES, SIGNALS
from backends.change.find import find_network
from backends.change.flags import Flag, Source
from backends.change.subnets import Route, free, pools, taken
from backends.model import EMPTY, Network, Node, Service, Snapshot
from backends.state.drivers import DRIVERS
from backends.state.wording import plural


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value that may be meant. Names in it are as engines give them: hostile text."""

    text: str
    detail: str = ""
    """What it is, in a few words."""
    more: bool = False
    """Whether something has to follow it: ``spread=``, ``web=``."""
    makes: str = ""
    """The name, at the end of ``text``, of what is not there yet: who takes it has it made first."""


@dataclass(frozen=True, slots=True)
class Known:
    """What candidates come from."""

    snapshot: Snapshot = EMPTY
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    addresses: Sequence[tuple[str, str]] = ()
    """(address, interface) of the machine that the engine is on."""
    routes: Sequence[Route] = ()
    api_version: str = ""
    paths: Callable[[str], Sequence[tuple[str, str]]] = lambda typed: ()
    """Paths of this machine for what is typed of one, each with what it is; a folder ends with a slash."""
    here: bool = False
    """Whether the engine is on this machine, so that the sources of bind mounts are paths of it."""


def candidates(source: Source, known: Known) -> tuple[Candidate, ...]:
    """All values of a source, in the order in which they are shown."""
    found = _SOURCES.get(source)
    return tuple(found(known)) if found is not None else ()


def path_candidates(typed: str, known: Known) -> tuple[Candidate, ...]:
    """Paths for what is typed of one: whole ones, a folder to be gone on from."""
    return tuple(Candidate(path, what, more=path.endswith("/")) for path, what in known.paths(typed))


def choices(flag: Flag) -> tuple[Candidate, ...]:
    """What a flag says itself that may be given."""
    given = flag.choices or (("true", "false") if flag.is_bool else ())
    return tuple(Candidate(text, "the default" if text == flag.default else "") for text in given)


def _sorted(found: Mapping[str, str]) -> Iterator[Candidate]:
    return (Candidate(name, detail) for name, detail in sorted(found.items()) if name)


def _images(known: Known) -> Iterator[Candidate]:
    nodes: Counter[str] = Counter()
    for image in known.snapshot.images.values():
        nodes.update(tag for tag in set(image.tags) if tag != "<none>:<none>")
    used = {service.image.partition("@")[0] for service in known.snapshot.services.values()}
    found = {tag: f"on {plural(count, 'node')}" for tag, count in nodes.items()}
    return _sorted({image: "a service runs it" for image in used if image} | found)


def _networks(known: Known) -> Iterator[Candidate]:
    """Those of the Swarm and of this engine; a name that several nodes have is one."""
    snapshot = known.snapshot
    mine = (n for n in snapshot.networks.values() if n.is_swarm or n.node_id in ("", snapshot.node_id))
    return _sorted({n.name: _network(n) for n in mine if not n.ingress})


def service_networks(known: Known) -> Iterator[Candidate]:
    """Networks that a service can use: those of the whole Swarm, and the host's."""
    networks = known.snapshot.networks.values()
    return _sorted({n.name: _network(n) for n in networks if (n.is_swarm and not n.ingress) or n.name == "host"})


def new_network(typed: str, known: Known) -> tuple[Candidate, ...]:
    """A network that a service could have and that is not there: to be made, where the name may be one."""
    snapshot = known.snapshot
    if not snapshot.is_manager or not may_name(typed) or find_network(snapshot, typed) is not None:
        return ()
    return (Candidate(typed, "new overlay network", makes=typed),)


def _network(network: Network) -> str:
    subnets = ", ".join(network.subnets)
    return f"{network.driver} {subnets}".strip()


def _services(known: Known) -> Iterator[Candidate]:
    return _sorted({s.name: s.image.partition("@")[0] for s in known.snapshot.services.values()})


def _containers(known: Known) -> Iterator[Candidate]:
    snapshot = known.snapshot
    mine = (c for c in snapshot.containers.values() if c.node_id in ("", snapshot.node_id))
    return _sorted({c.name: c.state for c in mine})


def _nodes(known: Known) -> Iterator[Candidate]:
    """Host names, and the IDs of those whose name is another one's too."""
    nodes = known.snapshot.nodes.values()
    names = Counter(node.hostname for node in nodes)
    return _sorted(
        {
            node.hostname if names[node.hostname] == 1 else node.id: f"{node.role}, {node.state}, {node.availability}"
            for node in nodes
        }
    )


def _constraints(known: Known) -> Iterator[Candidate]:
    """What nodes have and how many have it: ``node.labels.zone==a``, "2 of 3". Values count without regard to case,
    as the scheduler compares them."""
    nodes = known.snapshot.nodes
    texts: dict[str, None] = {}
    count: Counter[tuple[str, str]] = Counter()

    def has(key: str, value: str) -> None:
        if value:
            texts[f"{key}=={value}"] = None
            count[key, value.casefold()] += 1

    for node in nodes.values():
        for kind, labels in (("node", node.labels), ("engine", node.engine_labels)):
            for key, value in labels.items():
                has(f"{kind}.labels.{key}", value)
    for key in ("hostname", "role", "platform.os", "platform.arch"):
        of = {"platform.os": "os", "platform.arch": "architecture"}.get(key, key)
        for node in nodes.values():
            has(f"node.{key}", getattr(node, of))
    for text in texts:
        key, _, value = text.partition("==")
        yield Candidate(text, f"matches {count[key, value.casefold()]} of {len(nodes)}")


def preferences(known: Known) -> Iterator[Candidate]:
    """Keys that tasks may be spread over: ``spread=node.labels.zone``."""
    values: dict[str, set[str]] = {}
    for node in known.snapshot.nodes.values():
        for kind, labels in (("node", node.labels), ("engine", node.engine_labels)):
            for key, value in labels.items():
                values.setdefault(f"{kind}.labels.{key}", set()).add(value)
    return (Candidate(f"spread={key}", plural(len(values[key]), "value")) for key in sorted(values))


def _volumes(known: Known) -> Iterator[Candidate]:
    where: dict[str, set[str]] = {}
    for volume in known.snapshot.volumes.values():
        node = known.snapshot.nodes.get(volume.node_id)
        where.setdefault(volume.name, set()).add(node.name if node is not None else "")
    return _sorted({name: f"on {', '.join(sorted(on))}" if any(on) else "" for name, on in where.items()})


def _plugins(kind: str, described: Mapping[str, str] = MappingProxyType({})) -> Callable[[Known], Iterator[Candidate]]:
    def found(known: Known) -> Iterator[Candidate]:
        nodes = list(known.snapshot.nodes.values())
        have = Counter(p.name for n in nodes for p in n.plugins if p.type.lower() == kind)
        return _sorted(
            {
                name: described.get(name) or ("" if have[name] == len(nodes) else f"on {plural(have[name], 'node')}")
                for name in have or described
                if name not in ("null", "host", "none") or kind == "log"
            }
        )

    return found


def _subnets(known: Known) -> Iterator[Candidate]:
    used = taken(known.snapshot, known.routes)
    for overlay, what in ((True, "free, for overlays"), (False, "free, for bridges")):
        for subnet in free(used, pools(known.snapshot, overlay), 3):
            yield Candidate(subnet, what)


def removable(name: str, of: Service | Node, known: Known) -> tuple[Candidate, ...]:
    """What a flag such as ``env-rm`` may take from a service or node, as ``name`` (``env``) gives it."""
    return tuple(Candidate(text, detail) for text, detail in _removable(name, of, known) if text)


def _removable(name: str, of: Service | Node, known: Known) -> Iterable[tuple[str, str]]:
    if name == "label":
        return of.labels.items()
    if isinstance(of, Node):
        return ()
    networks = known.snapshot.networks
    found: Mapping[str, Iterable[tuple[str, str]]] = {
        "container-label": of.container_labels.items(),
        "env": ((text.partition("=")[0], "") for text in of.env),
        "publish": ((str(p.target), f"published as {p.published}, {p.protocol}") for p in of.ports),
        "mount": ((m.target, f"{m.type} {m.source}".strip()) for m in of.mounts),
        "network": (
            (networks[n.target].name if n.target in networks else n.target, ", ".join(n.aliases)) for n in of.networks
        ),
        "config": of.configs,
        "secret": of.secrets,
        "constraint": ((text, "") for text in of.constraints),
        "placement-pref": ((text if text.startswith("spread=") else f"spread={text}", "") for text in of.preferences),
    }
    return found.get(name, ())


def _words(words: Iterable[str]) -> Callable[[Known], Iterator[Candidate]]:
    found = tuple(map(Candidate, words))
    return lambda _: iter(found)


_SOURCES: Mapping[Source, Callable[[Known], Iterator[Candidate]]] = MappingProxyType(
    {
        Source.IMAGE: _images,
        Source.NETWORK: _networks,
        Source.SERVICE: _services,
        Source.CONTAINER: _containers,
        Source.NODE: _nodes,
        Source.NODE_LABEL: _constraints,
        Source.SECRET: lambda known: _sorted({s.name: "secret" for s in known.snapshot.secrets.values()}),
        Source.CONFIG: lambda known: _sorted({c.name: "config" for c in known.snapshot.configs.values()}),
        Source.VOLUME: _volumes,
        Source.NETWORK_DRIVER: _plugins("network", DRIVERS),
        Source.LOG_DRIVER: _plugins("log"),
        Source.CAPABILITY: _words(("ALL", *(f"CAP_{name}" for name in CAPABILITIES))),
        Source.SIGNAL: _words(f"SIG{name}" for name in SIGNALS),
        Source.ADDRESS: lambda known: (Candidate(address, interface) for address, interface in known.addresses),
        Source.SUBNET: _subnets,
        Source.ENVIRONMENT: lambda known: (Candidate(name, "its value here") for name in sorted(known.environ)),
    }
)
