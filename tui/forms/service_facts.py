"""What the cluster says to a service that is being filled in: where it fits, what it takes, whom it reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from backends.change.check_service import Subject, fits, next_free_port, subject
from backends.change.compile_service import new_spec
from backends.change.finding import Finding, Severity
from backends.change.flag_error import BadValue, FlagError, Refused
from backends.change.image_reference import reference_error
from backends.change.numbers import parse_size
from backends.change.port_value import parse_ports, show_port
from backends.change.reference_value import parse_config, parse_secret
from backends.change.requests import Request, ServiceCreate
from backends.change.surroundings import Surroundings
from backends.model import Kind, Mode, Service
from backends.state.constraints import parse_constraint, satisfies
from backends.state.placement import Placement
from backends.state.relations import relations
from backends.state.wording import listing, plural
from tui.forms.marks import good, quiet
from tui.forms.spec import FormView, Offer
from tui.look.symbols import sym
from tui.text.ago import size
from tui.text.span import Line


def compiles(request: Request, around: Surroundings) -> Sequence[FlagError]:
    """All that keeps a service from being one."""
    try:
        if isinstance(request, ServiceCreate):
            new_spec(request, around)
    except Refused as refused:
        return refused.errors
    return ()


def own_id(view: FormView) -> str:
    """The ID of the service that is edited; empty in a new one."""
    return str(getattr(view.subject.base, "id", "")) if view.subject is not None else ""


def candidate(view: FormView) -> Subject | None:
    """The service as it would be; ``None`` while it cannot be told."""

    def make() -> Subject | None:
        request = view.request
        if not isinstance(request, ServiceCreate):
            return None
        try:
            build = new_spec(request, view.around)
        except (Refused, BadValue):
            return None
        if build.networks:
            build.task["Networks"] = build.networks
        return subject(build.spec, own_id(view))

    found: Subject | None = view.once("service", make)
    return found


def places(view: FormView) -> Placement | None:
    """Where it can run, node by node."""

    def make() -> Placement | None:
        found = candidate(view)
        return fits(found, view.snapshot) if found is not None and view.snapshot.nodes else None

    found: Placement | None = view.once("places", make)
    return found


def service(view: FormView) -> Service | None:
    """The same as the domain model has it."""
    found = candidate(view)
    return found.service if found is not None else None


def _clean(view: FormView, name: str) -> bool:
    """Whether a field is filled in and nothing is wrong with it."""
    return bool(view.list(name)) and not any(f.severity is Severity.ERROR for f in view.errors(name))


# Verdicts


def image_verdict(view: FormView) -> Line | None:
    """On how many nodes the image is, as far as they were asked."""
    if not _clean(view, "IMAGE"):
        return None
    have, asked = holders(view)
    nodes = view.snapshot.nodes
    if not have:
        return quiet("to be pulled")
    if len(asked) >= len(nodes):
        return good(f"on {len(have)} of {plural(len(nodes), 'node')}")
    names = [nodes[id].name for id in sorted(have) if id in nodes]
    return good(f"on {listing(names, 2)}" if names else "here")


def image_below(view: FormView) -> Line | None:
    """What of the other nodes."""
    if not _clean(view, "IMAGE"):
        return None
    have, asked = holders(view)
    others = len(view.snapshot.nodes) - len(asked)
    if others > 0:
        return quiet(f"{plural(others, 'other node was', 'other nodes were')} not asked; those without it pull it")
    if have and len(have) < len(view.snapshot.nodes):
        return quiet("the others pull it when a task starts")
    return None


def holders(view: FormView) -> tuple[set[str], set[str]]:
    """(nodes that have the image, nodes whose images are known)."""
    wanted = _full(view.text("IMAGE"))
    have: set[str] = set()
    asked: set[str] = set()
    for image in view.snapshot.images.values():
        node = image.node_id or view.snapshot.node_id
        asked.add(node)
        if any(_full(tag) == wanted for tag in (*image.tags, *image.digests)):
            have.add(node)
    return have, asked


def _full(reference: str) -> str:
    """A reference without its digest, with its tag."""
    name, at, digest = reference.partition("@")
    name = name.removeprefix("docker.io/").removeprefix("library/")
    if ":" not in name.rpartition("/")[2]:
        name += "" if at and digest else ":latest"
    return name


def image_offer(view: FormView) -> Offer | None:
    """Small letters."""
    text = view.text("IMAGE").strip()
    lower = text.lower()
    if (
        text
        and lower != text
        and reference_error(text.partition("@")[0])
        and not reference_error(lower.partition("@")[0])
    ):
        return Offer(lower, (lower,))
    return None


def name_verdict(view: FormView) -> Line | None:
    """Whether the name is free."""
    if not view.list("name"):
        return quiet("the engine makes one up")
    return good("free") if _clean(view, "name") else None


def name_offer(view: FormView) -> Offer | None:
    """The next name that is free."""
    text = view.text("name")
    taken = {one.name for one in view.snapshot.services.values()}
    if text not in taken:
        return None
    stem = text.rstrip("0123456789") or text
    begin = int(text[len(stem) :][:6] or 1) + 1
    free = next(f"{stem}{n}" for n in range(begin, begin + len(taken) + 1) if f"{stem}{n}" not in taken)
    return Offer(free, (free,))


def replicas_verdict(view: FormView) -> Line | None:
    """How many nodes there are for them."""
    found, where = service(view), places(view)
    if found is None or where is None:
        return None
    fitting = len(where.fitting)
    if found.mode in (Mode.GLOBAL, Mode.GLOBAL_JOB):
        return quiet(f"one on each of {plural(fitting, 'node')}")
    if not fitting:
        return ((f"{sym('look')} no node takes one now", "warn"),)
    wanted = found.replicas if found.replicas is not None else 1
    if found.max_per_node and wanted > fitting * found.max_per_node:
        return ((f"{sym('look')} room for {fitting * found.max_per_node}", "warn"),)
    return quiet(f"on {plural(fitting, 'node')}")


def network_verdict(view: FormView) -> Line | None:
    """What they are, or how many of all."""
    found = service(view)
    if found is None or not _clean(view, "network"):
        return None
    networks = relations(view.snapshot).networks_of(found)
    if len(networks) == 1 and len(found.networks) == 1:
        return good(f"{networks[0].driver} {', '.join(networks[0].subnets)}".strip())
    of = sum(1 for n in view.snapshot.networks.values() if n.is_swarm and not n.ingress)
    return quiet(f"{len(found.networks)} of {of}")


def publish_verdict(view: FormView) -> Line | None:
    """How they are published."""
    ports = [port for text in view.list("publish") for port in _ports(text)]
    if not ports:
        return None
    modes = sorted({str(port.get("PublishMode", "ingress")) for port in ports})
    protocols = sorted({str(port.get("Protocol", "tcp")) for port in ports})
    text = f"{' and '.join(modes)}, {' and '.join(protocols)}"
    if view.subject is not None and view.list("publish") == tuple(view.subject.saved.get("publish", ())):
        return quiet(text)
    wrong = any(f.severity >= Severity.WARNING for f in view.errors("publish"))
    free = [str(port["PublishedPort"]) for port in ports if port.get("PublishedPort")]
    if not wrong and free and len(ports) == 1:
        return good(f"{free[0]} is free, {text}")
    return quiet(text)


def _ports(text: str) -> list[dict[str, Any]]:
    try:
        return parse_ports(text)
    except BadValue:
        return []


def publish_offer(view: FormView) -> Offer | None:
    """The next free port in place of the first that is taken."""
    own = own_id(view)
    others = [p for p in relations(view.snapshot).ports if not own or p.service_id != own]
    texts = list(view.list("publish"))
    mine = {port.get("PublishedPort") for text in texts for port in _ports(text)}
    for at, text in enumerate(texts):
        ports = _ports(text)
        if len(ports) != 1 or not ports[0].get("PublishedPort"):
            continue
        port = ports[0]
        published, protocol = int(port["PublishedPort"]), str(port.get("Protocol", "tcp"))
        if not any((p.port, p.protocol) == (published, protocol) for p in others):
            continue
        free = next_free_port(published, protocol, others)
        while free and free in mine:
            free = next_free_port(free + 1, protocol, others)
        if free:
            texts[at] = show_port({**port, "PublishedPort": free})
            return Offer(str(free), tuple(texts))
    return None


def counted(noun: str, many: str = "") -> Callable[[FormView], Line | None]:
    """``2 variables``."""

    def verdict(view: FormView) -> Line | None:
        count = len(view.list({"variable": "env"}.get(noun, noun)))
        return quiet(plural(count, noun, many)) if count else None

    return verdict


def exist(name: str) -> Callable[[FormView], Line | None]:
    """``✓ exists`` for secrets and configs."""

    def verdict(view: FormView) -> Line | None:
        if not _clean(view, name):
            return None
        count = len(view.list(name))
        return good("exists" if count == 1 else f"all {count} exist")

    return verdict


def constraint_verdict(view: FormView) -> Line | None:
    """``✓ matches 2 of 6``."""
    texts = view.list("constraint")
    if not texts:
        return quiet("any node")
    matching, total = _matching(view)
    if any(f.severity is Severity.ERROR for f in view.errors("constraint")):
        return None
    if not matching:
        return ((f"{sym('look')} matches none of {total}", "warn"),)
    return good(f"matches {len(matching)} of {total}")


def constraint_below(view: FormView) -> Line | None:
    """Which nodes match."""
    matching, _ = _matching(view)
    return quiet(listing(matching, 6)) if view.list("constraint") and matching else None


def _matching(view: FormView) -> tuple[list[str], int]:
    constraints = [one for one in map(parse_constraint, view.list("constraint")) if one is not None]
    nodes = list(view.snapshot.nodes.values())
    return sorted(n.name for n in nodes if all(satisfies(n, one) for one in constraints)), len(nodes)


def memory_verdict(name: str) -> Callable[[FormView], Line | None]:
    """On how many of the nodes where it can run so much memory is."""

    def verdict(view: FormView) -> Line | None:
        try:
            wanted = parse_size(view.text(name)) if view.list(name) else 0
        except BadValue:
            return None
        where = places(view)
        if not wanted or where is None:
            return None
        nodes = where.fitting or tuple(view.snapshot.nodes.values())
        fitting = sum(1 for node in nodes if node.memory >= wanted)
        if not fitting:
            most = max((node.memory for node in nodes), default=0)
            return ((f"{sym('look')} no node has so much; {size(most)} at most", "warn"),)
        return good(f"{size(wanted)} fits on {fitting} of {len(nodes)}")

    return verdict


def checks(view: FormView) -> Sequence[Finding]:
    """Secrets and configs that are not there."""
    return [*_references(view, "secret", Kind.SECRET), *_references(view, "config", Kind.CONFIG)]


def _references(view: FormView, name: str, kind: Kind) -> Iterator[Finding]:
    if kind not in view.snapshot.listed:
        return
    things = view.snapshot.secrets if kind is Kind.SECRET else view.snapshot.configs
    known = sorted(thing.name for thing in things.values())
    for text in view.list(name):
        try:
            wanted = parse_secret(text)["SecretName"] if name == "secret" else parse_config(text)["ConfigName"]
        except BadValue:
            continue
        if wanted and wanted not in known:
            instead = listing(known, 5) if known else f"none is there: docker {name} create"
            yield Finding(f"{name} {wanted} not found", name, Severity.ERROR, instead)
