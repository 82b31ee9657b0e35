"""The key of a locked Swarm, asked for: until it is given, this manager knows nothing of its Swarm."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from backends.change.outcome import State
from backends.change.requests import SwarmUnlock
from backends.errors import BackendError
from backends.model import Key
from tui.frame import states
from tui.frame.line_edit import LineEdit
from tui.look.symbols import sym
from tui.places import Place
from tui.screens.own_keys import OwnKeysPage
from tui.screens.text_page import TextPage
from tui.tables.spec import Moment
from tui.text.fit import wrap
from tui.text.span import BLANK, Line, line


class UnlockPage(OwnKeysPage, TextPage):
    """One field; what is typed is kept nowhere else, and dropped when it was sent."""

    def __init__(self, place: Place) -> None:
        self._line = LineEdit()
        self._open = False
        self._said = ""
        self._sending = False
        super().__init__(place, "Unlock", self._rows)

    @property
    def targets(self) -> tuple[Key, ...]:
        """It is about no row."""
        return ()

    @property
    def pane(self) -> str:
        """Keys go to the field."""
        return "form"

    @property
    def filterable(self) -> bool:
        """There is nothing to search."""
        return False

    def close(self) -> None:
        """What was typed is dropped."""
        self._line, self._said, self._open = LineEdit(), "", False
        super().close()

    def _show(self, *, keep: bool = True) -> None:
        moment = self._moment
        if moment is None or not self.ready:
            return
        self.view.show(self._rows(moment, self.place, max(20, self.view.text_width)), keep=keep)
        self.rule.show((("Unlock this manager", ""),), (), active=True)

    def _rows(self, moment: Moment, place: Place, width: int) -> list[Line]:
        engine = moment.snapshot.engine
        if engine is None or engine.swarm.state != "locked":
            notice = states.not_a_manager(moment, "nodes", width)
            return list(notice) or [BLANK, (("  Nothing is locked here.", "strong bold"),)]
        room = max(20, min(90, width - 4))
        before, at, after = self._line.parts
        if not self._open:
            before, at, after = "•" * len(before), "•" if at else "", "•" * len(after)
        field = line((f" {before}", "strong on_fieldf"), (at or " ", "strong reverse"), (after, "strong on_fieldf"))
        told = (
            "It was restarted with autolock on: its state is encrypted, and opens with the key that "
            "docker swarm unlock-key shows on another manager. No key, no manager: tasks here do not run either."
        )
        out: list[Line] = [BLANK]
        out += [((f"  {text}", "strong bold"),) for text in wrap(f"{engine.name} is a locked manager.", room)]
        out += [((f"  {text}", "muted"),) for text in wrap(told, room)]
        out += [BLANK, line(("  Key   ", "strong bold"), field)]
        if self._sending:
            out.append(line("        ", (f"{sym('changing')} ", "chg"), "sent"))
        elif self._said:
            out += [((f"        {text}", "err"),) for text in wrap(f"{sym('fail')} {self._said}", room - 8)]
        else:
            out.append((("        SWMKEY-1-…   what is typed is never written down", "faint"),))
        out += [BLANK, *(((f"  {text}", "muted"),) for text in wrap(_LOST, room))]
        return [*out, BLANK, line(("  equals  ", "muted"), "docker swarm unlock")]

    def footer(self, width: int) -> Line | None:
        """Its keys."""
        return self.own_row(width, words={"unlock.show": "hides" if self._open else "shows"})

    @property
    def modes(self) -> tuple[str, ...]:
        """One types a key."""
        return ("unlock",)

    @property
    def typing(self) -> bool:
        """Always."""
        return True

    @property
    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What its keys do, by the ids of their actions."""
        return {"unlock.send": self._send, "unlock.show": self._turn_open}

    def type_key(self, key: str, character: str | None) -> bool:
        """Typing."""
        changed = self._line.key(key, character)
        if changed is not None:
            self._line, self._said = changed, ""
        return changed is not None

    def pressed(self) -> None:
        """What is typed, or how it is shown, is another."""
        self._show()
        self.frame_screen.focus_moved()

    def _turn_open(self) -> None:
        self._open = not self._open

    def paste(self, text: str) -> bool:
        """A pasted key."""
        self._line, self._said = self._line.insert(text.strip()), ""
        self._show()
        return True

    def _send(self) -> None:
        key, screen = self._line.text.strip(), self.frame_screen
        if not key:
            self._said = "No key was typed."
        elif screen.readonly:
            self._said = "This session is read-only: nothing is changed."
        elif not self._sending:
            self._line, self._sending = LineEdit(), True
            screen.begin(self._unlock(key), "unlock")

    async def _unlock(self, key: str) -> None:
        from backends.joining.door import Door

        screen = self.frame_screen
        door = Door(screen.changing.changer.journal, screen.session.context, screen.session.readonly)
        try:
            outcome = await door.send(SwarmUnlock(), screen.cluster.engine, secret=key)
            self._said = "" if outcome.state is State.DONE else f"{outcome.sentence} {outcome.hint}".strip()
        except (BackendError, OSError) as error:
            self._said = str(error)
        finally:
            self._sending = False
        if not self._said:
            screen.say("unlocked: this manager takes part again")
            screen.cluster.retry()
            screen.cluster.refresh()
            if self.display:
                screen.back()
        self._show()


_LOST = (
    "Is the key lost? Another manager that is up shows it: docker swarm unlock-key there. Without one this node can "
    "only leave (docker swarm leave --force), and what the swarm knew is lost with it."
)
