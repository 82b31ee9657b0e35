"""The views by name, key and length of word: what tabs, ``--view`` and the skeleton frame need before anything else.

Only the standard library, and little of it: this is read in the first milliseconds.
"""

from __future__ import annotations

#: (id, key, title, compact title), in the order of the tabs. ``0`` opens the views behind "more".
TABS: tuple[tuple[str, str, str, str], ...] = (
    ("overview", "1", "Overview", "Over"),
    ("nodes", "2", "Nodes", "Nodes"),
    ("services", "3", "Services", "Svc"),
    ("tasks", "4", "Tasks", "Tasks"),
    ("networks", "5", "Networks", "Net"),
    ("containers", "6", "Containers", "Ctr"),
    ("stacks", "7", "Stacks", "Stk"),
    ("topology", "8", "Topology", "Topo"),
    ("events", "9", "Events", "Ev"),
)

#: (id, title) of the views behind ``0``; pressing it again goes to the next.
MORE: tuple[tuple[str, str], ...] = (
    ("volumes", "Volumes"),
    ("images", "Images"),
    ("configs", "Configs"),
    ("secrets", "Secrets"),
    ("ports", "Ports"),
)

#: (id, title) of the pages that have no tab but a name to start in.
PAGES: tuple[tuple[str, str], ...] = (("info", "Info"), ("drivers", "Drivers"), ("rollouts", "Rollouts"))

#: Views whose objects only a manager of a Swarm can list.
NEEDS_MANAGER = frozenset(
    {"nodes", "services", "tasks", "stacks", "topology", "configs", "secrets", "rollouts", "rollout"}
)


def names() -> tuple[str, ...]:
    """All that ``--view`` takes, tabs first."""
    return tuple(tab[0] for tab in TABS) + tuple(more[0] for more in MORE) + tuple(page[0] for page in PAGES)


def title(view: str) -> str:
    """How a view is called on screen."""
    for tab in TABS:
        if tab[0] == view:
            return tab[2]
    for name, text in MORE + PAGES:
        if name == view:
            return text
    return view.capitalize()


def tab_labels(active: str, width: int) -> tuple[tuple[str, str, str, bool], ...]:
    """(view, key, word, whether active) of the tabs as they fit into ``width`` cells.

    Under 80 columns only the active view is named; from 120 all words are whole; between, words are compact but
    the active one's, as long as that fits.
    """
    in_more = active in {name for name, _ in MORE}
    more_word = title(active) if in_more else "more"
    if width < 80:
        for view, key, long, _ in TABS:
            if view == active:
                return ((view, key, long, True),)
        return ((active, "0" if in_more else "", title(active), True),)
    if width >= 120:
        labels = [(view, key, long, view == active) for view, key, long, _ in TABS]
        return (*labels, ("more", "0", more_word, in_more))
    labels = [(view, key, long if view == active else short, view == active) for view, key, long, short in TABS]
    used = 2 + sum(len(key) + 1 + len(word) + 2 for _, key, word, _ in labels)
    if in_more and used + len(more_word) + 2 <= width:
        return (*labels, ("more", "0", more_word, True))
    # The design's "0…": the key is what counts where the word does not fit.
    return (*labels, ("more", "0", "…", in_more))
