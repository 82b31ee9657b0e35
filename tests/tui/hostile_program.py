"""Shows hostile text on the terminal it is started on; ``python -m tests.tui.hostile_program [COLOR] [ascii]``."""

from __future__ import annotations

import os
import sys

from tui.look.tokens import detect, prepare


def main(arguments: list[str]) -> None:
    """Ends with the first key."""
    colors = [word for word in arguments if word != "ascii"]
    choice = detect(os.environ, color=colors[0] if colors else "auto")
    prepare(choice, os.environ)
    # Only now: Textual reads the environment while it is imported.
    from tests.tui.widget_app import hostile_app

    hostile_app(choice, "ascii" in arguments).run()


if __name__ == "__main__":
    main(sys.argv[1:])
