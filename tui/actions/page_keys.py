"""The keys of the pages about machines and secrets, and of the box of a conflict; each page does what they are."""

from __future__ import annotations

from tui.actions.own import own
from tui.actions.spec import ActionContext, ActionSpec, Danger, Verdict

_CHOOSE = "choose"
_ALL = "all theirs, yours"
CONFLICT_KEYS: tuple[ActionSpec, ...] = (
    own(
        "conflict", "down", "next", "Goes to the next of the values that both changed.", "down", shared="next", footer=1
    ),
    own("conflict", "up", "before", "Goes to the one before.", "up", shared="next", footer=1),
    own("conflict", "theirs", "theirs", "Takes the value that is there now.", "1", shared=_CHOOSE, footer=2),
    own("conflict", "yours", "yours", "Takes your value.", "2", shared=_CHOOSE, footer=2),
    own("conflict", "both", "both", "Takes both, where two things have one name: yours gets another.", "3"),
    own("conflict", "all-theirs", "all theirs", "Takes all values that are there now.", "T", shared=_ALL, footer=3),
    own("conflict", "all-yours", "all yours", "Takes all your values.", "Y", shared=_ALL, footer=3),
    own(
        "conflict", "send", "sends", "Sends what was chosen, once each has a choice.", "ctrl+s", changes=True, footer=4
    ),
)

_MEND = "copies the line with that number"
JOIN_KEYS: tuple[ActionSpec, ...] = (
    own("join.typing", "look", "looks at it", "Looks at the machine that is typed.", "enter", footer=1),
    own(
        "join.typing",
        "typed",
        "joins it when ready",
        "Looks at the machine that is typed, and joins what is ready.",
        "ctrl+s",
        footer=2,
        changes=True,
    ),
    own("join.typing", "complete", "completes", "Completes a host of ssh_config.", "tab", footer=3),
    own("join.typing", "to-list", "to the list", "Goes to the machines below.", "down", "up", "shift+tab"),
    own("join.back", "end", "back", "Stops typing, and goes to the machines.", "escape", footer=4),
    own("join.list", "add", "add machine", "Types one more machine.", "a", "n", footer=1),
    own("join.list", "role", "role", "Makes it a manager, or a worker again.", "r", footer=2),
    own("join.list", "check", "check again", "Looks at the machine again.", "ctrl+r", footer=3),
    own(
        "join.list",
        "go",
        "join",
        "Joins those that are ready; else the one under the cursor, where that is yours to say.",
        "ctrl+s",
        footer=4,
        changes=True,
    ),
    own(
        "join.list",
        "remove",
        "off the list",
        "Takes the machine off the list; it is left as it is.",
        "minus",
        "delete",
        "ctrl+d",
        footer=5,
    ),
    own("join.pending", "give-up", "end the attempt", "Ends a join that has no result.", "1", footer=1),
    own(
        "join.pending",
        "rotate",
        "rotate the token",
        "Makes a new join token, so that a join without a result cannot happen later.",
        "2",
        footer=2,
        danger=Danger.LOSES,
        changes=True,
    ),
    *(
        own(
            "join.mend",
            f"mend-{number}",
            f"copies line {number}",
            f"Copies line {number} of what to mend.",
            key,
            shared=_MEND,
        )
        for number, key in enumerate("123456789", 1)
    ),
)


def _manager(context: ActionContext) -> Verdict:
    return True if context.snapshot.is_manager else "this node is no manager"


def _locks(context: ActionContext) -> Verdict:
    swarm = context.snapshot.swarm
    return True if swarm is not None and swarm.autolock else "autolock is off"


_SHOW, _COPY, _ROTATE = "show for 30 s", "copy", "rotate"
TOKENS_KEYS: tuple[ActionSpec, ...] = (
    own(
        "tokens",
        "show-worker",
        "worker's token",
        "Shows the token of workers for 30 s, or hides it.",
        "w",
        shared=_SHOW,
        footer=1,
        when=_manager,
    ),
    own(
        "tokens",
        "show-manager",
        "managers' token",
        "Shows the token of managers for 30 s, or hides it.",
        "m",
        shared=_SHOW,
        footer=1,
        when=_manager,
    ),
    own(
        "tokens.autolock",
        "show-unlock",
        "unlock key",
        "Shows the unlock key for 30 s, or hides it.",
        "u",
        when=_locks,
    ),
    own(
        "tokens",
        "copy-worker",
        "copy line of workers",
        "Copies the line that joins a worker.",
        "c",
        shared=_COPY,
        footer=2,
        when=_manager,
    ),
    own(
        "tokens",
        "copy-manager",
        "copy line of managers",
        "Copies the line that joins a manager.",
        "C",
        shared=_COPY,
        footer=2,
        when=_manager,
    ),
    own("tokens.autolock", "copy-unlock", "copy unlock key", "Copies the unlock key.", "k", when=_locks),
    own(
        "tokens",
        "rotate-worker",
        "rotate worker",
        "Makes a new token for workers, after its plan; those that joined stay.",
        "r",
        shared=_ROTATE,
        footer=3,
        danger=Danger.LOSES,
        changes=True,
        when=_manager,
    ),
    own(
        "tokens",
        "rotate-manager",
        "rotate manager",
        "Makes a new token for managers, after its plan; those that joined stay.",
        "R",
        shared=_ROTATE,
        footer=3,
        danger=Danger.LOSES,
        changes=True,
        when=_manager,
    ),
    own(
        "tokens.autolock",
        "rotate-unlock",
        "rotate unlock key",
        "Makes a new unlock key, after its plan.",
        "U",
        danger=Danger.LOSES,
        changes=True,
        when=_locks,
    ),
    own("tokens", "settings", "settings", "Changes settings of the Swarm.", "E", footer=4, changes=True, when=_manager),
    own("tokens", "join", "join", "Lets other machines join over SSH.", "j", footer=5, changes=True, when=_manager),
    own(
        "tokens",
        "authority",
        "rotate CA",
        "Gives the Swarm a new certificate authority.",
        "A",
        danger=Danger.LOSES,
        changes=True,
        when=_manager,
    ),
    own(
        "tokens",
        "autolock",
        "autolock on, off",
        "Turns autolock on or off, after its plan.",
        "L",
        danger=Danger.STOPS,
        changes=True,
        when=_manager,
    ),
    own(
        "tokens",
        "leave",
        "leave the swarm",
        "Takes this node out of its Swarm, after its plan.",
        "X",
        danger=Danger.LOSES,
        changes=True,
        when=_manager,
    ),
    own("tokens.shown", "hide", "hides it", "Hides the secret at once.", "escape", footer=1),
)

UNLOCK_KEYS: tuple[ActionSpec, ...] = (
    own("unlock", "send", "unlocks", "Unlocks this manager with the key that is typed.", "enter", footer=1),
    own("unlock", "show", "shows", "Shows what is typed, or hides it.", "ctrl+v", footer=2),
)

REACH_KEYS: tuple[ActionSpec, ...] = (
    own("reach.form", "next", "next field", "Goes to the next field; behind the last to the story.", "tab", footer=1),
    own("reach.form", "previous", "field before", "Goes to the field before.", "shift+tab", "up"),
    own("reach.form", "down", "down", "Goes to the next field.", "down"),
    own("reach.form", "enter", "next field", "Goes to the next field; on the button it saves.", "enter"),
    own("reach", "try", "try it", "Connects to the node by what is typed; nothing is saved.", "ctrl+t", footer=2),
    own(
        "reach",
        "save",
        "save",
        "Saves the mapping to the configuration; it is no file of this page.",
        "ctrl+s",
        footer=3,
    ),
    own("reach.form", "as-saved", "as saved", "Puts the field back to what is saved.", "ctrl+z", footer=4),
    own("reach", "offer", "take offer", "Takes what the last try offers: sudo.", "ctrl+o", footer=5),
    own("reach", "story-down", "scroll down", "Scrolls what is told about the node.", "pagedown"),
    own("reach", "story-up", "scroll up", "Scrolls it back.", "pageup"),
)

PAGE_OWN_KEYS: tuple[ActionSpec, ...] = (*CONFLICT_KEYS, *JOIN_KEYS, *TOKENS_KEYS, *UNLOCK_KEYS, *REACH_KEYS)
