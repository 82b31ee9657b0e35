"""What stands beside the form of a new Swarm: what the machine brings, what changes, what comes then."""

from __future__ import annotations

from collections.abc import Sequence

from backends.joining.machine import MODULES
from backends.state.wording import listing
from tui.forms.marks import bad, doubt, good, quiet
from tui.forms.side import headed
from tui.forms.spec import FormView
from tui.forms.swarm_facts import free_pools, held, read
from tui.look.symbols import sym
from tui.text.ago import plural
from tui.text.fit import cut_line, fit, wrap
from tui.text.span import BLANK, Line, line

#: Containers that are named.
MOST = 6


def side(view: FormView, cells: int) -> Sequence[Line]:
    """The right column."""
    return [
        *_machine(view, cells),
        BLANK,
        *_pool(view, cells),
        *_changes(view, cells),
        BLANK,
        *_then(cells),
        BLANK,
        *_already(view, cells),
    ]


def _machine(view: FormView, cells: int) -> list[Line]:
    engine, facts = view.snapshot.engine, read(view).facts
    out: list[Line] = [headed("This machine", quiet("all it needs"), cells)]
    if engine is not None:
        out.append(cut_line(line(good(f"engine {engine.version}"), (f"   API {engine.api_version}", "muted")), cells))
        if engine.live_restore:
            out += [
                bad("live-restore is on: swarm mode forbids it"),
                *(quiet(f"  {text}") for text in wrap(_OFF, cells - 2)),
            ]
        if engine.rootless:
            out.append(doubt("a rootless engine: overlays carry nothing"))
    if facts is None:
        return [*out, quiet("? modules and ports were not asked")]
    if facts.missing:
        out += [cut_line(doubt(f"the kernel lacks {listing(facts.missing, 3)}"), cells)]
    else:
        out.append(good(listing(MODULES, 3)))
    busy = [f"{port}/{kind}" for kind, ports in (("tcp", facts.tcp), ("udp", facts.udp)) for port in _wanted(view, kind)
            if ports is not None and port in ports]  # fmt: skip
    if busy:
        out.append(bad(f"{listing(busy, 3)} in use"))
    elif facts.tcp is not None:
        out.append(good("2377, 7946 and 4789 are free"))
    return out


_OFF = 'take "live-restore" out of /etc/docker/daemon.json, then systemctl reload docker'


def _wanted(view: FormView, kind: str) -> tuple[int, ...]:
    if kind == "tcp":
        return (2377, 7946)
    text = view.text("data-path-port")
    return (7946, int(text) if text.isdecimal() and text != "0" else 4789)


def _pool(view: FormView, cells: int) -> list[Line]:
    """A pool that holds networks of the machine, and those that do not."""
    what = held(view)
    if not what:
        return []
    told = f"A pool holds {what}: a later overlay may take its addresses and cut this machine off."
    free = listing(free_pools(view), 3)
    offer = view.moment.keys.get("form.offer", "^o")
    rows = [
        *wrap(told, cells - 2),
        *(wrap(f"Free: {free}. {offer} at the field takes the first.", cells - 2) if free else ()),
    ]
    return [doubt("the pool"), *(((f"  {row}", "muted"),) for row in rows), BLANK]


def _changes(view: FormView, cells: int) -> list[Line]:
    run = sum(1 for box in view.snapshot.containers.values() if box.state == "running")
    goes = "goes on as it is" if run == 1 else "go on as they are"
    told = ["Networks ingress and docker_gwbridge appear."]
    if run:
        told.append(f"The {plural(run, 'container')} here {goes}.")
    told.append("A swarm of one manager survives no loss; 3 survive one, 5 survive two.")
    if view.text("autolock") == "true":
        told.append("With autolock the key is shown once: without it a restarted manager stays shut.")
    return [
        (("What changes", "strong bold"),),
        *(((row, "muted"),) for text in told for row in wrap(text, cells)),
    ]


def _then(cells: int) -> list[Line]:
    return [
        (("Then", "strong bold"),),
        *(
            cut_line(line((key, "strong bold"), (f" in {words}", "muted")), cells)
            for key, words in (
                ("n", "Nodes joins machines over SSH"),
                ("n", "Networks makes an overlay network"),
                ("n", "Services starts something on it"),
            )
        ),
    ]


def _already(view: FormView, cells: int) -> list[Line]:
    found = sorted(view.snapshot.containers.values(), key=lambda box: (box.state != "running", box.name))
    if not found:
        return []
    out: list[Line] = [headed("Here already", quiet("plain engine"), cells)]
    for box in found[:MOST]:
        up = box.state == "running"
        mark = (f"{sym('ok' if up else 'ended')} ", "ok" if up else "muted")
        networks = listing([a.network for a in box.networks], 1) or box.network_mode
        row = line(
            *fit(((box.name, ""),), max(10, cells - 26), cut="m"), " ", mark, box.state.ljust(10), (networks, "muted")
        )
        out.append(cut_line(row, cells))
    if len(found) > MOST:
        out.append(quiet(f"and {len(found) - MOST} more"))
    return out


def settings_side(view: FormView, cells: int) -> Sequence[Line]:
    """What stands beside the settings of a Swarm."""
    swarm, nodes = view.snapshot.swarm, view.snapshot.nodes
    out: list[Line] = [headed("This swarm", quiet(plural(len(nodes), "node")), cells)]
    if swarm is not None:
        out.append(cut_line(quiet(f"pools {listing(swarm.default_pools, 2)} in /{swarm.subnet_size}"), cells))
        out.append(quiet(f"data path UDP {swarm.data_path_port or 4789}"))
    told = (
        "None of these restarts a task.",
        "A longer task history takes memory of the managers; a shorter one forgets why tasks failed.",
        "A longer heartbeat notices a lost node later: after three of them.",
        "Certificates are renewed by themselves at about half of their time.",
    )
    out.append(BLANK)
    return [*out, *(((row, "muted"),) for text in told for row in wrap(text, cells))]
