"""House rules that a machine can check: file sizes, no markup from data, nothing of this machine in the repo."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("backends", "tui")


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", python_files(*PACKAGES), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_stays_small(path: Path) -> None:
    # WHEN a file of ours is counted
    lines = len(path.read_text().splitlines())
    # THEN it is about 300 lines at the most: past that it is two things
    assert lines <= 350, f"{path.relative_to(ROOT)} has {lines} lines: split it by noun"


def test_no_markup_is_ever_made() -> None:
    # GIVEN the ways in which Textual and Rich turn text into markup
    forbidden = re.compile(r"from_markup|render_markup|Text\.from_ansi|markup=True|(?<!re\.)\bescape\(")
    # WHEN our sources are searched
    hits = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in python_files(*PACKAGES)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if forbidden.search(line)
    ]
    # THEN there are none: data could become style, or an action
    assert hits == []


def test_nothing_of_a_builder_machine_is_in_the_repo() -> None:
    # GIVEN all text that git tracks
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False).stdout
    names = [name for name in tracked.decode().split("\0") if name]
    if not names:
        pytest.skip("not a git checkout: nothing is tracked")
    forbidden = re.compile(r"/root/\.pyenv|/work/(main|shared)|pypi-more|files\.pythonhosted")
    hits = []
    for name in names:
        path = ROOT / name
        if path == Path(__file__) or not path.is_file():
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        hits += [f"{name}: {match.group()}" for match in forbidden.finditer(text)]
    # THEN no path of the machine that wrote it is among it
    assert hits == []
