"""Host keys, checked as strictly as OpenSSH does with ``StrictHostKeyChecking yes``, and remembered where it looks.

The format of known_hosts is that of sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". Lines are matched here rather than by
asyncssh because we must be able to say which line of which file holds the old key, because one malformed line must
not take all the others with it, and because only the lines that match are worth parsing a key for.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backends.errors import HostKeyChanged, HostKeyRefused, HostKeyRevoked, HostKeyUnknown, Unreachable
from backends.ssh.patterns import matches
from backends.ssh.target import Target

if TYPE_CHECKING:
    from asyncssh import SSHKey

_KRL = b"SSHKRL\n\0"
_MOST_KNOWN_AS = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a known_hosts file, its key not parsed yet. ``marker`` is ``cert-authority``, ``revoked`` or
    empty; ``names`` are its patterns as written."""

    file: str
    line: int
    marker: str
    names: str
    key: str


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known of one host. ``under_port`` are the lines that name its port where that is not 22: only those
    can prove a change."""

    keys: tuple[SSHKey, ...]
    authorities: tuple[SSHKey, ...]
    revoked: tuple[SSHKey, ...]
    own: tuple[tuple[Entry, SSHKey], ...]

    def algorithms(self, wanted: Sequence[str]) -> list[str]:
        """Host key algorithms to offer. Known types come first, so that a host with several keys shows the one
        that is known; the others follow, so that a changed type is seen as a change and not as a failure."""
        from asyncssh.public_key import get_default_certificate_algs, get_default_public_key_algs

        certificates = [name.decode() for name in get_default_certificate_algs()]
        plain = [name.decode() for name in get_default_public_key_algs()]
        if wanted:
            certificates = [name for name in wanted if name in certificates]
            plain = [name for name in wanted if name in plain] or plain
        known = [name.decode() for key in self.keys for name in key.sig_algorithms]
        first = [name for name in plain if name in known]
        ordered = [*first, *(name for name in plain if name not in known)]
        return [*certificates, *ordered] if self.authorities else ordered


class KnownHosts:
    """All known_hosts files, read again only where one has changed."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[tuple[int, int], tuple[Entry, ...]]] = {}

    def trust(self, target: Target) -> Trust:
        """What the target's files say about it. Raises ``Unreachable`` where its list of revoked keys cannot be
        read: OpenSSH refuses every host then."""
        keys: list[SSHKey] = []
        authorities: list[SSHKey] = []
        revoked: list[SSHKey] = list(_revoked(target))
        own: list[tuple[Entry, SSHKey]] = []
        for name in dict.fromkeys((target.key_name, target.host_key_alias or target.host)):
            for entry in self._matching(target, name):
                key = _key(entry.key)
                if key is None:
                    continue
                if entry.marker == "revoked":
                    revoked.append(key)
                elif entry.marker == "cert-authority":
                    authorities.append(key)
                else:
                    keys.append(key)
                    if name == target.key_name:
                        own.append((entry, key))
            if keys or authorities:
                break
        return Trust(tuple(keys), tuple(authorities), tuple(revoked), tuple(own))

    def refusal(self, target: Target, trust: Trust, shown: SSHKey, original: str = "") -> HostKeyRefused:
        """Why a shown key that is not trusted is refused: revoked, changed or unknown."""
        fingerprint, algorithm = shown.get_fingerprint(), shown.get_algorithm()
        files = (*target.known_hosts, *target.system_known_hosts)
        if shown in trust.revoked:
            return HostKeyRevoked(
                f"The host key that {target.key_name} shows is marked as revoked.",
                hint="Whoever revoked it holds it for stolen. Leave that machine alone, and ask them.",
                original=original,
                fingerprint=fingerprint,
                algorithm=algorithm,
                files=files,
            )
        known_as = self._known_as(target, shown)
        same_type = [found for found in trust.own if found[1].algorithm == shown.algorithm]
        for entry, key in same_type or trust.own:
            return HostKeyChanged(
                f"The host key of {target.key_name} has changed: it is not connected, and nothing was sent to it.",
                hint=f"If the machine was set up anew, take the old key out: ssh-keygen -R '{target.key_name}'"
                f" -f {entry.file}",
                original=original,
                old_fingerprint=key.get_fingerprint(),
                old_algorithm=key.get_algorithm(),
                file=entry.file,
                line=entry.line,
                known_as=known_as,
                fingerprint=fingerprint,
                algorithm=algorithm,
                files=files,
            )
        return HostKeyUnknown(
            f"The host key of {target.key_name} is not known here: {fingerprint}.",
            hint="Compare it on the machine itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
            original=original,
            key=shown.export_public_key("openssh").decode().strip(),
            known_as=known_as,
            fingerprint=fingerprint,
            algorithm=algorithm,
            files=files,
        )

    def _matching(self, target: Target, name: str) -> Iterator[Entry]:
        for path in (*target.known_hosts, *target.system_known_hosts):
            for entry in self._entries(path):
                if matches(entry.names, name):
                    yield entry

    def _known_as(self, target: Target, shown: SSHKey) -> tuple[str, ...]:
        """Other hosts with the same key, as far as their names are not hashed."""
        data = shown.export_public_key("openssh").decode().split()[1]
        found: dict[str, None] = {}
        for path in (*target.known_hosts, *target.system_known_hosts):
            for entry in self._entries(path):
                if not entry.marker and data in entry.key and not matches(entry.names, target.key_name):
                    name = "a hashed name" if entry.names.startswith("|") else entry.names
                    found[f"{name} ({path} line {entry.line})"] = None
        return tuple(found)[:_MOST_KNOWN_AS]

    def _entries(self, path: str) -> tuple[Entry, ...]:
        try:
            status = os.stat(path)
            if not stat.S_ISREG(status.st_mode):
                return ()
            stamp = (status.st_mtime_ns, status.st_size)
            found = self._files.get(path)
            if found is None or found[0] != stamp:
                with open(path, encoding="utf-8", errors="replace") as file:
                    found = self._files[path] = (stamp, tuple(_entries(path, file)))
            return found[1]
        except OSError:
            return ()  # as OpenSSH: a file that is not there, or may not be read, knows nothing


def remember(target: Target, key: str) -> str:
    """Appends a host key, a line like ``ssh-ed25519 AAAA…``, to the user's known_hosts, where ssh will find it too.
    Returns the file. Raises ``Unreachable`` where it cannot be written."""
    name = target.key_name
    if not target.known_hosts:
        raise Unreachable("The key cannot be remembered: SSH's configuration names no known_hosts file of yours.")
    path = target.known_hosts[0]
    words = key.split()
    if len(words) < 2 or any(c.isspace() or c in ",*?!|#@" for c in name):
        raise Unreachable(f"{name!r} cannot be written into {path}.")
    line = f"{hashed(name) if target.hash_known_hosts else name} {words[0]} {words[1]}\n"
    try:
        folder = os.path.dirname(path)
        if folder and not os.path.isdir(folder):
            os.makedirs(folder, mode=0o700)
        with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600), "r+b") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Unreachable(
                    f"The key cannot be remembered: SSH's configuration keeps known hosts in {path}.",
                    hint="Correct UserKnownHostsFile for this host.",
                )
            if status.st_size:
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    line = f"\n{line}"
            file.write(line.encode())
    except OSError as error:
        raise Unreachable(f"The key cannot be remembered in {path}: {error.strerror}.", original=str(error)) from error
    return path


def hashed(name: str) -> str:
    """A host name as ``HashKnownHosts`` writes it: ``|1|salt|HMAC-SHA1``."""
    salt = os.urandom(20)
    digest = hmac.new(salt, name.lower().encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


def _entries(path: str, lines: Iterator[str]) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        marker = ""
        if text.startswith("@"):
            marker, _, text = text[1:].partition(" ")
            if marker not in ("cert-authority", "revoked"):
                continue
        parts = text.split(None, 1)
        if len(parts) == 2:
            yield Entry(path, number, marker, parts[0], parts[1])


def _key(text: str) -> SSHKey | None:
    import asyncssh

    try:
        return asyncssh.import_public_key(text)
    except (asyncssh.KeyImportError, ValueError):
        return None  # a type that nobody here can check is as good as no line


def _revoked(target: Target) -> Iterator[SSHKey]:
    for path in target.revoked_keys:
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise Unreachable(
                f"The list of revoked host keys {path} cannot be read: {error.strerror}.",
                hint="As long as RevokedHostKeys names it, no host is trusted.",
                original=str(error),
            ) from error
        if data.startswith(_KRL):
            raise Unreachable(
                f"The list of revoked host keys {path} is a KRL, which cannot be read here.",
                hint="A text file with one public key a line can; see RevokedHostKeys in ssh_config(5).",
            )
        for line in data.decode("utf-8", "replace").splitlines():
            key = _key(line.strip()) if line.strip() and not line.lstrip().startswith("#") else None
            if key is not None:
                yield key
