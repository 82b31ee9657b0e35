"""``docs/architecture.md`` tells of what is there, and tables that belong together have the same rows."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

from backends.change.compile import _COMPILERS
from backends.change.verbs import VERBS
from backends.rollouts.rollout import Phase, Step
from tui.details.rollout import PHASES, STEPS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "architecture.md").read_text()


def named() -> set[str]:
    """Modules and patterns of modules that the document names."""
    return {name for name in re.findall(r"`([\w*/<>.]+\.py)`", TEXT) if "<" not in name}


def test_modules_that_are_named_are_there() -> None:
    # GIVEN all modules of both packages, by their paths
    paths = [str(path.relative_to(ROOT)) for folder in ("backends", "tui") for path in (ROOT / folder).rglob("*.py")]
    # WHEN names in the document are looked for
    lacking = [name for name in named() if not any(fnmatch(f"/{path}", f"*/{name}") for path in paths)]
    # THEN each is a module, or a pattern that at least one has
    assert lacking == []


def test_every_module_of_the_change_core_is_told_of() -> None:
    # GIVEN the table of the change core
    part = TEXT[TEXT.index("### The change core") : TEXT.index("Decisions worth knowing")]
    patterns = re.findall(r"`([\w*]+\.py)`", part)
    # WHEN its modules are looked for in it
    beside = {"__init__.py"}
    names = {path.name for path in (ROOT / "backends" / "change").glob("*.py")} - beside
    lacking = sorted(name for name in names if not any(fnmatch(name, pattern) for pattern in patterns))
    # THEN none is left out
    assert lacking == []


def test_every_verb_can_be_sent() -> None:
    # GIVEN the verbs THEN each has what makes requests of it, and nothing else has
    assert set(_COMPILERS) == set(VERBS)


def test_every_phase_of_a_rollout_has_a_look() -> None:
    # GIVEN phases of rollouts and steps of replicas THEN each has its symbol and colour
    assert set(PHASES) == set(Phase)
    assert set(STEPS) == set(Step)
