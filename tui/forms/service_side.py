"""What stands beside the form of a service: where it can run, which addresses it takes, whom it will reach."""

from __future__ import annotations

from backends.model import Kind, Network, Service
from backends.state.relations import relations
from backends.state.wording import listing
from tui.forms.marks import good, quiet
from tui.forms.service_facts import holders, places, service
from tui.forms.side import headed, two
from tui.forms.spec import FormView
from tui.look.symbols import sym
from tui.text.ago import number
from tui.text.span import Line, line


def side(view: FormView, cells: int) -> list[Line]:
    """Where it can run, which addresses it takes, whom it will reach."""
    rows: list[Line] = []
    where = places(view)
    if where is not None:
        count = len(where.fitting)
        mark = (
            good(f"{count} of {len(where.nodes)}")
            if count
            else (((f"{sym('look')} none of {len(where.nodes)}"), "warn"),)
        )
        rows.append(headed("Where it can run", mark, cells))
        verdicts = sorted(where.nodes, key=lambda v: not v.fits)
        for verdict in verdicts[:10]:
            said: Line
            if verdict.fits:
                said = ((f"{sym('check')} ", "ok"), (_runs(view, verdict.node.id), "muted"))
            else:
                symbol = {"down": "fail", "drained": "drained", "paused": "paused"}.get(verdict.reasons[0], "ended")
                said = ((f"{sym(symbol)} ", "muted"), (listing(verdict.reasons), "muted"))
            rows.append(two(verdict.node.name, said, cells))
        if len(verdicts) > 10:
            rows.append(quiet(f"and {len(verdicts) - 10} more"))
        if not count and where.summary:
            rows.append(((where.summary, "warn"),))
    found = service(view)
    if found is None:
        return rows or [quiet("An image is needed to say more.")]
    rows += _addresses(view, found, cells)
    reached = relations(view.snapshot).reaches(found)
    rows += [(), headed("Will be able to talk to", (), cells)]
    by_network: dict[str, list[str]] = {}
    for one in reached:
        for network in one.networks:
            by_network.setdefault(network.name, []).append(one.service.name)
    for name, others in by_network.items():
        rows.append(line((listing(others, 4), ""), (f"   on {name}", "muted")))
    if not by_network:
        rows.append(quiet("no service" if found.networks else "no service: it is on no network of its own"))
    return rows


def _runs(view: FormView, node_id: str) -> str:
    running = sum(1 for task in relations(view.snapshot).tasks_on(node_id) if task.state == "running")
    have, asked = holders(view)
    image = "has the image" if node_id in have else "pulls the image" if node_id in asked else ""
    runs = f"runs {running}" if Kind.TASK in view.snapshot.listed else ""
    return "; ".join(filter(None, (runs, image))) or "fits"


def _addresses(view: FormView, found: Service, cells: int) -> list[Line]:
    index = relations(view.snapshot)
    networks: list[Network] = [n for n in index.networks_of(found) if n.driver == "overlay" and not n.ingress]
    if any(port.mode == "ingress" for port in found.ports):
        networks += [n for n in view.snapshot.networks.values() if n.ingress]
    if not networks:
        return []
    count = found.replicas if found.replicas is not None else len(view.snapshot.nodes)
    rows: list[Line] = [(), headed("Addresses it takes", (), cells)]
    for network in networks:
        use = index.addresses(network)
        takes = count + (1 if found.endpoint_mode != "dnsrr" else 0)
        free = f" of {number(use.free)} free" if use.free is not None else ""
        style = "warn" if use.free is not None and takes > use.free else "muted"
        rows.append(two(network.name, ((f"{takes}{free}", style),), cells))
    return rows
