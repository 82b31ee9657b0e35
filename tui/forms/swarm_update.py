"""``docker swarm update`` as a form that begins with what is set, and sends only what differs."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from backends.api import Cluster
from backends.change.flag_error import BadValue, FlagError
from backends.change.flags import Section
from backends.change.options import Options
from backends.change.outcome import Outcome
from backends.change.part import reach
from backends.change.requests import Request, SwarmUpdate
from backends.change.swarm_flags import UPDATE
from backends.change.verbs import VERBS
from backends.errors import BackendError
from backends.model import Key
from tui.forms.marks import doubt, quiet
from tui.forms.spec import FormSpec, FormView, Gathered, Subject
from tui.forms.swarm_init import ABOUT, LABELS
from tui.forms.swarm_side import settings_side
from tui.places import Place
from tui.text.ago import duration
from tui.text.span import Line

_SECOND = 10**9


def saved_of(spec: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """What the fields hold for a Swarm's spec; what it leaves out is left out."""
    found: dict[str, str] = {}
    for name, path in (
        ("task-history-limit", ("Orchestration", "TaskHistoryRetentionLimit")),
        ("max-snapshots", ("Raft", "KeepOldSnapshots")),
        ("snapshot-interval", ("Raft", "SnapshotInterval")),
    ):
        value = reach(spec, *path)
        if isinstance(value, int):
            found[name] = str(value)
    for name, path in (
        ("dispatcher-heartbeat", ("Dispatcher", "HeartbeatPeriod")),
        ("cert-expiry", ("CAConfig", "NodeCertExpiry")),
    ):
        value = reach(spec, *path)
        if isinstance(value, int) and value:
            found[name] = span(value)
    if reach(spec, "EncryptionConfig", "AutoLockManagers"):
        found["autolock"] = "true"
    return {name: (text,) for name, text in found.items()}


def span(nanoseconds: int) -> str:
    """A span as Docker's flags take it: ``2160h``, ``5s``."""
    for unit, size in (("h", 3600 * _SECOND), ("m", 60 * _SECOND), ("s", _SECOND), ("ms", 10**6)):
        if nanoseconds % size == 0:
            return f"{nanoseconds // size}{unit}"
    return f"{nanoseconds}ns"


async def gather(cluster: Cluster, scope: tuple[Key, ...]) -> Gathered:
    """The settings as they are."""
    try:
        found = await cluster.engine.call("GET", "/swarm")
    except BackendError as error:
        return Gathered(problem=f"{error} {error.hint}".strip())
    spec = found.get("Spec") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(spec, dict):
        return Gathered(problem="The engine's answer holds no swarm.")
    version = int(reach(found, "Version", "Index") or 0)
    note = "Pools and ports are set when a swarm is started, and cannot be changed."
    return Gathered(subject=Subject("the swarm", saved_of(spec), spec, version, note))


def build(view: FormView, wanted: Request) -> Request | tuple[FlagError, ...]:
    """Only what differs from what is set."""
    subject = view.subject
    if subject is None:
        return (FlagError("The settings are not read yet."),)
    given: dict[str, tuple[str, ...]] = {}
    for flag in UPDATE.values():
        before, after = tuple(subject.saved.get(flag.name, ())), tuple(wanted.options.values(flag.name))
        if before == after:
            continue
        if flag.is_bool:
            given[flag.name] = (after or ("false",))[-1:]
        else:
            given[flag.name] = after or ((flag.default,) if flag.default else ())
    return SwarmUpdate(options=Options.of(UPDATE, given))


def _autolock(view: FormView) -> Line | None:
    now = view.text("autolock") == "true"
    before = view.subject is not None and view.subject.saved.get("autolock") == ("true",)
    if now and not before:
        return doubt("then :tokens shows the key: keep it")
    return quiet("managers ask for a key after a restart" if now else "no key is asked for")


def _expiry(view: FormView) -> Line | None:
    text = view.text("cert-expiry")
    try:
        value = UPDATE["cert-expiry"].type.parse(text) if text else 0
    except BadValue:
        return None
    return quiet(duration(value / _SECOND)) if value else None


def _done(view: FormView, outcome: Outcome) -> Place:
    return Place("tokens")


SPEC = FormSpec(
    id="swarm-update",
    verb=VERBS[SwarmUpdate],
    title="settings of the swarm",
    view="nodes",
    button="Update",
    essentials=("autolock", "task-history-limit", "dispatcher-heartbeat", "cert-expiry"),
    labels=LABELS,
    sections=MappingProxyType({Section.SWARM: "Raft, external CA"}),
    about=ABOUT,
    verdicts=MappingProxyType({"autolock": _autolock, "cert-expiry": _expiry}),
    side=settings_side,
    build=build,
    gather=gather,
    done=_done,
)
