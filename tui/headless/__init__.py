"""dnet-tui without the screen, for scripts: ``exec``, ``ps``, ``nodes``, ``services``, ``tasks``, ``networks``,
``events``. The same engines, state and words as the user interface; neither Textual nor Rich's printing is read.

Exit codes are part of what scripts rely on: see ``docs/headless.md``.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.cli import Options


def main(options: Options) -> int:
    """Runs the sub-command that ``options`` names; returns the exit code."""
    from tui import cli
    from tui.headless import arguments

    try:
        given = arguments.parse(options)
        if options.help:
            sys.stdout.write(arguments.help_text(options.command))
            return 0
        if options.version:
            sys.stdout.write(f"dnet-tui {cli.VERSION}\n")
            return 0
    except cli.UsageError as problem:
        sys.stderr.write(f"dnet-tui: {problem}\n")
        return 2
    from tui.headless.program import run

    return run(options, given)
