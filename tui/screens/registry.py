"""Which page shows which view. Pages are imported when they are first opened: most starts need one of them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from tui.places import Place
from tui.screens.page import Page
from tui.tables.spec import TableSpec

#: View id to ``module:class``; every view that is not here is a list.
PAGES: dict[str, str] = {
    "overview": "tui.screens.overview_page:OverviewPage",
    "topology": "tui.screens.topology_page:TopologyPage",
    "describe": "tui.screens.describe_page:DescribePage",
    "why": "tui.screens.why_page:WhyPage",
    "yaml": "tui.screens.yaml_page:YamlPage",
    "logs": "tui.screens.logs_page:LogsPage",
    "help": "tui.screens.help_page:HelpPage",
    "info": "tui.screens.info_page:InfoPage",
    "all": "tui.screens.all_page:AllPage",
    "reach": "tui.screens.reach_page:ReachPage",
    "join": "tui.screens.join_page:JoinPage",
    "tokens": "tui.screens.tokens_page:TokensPage",
    "unlock": "tui.screens.swarm_unlock:UnlockPage",
    "form": "tui.screens.form_page:FormPage",
    "journal": "tui.screens.journal_page:JournalPage",
    "drivers": "tui.screens.drivers_page:DriversPage",
    "rollout": "tui.screens.rollout_page:RolloutPage",
}


def page_id(place: Place) -> str:
    """The page that shows a place; one page serves all lists."""
    return place.view if place.view in PAGES else "list"


def make_page(place: Place, table_of: Callable[[Place], TableSpec[Any]]) -> Page:
    """A new page for a place; an unknown view raises ``LookupError``."""
    if place.view not in PAGES:
        from tui.screens.list_page import ListPage

        return ListPage(place, table_of(place))
    module, _, name = PAGES[place.view].partition(":")
    factory: Callable[[Place], Page] = getattr(import_module(module), name)
    return factory(place)
