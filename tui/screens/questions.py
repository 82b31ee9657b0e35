"""The boxes of questions that only a person can answer, and of host keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backends.errors import HostKeyChanged
from backends.model import Node
from tui.details import asking
from tui.frame.line_edit import LineEdit
from tui.screens.box import Button, Content
from tui.tables.spec import Moment
from tui.text.ago import plural
from tui.text.span import Line

if TYPE_CHECKING:
    from backends.ssh.questions import Question
    from tui.screens.asking import Asking
    from tui.screens.main import MainScreen


class QuestionContent(Content):
    """A question of SSH; ``asking`` has the desk where the answer goes."""

    def __init__(self, asking: Asking, question: Question) -> None:
        super().__init__()
        self._asking = asking
        self.question = question

    def title(self) -> str:
        """Which key, login or machine."""
        return asking.question_title(self.question, self._asking.moment)

    def note(self) -> str:
        """How many wait beside it."""
        others = len(self._asking.waiting) - 1
        return f"{others} more" if others > 0 else ""

    def stands(self, moment: Moment) -> bool:
        """Whether somebody still wants the answer."""
        return self.question in self._asking.waiting


class SecretContent(QuestionContent):
    """One line to type: a passphrase, a password, a code."""

    fields = 1

    def __init__(self, asking: Asking, question: Question) -> None:
        super().__init__(asking, question)
        self._edit = LineEdit()
        self._shown = False

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        """Who wants it, the line, what becomes of the answer."""
        return asking.secret_rows(
            self.question, moment, cells, self._edit, shown=self._shown, active=self.at == 0 and self._asking.active
        )

    def buttons(self) -> Sequence[Button]:
        """The verb of the question, and later."""
        verb = {"passphrase": "Unlock", "password": "Log in"}.get(self.question.kind, "Answer")
        return (Button(verb, "answer"), Button("Later", "cancel"), Button("Do without", "decline"))

    def keys(self) -> Sequence[tuple[str, str]]:
        """Keys of the line."""
        show = () if self.question.echo else (("^v", "hides" if self._shown else "shows"),)
        return (("enter", "answers"), ("esc", "later"), *show, ("tab", "moves"))

    def press(self, key: str, character: str | None) -> bool:
        """Typing; what is typed is kept nowhere else."""
        if key == "ctrl+v" and not self.question.echo:
            self._shown = not self._shown
            return True
        if self.at:
            return False
        if key == "enter":
            self.chosen("answer")
            return True
        if key in ("up", "down", "pageup", "pagedown"):
            return False
        changed = self._edit.key(key, character)
        if changed is not None:
            self._edit = changed
        return True

    def paste(self, text: str) -> None:
        """A pasted password; a line break at its end is none of it."""
        self._edit = self._edit.insert(text)

    def chosen(self, act: str) -> None:
        """Gives the answer, puts it off, or says that there is none."""
        if act == "answer":
            text, self._edit = self._edit.text, LineEdit()
            if not text and self.question.kind != "prompt":
                self._asking.screen.hint("nothing was typed")
                return
            self._asking.answer(self.question, text)
        elif act == "decline":
            self._asking.answer(self.question, None)
        else:
            self._edit = LineEdit()
            self._asking.later()


class HostKeyContent(QuestionContent):
    """An unknown host key: shown in full, Cancel first."""

    docked = False
    tone = "warn"

    def note(self) -> str:
        """Nothing happens before it is answered."""
        return super().note() or "not connected"

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        """The key, how to be sure, what a yes writes and where."""
        return asking.unknown_key_rows(self.question, moment, cells)

    def buttons(self) -> Sequence[Button]:
        """Cancel has the focus."""
        return (Button("Cancel", "decline"), Button("Trust and connect", "trust"))

    def keys(self) -> Sequence[tuple[str, str]]:
        """No key but that of the button trusts it."""
        return (("esc", "cancels"), ("tab", "moves"), ("c", "copies the fingerprint"))

    def press(self, key: str, character: str | None) -> bool:
        """``c`` copies."""
        if key == "c":
            self._asking.screen.copy(self.question.fingerprint, "the fingerprint")
            return True
        return False

    def chosen(self, act: str) -> None:
        """Trusts it where that button was pressed; anything else refuses."""
        from backends.ssh.questions import YES

        self._asking.answer(self.question, YES if act == "trust" else None)


class KeysContent(Content):
    """The host keys of a node: a changed one with all that helps to tell, without a way past it; else the known."""

    docked = False

    def __init__(self, screen: MainScreen, node: Node) -> None:
        super().__init__()
        self._screen, self._node = screen, node
        self.tone = "err" if self._changed is not None else "accent"

    @property
    def _changed(self) -> HostKeyChanged | None:
        reach = self._screen.moment.reach.get(self._node.id)
        return reach.problem if reach is not None and isinstance(reach.problem, HostKeyChanged) else None

    def title(self) -> str:
        """Which machine."""
        name = self._node.name
        return f"Host key of {name} has changed" if self._changed is not None else f"Host key of {name}"

    def note(self) -> str:
        """A changed key connects nowhere."""
        return "not connected" if self._changed is not None else ""

    def body(self, moment: Moment, cells: int) -> Sequence[Line]:
        """Both keys in full, or the known one."""
        reach, changed = moment.reach.get(self._node.id), self._changed
        if reach is not None and changed is not None:
            return asking.changed_key_rows(self._node, reach, changed, moment, cells)
        return asking.known_key_rows(self._node, reach, moment, cells)

    def buttons(self) -> Sequence[Button]:
        """No button goes past a changed key."""
        close = Button("Close", "cancel")
        return (close, Button("Copy the lines", "copy")) if self._changed is not None else (close,)

    def keys(self) -> Sequence[tuple[str, str]]:
        """What helps by hand can be copied."""
        copies = (("c", "copies the lines"),) if self._changed is not None else (("c", "copies the fingerprint"),)
        return (("esc", "closes"), *copies, ("t", "tries again"))

    def press(self, key: str, character: str | None) -> bool:
        """Copies, or tries again."""
        if key == "c":
            self.chosen("copy")
        elif key == "t":
            self._screen.box.close()
            self._screen.call("node-try", self._node.id)
        else:
            return False
        return True

    def chosen(self, act: str) -> None:
        """Closes or copies."""
        if act != "copy":
            self._screen.box.close()
            return
        reach, changed = self._screen.moment.reach.get(self._node.id), self._changed
        report = reach.link if reach is not None else None
        if changed is not None:
            name = report.target.key_name if report is not None else self._node.name
            self._screen.copy(asking.copied_lines(changed, name), "2 lines")
        elif report is not None and report.fingerprint:
            self._screen.copy(report.fingerprint, "the fingerprint")


def content_of(asking_: Asking, question: Question) -> QuestionContent:
    """The box that a question gets."""
    return HostKeyContent(asking_, question) if question.kind == "host key" else SecretContent(asking_, question)


def said(count: int) -> str:
    """``1 login waits``, ``3 logins wait``."""
    return f"{plural(count, 'login')} wait{'s' if count == 1 else ''}"
