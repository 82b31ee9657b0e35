"""Prompts of single changes: how many replicas, which image, and the one line before something stops."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from backends.change.changer import Prepared
from backends.model import Image, Key, Service
from backends.state.wording import short_image
from tui.actions.changing import Meaning, meaning
from tui.actions.objects import name_of
from tui.frame.line_edit import LineEdit
from tui.look.symbols import sym
from tui.screens.prompt import Asked
from tui.text.fit import wrap
from tui.text.span import Line, line

if TYPE_CHECKING:
    from tui.screens.main import MainScreen

#: Candidates shown at once.
MOST = 3


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

    def title(self) -> str:
        return f"Scale {self.name}"

    def line(self) -> str:
        return shlex.join(["docker", "service", "scale", f"{self.name}={self.edit.text}"])

    def rows(self, cells: int) -> Sequence[Line]:
        found = Meaning("a number is needed", True) if not self.edit.text else self.meaning()
        return [_field("replicas", line((f"{self._was} → ", "")), self.edit), *_told(found, cells)]

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("enter", "scale"), ("+ −", "one more, less"))

    def press(self, key: str, character: str | None) -> None:
        if key == "enter":
            if self.edit.text:
                self.enter()
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

    def _candidates(self) -> list[tuple[str, str]]:
        typed = self.edit.text
        name = self._was.rpartition(":")[0] if ":" in self._was.rpartition("/")[2] else self._was
        service = self.service
        found: dict[str, str] = {}
        before = short_image(service.previous_image) if service else ""
        if before and before != self._was:
            found[before] = "before this one"
        for image in self._images:
            for tag in image.tags:
                if tag != self._was and (tag.startswith(typed) or (typed == self._was and tag.startswith(f"{name}:"))):
                    found.setdefault(tag, "on this node")
        return sorted(found.items(), key=lambda one: (one[1] != "before this one", one[0]))

    def rows(self, cells: int) -> Sequence[Line]:
        found = self._candidates()
        first = max(0, min(self._at - MOST + 1, len(found) - MOST))
        out = [
            line(
                ("▌ " if number == self._at else "  ", "accent"),
                (tag.ljust(min(44, max(8, cells - 30))), "strong bold" if number == self._at else ""),
                ("  " + what, "muted"),
            )
            for number, (tag, what) in enumerate(found[first : first + MOST], first)
        ]
        out.append(_field("image", (), self.edit))
        unchanged = self.edit.text == self._was
        told = Meaning("the image it has; nothing would change but a restart to the same") if unchanged else None
        return [*out, *_told(told or self._checked(), cells)]

    def _checked(self) -> Meaning:
        return self.meaning() if self.edit.text else Meaning("an image is needed", True)

    def keys(self) -> Sequence[tuple[str, str]]:
        return (("enter", "set, asks once more"), ("↓ ↑", "tag"), ("tab", "takes"), ("^u", "empty"))

    def press(self, key: str, character: str | None) -> None:
        found = self._candidates()
        if key in ("down", "up") and found:
            step = 1 if key == "down" else -1
            self._at = (self._at + step) % len(found) if self._at >= 0 else (0 if step > 0 else len(found) - 1)
        elif key in ("tab", "enter") and 0 <= self._at < len(found):
            self.edit, self._at = LineEdit.of(found[self._at][0]), -1
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
        out: list[Line] = [((text, ""),) for text in wrap(self._plan.sentence, cells, limit=3)]
        for warning in self._plan.warned:
            out += [((text, "warn"),) for text in wrap(f"{sym('look')} {warning}", cells, limit=2)]
        for word, text in self._plan.facts:
            out.append(line((f"{word:<12}", "muted"), text))
        on, off = "onaccent on_accent bold", "strong on_field"
        buttons = line(
            ("  Cancel  ", off if self._yes else on), "  ", (f"  {self._plan.title}  ", on if self._yes else off)
        )
        return [*out[:6], buttons]

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
