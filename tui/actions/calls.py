"""What actions may ask of the frame by name (``Ui.call``), and what each has to do.

The frame implements every name here and no other; tests on both sides compare with this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from tui.actions.spec import ActionContext

CALLS = MappingProxyType(
    {
        # Cursor and scrolling: of the focused pane, whatever it is.
        "cursor-down": "one row down; a page scrolls",
        "cursor-up": "one row up; a page scrolls",
        "cursor-first": "first row",
        "cursor-last": "last row",
        "page-down": "one screen down",
        "page-up": "one screen up",
        "scroll-left": "columns to the left",
        "scroll-right": "columns to the right",
        "activate": "what enter does on a row that is no object (contexts, drivers)",
        # Panes and frame.
        "next-pane": "focus the next pane",
        "previous-pane": "focus the pane before",
        "detail-size": "detail normal, bigger, off",
        "toggle-wide": "wide columns on or off",
        "palette": "open the command palette",
        "last-view": "the place seen before this one",
        "quit": "end the program",
        "refresh": "list anew what is on screen, and try a lost connection now",
        # Marks of the focused list.
        "mark": "mark or unmark the row under the cursor, and go down",
        "mark-range": "mark from the last mark to the cursor",
        "clear-marks": "unmark all",
        # Pages and lists.
        "save": "write what the focused pane shows to a file, and say which",
        "copy-page": "copy the line under the cursor of a page, or what is selected",
        "copy-command": "copy the equal docker line of the detail",
        "next-match": "next hit of the search",
        "previous-match": "hit before",
        "toggle-json": "the page yaml as JSON, and back",
        "logs-follow": "stop following, or follow again from the end",
        "logs-wrap": "wrap long lines, or cut them",
        "logs-time": "time stamps on or off",
        "logs-since": "show from (argument: 90s, 5m, 2h, 1d, all; without one the next of the usual steps)",
        "logs-matching": "only lines that match the search, or all",
        "logs-source": "of a merged log all replicas, then each alone",
        "logs-mark": "a dashed rule behind the newest line, to find it again",
        "logs-clear": "forget the lines so far",
        # Nodes over SSH.
        "node-try": "try the connection to nodes now (arguments: their ids)",
        "node-keys": "show the host key of a node (argument: its id)",
        "question": "open the first question that waits",
        # One command everywhere.
        "all-again": "run the command of the page again",
        "all-edit": "put the command of the page into the command line",
        "all-differing": "show only lines that differ, or all",
        # The journal of changes.
        "journal-again": "plan the change under the cursor anew",
        "journal-undo": "plan what takes the change under the cursor back",
        # The program.
        "theme": "use a theme (argument: its name)",
        "context": "connect to a docker context (argument: its name)",
        "demo": "switch to the built-in demo cluster",
    }
)


@dataclass(frozen=True, slots=True)
class Calls:
    """The ``run`` of an action that is one named act of the frame; words typed behind its verb go along."""

    name: str

    def __call__(self, context: ActionContext) -> None:
        context.ui.call(self.name, *context.arguments)
