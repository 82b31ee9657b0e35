"""Textual themes that match our palettes, so that its own widgets (inputs, option lists, palette) fit in."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.theme import Theme

from tui.look.colors import rgb_of_index
from tui.look.tokens import Choice, Depth, palette
from tui.text.span import TOKENS

_NAMES16 = (
    *("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"),
    *("bright_black", "bright_red", "bright_green", "bright_yellow"),
    *("bright_blue", "bright_magenta", "bright_cyan", "bright_white"),
)

#: Component colours by state name, so that a skin can change one of them.
STATE_VARIABLES = {
    "task-running": "ok",
    "task-starting": "chg",
    "task-pending": "warn",
    "task-failed": "err",
    "task-complete": "off",
    "service-healthy": "ok",
    "service-updating": "chg",
    "service-pending": "warn",
    "service-failing": "err",
    "node-ready": "ok",
    "node-down": "err",
    "node-drained": "off",
}


def css_color(choice: Choice, token: str) -> str:
    """A token as Textual's style sheets write it: ``#5cb8f5``, or ``ansi_cyan`` with 16 colours and fewer."""
    color = palette(choice).color(token)
    if choice.ansi:
        return "ansi_default" if color.is_default or color.number is None else f"ansi_{_NAMES16[color.number]}"
    red, green, blue = color.get_truecolor()
    return f"#{red:02x}{green:02x}{blue:02x}"


def variables(choice: Choice) -> dict[str, str]:
    """Style sheet variables: ``$d-<token>`` for every token, and states by name (``$task-running``)."""
    return {f"d-{token}": css_color(choice, token) for token in sorted(TOKENS)} | {
        name: css_color(choice, token) for name, token in STATE_VARIABLES.items()
    }


def theme(choice: Choice) -> Theme:
    """The Textual theme of a choice; its name is ``choice.name``."""

    def c(token: str) -> str:
        return css_color(choice, token)

    if choice.depth is Depth.C256:
        red, green, blue = rgb_of_index(25 if choice.dark else 153)
        selection = f"#{red:02x}{green:02x}{blue:02x}"
    else:
        selection = c("accent") if choice.ansi else c("sel")
    # Textual's own ANSI themes name what its generator leaves out; its style sheets fail without these.
    ansi_only = {
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_white",
        # Where no colour is drawn, the style has to say it.
        "block-cursor-text-style": "bold underline" if choice.depth is Depth.MONO else "none",
        "block-cursor-blurred-text-style": "underline" if choice.depth is Depth.MONO else "bold",
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "surface-active": "ansi_default",
    }
    return Theme(
        name=choice.name,
        primary=c("accent"),
        secondary=c("muted"),
        warning=c("warn"),
        error=c("err"),
        success=c("ok"),
        accent=c("accent"),
        foreground=c("text"),
        background=c("bg"),
        surface=c("raised"),
        panel=c("surf"),
        boost=c("field"),
        dark=choice.dark,
        ansi=choice.ansi,
        variables={
            **variables(choice),
            "text": c("text"),
            "text-muted": c("muted"),
            "text-disabled": c("faint"),
            "foreground-muted": c("muted"),
            "foreground-disabled": c("faint"),
            "border": c("accent"),
            "border-blurred": c("line"),
            "block-cursor-foreground": c("strong"),
            "block-cursor-background": c("sel"),
            "block-cursor-text-style": "bold",
            "block-cursor-blurred-foreground": c("text"),
            "block-cursor-blurred-background": c("selx"),
            "block-cursor-blurred-text-style": "none",
            "block-hover-background": c("selx"),
            "scrollbar": c("line"),
            "scrollbar-hover": c("muted"),
            "scrollbar-active": c("accent"),
            "scrollbar-background": c("bg"),
            "scrollbar-background-hover": c("bg"),
            "scrollbar-background-active": c("bg"),
            "scrollbar-corner-color": c("bg"),
            "input-cursor-background": c("text"),
            "input-cursor-foreground": c("onaccent") if choice.ansi else c("bg"),
            "input-cursor-text-style": "reverse" if choice.ansi else "none",
            "input-selection-background": selection,
            "input-selection-foreground": c("onaccent") if choice.ansi else c("strong"),
            "screen-selection-background": selection,
            "screen-selection-foreground": c("onaccent") if choice.ansi else c("strong"),
            "footer-background": c("surf"),
            "footer-key-foreground": c("strong"),
            "footer-description-foreground": c("muted"),
            "link-color": c("text"),
            "link-style": "underline",
            **(ansi_only if choice.ansi else {}),
        },
    )


def install(app: App[Any], choice: Choice) -> None:
    """Registers the theme of a choice with an app and switches to it. The app must have been made with
    ``ansi_color=choice.ansi`` (or set ``app.ansi_color`` when the depth changes)."""
    app.register_theme(theme(choice))
    app.theme = choice.name
