"""A form that is opened from where its name was wanted, and leads back there."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass, field

from tui.forms.model import Form
from tui.forms.registry import form_place
from tui.forms.spec import Values
from tui.places import Place


def network_place(name: str) -> Place:
    """The form of a new network that services can have, with its name filled in."""
    return form_place("network-create", line=shlex.join(["docker", "network", "create", "--driver", "overlay", name]))


@dataclass(slots=True)
class Errand:
    """One thing that is made because another one wants it."""

    place: Place
    """The form that makes it, and what fills that."""
    made: Callable[[str], None]
    """Called with the name it got, once one is back."""
    left: Callable[[], None] = lambda: None
    """Called where one is back and it was not made."""
    wanted_at: Place | None = None
    """Where one is back."""
    form: Form | None = None
    """The form that makes it, once it is open."""
    aside: Values = field(default_factory=dict)
    """What that form held before as a draft of its own."""
