"""Private keys of this machine and of an agent, each offered before anybody is asked for its passphrase.

A server is shown the public half first and says whether it would take it; only then is a passphrase worth asking
for. OpenSSH's key files hold the public half in the clear (PROTOCOL.key), others have it in a ``.pub`` beside them.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import functools
import os
import struct
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backends.ssh.questions import Answers, Question, QuestionKind
from backends.ssh.target import Target

if TYPE_CHECKING:
    from asyncssh import SSHCertificate, SSHKey, SSHKeyPair

_MAGIC = b"openssh-key-v1\0"
#: A private key is some kilobytes; what is bigger is none.
_BIGGEST = 256 * 1024


@dataclass(frozen=True, slots=True)
class Identity:
    """One key file as far as it can be read without a passphrase. ``private`` is ``None`` where it is encrypted, or
    where the file holds a public key only, whose private half an agent may have."""

    path: str
    public: SSHKey | None
    private: SSHKey | None
    certificates: tuple[SSHCertificate, ...]
    encrypted: bool
    data: bytes


class KeyRing:
    """Key files, read once as long as they do not change, and decrypted once for all connections."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._read: dict[str, tuple[tuple[int, int], Identity | None]] = {}
        self._unlocked: dict[tuple[str, bytes], SSHKey] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def identities(self, target: Target) -> list[Identity]:
        """The key files of a target that are there, in order, each with its certificates."""
        found = [await self._identity(path) for path in dict.fromkeys(target.keys)]
        extra = [await self._identity(path) for path in target.certificates]
        certificates = [c for identity in extra if identity for c in identity.certificates]
        made = []
        for identity in found:
            if identity is None:
                continue
            fitting = [c for c in certificates if identity.public and c.key.public_data == identity.public.public_data]
            made.append(_with_certificates(identity, fitting))
        return made

    def unlocked(self, identity: Identity) -> SSHKey | None:
        """The private key, where no passphrase is needed any more."""
        return identity.private or self._unlocked.get((identity.path, identity.data))

    def declined(self, identity: Identity) -> bool:
        """Whether its passphrase was asked for and not given."""
        return self._answers.declined((QuestionKind.PASSPHRASE, identity.path))

    async def unlock(self, identity: Identity, target: Target) -> SSHKey | None:
        """The private key, after asking for the passphrase as often as the person wants; ``None`` where that was
        declined."""
        async with self._locks.setdefault(identity.path, asyncio.Lock()):
            problem = ""
            while self.unlocked(identity) is None:
                question = Question(
                    kind=QuestionKind.PASSPHRASE,
                    what=identity.path,
                    wanted_by=str(target),
                    via=target.via,
                    problem=problem,
                    fingerprint=identity.public.get_fingerprint() if identity.public else "",
                    algorithm=identity.public.get_algorithm() if identity.public else "",
                )
                passphrase = await self._answers.get(question)
                if passphrase is None:
                    return None
                key = await asyncio.to_thread(_decrypted, identity.data, passphrase)
                if key is None:
                    self._answers.drop(question.key)
                    problem = "This passphrase does not open the key."
                else:
                    self._unlocked[identity.path, identity.data] = key
            return self.unlocked(identity)

    async def _identity(self, path: str) -> Identity | None:
        try:
            status = os.stat(path)
        except OSError:
            return None
        stamp = (status.st_mtime_ns, status.st_size)
        found = self._read.get(path)
        if found is None or found[0] != stamp:
            found = self._read[path] = (stamp, await asyncio.to_thread(_identity, path))
        return found[1]


def _identity(path: str) -> Identity | None:
    import asyncssh

    try:
        with open(path, "rb") as file:
            data = file.read(_BIGGEST)
    except OSError:
        return None
    private = public = None
    encrypted = False
    try:
        private = asyncssh.import_private_key(data)
        public = private.convert_to_public()
    except asyncssh.KeyImportError as error:
        encrypted = str(error).startswith("Passphrase")
    except (asyncssh.KeyEncryptionError, ValueError):
        encrypted = True
    certificates = _certificates(path, data)
    if public is None:
        public = _public(path, data) or (certificates[0].key if certificates else None)
    if private is None and not encrypted and public is None and not certificates:
        return None
    return Identity(path, public, private, certificates, encrypted, data)


def _certificates(path: str, data: bytes) -> tuple[SSHCertificate, ...]:
    """The file itself may be one (``CertificateFile``), or have one beside it."""
    import asyncssh

    try:
        return (asyncssh.import_certificate(data),)
    except ValueError:
        pass
    try:
        return (asyncssh.read_certificate(f"{path}-cert.pub"),)
    except (OSError, ValueError):
        return ()


def _public(path: str, data: bytes) -> SSHKey | None:
    import asyncssh

    try:
        return asyncssh.import_public_key(data)
    except ValueError:
        pass
    line = public_line(data)
    if line:
        try:
            return asyncssh.import_public_key(line)
        except ValueError:
            pass
    try:
        return asyncssh.read_public_key(f"{path}.pub")
    except (OSError, ValueError):
        return None


def public_line(data: bytes) -> str:
    """The public half of an OpenSSH private key file as ``algorithm base64``, encrypted or not; empty where it is
    another format."""
    body = data.partition(b"-----BEGIN OPENSSH PRIVATE KEY-----")[2].partition(b"-----END")[0]
    try:
        rest = base64.b64decode(body)
        if not rest.startswith(_MAGIC):
            return ""
        rest = rest[len(_MAGIC) :]
        for _ in range(3):  # cipher, key derivation and its options
            _, rest = _string(rest)
        (count,) = struct.unpack_from(">I", rest)
        if count != 1:
            return ""
        blob, _ = _string(rest[4:])
        algorithm, _ = _string(blob)
        return f"{algorithm.decode('ascii')} {base64.b64encode(blob).decode('ascii')}"
    except (binascii.Error, struct.error, UnicodeDecodeError):
        return ""


def _string(data: bytes) -> tuple[bytes, bytes]:
    (length,) = struct.unpack_from(">I", data)
    if len(data) < 4 + length:
        raise struct.error("cut short")
    return data[4 : 4 + length], data[4 + length :]


def _decrypted(data: bytes, passphrase: str) -> SSHKey | None:
    """Some tenths of a second: the key derivation is slow on purpose."""
    import asyncssh

    try:
        return asyncssh.import_private_key(data, passphrase)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError):
        return None


def _with_certificates(identity: Identity, more: Sequence[SSHCertificate]) -> Identity:
    own = [c for c in identity.certificates if not identity.public or c.key.public_data == identity.public.public_data]
    certificates = {c.public_data: c for c in (*more, *own)}
    return Identity(
        identity.path,
        identity.public,
        identity.private,
        tuple(certificates.values()),
        identity.encrypted,
        identity.data,
    )


Sign = Callable[[bytes, bytes], Awaitable[bytes]]
"""(data, signature algorithm) to signature."""


def offer(public: SSHKey, certificate: SSHCertificate | None, sign: Sign) -> SSHKeyPair:
    """A pair that is offered by its public half, and signs when the server has said that it would take it."""
    return _pair_class()(public, certificate, sign)


@functools.cache
def _pair_class() -> Callable[[SSHKey, SSHCertificate | None, Sign], SSHKeyPair]:
    import asyncssh

    class LatePair(asyncssh.SSHKeyPair):
        """asyncssh awaits ``sign_async`` where a pair has one."""

        _key_type = "local"

        def __init__(self, public: SSHKey, certificate: SSHCertificate | None, sign: Sign) -> None:
            algorithms = public.sig_algorithms
            super().__init__(
                public.algorithm, public.algorithm, algorithms, algorithms, public.public_data, None, certificate
            )
            self._sign = sign

        async def sign_async(self, data: bytes) -> bytes:
            return await self._sign(data, self.sig_algorithm)

    return LatePair
