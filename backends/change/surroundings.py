"""What a command finds around it besides the engine: environment, files, standard input, registry credentials."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from backends.change.flag_error import refuse

#: Registry credentials for an image reference as the value of ``X-Registry-Auth``.
Credentials = Callable[[str], str]


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


def _nothing() -> bytes:
    return b""


def _kept(image: str) -> str:
    from backends.change.credentials import registry_auth

    return registry_auth(image)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Given from outside, so that tests decide and nothing is read that was not asked for."""

    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    read_file: Callable[[str], bytes] = _read
    """Raises ``OSError``."""
    folder: str = ""
    """The current folder, for ``source=./data``; empty is the process's own."""
    read_input: Callable[[], bytes] = _nothing
    """Standard input, for ``secret create NAME -`` and ``swarm unlock``."""
    credentials: Credentials = _kept
    """May take a moment: asks a credential store where one is configured. Called on a thread."""
    api_version: str = ""
    """The engine's, where it is known: flags that it does not have are refused."""

    def file(self, path: str, flag: str) -> bytes:
        """A file's content; raises ``Refused`` in the CLI's words."""
        try:
            return self.read_file(path)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise refuse(f"open {path}: {reason}", flag, "the path of a file that can be read") from error

    def text(self, path: str, flag: str) -> str:
        """A text file's content."""
        try:
            return self.file(path, flag).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise refuse(f"{path} is not a text file (UTF-8).", flag) from None

    def absolute(self, path: str) -> str:
        """A path relative to the current folder made absolute."""
        return os.path.normpath(os.path.join(self.folder or os.getcwd(), path))


def newer(since: str, version: str) -> bool:
    """Whether ``since`` is beyond the API version of the engine; an unknown version is new enough."""
    return bool(version) and _numbers(since) > _numbers(version)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))
