"""``:prune``: the networks that nothing uses on any node, what stays and why; each is removed by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backends.change.network_prune import Goes, pruning
from backends.change.network_users import name_of
from backends.change.outcome import State
from backends.change.requests import NetworkRemove
from backends.errors import BackendError, ReadOnly
from backends.model import Snapshot
from backends.network_survey import Survey, survey
from backends.state.wording import listing, plural
from tui.details.prune import prune_rows, summary_rows
from tui.frame.line_edit import LineEdit
from tui.screens.box import Button, Content
from tui.tables.spec import Moment
from tui.text.span import BLANK, Line, line

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

#: What ``t`` goes through, in seconds: any age, an hour, a day, a week, thirty days.
AGES = (0.0, 3600.0, 86400.0, 7 * 86400.0, 30 * 86400.0)


async def open_prune(screen: MainScreen, label: str = "") -> None:
    """Asks every node that is connected, then shows it."""
    try:
        screen.changing.changer.refuse()
    except ReadOnly as error:
        screen.say(str(error), bad=True)
        return
    screen.hint("asking who uses which network")
    try:
        found = await survey(screen.cluster)
    except BackendError as error:
        screen.say(f"{error} {error.hint}".strip(), bad=True)
        return
    screen.hint("")
    screen.box.open(PruneBox(screen, found, label))


@dataclass(slots=True)
class Sent:
    """How far it is."""

    done: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


class PruneBox(Content):
    """Cancel has the focus; in production the verb is typed first."""

    docked = False
    width = 122
    tone = "warn"

    def __init__(self, screen: MainScreen, found: Survey, label: str = "") -> None:
        super().__init__()
        self._screen, self._found = screen, found
        self._age, self._label = 0.0, label
        self._typing_label = False
        self._edit = LineEdit.of(label)
        self._production = screen.session.mark == "production"
        self._typed = LineEdit()
        self.fields = 1 if self._production else 0
        self._row = 0
        self._look()
        self._marked = {goes.network.id for goes in self._pruning.goes if goes.marked}
        # The list has the keys first: in production the word is typed when what goes has been seen.
        self.at = self.fields

    def _look(self) -> None:
        screen, found = self._screen, self._found
        self._pruning = pruning(
            found.snapshot,
            found.asked,
            found.missing,
            now=screen.session.clock(),
            older=self._age,
            label=self._label,
        )
        self._row = max(0, min(self._row, len(self._pruning.goes) - 1))

    @property
    def going(self) -> list[Goes]:
        """What is marked and let through."""
        return [goes for goes in self._pruning.goes if goes.network.id in self._marked]

    @property
    def _open(self) -> bool:
        return bool(self.going) and (not self._production or self._typed.text == "prune")

    def title(self) -> str:
        return "Prune networks"

    def note(self) -> str:
        return "nothing has been done yet"

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        goes = self._pruning.goes
        here = goes[self._row].network.id if goes else ""
        rows, _ = prune_rows(self._pruning, self._marked, here, moment.now, cells)
        return [BLANK, *rows]

    def foot(self, moment: Moment, cells: int) -> Sequence[Line]:
        """What it comes to, and what is typed."""
        rows: list[Line] = [(("─" * cells, "line"),), *summary_rows(self.going, self._age, self._label, cells)]
        nodes = len(self._found.snapshot.nodes)
        asked = f"{len(self._found.asked)} of {nodes} nodes asked" if nodes > 1 else ""
        if self._typing_label:
            before, at, after = self._edit.parts
            rows.append(line(("label     ", "muted"), (before, "strong bold"), (at or " ", "reverse"), after))
        else:
            rows.append(
                line(("t", "strong bold"), " older than   ", ("=", "strong bold"), " label   ", (asked, "muted"))
            )
        if self._production:
            before, at, after = self._typed.parts
            mark = "  ✓" if self._open else ""
            cursor = "reverse" if self.at == 0 else ""
            rows.append(
                line(
                    (" PRODUCTION ", "strong bold on_prodbg"),
                    "  Type prune to go on: ",
                    (before, "strong bold"),
                    (at or " ", cursor),
                    after,
                    (mark, "ok"),
                )
            )
        return rows

    def buttons(self) -> Sequence[Button]:
        label = f"Remove {plural(len(self.going), 'network')}"
        return (Button("Cancel", "cancel"), Button(label, "go") if self._open else Button(f"({label})", "closed"))

    def keys(self) -> Sequence[tuple[str, str]]:
        return (
            ("↓ ↑", "moves"),
            ("space", "keeps, takes"),
            ("t", "older"),
            ("=", "label"),
            ("tab", "buttons"),
            ("esc", "cancels"),
        )

    # Keys

    def first(self, key: str, character: str | None) -> bool:
        if not self._typing_label:
            return False
        if key in ("enter", "tab"):
            self._typing_label, self._label = False, self._edit.text.strip()
            self._look()
        elif key == "escape":
            self._typing_label = False
        else:
            self._edit = self._edit.key(key, character) or self._edit
        return True

    def press(self, key: str, character: str | None) -> bool:
        goes = self._pruning.goes
        if self._production and self.at == 0:
            if key == "enter":
                self.at = 1
            elif key not in ("up", "down", "pageup", "pagedown"):
                self._typed = self._typed.key(key, character) or self._typed
                return True
        if key in ("down", "up", "j", "k") and goes:
            step = 1 if key in ("down", "j") else -1
            self._row = max(0, min(self._row + step, len(goes) - 1))
        elif key == "space" and goes:
            self._marked ^= {goes[self._row].network.id}
            self._row = min(self._row + 1, len(goes) - 1)
        elif key == "t":
            at = AGES.index(self._age) if self._age in AGES else 0
            self._age = AGES[(at + 1) % len(AGES)]
            self._look()
        elif key in ("equals_sign", "="):
            self._typing_label, self._edit = True, LineEdit.of(self._label)
        else:
            return False
        return True

    def paste(self, text: str) -> None:
        """Only into the label: the word is typed by hand."""
        if self._typing_label:
            self._edit = self._edit.insert(text)

    def chosen(self, act: str) -> None:
        screen = self._screen
        if act == "closed":
            if not self.going:
                screen.hint("nothing is marked: space takes one")
            else:
                screen.hint("type prune first")
                self.at = 0
            return
        screen.box.close()
        if act == "go":
            screen.begin(self._send(self.going), "prune")
        else:
            screen.hint("cancelled, nothing was sent")

    # Sending

    async def _send(self, going: Sequence[Goes]) -> None:
        """Asks once more, then removes each by its name on its own node; what fails is said, the rest goes on."""
        screen, sent = self._screen, Sent()
        screen.hint("asking once more who uses which network")
        try:
            fresh = await survey(screen.cluster)
        except BackendError as error:
            screen.say(f"{error} {error.hint}".strip(), bad=True)
            return
        now = pruning(fresh.snapshot, fresh.asked, fresh.missing, now=screen.session.clock())
        idle = {goes.network.id for goes in now.goes}
        for goes in going:
            if goes.network.id in idle:
                screen.hint(f"removing {goes.network.name} on {goes.node}")
                await self._one(goes, fresh.snapshot, sent)
            elif goes.network.id in fresh.snapshot.networks:
                sent.failed.append(f"{goes.network.name} is in use by now and stays")
        screen.hint("")
        said = f"{plural(len(sent.done), 'network')} removed" if sent.done else "No network was removed"
        if sent.failed:
            screen.say(f"{said}; {'; '.join(sent.failed)}.", bad=True)
        else:
            screen.say(f"{said}: {listing(sent.done, 3)}.")

    async def _one(self, goes: Goes, known: Snapshot, sent: Sent) -> None:
        from backends.change.changer import Prepared
        from backends.change.node_changer import changer_at

        name = goes.network.name
        request = NetworkRemove(names=(name_of(goes.network, known),))
        try:
            changer = await changer_at(self._screen.changing.changer, goes.network.node_id, just_seen=known)
            prepared = await changer.prepare(request)
            if not isinstance(prepared, Prepared):
                sent.failed.append(f"{name}: {prepared[0].sentence}")
                return
            with self._screen.changing.in_flight(f"Remove {name} on {goes.node}"):
                outcome = await changer.take(prepared)
        except (BackendError, OSError) as error:
            sent.failed.append(f"{name}: {str(error).rstrip('.')}")
            return
        if outcome.state is State.DONE:
            sent.done.append(name)
        else:
            sent.failed.append(f"{name}: {outcome.sentence.rstrip('.')}")
