"""Failed SSH connections in words: one sentence, and what would help."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from backends.errors import AuthRefused, BackendError, Disconnected, HostKeyRefused, TimedOut, Unreachable
from backends.ssh.names import written
from backends.ssh.target import Target

if TYPE_CHECKING:
    from backends.ssh.login import Login

#: Wordings of servers that end a connection because of failed logins (OpenSSH's auth.c; it has no code of its own).
_TOO_MANY = "too many authentication failures"


def place(target: Target) -> str:
    """Where a target is, for sentences: ``10.20.1.25 port 22``, and through what."""
    via = f" through {target.via}" if target.via else ""
    return f"{target.host} port {target.port}{via}"


def explain(target: Target, error: BaseException, login: Login | None, limit: float, said: str = "") -> BackendError:
    """Our error for whatever ended an attempt to connect. ``login`` is ``None`` before the TCP connection stood;
    ``limit`` is how many seconds it had; ``said`` is the last word of a proxy command."""
    import asyncssh

    if isinstance(error, BackendError):
        return error
    original = str(error) or type(error).__name__
    where = place(target)
    if isinstance(error, asyncssh.PermissionDenied) or _TOO_MANY in original.lower():
        return _refused(target, login, original)
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return HostKeyRefused(
            f"The host certificate of {target.key_name} cannot be trusted: {_reason(original, target)}.",
            hint="See @cert-authority in known_hosts, and whether the certificate names this host and is in date.",
            original=original,
        )
    if isinstance(error, TimeoutError) and not isinstance(error, asyncssh.Error):
        return _timed_out(target, original, login, limit)
    if isinstance(error, socket.gaierror):
        return Unreachable(
            f"The name {target.host} cannot be resolved.",
            hint="Give the node's address in its mapping, or a HostName in ~/.ssh/config.",
            original=original,
        )
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return Unreachable(
            f"{where} and this program have no algorithm in common: {original}.",
            hint="An old server may need KexAlgorithms or HostKeyAlgorithms in ~/.ssh/config.",
            original=original,
        )
    if isinstance(error, asyncssh.ChannelOpenError):
        return _jump_refused(target, error, original)
    if isinstance(error, ConnectionRefusedError):
        return Unreachable(
            f"{where} refuses connections.",
            hint="Is sshd running there, and on this port? A port can be set in the mapping.",
            original=original,
        )
    if isinstance(error, (asyncssh.ConnectionLost, ConnectionError)):
        return _hung_up(target, original, login, said)
    if isinstance(error, OSError):
        if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
            return Unreachable(
                f"There is no route to {where}.",
                hint="Is the machine up, and the network on the way?",
                original=original,
            )
        return Unreachable(f"{where} cannot be reached: {error.strerror or original}.", original=original)
    if isinstance(error, asyncssh.Error):
        return Unreachable(
            f"No SSH connection to {where}: {error.reason or original}.",
            hint="Is it sshd that listens on that port? Its log may say more.",
            original=original,
        )
    return Unreachable(f"The connection to {where} failed: {original}.", original=original)


def lost(target: Target, error: BaseException | None) -> Disconnected:
    """Our error for a connection that stood and ended."""
    text = str(error or "")
    if error is None:
        return Disconnected(f"The SSH connection to {target.host} was closed.")
    cut = isinstance(error, TimeoutError) or "keepalive" in text or getattr(error, "errno", 0) == errno.ETIMEDOUT
    why = "it does not answer any more" if cut else "the other side ended it"
    return Disconnected(
        f"The SSH connection to {target.host} was lost: {why}.",
        hint="It is tried again by itself.",
        original=text or type(error).__name__,
    )


def _refused(target: Target, login: Login | None, original: str) -> AuthRefused:
    tried = ", ".join(dict.fromkeys(login.record.tried)) if login else ""
    offered = ", ".join(login.offered) if login else ""
    message = f"{target.host} refuses the login of {target.user}"
    hints = list(login.record.withheld) if login else []
    locked = list(dict.fromkeys(login.record.locked)) if login else []
    for key in locked:
        hints.append(f"The passphrase of {key} was not given; ssh-add {key} unlocks it where an agent runs.")
    if _TOO_MANY in original.lower():
        # It has hung up before all were tried; which of them it saw is not known.
        hints.append(
            "Servers end a login after a few tries (MaxAuthTries): a key in the mapping, or IdentityFile with"
            " IdentitiesOnly in ~/.ssh/config, has only the right one offered."
            " It is not tried again by itself: servers ban for that."
        )
        many = f": it takes no more tries, and what is offered is {tried}." if tried else " after too many tries."
        return AuthRefused(message + many, hint=" ".join(dict.fromkeys(hints)), original=original)
    if tried:
        message += f", after {tried}."
    elif locked:
        keys = "the key" if len(locked) == 1 else "all keys"
        message += f": {keys} for it, {', '.join(locked)}, {'is' if len(locked) == 1 else 'are'} locked."
    else:
        message += ": there was nothing to offer."
    if offered and not tried and not locked:
        hints.append(f"It takes {offered}.")
    if "publickey" in (login.offered if login else ()) and not any("passphrase" in hint for hint in hints):
        hints.append(f"ssh-copy-id {_ssh_words(target)} would install a key there.")
    if tried or not locked:
        hints.append("It is not tried again by itself: servers ban for that.")
    return AuthRefused(message, hint=" ".join(dict.fromkeys(hints)), original=original)


def _ssh_words(target: Target) -> str:
    port = f"-p {target.port} " if target.port != 22 else ""
    return f"{port}{written(target.host, 22, target.user)}"


def _timed_out(target: Target, original: str, login: Login | None, limit: float) -> TimedOut:
    where, seconds = place(target), f"{limit:g} s"
    if original == "name":
        return TimedOut(f"The name {target.host} was not resolved within {seconds}.", hint="Does the resolver answer?")
    if login is None:
        return TimedOut(
            f"No answer from {where} within {seconds}.",
            hint="The machine is down or away, or a firewall drops what is sent to it.",
            original=original,
        )
    if login.phase == "greeting":
        return TimedOut(
            f"{where} takes connections but never says a word.",
            hint="Its sshd hangs or is overloaded, or something else listens on that port.",
            original=original,
        )
    return TimedOut(
        f"The login at {where} was not done within {seconds}.",
        hint="Is its sshd waiting for something?",
        original=original,
    )


def _jump_refused(target: Target, error: object, original: str) -> Unreachable:
    reason = str(getattr(error, "reason", "") or original)
    return Unreachable(
        f"{target.via} does not connect through to {target.host} port {target.port}: {reason}.",
        hint="Its sshd may not allow forwarding (AllowTcpForwarding), or it cannot reach that machine.",
        original=original,
    )


def _hung_up(target: Target, original: str, login: Login | None, said: str) -> Unreachable:
    where = place(target)
    if target.proxy_command:
        return Unreachable(
            f"The proxy command for {target.host} ended{f': {said}' if said else ''}.",
            hint="See ProxyCommand in ~/.ssh/config, and run it by hand.",
            original=said or original,
        )
    if login is not None and login.phase == "login":
        return Unreachable(
            f"{where} ended the connection during the login.", hint="See the log of its sshd.", original=original
        )
    return Unreachable(
        f"{where} takes connections and ends them at once.",
        hint="Its sshd may be full (MaxStartups), or has banned this address for failed logins: wait, and see its log.",
        original=original,
    )


def _reason(original: str, target: Target) -> str:
    return original.removesuffix(f" for host {target.host}").removesuffix(".")
