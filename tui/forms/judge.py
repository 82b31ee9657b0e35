"""What is wrong with a form, field by field, while it is typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from backends.change.checks import as_finding, check
from backends.change.finding import Finding, Severity
from backends.change.flag_error import BadValue, FlagError
from backends.change.line import render
from backends.change.pflags import value_error
from backends.change.redaction import HIDDEN
from backends.change.requests import Request
from backends.change.surroundings import newer
from tui.forms.fields import Field, Shape, all_fields
from tui.forms.spec import FormView, Values
from tui.forms.values import build

#: How often what cannot be compiled is left out, to find what else is wrong.
_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found."""

    view: FormView
    """The same view with request and findings in it; flags of findings are names of fields."""
    request: Request | None
    """What would be sent; ``None`` while something keeps it from being a request."""
    line: str
    """The docker line that it equals, with what is still wrong in it."""
    missing: tuple[str, ...]
    """Fields that are needed and empty."""
    rows: Mapping[tuple[str, int], Finding]
    """What is wrong with one of several values: (field, number of the value)."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What must be mended first."""
        return tuple(f for f in self.view.findings if f.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What may not be meant."""
        return tuple(f for f in self.view.findings if f.severity is Severity.WARNING)


def judge(view: FormView) -> Judged:
    """Judges the values of a view."""
    spec = view.spec
    fields = all_fields(spec)
    values = dict(view.values)
    found: list[Finding] = []
    rows: dict[tuple[str, int], Finding] = {}
    for name, number, bad in _bad_values(fields, values, view):
        rows[name, number] = bad
        found.append(bad)
    readable = _without(values, {finding.flag for finding in found}, view)
    whole, stood_in = _request(view, values)
    request, _ = _request(view, readable)
    refused: tuple[FlagError, ...] = ()
    for _ in range(_ROUNDS):
        built = build(spec, readable)
        refused = built.errors
        if built.request is not None and spec.compiles is not None:
            refused = tuple(spec.compiles(built.request, view.around))
        if not refused:
            break
        found += [spec.settle(view, _at_field(as_finding(error), fields)) for error in refused]
        blamed = {field_name(error.flag, fields) for error in refused} & set(readable)
        if not blamed:
            break
        readable = _without(readable, blamed, view)
    request = build(spec, readable).request if not refused else None
    seen = replace(view, values=values, request=request, memo={})
    if request is not None:
        found += _checked(seen, request, fields, stood_in)
    seen = replace(seen, findings=_unique(found), memo={})
    own = [_at_field(finding, fields) for finding in spec.checks(seen)]
    seen = replace(seen, findings=_unique([*seen.findings, *own]), memo={})
    sent: Request | None = whole
    line = _line(whole, fields, spec.stand_in, stood_in)
    if spec.build is not None and request is not None:
        made = spec.build(seen, request)
        if isinstance(made, tuple):
            more = [_at_field(as_finding(error), fields) for error in made]
            seen = replace(seen, findings=_unique([*seen.findings, *more]), memo={})
            sent, line = None, ""
        else:
            sent, line = made, _line(made, fields, spec.stand_in, stood_in)
    missing = tuple(name for name in fields if name in stood_in)
    judged = Judged(seen, sent, line, missing, rows)
    return replace(judged, request=None) if judged.errors or missing else judged


def _request(view: FormView, values: Values) -> tuple[Request | None, frozenset[str]]:
    built = build(view.spec, values)
    return built.request, built.stood_in


def _bad_values(fields: Mapping[str, Field], values: Values, view: FormView) -> Iterator[tuple[str, int, Finding]]:
    version = view.known.api_version
    for name, texts in values.items():
        field = fields.get(name)
        flag = field.flag if field is not None else None
        if field is None or flag is None:
            continue
        if newer(flag.since, version):
            sentence = f'"--{name}" requires API version {flag.since}, but the Docker daemon API version is {version}'
            yield name, -1, Finding(sentence, name, Severity.ERROR, "leave it out, or use a newer engine")
            continue
        for number, text in enumerate(texts):
            problem = value_error(flag, text) or _not_a_choice(field, text)
            if problem is not None:
                yield name, number, Finding(_short(problem, flag.spelled), name, Severity.ERROR, problem.instead)


def _short(problem: FlagError, spelled: str) -> str:
    """The reason alone: which field it is about is seen."""
    marker = f'for "{spelled}" flag: '
    _, found, reason = problem.sentence.partition(marker)
    if not found:
        return problem.sentence
    reason = reason.rpartition("parsing ")[2] if reason.startswith("strconv.") else reason
    return f"{reason[:1].upper()}{reason[1:]}"


def _not_a_choice(field: Field, text: str) -> FlagError | None:
    flag = field.flag
    if flag is None or field.shape is not Shape.CHOICE or not flag.choices or text in flag.choices:
        return None
    # The CLI leaves some of these to the engine; the engine refuses them all.
    if text.lower() in flag.choices:
        return None
    return FlagError(f"{text} is none of its values", flag.name, instead=", ".join(flag.choices))


def _without(values: Values, names: Iterable[str], view: FormView) -> dict[str, tuple[str, ...]]:
    """Values without some fields; an edit keeps what they held before."""
    gone = set(names)
    kept = {name: texts for name, texts in values.items() if name not in gone}
    if view.subject is not None:
        kept |= {name: view.subject.saved[name] for name in gone if name in view.subject.saved}
    return kept


def _checked(view: FormView, request: Request, fields: Mapping[str, Field], stood_in: Iterable[str]) -> list[Finding]:
    before = after = None
    if view.spec.pair is not None:
        pair = view.spec.pair(view, request)
        if pair is None:
            return []
        before, after = pair
    if view.spec.build is not None:
        made = view.spec.build(view, request)
        if isinstance(made, tuple):
            return []
        request = made
    try:
        found = check(
            request,
            view.snapshot,
            before=before,
            after=after,
            around=view.around,
            routes=view.known.routes,
        )
    except BadValue as error:
        return [Finding(str(error))]
    gone = set(stood_in)
    placed = (view.spec.settle(view, _at_field(finding, fields)) for finding in found)
    return [at for at in placed if at.flag not in gone]


def _at_field(finding: Finding, fields: Mapping[str, Field]) -> Finding:
    return replace(finding, flag=field_name(finding.flag, fields))


def field_name(flag: str, fields: Mapping[str, Field]) -> str:
    """The field that a flag or argument is typed in; empty where there is none."""
    if flag in fields:
        return flag
    for ending in ("-add", "-rm"):
        if flag.endswith(ending) and flag.removesuffix(ending) in fields:
            return flag.removesuffix(ending)
    same = {"image": "IMAGE", "args": "COMMAND"}.get(flag, "")
    return same if same in fields else ""


def _unique(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each once, the worst first, else in the order found."""
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: -finding.severity))


def _line(
    request: Request | None, fields: Mapping[str, Field], stand_in: Mapping[str, str], stood_in: Iterable[str]
) -> str:
    if request is None:
        return ""
    text = render(request)
    for name in stood_in:
        # As the CLI's usage names it, not as the checks need it.
        text = text.replace(stand_in.get(name, name), name)
    for field in fields.values():
        if field.flag is not None and field.flag.secret:
            for value in request.options.values(field.name):
                text = text.replace(value, HIDDEN) if value else text
    return text
