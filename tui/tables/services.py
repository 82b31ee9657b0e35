"""The list of services."""

from __future__ import annotations

from collections.abc import Iterable

from backends.model import Changes, Key, Kind, Mode, Service, Snapshot, Value
from backends.state.judged import services_health
from backends.state.relations import relations
from backends.state.service_health import ServiceHealth, service_health
from backends.state.severity import severity
from tui.details.service import service_detail
from tui.places import Place
from tui.tables.cells import age_cell, age_sort, image_cell, labels_text, muted, stack_name, state_cell, state_sort
from tui.tables.spec import Column, Detail, Moment, TableSpec
from tui.text.span import Line

#: Short words for ``--mode``, as the list has room for.
MODES = {Mode.REPLICATED: "repl", Mode.GLOBAL: "global", Mode.REPLICATED_JOB: "job", Mode.GLOBAL_JOB: "gl job"}


class ServiceRow(Value, frozen=True, kw_only=True):
    """One service; made anew for each change that its state depends on."""

    service: Service
    in_stack: bool = False
    """Whether the list is that of its stack."""

    @property
    def key(self) -> Key:
        """The service's."""
        return self.service.key


def _services(snapshot: Snapshot, place: Place) -> Iterable[Service]:
    scope = place.scope[-1] if place.scope else None
    if scope is None:
        return snapshot.services.values()
    known = relations(snapshot)
    if scope.kind is Kind.STACK:
        return known.services_of_stack(scope.id)
    if scope.kind is Kind.NODE:
        ids = {t.service_id for t in known.tasks_on(scope.id) if not t.is_over}
        return [snapshot.services[i] for i in ids if i in snapshot.services]
    return known.users(scope).services


def _in_stack(place: Place) -> bool:
    return bool(place.scope) and place.scope[-1].kind is Kind.STACK


def _rows(snapshot: Snapshot, place: Place) -> Iterable[ServiceRow]:
    inside = _in_stack(place)
    return [ServiceRow(service=s, in_stack=inside) for s in _services(snapshot, place)]


def _row(snapshot: Snapshot, place: Place, key: Key) -> ServiceRow | None:
    service = snapshot.services.get(key.id)
    if service is None or (place.scope and not any(s.id == service.id for s in _services(snapshot, place))):
        return None
    return ServiceRow(service=service, in_stack=_in_stack(place))


def affected_services(snapshot: Snapshot, place: Place, changes: Changes) -> set[Key] | None:
    """Services that a change touches: themselves, and those of changed tasks. A node touches all."""
    keys: set[Key] = set()
    for key in changes.keys:
        if key.kind is Kind.SERVICE:
            keys.add(key)
        elif key.kind is Kind.TASK:
            task = snapshot.tasks.get(key.id)
            if task is not None:
                keys.add(Key(Kind.SERVICE, task.service_id))
        elif key.kind is Kind.NODE or key in place.scope:
            return None
    return keys


def health(service: Service, moment: Moment) -> ServiceHealth:
    """The state of a service at the moment; remembered while nothing of it changes."""
    known = services_health(moment.snapshot, moment.now).get(service.id)
    return known or service_health(service, None, moment.snapshot.nodes, moment.now)


def replicas_cell(service: Service, moment: Moment) -> Line:
    """``3/4``; bold and coloured where something is missing."""
    h = health(service, moment)
    if h.word == "complete":
        return ((f"{h.wanted}/{h.wanted}", ""),)
    tone = severity(h.word)
    loud = tone in ("err", "warn") and h.running < h.wanted
    return ((h.replicas, f"{tone} bold" if loud else "muted" if h.word == "stopped" else ""),)


def state_line(service: Service, moment: Moment) -> Line:
    """``◐ updating 3/8``: the state, during a rollout with how far it is."""
    h = health(service, moment)
    return state_cell(h.word, f"updating {h.updated}/{h.wanted}" if h.word == "updating" and h.wanted else "")


def ports_cell(service: Service) -> Line:
    """``80 443``; those in host mode with ``host`` behind them."""
    out: list[tuple[str, str]] = []
    for port in sorted(service.ports, key=lambda p: (p.mode, p.published or p.target)):
        text = str(port.published or "auto") + ("" if port.protocol == "tcp" else f"/{port.protocol}")
        out.append(((" " if out else "") + text, ""))
        if port.mode == "host":
            out.append((" host", "muted"))
    return tuple(out)


def _networks(row: ServiceRow, moment: Moment) -> str:
    return ", ".join(n.name for n in relations(moment.snapshot).networks_of(row.service))


def _missing(row: ServiceRow, moment: Moment) -> tuple[int, int]:
    h = health(row.service, moment)
    return (h.running - h.wanted, h.wanted)


def _fault(row: ServiceRow, moment: Moment) -> bool:
    return severity(health(row.service, moment).word) in ("err", "warn")


def _haystack(row: ServiceRow, moment: Moment) -> str:
    s = row.service
    return f"{s.name} {s.image} {s.mode.value} {health(s, moment).word} {s.id[:12]}"


def _detail(row: ServiceRow, moment: Moment, cells: int) -> Detail:
    return service_detail(row.service, moment, cells)


_COLUMNS: tuple[Column[ServiceRow], ...] = (
    Column(
        "name",
        "NAME",
        22,
        lambda r, m: stack_name(r.service.name, r.service.stack, r.in_stack),
        lambda r, m: r.service.name,
        cut="m",
        keep=True,
        sort_key="N",
        narrow=17,
    ),
    Column(
        "mode",
        "MODE",
        6,
        lambda r, m: muted(MODES[r.service.mode]),
        lambda r, m: MODES[r.service.mode],
        drop=2,
        sort_key="O",
    ),
    Column(
        "replicas",
        "REPLICAS",
        8,
        lambda r, m: replicas_cell(r.service, m),
        _missing,
        align="r",
        keep=True,
        sort_key="C",
    ),
    Column(
        "state",
        "STATE",
        14,
        lambda r, m: state_line(r.service, m),
        lambda r, m: state_sort(health(r.service, m).word),
        keep=True,
        sort_key="S",
    ),
    Column(
        "image",
        "IMAGE",
        24,
        lambda r, m: image_cell(r.service.image),
        lambda r, m: r.service.image,
        cut="l",
        drop=4,
        narrow=17,
        sort_key="I",
    ),
    Column(
        "ports",
        "PORTS",
        10,
        lambda r, m: ports_cell(r.service),
        lambda r, m: min((p.published or 65536 for p in r.service.ports), default=70000),
        drop=3,
        sort_key="P",
        narrow=8,
    ),
    Column("networks", "NETWORKS", 26, lambda r, m: muted(_networks(r, m)), _networks, wide=True, sort_key="W"),
    Column(
        "updated",
        "UPDATED",
        7,
        lambda r, m: age_cell(r.service.updated, m),
        lambda r, m: age_sort(r.service.updated),
        align="r",
        wide=True,
        sort_key="U",
    ),
    Column(
        "stack", "STACK", 12, lambda r, m: muted(r.service.stack), lambda r, m: r.service.stack, wide=True, sort_key="Z"
    ),
    Column(
        "age",
        "AGE",
        4,
        lambda r, m: age_cell(r.service.created, m),
        lambda r, m: age_sort(r.service.created),
        align="r",
        drop=1,
        sort_key="B",
    ),
)

SERVICES: TableSpec[ServiceRow] = TableSpec(
    id="services",
    title="Services",
    kind=Kind.SERVICE,
    rows=_rows,
    row=_row,
    key=lambda r: r.key,
    affected=affected_services,
    depends=frozenset({Kind.TASK, Kind.NODE}),
    columns=_COLUMNS,
    order=("name",),
    filters={
        "name": lambda r, m: r.service.name,
        "state": lambda r, m: health(r.service, m).word,
        "mode": lambda r, m: r.service.mode.value,
        "image": lambda r, m: r.service.image,
        "stack": lambda r, m: r.service.stack,
        "network": _networks,
        "port": lambda r, m: " ".join(str(p.published) for p in r.service.ports),
        "label": lambda r, m: labels_text(r.service.labels),
        "id": lambda r, m: r.service.id,
    },
    haystack=_haystack,
    fault=_fault,
    detail=_detail,
    empty=("No services in this swarm yet.", "n makes one, as docker service create does."),
    needs=frozenset({Kind.SERVICE}),
    manager=True,
)
