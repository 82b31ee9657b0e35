"""What OpenSSH itself would do for a host: ``ssh -G`` where ``ssh`` is present, else asyncssh's own reader.

``ssh -G`` knows every option and the system-wide file; asyncssh's reader ignores some and fails a whole file over
others, so it is the second choice, and its errors are shown. Both end as the same ``Settings``.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import re
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from backends.errors import TimedOut, Unreachable
from backends.ssh import library
from backends.ssh.blocks import Blocks

#: Seconds; ``Match exec`` may run anything.
_LIMIT = 10.0
#: At once: one costs 20 ms of a core.
_AT_ONCE = 4
_APPLYING = re.compile(r"debug1: (?P<file>.+) line \d+: Applying options for (?P<host>.+)")
#: Options that may be given several times, or hold several values.
_LISTS = frozenset(
    {
        "identityfile",
        "certificatefile",
        "userknownhostsfile",
        "globalknownhostsfile",
        "revokedhostkeys",
    }
)
_DEFAULT_KEYS = ("id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk")


@dataclass(frozen=True, slots=True)
class Settings:
    """OpenSSH's settings for one host, names in lower case as ``ssh -G`` prints them."""

    values: Mapping[str, tuple[str, ...]]
    origin: str
    """For people: ``~/.ssh/config, Host worker-*``, or ``ssh -G``."""

    def one(self, name: str, default: str = "") -> str:
        """The value of an option; the default where there is none, or ``none``."""
        found = " ".join(self.values.get(name, ()))
        return default if not found or found.lower() == "none" else found

    def several(self, name: str) -> tuple[str, ...]:
        """All values of an option."""
        found = self.values.get(name, ())
        return () if len(found) == 1 and found[0].lower() == "none" else found

    def says(self, name: str, default: bool) -> bool:
        """An option that is ``yes`` or ``no`` (some print ``true``)."""
        found = self.one(name).lower()
        return found in ("yes", "true") if found else default


class SshConfig:
    """Asks once for each (host, user, port) and remembers it until ``forget``."""

    def __init__(self, *, home: Path | None = None, file: Path | None = None, program: str | None = None) -> None:
        """``file`` replaces ``~/.ssh/config`` and the system-wide file; ``program`` is ``ssh``'s path, ``""`` for
        doing without."""
        self._home = home or Path.home()
        self._file = file
        self._program = program
        self._known: dict[tuple[str, str, int], Settings] = {}
        self._blocks: Blocks | None = None
        self._alike: dict[tuple[tuple[bool, ...], str, int], Settings] = {}
        """What was told of one host and holds for all of which the same blocks speak."""
        self._gate = asyncio.Semaphore(_AT_ONCE)

    @property
    def home(self) -> Path:
        """The folder that ``~`` stands for."""
        return self._home

    def forget(self) -> None:
        """Asks anew from now on: the files may have been edited."""
        self._known.clear()
        self._alike.clear()
        self._blocks = None

    async def settings(self, host: str, user: str = "", port: int = 0) -> Settings:
        """The settings for a host that ``names.is_host``. Raises ``Unreachable`` with what is wrong in the
        configuration, or ``TimedOut``."""
        key = (host, user, port)
        async with self._gate:
            if key not in self._known:
                program = shutil.which("ssh") if self._program is None else self._program
                if program:
                    self._known[key] = await self._told(program, host, user, port)
                else:
                    self._known[key] = await self._read(host, user, port)
        return self._known[key]

    async def _told(self, program: str, host: str, user: str, port: int) -> Settings:
        if self._blocks is None:
            self._blocks = Blocks(_ssh_home(self._home), self._file)
        blocks = self._blocks.signature(host)
        if blocks is None:
            return await self._ask(program, host, user, port)
        if (alike := self._alike.get((blocks, user, port))) is not None:
            return replace(alike, values={**alike.values, "host": (host,), "hostname": (host.lower(),)})
        found = await self._ask(program, host, user, port)
        if _nameless(found, host):
            self._alike[blocks, user, port] = found
        return found

    async def _ask(self, program: str, host: str, user: str, port: int) -> Settings:
        words = [program, "-v", "-G"]
        words += ["-F", str(self._file)] if self._file else []
        words += ["-l", user] if user else []
        words += ["-p", str(port)] if port else []
        process = await asyncio.create_subprocess_exec(
            *words,
            "--",
            host,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(_LIMIT):
                output, errors = await process.communicate()
        except TimeoutError as error:
            raise TimedOut(
                f"ssh -G {host} did not answer within {_LIMIT:g} s.", hint="A Match exec in ~/.ssh/config may hang."
            ) from error
        finally:
            if process.returncode is None:
                # With all that a Match exec has started: it has our pipes, too.
                with contextlib.suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        await process.communicate()
        said = errors.decode("utf-8", "replace")
        if process.returncode:
            raise self._broken(_complaint(said))
        return Settings(_parsed(output.decode("utf-8", "replace")), self._origin(said))

    def _origin(self, said: str) -> str:
        """The most telling block that was applied: the first that is not for all hosts."""
        applied = [(m["file"], m["host"]) for m in _APPLYING.finditer(said)]
        for file, host in applied:
            if host.strip() != "*":
                return f"{self.short(file)}, Host {host.strip()}"
        return "ssh -G"

    def short(self, path: str) -> str:
        """A path as people write it: ``~`` for the home folder."""
        home = f"{self._home}{os.sep}"
        return f"~{os.sep}{path.removeprefix(home)}" if path.startswith(home) else path

    def _broken(self, complaint: str) -> Unreachable:
        return Unreachable(
            f"SSH's configuration cannot be used: {complaint}",
            hint="Correct that line; ssh itself stumbles over it too."
            if self._program != ""
            else "Install ssh's own client (openssh-client), which knows every option, or correct that line.",
            original=complaint,
        )

    async def _read(self, host: str, user: str, port: int) -> Settings:
        await library.load()
        from asyncssh.config import SSHClientConfig

        file = self._file or self._home / ".ssh" / "config"
        local = _local_user()
        try:
            found = SSHClientConfig.load(
                None,
                [file] if os.access(file, os.R_OK) else [],
                False,
                False,
                False,
                local,
                user or (),
                host,
                port or (),
            )
            options = found.get_options(False)
        except (OSError, ValueError) as error:
            raise self._broken(f"{self.short(str(file))}: {error}") from error
        values = {name.lower(): _texts(value) for name, value in options.items()}
        values.setdefault("hostname", (host,))
        values.setdefault("user", (user or local,))
        values.setdefault("port", (str(port or 22),))
        values.setdefault("identityfile", tuple(f"~/.ssh/{name}" for name in _DEFAULT_KEYS))
        values.setdefault("userknownhostsfile", ("~/.ssh/known_hosts", "~/.ssh/known_hosts2"))
        values.setdefault("globalknownhostsfile", ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"))
        return Settings(values, self.short(str(file)) if options else "the defaults of SSH")


def _ssh_home(home: Path) -> Path:
    """Where ssh looks for its files: the account's folder, whatever ``HOME`` says."""
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        return home


def _nameless(settings: Settings, host: str) -> bool:
    """Whether the host's name stands in no other option than the two that are its name."""
    name = host.lower()
    own = settings.one("hostname") == name
    rest = (text for key, texts in settings.values.items() if key not in ("host", "hostname") for text in texts)
    return own and not any(name in text.lower() for text in rest)


def _parsed(output: str) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {}
    for line in output.splitlines():
        name, _, value = line.partition(" ")
        name = name.lower()
        if name in ("userknownhostsfile", "globalknownhostsfile"):
            values[name] = tuple(_words(value))
        elif name in _LISTS:
            values[name] = (*values.get(name, ()), value)
        else:
            values.setdefault(name, (value,))
    return values


def _words(text: str) -> Sequence[str]:
    """Words with ``"…"`` kept together, as OpenSSH writes file names that hold blanks."""
    return [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|(\S+)', text)]


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(str(part) for part in value)
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    return () if value is None else (str(value),)


def _complaint(said: str) -> str:
    """The last thing ssh said that is no debug line."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith(("debug", "OpenSSH_"))]
    return (lines[0] if lines else "ssh -G failed without a word").rstrip(".") + "."


def _local_user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def local_user() -> str:
    """The name of who runs this program."""
    return _local_user()
