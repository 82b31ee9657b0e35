"""A node's labels, role and availability as a form; only what differs is sent."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

from backends.api import Cluster
from backends.change import value_types as types
from backends.change.candidates import Candidate
from backends.change.drain import drain
from backends.change.find import find_node
from backends.change.flag_error import FlagError
from backends.change.flags import Flag, Section
from backends.change.node_flags import UPDATE
from backends.change.options import Options
from backends.change.outcome import Outcome
from backends.change.quorum import demoting, promoting
from backends.change.requests import NodeUpdate, Request
from backends.change.verbs import VERBS
from backends.model import Key, Kind, Node, Snapshot
from backends.state.constraints import parse_constraint, satisfies
from backends.state.wording import listing
from tui.forms.marks import doubt, good, quiet
from tui.forms.side import headed
from tui.forms.spec import FormSpec, FormView, Gathered, Subject, Values
from tui.places import Place
from tui.text.ago import plural
from tui.text.fit import cut_line, fit, wrap
from tui.text.span import BLANK, Line, line

LABEL = Flag("label", types.LABEL, "Label of the node (key=value)", Section.LABELS, repeatable=True)


def saved_of(node: Node) -> dict[str, tuple[str, ...]]:
    """What the fields hold for a node."""
    labels = tuple(f"{key}={value}" for key, value in sorted(node.labels.items()))
    found = {"NODE": (node.name,), "availability": (node.availability,), "role": (node.role,)}
    return {**found, **({"label": labels} if labels else {})}


async def gather(cluster: Cluster, scope: tuple[Key, ...]) -> Gathered:
    """The node as it is."""
    node = cluster.snapshot.nodes.get(scope[-1].id) if scope else None
    if node is None:
        return Gathered(problem="There is no node under the cursor.")
    note = "Labels of the engine are set in its daemon.json and are not these."
    return Gathered(subject=Subject(node.name, saved_of(node), node, node.version, note))


def node_of(view: FormView) -> Node | None:
    """What is edited."""
    found = view.subject.base if view.subject is not None else None
    return found if isinstance(found, Node) else None


def labels(values: Values) -> dict[str, str]:
    """The labels that the field holds."""
    pairs = (text.partition("=") for text in values.get("label", ()))
    return {key: value for key, _, value in pairs if key}


def build(view: FormView, wanted: Request) -> Request | tuple[FlagError, ...]:
    """The ``node update`` of what differs."""
    node = node_of(view)
    if node is None or view.subject is None:
        return (FlagError("The node is not read yet."),)
    before, after = labels(view.subject.saved), labels(view.values)
    given: dict[str, tuple[str, ...]] = {}
    for name in ("availability", "role"):
        if view.text(name) and view.values.get(name) != view.subject.saved.get(name):
            given[name] = (view.text(name),)
    added = tuple(f"{key}={value}" for key, value in after.items() if before.get(key) != value)
    gone = tuple(key for key in before if key not in after)
    return NodeUpdate(name=node.name, options=Options.of(UPDATE, {**given, "label-add": added, "label-rm": gone}))


def fold(values: Values) -> Values:
    """The labels as flags: enough for checks of each of them."""
    return {**{name: texts for name, texts in values.items() if name != "label"}, "label-add": values.get("label", ())}


def _label_list(view: FormView, typed: str) -> Sequence[Candidate]:
    """Labels of other nodes, and those that constraints ask for."""
    found: dict[str, str] = {}
    for node in view.snapshot.nodes.values():
        for key, value in node.labels.items():
            found.setdefault(f"{key}={value}", f"on {node.name}")
    for service in view.snapshot.services.values():
        for text in service.constraints:
            made = parse_constraint(text)
            if made is not None and made.key.startswith("node.labels.") and made.equal:
                found[f"{made.key.removeprefix('node.labels.')}={made.value}"] = f"{service.name} asks for it"
    own = labels(view.values)
    return tuple(
        Candidate(text, told)
        for text, told in sorted(found.items())
        if text.startswith(typed) and text.partition("=")[0] not in own
    )


def fits(view: FormView) -> tuple[list[str], list[str]]:
    """(services whose tasks may come, services whose tasks here have to go) with the labels of the draft."""
    node = node_of(view)
    if node is None or view.subject is None:
        return [], []
    before, after = labels(view.subject.saved), labels(view.values)
    come, go = [], []
    for service in view.snapshot.services.values():
        asked = service.constraints
        if not any("node.labels" in text for text in asked):
            continue
        was, now = (_fits(asked, node, own) for own in (before, after))
        if now and not was:
            come.append(service.name)
        elif was and not now:
            go.append(service.name)
    return sorted(come), sorted(go)


def _fits(asked: Sequence[str], node: Node, own: dict[str, str]) -> bool:
    from msgspec.structs import replace

    labelled = replace(node, labels=own)
    made = [parse_constraint(text) for text in asked]
    return all(one is None or satisfies(labelled, one) for one in made)


def side(view: FormView, cells: int) -> Sequence[Line]:
    """What the draft does to tasks and managers."""
    node = node_of(view)
    if node is None:
        return [quiet("the node is being read")]
    out: list[Line] = [headed("Constraints on labels", quiet(""), cells)]
    come, go = fits(view)
    if not come and not go:
        out.append(quiet("no service comes or goes"))
    for names, word, style in ((come, "may come here", good), (go, "leave it", doubt)):
        if names:
            out += [style(f"{plural(len(names), 'service')} {word}"), *_rows(listing(names, 6), cells)]
    out += [BLANK, *_role(view, node, cells), *_availability(view, node, cells)]
    if node.labels:
        out += [BLANK, headed("Labels now", quiet(""), cells)]
        out += [quiet(f"{key}={value}") for key, value in sorted(node.labels.items())]
    return out


def _rows(text: str, cells: int) -> list[Line]:
    return [((f"  {row}", "muted"),) for row in wrap(text, max(10, cells - 2))]


def _role(view: FormView, node: Node, cells: int) -> list[Line]:
    role = view.text("role")
    if not role or role == node.role:
        return []
    change = demoting([node], view.snapshot) if role == "worker" else promoting([node], view.snapshot)
    head = (("Managers", "strong bold"),)
    rows = [((row, "err" if change.lost else ""),) for row in wrap(change.sentence, cells)]
    return [head, *rows, *(row for way in change.ways for row in _rows(way, cells)), BLANK]


def _availability(view: FormView, node: Node, cells: int) -> list[Line]:
    if view.text("availability") != "drain" or node.availability == "drain":
        return []
    moved = [one for one in drain([node], view.snapshot).moved if not one.stays]
    if not moved:
        return [(("Drained", "strong bold"),), quiet("nothing runs here that would move")]
    out: list[Line] = [headed("Drained", quiet(plural(sum(len(one.tasks) for one in moved), "task")), cells)]
    for one in moved[:8]:
        to = listing(one.to, 2) or one.waits or "no other node fits"
        style = "" if one.to else "err"
        out.append(cut_line(line(*fit(((one.service.name, style),), 18, cut="m"), (f" {to}", "muted")), cells))
        if one.volumes:
            out += _rows(f"{listing(one.volumes, 2)} stays behind", cells)
    return out


def _label_verdict(view: FormView) -> Line | None:
    come, go = fits(view)
    if go:
        return doubt(f"{plural(len(go), 'service')} leave{'s' if len(go) == 1 else ''} it")
    return good(f"{plural(len(come), 'service')} may come") if come else None


def _done(view: FormView, outcome: Outcome) -> Place:
    node = node_of(view)
    return Place("nodes", cursor=Key(Kind.NODE, node.id) if node is not None else None)


def fill(view: FormView, request: Request) -> Values | str:
    """What the fields hold once a pasted ``node update`` is taken in."""
    if view.subject is None or not isinstance(request, NodeUpdate):
        return "The node is not read yet."
    found: dict[str, tuple[str, ...]] = {name: tuple(texts) for name, texts in view.subject.saved.items()}
    own = labels(found)
    for text in request.options.values("label-add"):
        key, _, value = text.partition("=")
        own[key] = value
    for key in request.options.values("label-rm"):
        own.pop(key, None)
    found["label"] = tuple(f"{key}={value}" for key, value in own.items())
    for name in ("availability", "role"):
        if name in request.options:
            found[name] = (request.options.text(name),)
    return found


def key_of(request: Request, snapshot: Snapshot) -> Key | None:
    """The node that a line is about."""
    node = find_node(snapshot, request.name) if isinstance(request, NodeUpdate) else None
    return node.key if node is not None else None


def rebase(view: FormView, spec: Any, version: int) -> Subject:
    """The same node as it is there now."""
    node = node_of(view)
    subject = view.subject
    assert node is not None
    assert subject is not None
    now = view.snapshot.nodes.get(node.id, node)
    return Subject(subject.name, saved_of(now), now, version, subject.note)


SPEC = FormSpec(
    id="node-update",
    verb=VERBS[NodeUpdate],
    title="edit",
    view="nodes",
    button="Update",
    essentials=("NODE", "label", "availability", "role"),
    fixed=MappingProxyType({"NODE": "A node is called as its machine is."}),
    hidden=frozenset({"label-add", "label-rm"}),
    extra=(LABEL,),
    fold=fold,
    labels=MappingProxyType({"NODE": "Node", "label": "Labels", "availability": "Availability", "role": "Role"}),
    about=MappingProxyType(
        {
            "label": "zone=a, disk=ssd: constraints of services ask for them as node.labels.zone==a.",
            "availability": "active takes tasks, pause takes no new ones, drain empties the node.",
            "role": "Managers agree by majority: an odd number of them bears most.",
        }
    ),
    lists=MappingProxyType({"label": _label_list}),
    verdicts=MappingProxyType({"label": _label_verdict}),
    side=side,
    build=build,
    gather=gather,
    done=_done,
    first="label",
    fill=fill,
    key_of=key_of,
    rebase=rebase,
)
