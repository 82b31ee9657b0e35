"""The detail of a stack: how its services are, what else is of it, what was changed since it was deployed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from backends.model import Service, Snapshot, Stack
from backends.state.judged import services_health
from backends.state.relations import relations
from backends.state.service_health import ServiceHealth
from backends.state.severity import SEVERITIES, rank
from backends.state.wording import image_change, listing, short_image
from tui.details.network import addresses, used_line
from tui.details.sheet import Sheet, one_row, spaced
from tui.look.symbols import state
from tui.tables.spec import Detail, Moment
from tui.text.ago import age, ago, plural
from tui.text.span import Line, line

#: Label by which ``docker stack deploy`` keeps the image of the file.
_IMAGE_LABEL = "com.docker.stack.image"


def stack_services(stack: Stack, snapshot: Snapshot) -> tuple[Service, ...]:
    """Services of a stack, by name."""
    return relations(snapshot).services_of_stack(stack.name)


def stack_words(stack: Stack, moment: Moment) -> Mapping[str, int]:
    """How many of its services are in which state, worst first."""
    health = services_health(moment.snapshot, moment.now)
    counts = Counter(health[s.id].word for s in stack_services(stack, moment.snapshot) if s.id in health)
    return dict(sorted(counts.items(), key=lambda item: (rank(item[0]), item[0])))


def stack_state_line(stack: Stack, moment: Moment) -> Line:
    """``✗ 1 failing  ◐ 1 updating``; ``● healthy`` where all is."""
    words = stack_words(stack, moment)
    if not words:
        return state("none", "no services")
    quiet = {"healthy", "complete", "running"}
    if set(words) <= quiet:
        word = min(words, key=lambda w: (w != "healthy", w))
        return state(word, "", SEVERITIES.get(word, ""))
    loud = {w: n for w, n in words.items() if w not in quiet}
    return spaced(*(state(w, f"{n} {w}", SEVERITIES.get(w, "")) for w, n in loud.items()), gap=2)


def stack_tasks(stack: Stack, moment: Moment) -> tuple[int, int]:
    """Running and wanted tasks of all its services."""
    health = services_health(moment.snapshot, moment.now)
    found = [health[s.id] for s in stack_services(stack, moment.snapshot) if s.id in health]
    return sum(h.running for h in found), sum(h.wanted for h in found if h.word != "complete")


def stack_detail(stack: Stack, moment: Moment, cells: int, *, full: bool = False) -> Detail:
    """The description of a stack at a width; ``full`` for its own page."""
    snapshot = moment.snapshot
    sheet = Sheet(moment, cells, full=full)
    running, wanted = stack_tasks(stack, moment)
    services = stack_services(stack, snapshot)
    sheet.fact("state", stack_state_line(stack, moment))
    sheet.fact("services", f"{len(services)}, {running} of {plural(wanted, 'task')} run")
    sheet.fact("created", ago(stack.created, moment.now))
    health = services_health(snapshot, moment.now)
    if services:
        rows = [_service_row(s, health.get(s.id), stack.name) for s in services]
        sheet.grid(("Services", "replicas", "state", "image"), rows, aligns="lrll", cuts="m  l")
    for service in services:
        h = health.get(service.id)
        if h is not None and h.severity in ("err", "warn"):
            sheet.head(_short(service.name, stack.name))
            sheet.text(h.reason)
            if h.error and h.error not in h.reason:
                sheet.words(h.error, "err" if h.severity == "err" else "")
    _rest(sheet, stack)
    _deployed(sheet, services, stack.name)
    command = f"docker stack services {stack.name}"
    sheet.command(command)
    return Detail(stack.name, sheet.lines, _compact(stack, moment, cells), command)


def _short(name: str, stack: str) -> str:
    return name.removeprefix(f"{stack}_")


def _service_row(service: Service, h: ServiceHealth | None, stack: str) -> tuple[Line, ...]:
    if h is None:
        return (line(_short(service.name, stack)), (), (), line((short_image(service.image), "muted")))
    return (
        line(_short(service.name, stack)),
        line(h.replicas),
        state(h.word, "", SEVERITIES.get(h.word, "")),
        line((short_image(service.image), "muted")),
    )


def _rest(sheet: Sheet, stack: Stack) -> None:
    moment = sheet.moment
    snapshot = moment.snapshot
    known = relations(snapshot)
    rows: list[tuple[Line, ...]] = []
    networks = {i: snapshot.networks[i] for i in stack.networks if i in snapshot.networks}
    for service in stack_services(stack, snapshot):
        networks |= {n.id: n for n in known.networks_of(service) if not n.ingress}
    for network in sorted(networks.values(), key=lambda n: (n.stack != stack.name, n.name)):
        users = [_short(s.name, stack.name) for s in known.services_on(network)]
        own = network.stack == stack.name
        of = f"of stack {network.stack}" if network.stack else "of no stack"
        remark = used_line(addresses(network, snapshot), "") if own else ((of, "muted"),)
        rows.append((_kind("network" if own else ""), line(_short(network.name, stack.name)), _users(users), remark))
    for word, ids, source in (
        ("config", stack.configs, snapshot.configs),
        ("secret", stack.secrets, snapshot.secrets),
    ):
        for ident in ids:
            item = source.get(ident)
            if item is None:
                continue
            users = [_short(s.name, stack.name) for s in known.users(item.key).services]
            rows.append(
                (
                    _kind(word),
                    line(_short(item.name, stack.name)),
                    _users(users),
                    ((age(item.created, moment.now), "muted"),),
                )
            )
    volumes: dict[str, list[str]] = {}
    for service in stack_services(stack, snapshot):
        for mount in service.mounts:
            if mount.type == "volume" and mount.source:
                volumes.setdefault(mount.source, []).append(_short(service.name, stack.name))
    for name, users in sorted(volumes.items()):
        rows.append((_kind("volume"), line(_short(name, stack.name)), _users(users), (("one on each node", "muted"),)))
    if rows:
        sheet.grid(("Also", "name", "used by", "note"), rows, cuts=" m")


def _kind(word: str) -> Line:
    return ((word, "muted"),)


def _users(names: list[str]) -> Line:
    return line(listing(names, most=4)) if names else (("nobody", "warn"),)


def _deployed(sheet: Sheet, services: tuple[Service, ...], stack: str) -> None:
    changed = [
        (s, s.labels[_IMAGE_LABEL])
        for s in services
        if s.labels.get(_IMAGE_LABEL) and s.labels[_IMAGE_LABEL] != short_image(s.image)
    ]
    if not changed:
        return
    sheet.head("As it was deployed, and as it is", "by its label")
    for service, image in changed:
        sheet.text(_short(service.name, stack), ("   image ", "muted"), image_change(image, service.image), hang=2)


def _compact(stack: Stack, moment: Moment, cells: int) -> tuple[Line, ...]:
    running, wanted = stack_tasks(stack, moment)
    health = services_health(moment.snapshot, moment.now)
    services = stack_services(stack, moment.snapshot)
    names = [
        line(_short(s.name, stack.name), (f" {health[s.id].replicas}", "muted")) for s in services if s.id in health
    ]
    bad = [health[s.id] for s in services if s.id in health and health[s.id].severity in ("err", "warn")]
    networks = [moment.snapshot.networks[i].name for i in stack.networks if i in moment.snapshot.networks]
    rows = [
        one_row("state", stack_state_line(stack, moment), cells=cells),
        *(one_row("", h.reason, cells=cells) for h in bad[:1]),
        one_row("tasks", f"{running} of {wanted} run", cells=cells),
        one_row("services", spaced(*names), cells=cells),
        one_row("networks", listing(networks, most=6) or ("none of its own", "muted"), cells=cells),
        one_row("created", ago(stack.created, moment.now), cells=cells),
    ]
    return tuple(rows[:6])
