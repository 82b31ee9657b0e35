"""Who wants a change, which are under way, and how the smallest ones are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backends.api import Json
from backends.change.changer import Changer, Prepared
from backends.change.merge import Merge
from backends.change.outcome import Outcome, State
from backends.change.plan import Plan
from backends.change.watch import Goal
from backends.errors import BackendError
from backends.model import Image, Key, Kind

if TYPE_CHECKING:
    from tui.screens.change_prompts import ImagePrompt
    from tui.screens.main import MainScreen

Refusal = Callable[[str, str, str], None]
"""Hears (sentence, flag or argument in capitals or empty, the engine's own words or empty)."""
Heard = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants a change: the ``:`` line, a key, or a form."""

    typed: str = ""
    title: str = ""
    on_refused: Refusal | None = None
    on_done: Heard | None = None
    on_conflict: Heard | None = None
    on_cancelled: Callable[[], None] | None = None
    changer: Changer | None = None
    """What sends it, where that is not the session's own."""
    read: Json = None
    """The spec that the asker saw; ``None`` where it saw none."""


@dataclass(slots=True, eq=False)
class Underway:
    """A change that was sent and has not come to its end."""

    title: str
    goals: Sequence[Goal] = ()
    """What is watched since the engine took it."""
    said: str = ""
    """How it stands, in words."""
    taken: bool = False
    """Whether the engine took it."""


#: More sentences than this do not fit where one line is asked.
_LINES = 3


def is_long(plan: Plan) -> bool:
    """Whether a plan has more to show than where one line is asked."""
    moves = plan.drain is not None and bool(plan.drain.moved)
    return moves or len(plan.lines) + len(plan.warned) > _LINES


def moved_on(prepared: Prepared, read: Json) -> Outcome | None:
    """The conflict of a form that began with another spec than is there now; ``None`` where there is none."""
    targets = prepared.compiled.targets
    if not isinstance(read, dict) or not targets or targets[0].before == read:
        return None
    theirs, after = targets[0].before, targets[0].after
    there, then = (one if isinstance(one, dict) else {} for one in (theirs, after))
    both = Merge(read, read, there, then, ())
    sentence = f"{targets[0].name or targets[0].kind} was changed by somebody else meanwhile."
    return Outcome(prepared.plan.request, State.CONFLICT, sentence, merge=both, retry=prepared.compiled)


def open_prompt(screen: MainScreen, what: str, key: Key) -> None:
    """Asks for the one value of a change: ``scale``, ``image``, or ``node``."""
    from tui.screens.change_prompts import ImagePrompt, ScalePrompt
    from tui.screens.node_menu import NodeMenu

    if what == "node":
        screen.box.open(NodeMenu(screen, key))
    elif what == "scale":
        screen.prompt_pane.open(ScalePrompt(screen, key))
    else:
        prompt = ImagePrompt(screen, key)
        screen.prompt_pane.open(prompt)
        screen.begin(_know_images(screen, prompt), "images")


async def _know_images(screen: MainScreen, prompt: ImagePrompt) -> None:
    """The list of images is not kept up while another one is shown: the prompt has its own."""
    try:
        found = await screen.cluster.engine.list(Kind.IMAGE)
    except BackendError:
        return  # a reference can be typed all the same
    prompt.know([image for image in found if isinstance(image, Image)])
    screen.prompt_pane.again()
