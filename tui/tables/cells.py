"""What cells of several lists are made of: states, nodes, images, ages, labels, counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from backends.state.severity import SEVERITIES, rank
from tui.details.node import node_name
from tui.look.symbols import state
from tui.tables.spec import Moment
from tui.text.ago import age
from tui.text.fit import image_line
from tui.text.span import Line


def state_cell(word: str, said: str = "") -> Line:
    """``● healthy``, in the colours of the state words."""
    return state(word, said, SEVERITIES.get(word, ""))


def state_sort(word: str) -> tuple[int, str]:
    """Worst first, then by word."""
    return (rank(word), word)


def age_cell(since: float | None, moment: Moment) -> Line:
    """``41d``, muted; empty where it is not known."""
    return ((age(since, moment.now), "muted"),)


def age_sort(since: float | None) -> float:
    """Sorts ages: the youngest first; those not known last."""
    return -since if since is not None else float("inf")


def muted(text: str) -> Line:
    """A secondary column."""
    return ((text, "muted"),)


def count_cell(count: int) -> Line:
    """A number; zero is quiet."""
    return ((f"{count:,}", "" if count else "muted"),)


def image_cell(reference: str) -> Line:
    """An image without its digest: path muted, name and tag plain."""
    return image_line(reference)


def node_cell(node_id: str, moment: Moment) -> Line:
    """The node's name: this node plain, others muted."""
    here = not node_id or node_id == moment.snapshot.node_id
    return ((node_name(moment.snapshot, node_id), "" if here else "muted"),)


def names_cell(names: Iterable[str], nothing: str = "") -> Line:
    """Names one after another; ``nothing`` (faint) where there is none."""
    text = ", ".join(names)
    return ((text, ""),) if text else ((nothing, "faint"),)


def labels_text(labels: Mapping[str, str]) -> str:
    """``a=b c=d`` in the order of the keys; what the filter's ``label=`` reads."""
    return " ".join(f"{key}={value}" for key, value in sorted(labels.items()))


def stack_name(name: str, stack: str, inside: bool) -> Line:
    """A name; inside its stack's list the prefix that all share is muted."""
    prefix = f"{stack}_"
    if inside and stack and name.startswith(prefix):
        return ((prefix, "muted"), (name[len(prefix) :], ""))
    return ((name, ""),)


__all__ = [
    "age_cell",
    "age_sort",
    "count_cell",
    "image_cell",
    "labels_text",
    "muted",
    "names_cell",
    "node_cell",
    "node_name",
    "stack_name",
    "state_cell",
    "state_sort",
]
