"""Join tokens, the unlock key and what else opens or shuts the Swarm: hidden until asked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from backends.joining.preflight import join_address
from tui.details.join_progress import rule
from tui.frame.titles import keys
from tui.look.symbols import sym
from tui.tables.spec import Moment
from tui.text.ago import duration, plural
from tui.text.fit import wrap, wrap_line
from tui.text.span import BLANK, Line, line

#: Seconds for which a secret is shown.
SHOWN_FOR = 30.0
#: What stands in its place: of one length, whatever the secret's is.
DOTS = "•" * 40
#: What there is, each with how it begins.
WORKER, MANAGER, UNLOCK = "worker", "manager", "unlock"
_PREFIX = {WORKER: "SWMTKN-1-", MANAGER: "SWMTKN-1-", UNLOCK: "SWMKEY-1-"}


@dataclass(frozen=True, slots=True)
class Secrets:
    """What of the page is shown now."""

    which: str = ""
    """Whose secret is shown: ``worker``, ``manager``, ``unlock``; empty is none."""
    value: str = field(default="", repr=False)
    until: float = 0.0
    """When it hides, in seconds since the epoch."""
    problem: str = ""
    """Why it could not be asked."""


def tokens_rows(secrets: Secrets, moment: Moment, cells: int) -> list[Line]:
    """The page at a width."""
    snapshot, shown = moment.snapshot, partial(_key, moment)
    address = join_address(snapshot)
    room = max(20, cells - 4)
    out: list[Line] = [BLANK]
    told = f"Whoever has a token and reaches {address or 'a manager'} can add a machine to this swarm."
    out += [((f"  {text}", "strong bold"),) for text in wrap(told, room)]
    if secrets.problem:
        out += [BLANK, *(((f"  {text}", "err"),) for text in wrap(f"{sym('fail')} {secrets.problem}", room))]
    for which, title, name, show, copy in (
        (WORKER, "To join as a worker", "worker", "w", "c"),
        (MANAGER, "To join as a manager", "manager", "m", "C"),
    ):
        out += _secret(which, title, shown("show-" + name, show), secrets, moment, cells)
        joins = f"docker swarm join --token ••• {address}".rstrip()
        out += _fact("line", line(joins, "   ", keys((shown("copy-" + name, copy), "copies it whole"))), room)
    autolock = snapshot.swarm is not None and snapshot.swarm.autolock
    if autolock:
        out += _secret(
            UNLOCK, "To unlock a manager that was restarted", shown("show-unlock", "u"), secrets, moment, cells
        )
        out += _fact("copy", line(keys((shown("copy-unlock", "k"), "copies it without showing"))), room)
    out += _rotate(autolock, moment, cells)
    out += _swarm(autolock, moment, cells)
    return out


def _key(moment: Moment, name: str, default: str) -> str:
    """How the key of an action of the page is shown now."""
    return moment.keys.get(f"tokens.{name}", default)


def _secret(which: str, title: str, show: str, secrets: Secrets, moment: Moment, cells: int) -> list[Line]:
    here = secrets.which == which
    left = max(0, min(round(SHOWN_FOR), round(secrets.until - moment.now)))
    out: list[Line] = [BLANK, rule(title, f"shown, hides in {left} s" if here else "hidden", cells)]
    label = "key" if which == UNLOCK else "token"
    if not here:
        text = line((_PREFIX[which] + DOTS, "muted"), "  ", keys((show, "shows it")))
        return [*out, *_fact(label, text, cells)]
    room = max(20, cells - 16)
    # A secret is never broken at blanks: there are none in it.
    parts = [secrets.value[at : at + room] for at in range(0, len(secrets.value), room)]
    for number, part in enumerate(parts):
        out.append(line(((label if number == 0 else "").ljust(11).rjust(13), "muted"), " ", (part, "strong bold")))
    return out


def _fact(label: str, value: Line, cells: int) -> list[Line]:
    rows = wrap_line(value, max(20, cells - 14))
    return [line((f"  {label if number == 0 else '':<11} ", "muted"), *row) for number, row in enumerate(rows)]


def _rotate(autolock: bool, moment: Moment, cells: int) -> list[Line]:
    nodes = len(moment.snapshot.nodes)
    room = max(20, cells - 4)
    out: list[Line] = [BLANK, rule("Rotate", "makes a new one; the old one ends at once", cells)]
    shown = partial(_key, moment)
    pairs = [(shown("rotate-worker", "r"), "worker token"), (shown("rotate-manager", "R"), "manager token")]
    pairs += [(shown("rotate-unlock", "U"), "unlock key")] if autolock else []
    out += _fact("key", line(keys(*pairs, (shown("authority", "A"), "certificate authority"))), room)
    stays = f"all {plural(nodes, 'node')}: a token is needed only to join, never afterwards"
    out += _fact("stays", line(stays), room)
    ends = "lines with the old token in scripts and notes, and attempts to join that are under way"
    out += _fact("ends", line(ends), room)
    return out


def _swarm(autolock: bool, moment: Moment, cells: int) -> list[Line]:
    swarm = moment.snapshot.swarm
    room = max(20, cells - 4)
    out: list[Line] = [BLANK, rule("This swarm", "", cells)]
    turns = _key(moment, "autolock", "L")
    if autolock:
        told = line(
            (f"{sym('check')} ", "ok"), "on: a restarted manager asks for the key   ", keys((turns, "turns it off"))
        )
    else:
        told = line("off: a restarted manager asks for no key   ", keys((turns, "turns it on")))
    out += _fact("autolock", told, room)
    if swarm is not None:
        settings = (
            f"task history {swarm.task_history}, heartbeat {swarm.heartbeat:g} s, certificates "
            f"{duration(swarm.cert_expiry)}   "
        )
        out += _fact("settings", line(settings, keys((_key(moment, "settings", "E"), "edits"))), room)
        if swarm.root_rotation:
            out += _fact("authority", line((f"{sym('changing')} ", "chg"), "a rotation is under way"), room)
        elif swarm.ca_expires is not None:
            left = swarm.ca_expires - moment.now
            style = "warn" if left < 30 * 86400 else ""
            valid = f"valid for {duration(left)}   " if left > 0 else "expired   "
            out += _fact("authority", line((valid, style), keys((_key(moment, "authority", "A"), "rotates it"))), room)
    out += _fact(
        "leave", line("takes this node out, after its plan   ", keys((_key(moment, "leave", "X"), "plans it"))), room
    )
    return out


def secret_of(answer: object, which: str) -> str:
    """The secret in the engine's answer to ``GET /swarm`` or ``GET /swarm/unlockkey``; empty where it has none."""
    if not isinstance(answer, Mapping):
        return ""
    if which == UNLOCK:
        return str(answer.get("UnlockKey") or "")
    tokens = answer.get("JoinTokens")
    return str(tokens.get(which.capitalize()) or "") if isinstance(tokens, Mapping) else ""


def copied(which: str, secret: str, moment: Moment) -> str:
    """What is copied: the whole docker line, or the key."""
    if which == UNLOCK:
        return secret
    return f"docker swarm join --token {secret} {join_address(moment.snapshot)}".rstrip()
