"""All actions, assembled from the modules of their nouns."""

from __future__ import annotations

from tui.actions.arrange import ARRANGE, Tables, sort_actions
from tui.actions.changing import CHANGING
from tui.actions.form_keys import FORM_KEYS
from tui.actions.forms import FORMS
from tui.actions.journal import JOURNAL
from tui.actions.look import LOOK, PAGE_KEYS
from tui.actions.navigate import EVERYWHERE, MOVES, PANES, VIEW_ACTIONS
from tui.actions.networks import NETWORKS
from tui.actions.opening import OPENING
from tui.actions.page_keys import PAGE_OWN_KEYS
from tui.actions.program import PROGRAM
from tui.actions.reach import REACH
from tui.actions.rollouts import ROLLOUTS
from tui.actions.shell import SHELL
from tui.actions.spec import ActionSpec
from tui.actions.swarm import SWARM

#: Every action but those that sort, which are made from the tables.
ACTIONS: tuple[ActionSpec, ...] = (
    *OPENING,
    *SHELL,
    *REACH,
    *SWARM,
    *CHANGING,
    *JOURNAL,
    *NETWORKS,
    *FORMS,
    *ROLLOUTS,
    *LOOK,
    *PAGE_KEYS,
    *EVERYWHERE,
    *ARRANGE,
    *VIEW_ACTIONS,
    *PANES,
    *MOVES,
    *PROGRAM,
    *FORM_KEYS,
    *PAGE_OWN_KEYS,
)


def actions_for(tables: Tables) -> tuple[ActionSpec, ...]:
    """``ACTIONS``, and those that sort by the columns of ``tables``."""
    return (*ACTIONS, *sort_actions(tables))
