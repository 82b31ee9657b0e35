"""What pages save goes to a folder of the test."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``^s`` writes to the current folder."""
    monkeypatch.chdir(tmp_path)
