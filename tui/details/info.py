"""The page ``:info``: what an engine and the Swarm say of themselves, what is unusual first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from backends.model import EngineInfo, Node, Plugin
from backends.state.health import quorum
from backends.state.wording import listing
from tui.details.blocks import Block, beside, text_cells
from tui.details.sheet import Sheet, labelled, spaced
from tui.details.warnings import Unusual, unusual
from tui.look.symbols import state, sym
from tui.tables.spec import Moment
from tui.text.ago import duration, number, plural, size
from tui.text.fit import fit, width, wrap_line
from tui.text.span import BLANK, Line, line

#: From these widths on facts stand in three and two columns.
THREE, TWO = 150, 100


def info_title(moment: Moment) -> str:
    """Whose facts they are."""
    engine = moment.snapshot.engine
    return engine.name if engine is not None and engine.name else "this engine"


def info(moment: Moment, cells: int) -> tuple[Line, ...]:
    """The whole page at a width; it may be longer than the screen."""
    engine = moment.snapshot.engine
    if engine is None:
        return (BLANK, line("  ", ("No engine has answered yet.", "strong bold")))
    out = [*_unusual(unusual(engine), cells), BLANK]
    columns = 3 if cells >= THREE else 2 if cells >= TWO else 1
    widths = _widths(cells, columns)
    room = [text_cells(w) for w in widths]
    if columns == 3:
        blocks = [_engine(moment, engine, room[0]), _swarm(moment, engine, room[1]), _others(moment, room[2])]
        out += _side(blocks, widths)
    elif columns == 2:
        blocks = [_engine(moment, engine, room[0]), _swarm(moment, engine, room[1])]
        out += _side(blocks, widths)
        out += _side([_others(moment, text_cells(cells))], (cells,))
    else:
        for make in (_engine, _swarm):
            out += _side([make(moment, engine, room[0])], widths)
            out.append(BLANK)
        out += _side([_others(moment, room[0])], widths)
    return tuple(out)


def _widths(cells: int, columns: int) -> tuple[int, ...]:
    room = cells - columns + 1
    sizes = [room // columns] * columns
    sizes[-1] += room - sum(sizes)
    return tuple(sizes)


def _side(blocks: Sequence[Block], widths: Sequence[int]) -> list[Line]:
    return beside(blocks, widths, max(len(b.rows) for b in blocks) + 1)


def _unusual(found: Sequence[Unusual], cells: int) -> list[Line]:
    grave = [u for u in found if u.grave]
    rows: list[Line] = []
    if grave:
        rows.append(line("  ", (f"{sym('look')} {plural(len(grave), 'thing')} to look at", "warn bold")))
    else:
        rows.append(
            line("  ", (sym("check"), "ok"), " Nothing here is unusual." if not found else " Nothing here is wrong.")
        )
    names = min(max((width(u.what) for u in found), default=0), max(20, cells // 3))
    for one in found:
        end = line(("to end it  ", "muted"), one.end) if one.end else BLANK
        beside_it = cells >= TWO
        room = max(cells - names - 10 if beside_it else cells - 8, 20)
        said = wrap_line(spaced((one.means, "muted"), end), room)
        if len(said) > 1:
            said = [*wrap_line(((one.means, "muted"),), room), *(wrap_line(end, room, indent=11) if end else ())]
        head = wrap_line(line((one.what, "" if one.grave else "muted")), names if beside_it else max(cells - 6, 20))
        if not beside_it:
            rows += [(("    ", ""), *part) for part in head]
            rows += [(("      ", ""), *part) for part in said if part]
            continue
        for index in range(max(len(head), len(said))):
            left = head[index] if index < len(head) else BLANK
            right = said[index] if index < len(said) else BLANK
            rows.append((("    ", ""), *fit(left, names), ("    ", ""), *right))
    return rows


def _on(flag: bool) -> str:
    return "on" if flag else "off"


def _engine(moment: Moment, e: EngineInfo, cells: int) -> Block:
    s = Sheet(moment, cells, label=13)
    down = f", down to {e.min_api_version}" if e.min_api_version else ""
    s.fact("version", f"{e.version or 'not told'}, API {e.api_version or '?'}{down}")
    s.fact("name", e.name)
    s.fact("id", e.id[: max(cells - 13, 12)])
    kernel = f", kernel {e.kernel}" if e.kernel else ""
    s.fact("system", f"{e.os or e.os_type}, {e.os_type}/{e.architecture or '?'}{kernel}")
    s.fact("size", f"{e.cpus} cpu, {size(e.memory)}" if e.memory else "")
    also = [r for r in e.runtimes if r != e.default_runtime and "runc.v2" not in r]
    version = f" {e.runc[:12]}" if e.default_runtime == "runc" and e.runc else ""
    s.fact(
        "runtime", spaced(f"{e.default_runtime}{version}".strip(), labelled("also", ", ".join(also)) if also else "")
    )
    s.fact("containerd", e.containerd[:20])
    s.fact("init", e.init_binary)
    s.fact("live restore", _on(e.live_restore), ("" if e.live_restore else ", as a swarm needs it", "muted"))
    s.fact("labels", ", ".join(e.labels))
    s.head("What it holds")
    held = ((e.containers_running, "run"), (e.containers_paused, "paused"), (e.containers_stopped, "stopped"))
    s.fact("containers", ", ".join(f"{number(count)} {word}" for count, word in held))
    s.fact("images", number(e.images))
    s.fact("data in", e.root_dir)
    s.head("Storage and logs")
    s.fact("driver", e.storage_driver)
    s.fact("volumes", ", ".join(e.volume_plugins))
    readable = (
        "readable through the managers"
        if e.logging_driver in ("json-file", "local", "journald")
        else "not readable by docker logs"
    )
    s.fact("logs", spaced(e.logging_driver, (readable if e.logging_driver else "", "muted")))
    s.fact("log drivers", ", ".join(e.log_plugins))
    by = f", by {e.cgroup_driver}" if e.cgroup_driver else ""
    s.fact("cgroups", f"v{e.cgroup_version}{by}" if e.cgroup_version else e.cgroup_driver)
    s.head("Security")
    s.fact("confined by", ", ".join(_security(text) for text in e.security) or ("nothing", "warn"))
    s.fact("rootless", "yes" if e.rootless else "no")
    s.head("Where images come from")
    s.fact("mirrors", ", ".join(e.registry_mirrors) or "none")
    s.fact("insecure", ", ".join(e.insecure_registries) or "none")
    s.fact("proxy", ", ".join(p for p in (e.http_proxy, e.https_proxy) if p) or "none")
    return Block("Engine", s.lines)


def _security(text: str) -> str:
    """``seccomp (builtin)`` of ``name=seccomp,profile=builtin``."""
    fields = dict(part.partition("=")[::2] for part in text.split(","))
    name = fields.pop("name", text)
    rest = ", ".join(value for value in fields.values() if value)
    return f"{name} ({rest})" if rest else name


def _swarm(moment: Moment, e: EngineInfo, cells: int) -> Block:
    s = Sheet(moment, cells, label=13)
    m, snapshot = e.swarm, moment.snapshot
    if m.state in ("", "inactive"):
        s.fact("state", state("none", "in no swarm"))
        s.fact("start one", f"docker swarm init --advertise-addr {m.node_addr or 'ADDRESS'}")
        s.fact("join one", "docker swarm join --token TOKEN MANAGER:2377")
    else:
        _membership(s, moment, e)
    swarm = snapshot.swarm
    s.head("Addresses it gives out")
    if swarm is not None:
        used = sum(1 for n in snapshot.networks.values() if n.is_swarm and n.driver == "overlay")
        pools = " ".join(swarm.default_pools) or "10.0.0.0/8"
        s.fact("pool", spaced(f"{pools} in /{swarm.subnet_size}", (f"{used} used", "muted")))
    local = [f"{base} in /{bits}" for base, bits in e.default_address_pools]
    mine = sum(1 for n in snapshot.networks.values() if not n.is_swarm and n.subnets)
    s.fact("local", spaced(", ".join(local) or "the engine's own pools", (f"{mine} used on this node", "muted")))
    if swarm is not None:
        s.head("Orchestration")
        s.fact("keeps", f"{plural(swarm.task_history, 'past task')} a slot")
        s.fact(
            "heartbeat", duration(swarm.heartbeat) if swarm.heartbeat else "", ("   how often a node reports", "muted")
        )
        s.head("Certificates")
        s.fact("autolock", spaced(_on(swarm.autolock), ("a restart asks for a key" if swarm.autolock else "", "muted")))
        left = swarm.ca_expires - moment.now if swarm.ca_expires is not None else None
        ends = "not read" if left is None else f"in {duration(left)}" if left > 0 else "has ended"
        nodes = f"node certificates {duration(swarm.cert_expiry)}" if swarm.cert_expiry else ""
        s.fact("CA ends", spaced(ends, (nodes, "muted")))
        s.fact("rotation", "the root certificate is being changed" if swarm.root_rotation else "")
    s.head("Network plugins", line((":drivers", "strong bold"), (" explains them", "muted")))
    s.fact("drivers", " ".join(e.network_plugins))
    forwarding = line(
        state(
            "ready" if e.ipv4_forwarding else "failed",
            "forwards IPv4" if e.ipv4_forwarding else "does not forward IPv4",
        )
    )
    s.fact("firewall", spaced(e.firewall or ("not told", "muted"), forwarding))
    s.command("docker info")
    return Block("Swarm", s.lines)


def _membership(s: Sheet, moment: Moment, e: EngineInfo) -> None:
    m, snapshot = e.swarm, moment.snapshot
    q = quorum(snapshot)
    node = snapshot.nodes.get(m.node_id)
    word = {"active": "ready", "pending": "waiting", "locked": "locked", "error": "failed"}.get(m.state, "unknown")
    leads = line(", ", (sym("leader"), "accent"), " leader") if node is not None and node.is_leader else ""
    s.fact("state", state(word, m.state), leads, ", manager" if m.control_available else ", worker")
    s.words(m.error, "err", indent=13)
    s.fact("node id", m.node_id)
    s.fact("cluster id", m.cluster_id)
    if q.managers:
        s.fact(
            "managers",
            spaced(
                f"{q.managers} of {plural(m.nodes, 'node')}", (f"quorum {q.needed}, may lose {q.survives}", "muted")
            ),
        )
    s.fact("address", m.node_addr)
    if snapshot.swarm is not None:
        s.fact("data path", f"UDP {snapshot.swarm.data_path_port or 4789}")
    s.fact("peers", " ".join(address for _, address in m.remote_managers))


_Read = Callable[[Node], str]


def _plugins(node: Node) -> str:
    usual = {"bridge", "host", "ipvlan", "macvlan", "null", "overlay"}
    return " ".join(sorted(p.name for p in node.plugins if _extra(p, usual))) or "none"


def _extra(plugin: Plugin, usual: set[str]) -> bool:
    return plugin.type == "Network" and plugin.name not in usual


_COMPARED: tuple[tuple[str, _Read], ...] = (
    ("version", lambda n: n.engine_version),
    ("system", lambda n: f"{n.os}/{n.architecture}".strip("/")),
    ("cpu", lambda n: f"{n.nano_cpus / 1e9:g}" if n.nano_cpus else ""),
    ("memory", lambda n: size(n.memory) if n.memory else ""),
    ("net plugins", lambda n: _plugins(n) if n.plugins else ""),
    ("log drivers", lambda n: " ".join(sorted(p.name for p in n.plugins if p.type == "Log"))),
    ("volumes", lambda n: " ".join(sorted(p.name for p in n.plugins if p.type == "Volume"))),
)


def _others(moment: Moment, cells: int) -> Block:
    """What differs between the nodes, as the managers know them, and what follows."""
    nodes = sorted(moment.snapshot.nodes.values(), key=lambda n: n.name)
    s = Sheet(moment, cells, label=13)
    if len(nodes) < 2:
        s.text(
            ("There is one node: nothing to compare.", "muted")
            if nodes
            else ("The nodes are known by managers only.", "muted")
        )
        return Block("Not the same on all nodes", s.lines)
    rows: list[tuple[Line, ...]] = []
    same: list[str] = []
    versions: list[tuple[str, list[str]]] = []
    for name, read in _COMPARED:
        values = {n.name: read(n) for n in nodes if read(n)}
        counts = Counter(values.values()).most_common()
        if len(counts) < 2:
            same += [name] if counts else []
            continue
        most, count = counts[0]
        others = [(value, [n for n, v in values.items() if v == value]) for value, _ in counts[1:]]
        if name == "version":
            versions = others
        said = [
            line((value, "warn" if name == "version" else ""), ("  " + listing(who, most=2), "muted"))
            for value, who in others[:3]
        ]
        for index, row in enumerate(said):
            first = index == 0
            rows.append(
                (
                    ((name if first else "", "muted"),),
                    line(most if first else "", (f", {count}" if first else "", "muted")),
                    row,
                )
            )
    if rows:
        s.grid(
            ("", "", ""), [(((("VALUE"), "muted"),), (("MOST", "muted"),), (("OTHERS", "muted"),)), *rows], cuts="mmm"
        )
    else:
        s.text((sym("check"), "ok"), " All nodes are alike.")
    if versions:
        s.head("What follows from it")
        for value, who in versions[:3]:
            runs = f"{listing(who, most=4)} {'runs' if len(who) == 1 else 'run'} {value}: "
            s.text(
                (f"{sym('look')} ", "warn"),
                runs,
                "what only newer engines know is dropped there without a word.",
                hang=2,
            )
    if same:
        s.head("The same on all")
        s.text((", ".join(same), "muted"))
    asked = set(moment.snapshot.engines) | {moment.snapshot.node_id}
    silent = [n.name for n in nodes if n.id not in asked]
    if silent:
        s.head("Not asked")
        s.text((listing(silent, most=6), "muted"))
        s.text(("What is said of them here comes from the managers, not from their own engines.", "muted"))
    return Block("Not the same on all nodes", s.lines, plural(len(nodes), "node"))
