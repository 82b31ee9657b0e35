"""What is in memory when: start-up time is imports, and an arrow that nobody checks turns round."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

#: Costs what the first frame must not wait for.
HEAVY = {"docker", "requests", "urllib3", "asyncssh", "markdown_it", "pygments", "yaml", "aiohttp", "cryptography"}
#: The user interface and what it stands on.
INTERFACE = {"textual", "rich", "tui"}
#: What changes things: most sessions only look, so it is read when it is first needed.
CHANGING = ("backends.change", "backends.joining", "backends.network_survey", "backends.routes", "tui.forms")


def modules_after(code: str) -> set[str]:
    """Top-level names in ``sys.modules`` of a fresh interpreter that ran ``code``."""
    script = f"{code}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_help_reads_no_interface() -> None:
    # WHEN help was printed
    loaded = modules_after("from tui.cli import main\nassert main(['--help']) == 0")
    # THEN neither Textual nor anything else of weight was read
    assert loaded & (HEAVY | INTERFACE | {"msgspec", "asyncio", "argparse", "dataclasses"}) == {"tui"}


def test_the_skeleton_reads_the_standard_library_only() -> None:
    # WHEN the skeleton frame can be drawn
    loaded = modules_after("import tui.skeleton, tui.cli")
    # THEN nothing of weight was read: it must stand within milliseconds
    assert loaded & (HEAVY | {"textual", "rich", "msgspec", "asyncio", "dataclasses", "typing", "re", "json"}) <= {"re"}


def test_before_the_first_frame_nothing_heavy_is_read() -> None:
    # WHEN the app with its start view has been made
    loaded = modules_after(
        "from tui.cli import parse\n"
        "from tui.compose import Composition, _keymap\n"
        "from tui.config import Config\n"
        "import tui.app, tui.screens.overview_page, tui.screens.list_page\n"
        "composition = Composition(parse(['-H', 'unix:///nowhere.sock']), Config())\n"
        "composition.first(); _keymap(Config())\n"
    )
    # THEN the engine library's and the documentation's weight is still outside
    assert loaded & HEAVY == set()


def test_what_changes_things_is_read_when_it_is_first_needed() -> None:
    # WHEN the app has been made, with all its actions, pages of lists and the command line
    script = (
        "import sys\n"
        "from tui.cli import parse\n"
        "from tui.compose import Composition, _keymap\n"
        "from tui.config import Config\n"
        "import tui.app, tui.screens.main, tui.screens.overview_page, tui.screens.list_page, tui.actions.command\n"
        "Composition(parse(['--demo']), Config()).first(); _keymap(Config())\n"
        f"print(sorted(name for name in sys.modules if name.startswith({CHANGING!r})))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    # THEN nothing of changes, forms, joining and routes is in memory
    assert done.returncode == 0, done.stderr
    assert ast.literal_eval(done.stdout.splitlines()[-1]) == []


def test_the_change_core_reads_no_engine_library() -> None:
    # WHEN changes, forms and rollouts have been read, as the first ``:`` of a session does
    loaded = modules_after("import backends.change.changer, backends.rollouts.rollout, tui.forms.judge")
    # THEN the engine library and SSH are not: planning stays pure, and opening a form quick
    assert loaded & (HEAVY | {"textual"}) == set()


@pytest.mark.parametrize("module", ["backends", "backends.cluster", "backends.engine.client", "backends.fake"])
def test_backends_know_no_interface(module: str) -> None:
    # WHEN the library is read, THEN no part of an interface is
    assert modules_after(f"import {module}") & INTERFACE == set()


_FIRST_LIST = """
import asyncio, sys
from dataclasses import replace
from backends.fake import FakeServer

HEAVY = set({heavy!r})

async def main():
    # On a busy machine the start takes longer than what was fetched beforehand is fresh, and than the SDK is held back.
    from backends.engine import client, prefetch
    prefetch.FRESH = client.REST = 600.0
    from tui.cli import parse
    from tui.compose import Composition, _keymap
    from tui.config import Config
    from tui.app import DnetApp
    from tui.places import Place
    seen = []
    async with FakeServer("quiet") as server:
        options = parse(["-H", f"unix://{{server.socket_path}}", "--view", "containers"])
        composition = Composition(options, Config())
        session, _ = composition.first()
        told = session.shown
        def shown():
            seen.append(sorted(HEAVY & {{name.partition(".")[0] for name in sys.modules}}))
            rows = len(app.main.page.table.keys)
            seen.append(rows)
            told()
        session = replace(session, shown=shown)
        app = DnetApp(session, composition, _keymap(Config())[0], start=Place("containers"))
        async with app.run_test(size=(120, 36)) as pilot:
            while len(seen) < 2:
                await pilot.pause(0.01)
    print(seen)

asyncio.run(main())
"""


def test_the_first_list_stands_before_the_sdk_is_read() -> None:
    # WHEN the program has shown its first list of a running engine
    script = _FIRST_LIST.format(heavy=sorted(HEAVY))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    heavy, rows = ast.literal_eval(done.stdout.splitlines()[-1])
    # THEN it has rows, and what they were read with is no more than sockets
    assert rows > 0
    assert heavy == []
