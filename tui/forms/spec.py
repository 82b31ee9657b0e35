"""What a form is, declared once, and what its functions see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backends.change.candidates import Candidate, Known
from backends.change.finding import Finding
from backends.change.flag_error import FlagError
from backends.change.flags import Flag, Section
from backends.change.requests import Request
from backends.change.subnets import Route
from backends.change.surroundings import Surroundings
from backends.change.verbs import Verb
from backends.model import Key, Snapshot
from tui.places import Place
from tui.tables.spec import Moment
from tui.text.span import Line

if TYPE_CHECKING:
    from backends.api import Cluster
    from backends.change.outcome import Outcome

#: Values by field: a flag's name without dashes, or an argument in capitals. A field that is empty is absent.
Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a form edits, as it was read; forms that make something new have none."""

    name: str
    saved: Values = field(default_factory=dict)
    """What the fields held when it was read."""
    base: Any = None
    """What building the request needs: the spec as read."""
    version: int = 0
    note: str = ""
    """How it was read, for the foot of the form."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was asked when the form opened; parts that are not known stay empty."""

    routes: Sequence[Route] = ()
    addresses: Sequence[tuple[str, str]] = ()
    """(address, interface) of the machine that the engine is on."""
    extra: Any = None
    """The form's own."""
    subject: Subject | None = None
    """What it edits; the fields then begin with its values."""
    values: Values | None = None
    """What the fields begin with, where it makes something new."""
    note: str = ""
    """What is worth knowing about that, for the foot of the form."""
    problem: str = ""
    """Why it could not be asked, as a sentence."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What ``^o`` puts into a field."""

    words: str
    """What it says: ``8002``, shown as ``^o takes 8002``."""
    values: tuple[str, ...]
    """All values of the field afterwards."""


@dataclass(frozen=True, slots=True)
class FormView:
    """A form at one moment: what verdicts, offers and the side panel are functions of."""

    spec: FormSpec
    values: Values
    moment: Moment
    known: Known
    request: Request | None = None
    """What it comes to so far, without what cannot be read; ``None`` where it comes to nothing."""
    findings: tuple[Finding, ...] = ()
    gathered: Gathered = Gathered()
    here: str = ""
    """The field with the cursor."""
    around: Surroundings = field(default_factory=lambda: Surroundings(environ={}))
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """Where its functions may keep what several of them need; new with each view."""

    @property
    def snapshot(self) -> Snapshot:
        """The cluster as it is known, by the engine that does it."""
        known: Snapshot = self.once("snapshot", lambda: self.spec.standing(self))
        return known

    @property
    def subject(self) -> Subject | None:
        """What is edited."""
        return self.gathered.subject

    def text(self, name: str) -> str:
        """The value of a field that has one; empty where it has none."""
        return self.values.get(name, ("",))[-1]

    def list(self, name: str) -> tuple[str, ...]:
        """All values of a field."""
        return self.values.get(name, ())

    def errors(self, name: str) -> tuple[Finding, ...]:
        """What was found at a field, the worst first."""
        return tuple(one for one in self.findings if one.flag == name)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """A value worked out once for this view."""
        if name not in self.memo:
            self.memo[name] = make()
        return self.memo[name]


#: A line right of a field or below it; ``None`` says nothing.
Verdict = Callable[[FormView], Line | None]
#: What ``^o`` would take at a field.
Offering = Callable[[FormView], Offer | None]


def _no_side(_: FormView, cells: int) -> Sequence[Line]:
    return ()


def _no_checks(_: FormView) -> Sequence[Finding]:
    return ()


def _known(view: FormView) -> Snapshot:
    return view.moment.snapshot


def _same(values: Values) -> Values:
    return values


def _here(_: FormView, finding: Finding) -> Finding:
    return finding


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FormSpec:
    """One form, equal to itself only.

    Names of fields are flag names without dashes, or arguments in capitals (``IMAGE``).
    """

    id: str
    """``service-create``: the argument of its place."""
    verb: Verb
    title: str
    """The last step of its path: ``new service``."""
    view: str
    """The list it belongs to: ``services``."""
    button: str
    """``Create``."""
    essentials: tuple[str, ...]
    """Fields of its first page, in order. An argument that is needed must be among them."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of fields; else the flag's name in words."""
    sections: Mapping[Section, str] = field(default_factory=dict)
    """Titles of sections; else the section's own."""
    placed: Mapping[str, Section] = field(default_factory=dict)
    """Sections of arguments that are not essential."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Fields that cannot be changed, each with the sentence that says why."""
    hidden: frozenset[str] = frozenset()
    """Flags without a field."""
    extra: tuple[Flag, ...] = ()
    """Fields for flags that are not in the verb's table."""
    fold: Callable[[Values], Values] = _same
    """Puts the values of ``extra`` fields into flags of the verb (``mtu`` into ``opt``)."""
    unfold: Callable[[Values], Values] = _same
    """The other way, for a line that fills the form."""
    settle: Callable[[FormView, Finding], Finding] = _here
    """Puts a finding about a flag to the ``extra`` field that its value came from."""
    node: Callable[[FormView], str] = lambda _: ""
    """ID of the node whose engine does it; empty is the one we are on."""
    standing: Callable[[FormView], Snapshot] = _known
    """The cluster as that engine sees it."""
    lists: Mapping[str, Callable[[FormView, str], Sequence[Candidate]]] = field(default_factory=dict)
    """What the list below a field offers for what is typed, in place of what its flag says."""
    begin: Values = field(default_factory=dict)
    """What fields hold in a new form."""
    stand_in: Mapping[str, str] = field(default_factory=dict)
    """Arguments that checks need while they are still empty: what stands for them."""
    choices: Mapping[str, Callable[[FormView], Sequence[Candidate]]] = field(default_factory=dict)
    """Closed choices beside those that flags declare."""
    about: Mapping[str, str] = field(default_factory=dict)
    """Sentences about fields, behind the flag's own help."""
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    below: Mapping[str, Verdict] = field(default_factory=dict)
    offers: Mapping[str, Offering] = field(default_factory=dict)
    side: Callable[[FormView, int], Sequence[Line]] = _no_side
    """The right column at a width in cells."""
    checks: Callable[[FormView], Sequence[Finding]] = _no_checks
    """Findings beside those of ``backends.change.checks``."""
    price: Verdict = lambda _: None
    """What stands beside the button where nothing is wrong: ``3 tasks restart``."""
    compiles: Callable[[Request, Surroundings], Sequence[FlagError]] | None = None
    """What cannot be compiled, at once for all fields; else the first error hides the others."""
    build: Callable[[FormView, Request], Request | tuple[FlagError, ...]] | None = None
    """Makes the request that is sent of the one that the fields are (an edit sends what differs)."""
    pair: Callable[[FormView, Request], tuple[Any, Any] | None] | None = None
    """(spec before, spec after) of an edit, for its checks."""
    gather: Callable[[Cluster, tuple[Key, ...]], Awaitable[Gathered]] | None = None
    """Asked when the form opens; a sentence in ``problem`` where it could not be. Raises nothing."""
    done: Callable[[FormView, Outcome], Place] | None = None
    """Where to go when the engine took it; else back to ``view``."""
    first: str = ""
    """The field that has the cursor when it opens; else the first one."""
    fill: Callable[[FormView, Request], Values | str] | None = None
    """What the fields hold once a pasted line of the verb that it sends is taken in, or why they cannot."""
    rebase: Callable[[FormView, Any, int], Subject] | None = None
    """The same subject as it is there now (its spec and version), where somebody else changed it meanwhile."""
    read: Callable[[FormView], Any] | None = None
    """The spec that an edit began with, so that another one that is there now is noticed."""
    key_of: Callable[[Request, Snapshot], Key | None] | None = None
    """What such a line is about."""

    @property
    def edits(self) -> bool:
        """Whether it changes something that is there."""
        return self.build is not None
