"""Folders for private sockets: what killed processes have left behind is taken away, and nothing else."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends.transport.base import PrivateDirectory, sweep

HOUR_AGO = 1_000_000.0


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder whose sockets have short paths, whatever pytest's own is called."""
    with tempfile.TemporaryDirectory(prefix="sweep-", dir="/tmp") as folder:
        yield Path(folder)


def left(base: Path, name: str, *files: str, old: bool = True, mode: int = 0o700) -> Path:
    """A folder with sockets on which nobody listens."""
    made = base / name
    made.mkdir(mode=mode)
    made.chmod(mode)
    for file in files:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(made / file))
    if old:
        os.utime(made, (HOUR_AGO, HOUR_AGO))
    return made


def test_what_a_killed_process_left_is_taken_away(base: Path) -> None:
    dead, empty = left(base, "dnet-dead", "engine.sock"), left(base, "dnet-empty")
    sweep(str(base))
    assert not dead.exists()
    assert not empty.exists()


def test_what_lives_is_young_or_not_ours_stays(base: Path) -> None:
    # GIVEN a socket that is listened on, and other things that are called alike
    live = left(base, "dnet-live")
    kept = [
        left(base, "dnet-young", "engine.sock", old=False),
        left(base, "dnet-open", "engine.sock", mode=0o755),
        left(base, "other", "engine.sock"),
    ]
    file = left(base, "dnet-file", "engine.sock")
    (file / "notes").write_text("mine")
    os.utime(file, (HOUR_AGO, HOUR_AGO))
    (base / "dnet-link").symlink_to(kept[0])
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(live / "engine.sock"))
        listening.listen(1)
        os.utime(live, (HOUR_AGO, HOUR_AGO))
        # WHEN leftovers are looked for
        sweep(str(base))
        # THEN all of it stays, and nobody was connected to
        assert (live / "engine.sock").exists()
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert all((folder / "engine.sock").exists() for folder in (*kept, file))
    # AND a folder that cannot be read is no error
    sweep(str(base / "nowhere"))


def test_the_first_folder_of_a_process_sweeps(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PrivateDirectory, "_swept", False)
    monkeypatch.setattr(tempfile, "tempdir", str(base))
    dead = left(base, "dnet-dead", "engine.sock")
    made = PrivateDirectory()
    assert not dead.exists()
    # AND only the first
    again = left(base, "dnet-again", "engine.sock")
    other = PrivateDirectory()
    assert again.exists()
    assert os.stat(made.path).st_mode & 0o777 == 0o700
    made.remove()
    other.remove()
    assert not os.path.exists(made.path)
