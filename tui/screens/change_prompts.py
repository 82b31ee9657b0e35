"""Prompts of single changes: how many replicas, which image, and the one line before something stops."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from backends.change.changer import Prepared
from backends.errors import BackendError
from backends.model import Image, Key, Kind, Service, Task
from backends.state.wording import short_image
from tui.actions.changing import Meaning, meaning
from tui.actions.objects import name_of
from tui.details.prompts import Tag, effect, failing, labelled, pace, scale_rows, tags
from tui.frame.line_edit import LineEdit
from tui.look.symbols import sym
from tui.screens.prompt import Asked
from tui.tables.spec import Moment
from tui.text.fit import cut_line, width, wrap
from tui.text.span import Line, line

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

#: Candidates shown at once.
MOST = 3
#: Rows of a question at most, above its buttons.
_ROWS = 9


def _field(word: str, before: Line, edit: LineEdit) -> Line:
    """``replicas  3 → ▌5``: a value being typed."""
    left, at, right = edit.parts
    return line((f"{word:<10}", "muted"), before, (left, "strong bold"), (at or " ", "reverse"), (right, "strong bold"))


def _told(meaning: Meaning, cells: int) -> list[Line]:
    tone = "err" if meaning.wrong else ""
    texts = wrap(meaning.text, max(20, cells - 10), limit=2) or [""]
    return [line((" " * 10, ""), (text, tone)) for text in texts]


class _OfService(Asked):
    """A value of a service, and the docker line that sets it."""

    def __init__(self, screen: MainScreen, key: Key, edit: LineEdit) -> None:
        self.screen, self.key, self.edit = screen, key, edit

    @property
    def service(self) -> Service | None:
        """As it is now; ``None`` where it is gone meanwhile."""
        return self.screen.cluster.snapshot.services.get(self.key.id)

    @property
    def name(self) -> str:
        """Of the service."""
        return name_of(self.screen.cluster.snapshot, self.key)

    def line(self) -> str:
        """The docker line of what is typed."""
        raise NotImplementedError

    def meaning(self) -> Meaning:
        """What that would do."""
        return meaning(self.line(), self.screen.cluster.snapshot)

    def right(self) -> str:
        """The line that it equals."""
        return self.line()

    def paste(self, text: str) -> None:
        """Into the value."""
        self.edit = self.edit.insert(text)

    def form(self) -> None:
        """The same in the edit form."""
        from tui.actions.command import Known
        from tui.actions.line_form import place_of_line

        screen = self.screen
        known = Known(screen.keymap, screen, screen.cluster.snapshot, screen.place)
        found = place_of_line(self.update_line(), known)
        screen.prompt_pane.close()
        if isinstance(found, str):
            screen.say(found, bad=True)
        else:
            screen.go(found)

    def update_line(self) -> str:
        """The ``docker service update`` line of what is typed."""
        return self.line()

    def enter(self) -> None:
        """Does it, where it means something."""
        if self.meaning().wrong:
            return
        typed = self.line()
        self.screen.prompt_pane.close()
        self.screen.change(typed, typed=typed)


class ScalePrompt(_OfService):
    """``s``: one number; the first digit replaces the one that is there."""

    def __init__(self, screen: MainScreen, key: Key) -> None:
        service = screen.cluster.snapshot.services.get(key.id)
        self._was = (service.replicas or 0) if service else 0
        super().__init__(screen, key, LineEdit.of(str(self._was)))
        self._fresh = True
        self._tasks: Mapping[str, Task] | None = None
        """All tasks, where what they reserve matters and the list on screen does not keep them up."""
        reserves = service is not None and (service.resources.reserve_memory or service.resources.reserve_cpu)
        if reserves and Kind.TASK not in screen.cluster.snapshot.listed:
            screen.begin(self._know_tasks(), "tasks")

    async def _know_tasks(self) -> None:
        try:
            found = await self.screen.cluster.engine.list(Kind.TASK)
        except BackendError:
            return  # how much room there is stays unknown
        self._tasks = MappingProxyType({task.id: task for task in found if isinstance(task, Task)})
        self.screen.prompt_pane.again()

    def _moment(self) -> Moment:
        """With all tasks, once they have come."""
        moment = self.screen.moment
        snapshot = self.screen.cluster.snapshot
        if self._tasks is not None and Kind.TASK not in snapshot.listed:
            listed = MappingProxyType({**snapshot.listed, Kind.TASK: moment.now})
            snapshot = replace(snapshot, tasks=self._tasks, listed=listed)
        return replace(moment, snapshot=snapshot)

    def title(self) -> str:
        return f"Scale {self.name}"

    def line(self) -> str:
        return shlex.join(["docker", "service", "scale", f"{self.name}={self.edit.text}"])

    def update_line(self) -> str:
        value = self.edit.text if self.edit.text.isdecimal() else str(self._was)
        return shlex.join(["docker", "service", "update", "--replicas", value, self.name])

    def rows(self, cells: int) -> Sequence[Line]:
        service = self.service
        found = Meaning("a number is needed", True) if not self.edit.text else self.meaning()
        field = _field("replicas", line((f"{self._was} {sym('to')} ", "")), self.edit)
        if found.wrong or service is None:
            return [field, *_told(found, cells)]
        now = int(self.edit.text)
        out: list[Line] = [line(field, " " * max(2, 12 - len(self.edit.text)), (effect(self._was, now), "muted"))]
        out += scale_rows(service, now, self._moment(), cells)
        # What only adds is done at once: the two rows have said it.
        return out if now > self._was else [*out, *_told(found, cells)]

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("enter", "scale"), ("+ −", "one more, less"), ("^e", "form"))

    def press(self, key: str, character: str | None) -> None:
        if key == "enter":
            if self.edit.text:
                self.enter()
            return
        if key == "ctrl+e":
            self.form()
            return
        step = {"plus": 1, "up": 1, "minus": -1, "down": -1}.get(key)
        if step is not None:
            now = int(self.edit.text) if self.edit.text.isdecimal() else self._was
            self.edit, self._fresh = LineEdit.of(str(max(0, now + step))), False
            return
        if character and character.isprintable():
            if not character.isdecimal():
                return
            if self._fresh:
                self.edit = LineEdit()
        changed = self.edit.key(key, character)
        if changed is not None:
            self.edit, self._fresh = changed, False


class ImagePrompt(_OfService):
    """``i``: a reference; tags that the engine has are offered above it."""

    def __init__(self, screen: MainScreen, key: Key) -> None:
        service = screen.cluster.snapshot.services.get(key.id)
        self._was = short_image(service.image) if service else ""
        super().__init__(screen, key, LineEdit.of(self._was))
        self._images: Sequence[Image] = tuple(screen.cluster.snapshot.images.values())
        self._at = -1

    def know(self, images: Sequence[Image]) -> None:
        """The images of the engine have come."""
        self._images = images

    def title(self) -> str:
        return f"Image of {self.name}"

    def line(self) -> str:
        return shlex.join(["docker", "service", "update", "--image", self.edit.text, self.name])

    def _candidates(self) -> list[Tag]:
        service = self.service
        if service is None:
            return []
        snapshot = self.screen.cluster.snapshot
        known = snapshot.images.values() if Kind.IMAGE in snapshot.listed else self._images
        return tags(service, self.edit.text, known, self.screen.moment)

    def right(self) -> str:
        """What it costs; the equal line is longer than a rule, and stands below."""
        return pace(self.service) if self.service is not None and self.edit.text != self._was else ""

    def rows(self, cells: int) -> Sequence[Line]:
        found = self._candidates()
        first = max(0, min(self._at - MOST + 1, len(found) - MOST))
        shown = found[first : first + MOST]
        names = min(44, max((width(one.shown) for one in shown), default=0) + 2)
        out = [
            line(
                ("▌ " if number == self._at else "  ", "accent"),
                (one.shown.ljust(names), "strong bold" if number == self._at else ""),
                (one.what, "muted"),
            )
            for number, one in enumerate(shown, first)
        ]
        out.append(_field("image", (), self.edit))
        service = self.service
        if self.edit.text == self._was or service is None:
            unchanged = Meaning("the image it has; nothing would change but a restart to the same")
            return [*out, *_told(unchanged if service is not None else Meaning("the service is gone", True), cells)]
        checked = self.meaning() if self.edit.text else Meaning("an image is needed", True)
        if checked.wrong:
            return [*out, *_told(checked, cells)]
        out.append(cut_line(labelled("was", (self._was, "muted")), cells))
        out.append(cut_line(labelled("equals", (self.line(), "muted")), cells))
        back = self.screen.keymap.key("service.rollback")
        out.append(cut_line(labelled("failing", (failing(service, back), "")), cells))
        return out

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("enter", "set, asks once more"), ("↓ ↑", "tag"), ("tab", "takes"), ("^u", "empty"), ("^e", "form"))

    def press(self, key: str, character: str | None) -> None:
        found = self._candidates()
        if key in ("down", "up") and found:
            step = 1 if key == "down" else -1
            self._at = (self._at + step) % len(found) if self._at >= 0 else (0 if step > 0 else len(found) - 1)
        elif key in ("tab", "enter") and 0 <= self._at < len(found):
            self.edit, self._at = LineEdit.of(found[self._at].reference), -1
        elif key == "ctrl+e":
            self.form()
        elif key == "enter":
            if self.edit.text:
                self.enter()
        else:
            changed = self.edit.key(key, character)
            if changed is not None:
                self.edit, self._at = changed, -1


class Confirm(Asked):
    """One line that names what stops. In production ``enter`` cancels until ``tab`` went to the other button."""

    def __init__(
        self, screen: MainScreen, prepared: Prepared, production: bool, go: Callable[[], None], no: Callable[[], None]
    ) -> None:
        self._screen, self._plan, self._go, self._no = screen, prepared.plan, go, no
        self._yes = not production

    def title(self) -> str:
        return f"{self._plan.title}?"

    def right(self) -> str:
        return self._plan.shown

    def rows(self, cells: int) -> Sequence[Line]:
        out: list[Line] = [((text, ""),) for text in wrap(self._plan.sentence, cells, limit=5)]
        for warning in self._plan.warned:
            out += [((text, "warn"),) for text in wrap(f"{sym('look')} {warning}", cells, limit=4)]
        for word, text in self._plan.facts:
            out.append(line((f"{word:<12}", "muted"), text))
        on, off = "onaccent on_accent bold", "strong on_field"
        buttons = line(
            ("  Cancel  ", off if self._yes else on), "  ", (f"  {self._plan.title}  ", on if self._yes else off)
        )
        # Where the terminal is low, the buttons stay.
        room = max(1, min(_ROWS, self._screen.size.height - 6))
        return [*out[:room], buttons]

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("enter", "does it" if self._yes else "cancels"), ("tab", "moves"))

    def left(self) -> None:
        """Nothing is done."""
        self._no()

    def press(self, key: str, character: str | None) -> None:
        if key in ("tab", "shift+tab", "left", "right"):
            self._yes = not self._yes
        elif key == "enter":
            self._screen.prompt_pane.close()
            (self._go if self._yes else self._no)()
