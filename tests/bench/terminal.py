"""A program in a real pseudo-terminal, with every byte it writes and when."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]")


class TerminalProgram:
    """Starts ``command`` on a pty; a thread reads what it writes with time stamps (``time.perf_counter``)."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 160,
        rows: int = 48,
        env: Mapping[str, str] | None = None,
        controlling: bool = False,
    ) -> None:
        """``controlling`` makes the pty the program's controlling terminal: some want ``/dev/tty``."""
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (rows, columns))
        environment = {**os.environ, "TERM": "xterm-256color", **(env or {})}
        for name in ("COLORTERM", "COLUMNS", "LINES"):  # the size is the pty's, whoever started us
            environment.pop(name, None)
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            start_new_session=True,
            close_fds=True,
            preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if controlling else None,
        )
        os.close(slave)
        self._data = bytearray()
        self._marks: list[tuple[float, int]] = []
        self._news = threading.Condition()
        threading.Thread(target=self._read, daemon=True, name="bench-terminal").start()

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self._master, 65536)
            except OSError:
                return
            if not chunk:
                return
            now = time.perf_counter()
            with self._news:
                self._data += chunk
                self._marks.append((now, len(self._data)))
                self._news.notify_all()

    @property
    def written(self) -> int:
        """Bytes written so far."""
        return len(self._data)

    def since(self, offset: int) -> bytes:
        """What was written behind an offset."""
        return bytes(self._data[offset:])

    def when(self, condition: Callable[[bytes], bool], *, offset: int = 0, timeout: float = 30.0) -> float | None:
        """The time at which what was written behind ``offset`` first fulfilled ``condition``; ``None`` if never."""
        deadline = time.perf_counter() + timeout
        seen = 0
        with self._news:
            while True:
                while seen < len(self._marks):
                    at, end = self._marks[seen]
                    seen += 1
                    if end > offset and condition(bytes(self._data[offset:end])):
                        return at
                left = deadline - time.perf_counter()
                if left <= 0:
                    return None
                self._news.wait(left)

    def send(self, keys: bytes) -> float:
        """Types; the time just before."""
        now = time.perf_counter()
        os.write(self._master, keys)
        return now

    def cpu_seconds(self) -> float:
        """CPU time of all its threads so far, those that have ended included."""
        # The clock of another process (Linux: CPUCLOCK_SCHED in ``posix-timers.h``), which glibc makes the same way.
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def rss(self) -> int:
        """Resident memory in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        match = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(match[1]) * 1024 if match else 0

    def resize(self, columns: int, rows: int) -> None:
        """Another window size."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self) -> None:
        """The terminal goes away, without a signal; nothing can be read any more."""
        os.close(self._master)
        self._master = -1

    def close(self) -> None:
        """Ends it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self._master >= 0:
            os.close(self._master)

    def __enter__(self) -> TerminalProgram:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_CSI = re.compile(r"\x1b\[([0-?]*)[ -/]*([@-~])")


def screen(data: bytes) -> str:
    """What a terminal shows that got ``data`` from the beginning. A frame has only the cells that differ from those
    before, so that a word on the screen need not be one in the bytes. Only what dnet-tui sends is understood: moves
    to a place and to the right, text, and the whole screen erased."""
    shown: dict[int, dict[int, str]] = {}
    y = x = 1
    words = _CSI.split(data.decode("utf-8", "replace"))
    for at in range(0, len(words), 3):
        for char in visible(words[at].encode()).decode("utf-8", "replace"):
            if char.isprintable():
                shown.setdefault(y, {})[x] = char
                x += 1
        numbers, final = words[at + 1 : at + 3] or ("", "")
        if final == "H":
            y, x = (int(n or 1) for n in (numbers or ";").split(";"))
        elif final == "C":
            x += int(numbers or 1)
        elif final == "J":
            shown.clear()
    return "\n".join(
        "".join(row.get(x, " ") for x in range(1, max(row) + 1)).rstrip() for _, row in sorted(shown.items())
    )


def visible(data: bytes) -> bytes:
    """What was written without escape sequences."""
    return _ESCAPES.sub(b"", data)
