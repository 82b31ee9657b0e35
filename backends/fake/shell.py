"""A small simulated shell: looks around, writes files, ends with the right exit code."""

from __future__ import annotations

import asyncio
import posixpath
import re
import shlex
from collections.abc import Callable
from typing import Protocol

import backends.fake.shell_system  # noqa: F401  registers its commands
from backends.fake.bus import Obj
from backends.fake.profiles import profile_of
from backends.fake.shell_commands import COMMANDS
from backends.fake.shell_files import Files
from backends.fake.shell_line import LineReader


class Terminal(Protocol):
    """Where a shell reads and writes."""

    def write(self, data: bytes) -> None:
        """Output; it goes out at the next ``read`` or ``flush``."""
        ...

    async def flush(self) -> None:
        """Sends what was written."""
        ...

    async def read(self) -> bytes:
        """Some input; ``b""`` at its end."""
        ...


#: Stands for a dollar sign within single quotes, which is not expanded.
_LITERAL = "\ue000"


class Exit(Exception):
    """The shell is told to end."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Shell:
    """One session in one container."""

    def __init__(
        self,
        box: Obj,
        files: Files,
        terminal: Terminal,
        *,
        name: str = "sh",
        tty: bool = True,
        user: str = "",
        workdir: str = "",
        env: list[str] | None = None,
        now: Callable[[], float],
        size: Callable[[], tuple[int, int]] = lambda: (80, 24),
        resolve: Callable[[str], str] = lambda name: "",
    ) -> None:
        self.box = box
        self.files = files
        self.profile = profile_of(box["Config"]["Image"])
        self.terminal = terminal
        self.name = name
        self.tty = tty
        self.user = user.partition(":")[0] or self.profile.user
        self.cwd = workdir or box["Config"]["WorkingDir"] or "/"
        self.hostname = box["Config"]["Hostname"]
        self.now = now
        self.size = size
        self.resolve = resolve
        self.code = 0
        self.running = ""
        self.history: list[str] = []
        pairs = [*box["Config"]["Env"], f"HOSTNAME={self.hostname}", f"HOME=/{'root' if self.user == 'root' else ''}"]
        self.env = dict(p.split("=", 1) for p in [*pairs, *(["TERM=xterm"] if tty else []), *(env or [])] if "=" in p)
        self.addresses = {n: e["IPAddress"] for n, e in box["NetworkSettings"]["Networks"].items() if e["IPAddress"]}

    # -- what commands use ---------------------------------------------------------------------------------

    def path(self, given: str) -> str:
        """An absolute path."""
        home = self.env.get("HOME", "/root")
        given = home + given[1:] if given == "~" or given.startswith("~/") else given
        return posixpath.normpath(posixpath.join(self.cwd, given))

    def complain(self, text: str) -> str:
        """An error of the shell itself, as it would word it."""
        return f"bash: {text}\n" if self.name == "bash" else f"{self.name}: {text}\n"

    def processes(self) -> list[tuple[int, str, str]]:
        """(pid, user, command) as seen from inside."""
        first = " ".join([self.box["Path"], *self.box["Args"]])
        rows = [(1, self.profile.user, first)]
        rows += [(17 + n, user, what) for n, (user, what) in enumerate(self.profile.processes)]
        return [*rows, (112, self.user, self.name), (119, self.user, self.running)]

    # -- running -------------------------------------------------------------------------------------------

    @property
    def prompt(self) -> str:
        """As the shell in the image would show it."""
        mark = "#" if self.user == "root" else "$"
        if self.name == "bash":
            return f"{self.user}@{self.hostname}:{self.cwd}{mark} "
        return f"{self.cwd} {mark} "

    async def interact(self) -> int:
        """Reads lines until the end; returns the exit code."""
        reader = LineReader(self.terminal, echo=self.tty, history=self.history)
        while True:
            line = await reader.line(self.prompt if self.tty else "")
            if line is None:
                if self.tty:
                    self.show("exit\n" if self.name == "bash" else "\n")
                await self.terminal.flush()
                return self.code
            if line.strip():
                self.history.append(line)
            try:
                await self.script(line)
            except Exit as end:
                await self.terminal.flush()
                return end.code

    def show(self, text: str) -> None:
        """Writes text; a terminal turns each newline into two characters."""
        data = text.encode("utf-8", "surrogateescape")
        self.terminal.write(data.replace(b"\n", b"\r\n") if self.tty else data)

    async def script(self, text: str) -> int:
        """Runs lines of shell: ``;``, ``&&``, ``||``, pipes, ``>``, ``>>``, variables. Raises ``Exit``."""
        for line in text.splitlines():
            try:
                lexer = shlex.shlex(_protected(line), posix=True, punctuation_chars=True)
                lexer.whitespace_split = True
                tokens = list(lexer)
            except ValueError as error:
                self.code = 2
                self.show(self.complain(f"syntax error: {error}"))
                continue
            await self._chain(tokens)
        return self.code

    async def words(self, argv: list[str]) -> int:
        """Runs one command that is split into words already. Raises ``Exit``."""
        # no shell has read these words: a dollar sign in them is one
        self.code, text = await self._command([word.replace("$", _LITERAL) for word in argv], "")
        self.show(text)
        return self.code

    def _expand(self, word: str) -> str:
        values = {**self.env, "?": str(self.code), "$": "112", "0": self.name}
        found = re.sub(r"\$(?:\{(\w+)\}|(\w+)|([?$]))", lambda m: str(values.get(m[1] or m[2] or m[3], "")), word)
        return found.replace(_LITERAL, "$")

    async def _chain(self, tokens: list[str]) -> None:
        part: list[str] = []
        run = True
        for token in [*tokens, ";"]:
            if token not in (";", "&&", "||", "&"):
                part.append(token)
                continue
            if run and part:
                self.code = await self._pipeline(part)
            part = []
            run = token in (";", "&") or (token == "&&") == (self.code == 0)

    async def _pipeline(self, tokens: list[str]) -> int:
        stages: list[list[str]] = [[]]
        for token in tokens:
            if token == "|":
                stages.append([])
            else:
                stages[-1].append(token)
        text, code = "", 0
        for stage in stages:
            words, target, append = _redirection(stage)
            code, text = await self._command(words, text)
            if target is not None:
                if target != "/dev/null":
                    path = self.path(self._expand(target))
                    old = self.files.read(path) or "" if append else ""
                    self.files.write(path, old + text)
                text = ""
        self.show(text)
        return code

    async def _command(self, words: list[str], stdin: str) -> tuple[int, str]:
        words = [self._expand(word) for word in words]
        while words and re.match(r"^\w+=", words[0]):
            name, _, value = words.pop(0).partition("=")
            self.env[name] = value
        if not words:
            return 0, ""
        name, args = posixpath.basename(words[0]), words[1:]
        self.running = name
        if name in ("exit", "logout"):
            raise Exit(int(args[0]) if args and args[0].isdigit() else self.code)
        if name == "exec" and args:
            raise Exit((await self._command(args, stdin))[0])
        if name == "sleep":
            await self._sleep(float(args[0]) if args and args[0].replace(".", "", 1).isdigit() else 0.0)
            return self.code, ""
        if name in self.profile.shells:
            if len(args) > 1 and args[0].startswith("-") and args[0].endswith("c"):
                return await self.script(args[1]), ""
            return 0, ""
        if name in COMMANDS:
            return COMMANDS[name](self, args, stdin)
        return 127, self.complain(f"{words[0]}: command not found" if self.name == "bash" else f"{words[0]}: not found")

    async def _sleep(self, seconds: float) -> None:
        self.code = 0
        end = asyncio.get_running_loop().time() + seconds
        await self.terminal.flush()
        while (left := end - asyncio.get_running_loop().time()) > 0:
            try:
                data = await asyncio.wait_for(self.terminal.read(), left)
            except TimeoutError:
                return
            if not data:
                raise Exit(129)
            if b"\x03" in data:
                self.show("^C\n")
                self.code = 130
                return


def _protected(line: str) -> str:
    """A line whose dollar signs within single quotes are out of reach."""
    return re.sub(r"\"[^\"]*\"|'[^']*'", lambda m: m[0] if m[0][0] == '"' else m[0].replace("$", _LITERAL), line)


def _redirection(words: list[str]) -> tuple[list[str], str | None, bool]:
    """Words without ``> FILE`` and ``2> FILE``; the file that output goes to, and whether it is appended."""
    kept: list[str] = []
    target, append = None, False
    rest = iter(words)
    for word in rest:
        if word in (">", ">>"):
            name = next(rest, "/dev/null")
            if kept and kept[-1] == "2":
                kept.pop()
            else:
                target, append = name, word == ">>"
        elif word in (">&", "<"):
            next(rest, "")
            if kept and kept[-1] == "2":
                kept.pop()
        else:
            kept.append(word)
    return kept, target, append
