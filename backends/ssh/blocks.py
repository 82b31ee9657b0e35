"""Which blocks of SSH's configuration speak of a host: hosts of which the same ones do have the same settings.

``ssh -G`` costs some 20 ms of a core, so that asking it for each of 300 nodes would take seconds. Only what may be
told for sure is told here; where a file has conditions of another kind (``Match``), each host is asked for by itself.
"""

from __future__ import annotations

import functools
import glob
import os
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from backends.ssh import names

#: The system-wide file; see ssh_config(5).
SYSTEM = Path("/etc/ssh/ssh_config")
#: As deep as ssh follows ``Include`` (``READCONF_MAX_DEPTH`` of readconf.c).
_DEEPEST = 16
#: Options that may tell hosts apart in ways of their own, and the value with which they do not.
_UNCONDITIONAL = {"match": "all", "canonicalizehostname": "no"}
_LINE = re.compile(r"\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*\Z")


class Blocks:
    """All ``Host`` lines of the files that ssh would read, those included by others too, whether or not they count
    where they are included: one line too many only tells hosts apart that are alike."""

    def __init__(self, home: Path, file: Path | None) -> None:
        """``file`` stands for both files, as with ``ssh -F``."""
        self._lists: list[tuple[str, ...]] = []
        self._sure = True
        user = home / ".ssh"
        files = [(file, user)] if file is not None else [(user / "config", user), (SYSTEM, SYSTEM.parent)]
        for path, base in files:
            self._read(path, base, 0)

    def signature(self, host: str) -> tuple[bool, ...] | None:
        """Equal ones mean equal settings, but for the host's name itself; ``None`` where that cannot be told."""
        if not self._sure:
            return None
        return tuple(_speaks_of(patterns, host) for patterns in self._lists)

    def hosts(self) -> tuple[str, ...]:
        """Hosts that are named as such, patterns left out, in their order. What can be no host name is left out too:
        systemd's ``machine/.host`` (``20-systemd-ssh-proxy.conf``, from version 256 on) is this machine itself."""
        return tuple(dict.fromkeys(word for words in self._lists for word in words if names.is_host(word)))

    def _read(self, path: Path, base: Path, depth: int) -> None:
        try:
            text = path.read_text("utf-8", "surrogateescape")
        except FileNotFoundError:
            return
        except (OSError, ValueError):
            self._sure = False
            return
        if depth > _DEEPEST:
            self._sure = False
            return
        for name, words in _lines(text):
            if name == "host":
                self._lists.append(tuple(words))
            elif name in _UNCONDITIONAL:
                self._sure = self._sure and [word.lower() for word in words] == [_UNCONDITIONAL[name]]
            elif name == "include":
                for word in words:
                    self._include(word, base, depth)

    def _include(self, word: str, base: Path, depth: int) -> None:
        if "%" in word or "$" in word:
            self._sure = False
            return
        for found in sorted(glob.glob(str(base / os.path.expanduser(word)))):
            self._read(Path(found), base, depth + 1)


def _lines(text: str) -> Iterator[tuple[str, Sequence[str]]]:
    for line in text.splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        try:
            yield found[1].lower(), shlex.split(found[2], comments=True)
        except ValueError:
            yield "match", ("unreadable",)


def _speaks_of(patterns: Sequence[str], host: str) -> bool:
    """As ``match_hostname`` of OpenSSH's readconf.c: a negated pattern that fits outdoes all others."""
    found = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        if _pattern(pattern.removeprefix("!")).fullmatch(host):
            if negated:
                return False
            found = True
    return found


@functools.lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(character, re.escape(character)) for character in text), re.DOTALL)
