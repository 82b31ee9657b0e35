"""The views and pages by id: what people call them at ``:``, and what kinds of rows stand in them.

Titles, keys and their order are those of ``tui.frame.views``, which the skeleton frame reads too.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from backends.model import Kind
from tui.frame.views import MORE, TABS
from tui.frame.views import title as _title

#: Kinds that are objects people look at; rows of other keys (events, ports) stand for themselves only.
ALL_KINDS = frozenset(Kind) - {Kind.SWARM, Kind.ENGINE}
_SERVICE = frozenset({Kind.SERVICE})
_TRAFFIC = frozenset({Kind.SERVICE, Kind.TASK, Kind.CONTAINER})


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One list view or page."""

    id: str
    title: str
    what: str
    """Part of a sentence for help: ``list of services``."""
    aliases: tuple[str, ...] = ()
    """Words at ``:`` beside its id."""
    key: str = ""
    kinds: frozenset[Kind] = frozenset()
    """Kinds of the rows that may be under its cursor."""


#: Pages whose title is not their id.
_TITLES = {"yaml": "YAML", "help": "Keys"}
_KEYS = {view: key for view, key, _, _ in TABS}


def _view(id: str, what: str, aliases: str = "", kinds: frozenset[Kind] = frozenset()) -> View:
    return View(id=id, title=_title(id), what=what, aliases=tuple(aliases.split()), key=_KEYS.get(id, ""), kinds=kinds)


#: List views, in the order of their tabs, then those behind ``0``.
LISTS: tuple[View, ...] = (
    _view(
        "overview",
        "what is wrong, quorum, nodes and services at a glance",
        "ov home",
        frozenset({Kind.NODE, Kind.SERVICE, Kind.TASK, Kind.CONTAINER, Kind.NETWORK, Kind.STACK}),
    ),
    _view("nodes", "list of nodes", "node no", frozenset({Kind.NODE})),
    _view("services", "list of services", "svc service", frozenset({Kind.SERVICE})),
    _view("tasks", "list of tasks", "task tsk", frozenset({Kind.TASK})),
    _view("networks", "list of networks", "net network", frozenset({Kind.NETWORK})),
    _view("containers", "list of containers", "ctr container ps", frozenset({Kind.CONTAINER})),
    _view("stacks", "list of stacks", "stk stack", frozenset({Kind.STACK})),
    _view(
        "topology",
        "services by networks, and who can reach whom",
        "topo map",
        frozenset({Kind.SERVICE, Kind.NETWORK}),
    ),
    _view("events", "what happened", "ev event", ALL_KINDS),
    _view("volumes", "list of volumes", "vol volume", frozenset({Kind.VOLUME})),
    _view("images", "list of images", "img", frozenset({Kind.IMAGE})),
    _view("configs", "list of configs", "cfg config", frozenset({Kind.CONFIG})),
    _view("secrets", "list of secrets", "sec secret", frozenset({Kind.SECRET})),
    _view("ports", "published ports, and where they clash", "port", _TRAFFIC),
    _view("rollouts", "services that are updating, paused, rolled back or were changed lately", "", _SERVICE),
)

#: Ids of the views behind ``0``, in their order.
MORE_IDS: tuple[str, ...] = tuple(view for view, _ in MORE)

#: Lists that are only drilled into.
INNER: tuple[View, ...] = (
    _view("endpoints", "who is on a network", "", _TRAFFIC),
    _view("rollout", "one rollout, replica by replica", "", frozenset({Kind.TASK})),
    _view("journal", "what was changed from here"),
)

#: Pages: one text or table about one thing, with ``esc`` back.
PAGES: tuple[View, ...] = (
    _view("describe", "one object in words", "", ALL_KINDS),
    _view("yaml", "all fields of one object", "", ALL_KINDS),
    _view("logs", "log of a container, task or service", "", _TRAFFIC),
    _view("why", "why it fails or waits", "", frozenset({Kind.NODE, Kind.SERVICE, Kind.TASK})),
    _view("all", "one command on all replicas or nodes", "", frozenset({Kind.SERVICE})),
    _view("reach", "how a node is reached, and its mapping", "", frozenset({Kind.NODE})),
    _view("join", "machines that join the Swarm"),
    _view("tokens", "join tokens, unlock key and settings of the Swarm"),
    _view("unlock", "the key of a locked Swarm"),
    _view("help", "keys that work here"),
    _view("info", "what the engine and the Swarm say of themselves"),
    _view("drivers", "network drivers and the container network model"),
    _view("form", "a change being filled in", "", frozenset({Kind.SERVICE, Kind.NETWORK, Kind.NODE, Kind.CONTAINER})),
    _view("contexts", "docker contexts"),
)

VIEWS = MappingProxyType({view.id: view for view in (*LISTS, *INNER, *PAGES)})

#: Ids of all views with a list that has a cursor.
LIST_IDS = frozenset(view.id for view in (*LISTS, *INNER))
#: Ids of the views that are tables of objects: filter, wide columns, sort order, marks.
TABLE_IDS = LIST_IDS - {"overview", "topology"}
#: Ids of all pages.
PAGE_IDS = frozenset(view.id for view in PAGES)
#: Ids of the pages with text that is searched by ``/`` and walked with ``n`` and ``N``.
TEXT_IDS = frozenset({"yaml", "logs", "describe", "why", "all"})


def title(view: str) -> str:
    """How a view is called on screen; an unknown one by its id."""
    known = VIEWS.get(view)
    return known.title if known else _title(view)
