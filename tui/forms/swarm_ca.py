"""``docker swarm ca --rotate`` as a form: a new authority of the Swarm's own, or one that is given."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from backends.change.outcome import Outcome
from backends.change.requests import SwarmCa
from backends.change.verbs import VERBS
from tui.forms.marks import doubt, quiet
from tui.forms.side import headed
from tui.forms.spec import FormSpec, FormView, Values
from tui.places import Place
from tui.text.ago import duration, plural
from tui.text.fit import wrap
from tui.text.span import BLANK, Line

_TOLD = (
    "Each node gets a new certificate, one after the other, while all goes on running.",
    "Join tokens change: they name the authority. Those that were written down end.",
    "A node that is away meanwhile gets its new one when it is back, as long as its old one is valid.",
)


def side(view: FormView, cells: int) -> Sequence[Line]:
    """What a new authority does."""
    swarm, nodes = view.snapshot.swarm, view.snapshot.nodes
    out: list[Line] = [headed("What it does", quiet(plural(len(nodes), "node")), cells)]
    for text in _TOLD:
        out += [((row, "muted"),) for row in wrap(text, cells)]
    down = [node.name for node in nodes.values() if node.state != "ready"]
    if down:
        out += [BLANK, doubt(f"{plural(len(down), 'node')} away: {', '.join(sorted(down)[:3])}")]
    if swarm is not None and swarm.ca_expires is not None:
        left = swarm.ca_expires - view.moment.now
        out += [BLANK, quiet(f"the root of now is valid for {duration(left)}" if left > 0 else "the root has expired")]
    if swarm is not None and swarm.root_rotation:
        out += [BLANK, doubt("a rotation is under way")]
    return out


def _rotate(values: Values) -> Values:
    """Without it the root certificate would only be shown."""
    return {**values, "rotate": ("true",)}


def _done(view: FormView, outcome: Outcome) -> Place:
    return Place("tokens")


SPEC = FormSpec(
    id="swarm-ca",
    verb=VERBS[SwarmCa],
    title="certificate authority",
    view="nodes",
    button="Rotate",
    essentials=("cert-expiry", "ca-cert", "ca-key", "external-ca"),
    hidden=frozenset({"rotate"}),
    fold=_rotate,
    labels=MappingProxyType(
        {
            "cert-expiry": "Certificates",
            "ca-cert": "Root certificate",
            "ca-key": "Root key",
            "external-ca": "External CA",
            "detach": "Not watched",
            "quiet": "Quiet",
        }
    ),
    about=MappingProxyType(
        {
            "ca-cert": "A file with the new root in PEM; empty has the swarm make one.",
            "ca-key": "The key of that root, in PEM. It goes to the managers over TLS, and into no journal.",
            "external-ca": "protocol=cfssl,url=https://… where another service signs.",
        }
    ),
    side=side,
    done=_done,
)
