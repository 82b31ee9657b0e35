"""Tokens as styles in every depth of colour, and how the depth is found."""

from __future__ import annotations

import pytest
from rich.color import Color, ColorSystem

from tui.look.colors import ANSI, INDEX, TRUE, rgb_of_index
from tui.look.themes import theme
from tui.look.tokens import Choice, Depth, detect, palette, prepare, wants_ascii
from tui.text.span import TOKENS

CHOICES = [Choice(depth, dark) for depth in Depth for dark in (True, False)]


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.name)
def test_every_token_has_a_colour_in_every_palette(choice: Choice) -> None:
    # WHEN all tokens are resolved as text and as background THEN none is unknown, and Textual's theme is there too
    for token in TOKENS:
        palette(choice).resolve(f"{token} on_{token} bold")
    theme(choice).to_color_system().generate()


def test_tables_know_the_tokens_and_nothing_else() -> None:
    assert set(TRUE) == set(INDEX) == TOKENS
    assert set(ANSI) <= TOKENS


@pytest.mark.parametrize("style", ["eror", "on_nothing", "bold on"])
def test_a_word_that_is_no_style_is_an_error(style: str) -> None:
    with pytest.raises(KeyError):
        palette(Choice()).resolve(style)


@pytest.mark.parametrize("index", sorted({index for pair in INDEX.values() for index in pair}))
def test_256_colours_reach_the_terminal_with_their_own_index(index: int) -> None:
    # GIVEN the colour that stands for an index on the way through Textual
    color = Color.from_rgb(*rgb_of_index(index))
    # WHEN Rich takes the nearest of 256 THEN it is that index
    assert color.downgrade(ColorSystem.EIGHT_BIT).number == index


def _luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, two: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("side", [0, 1], ids=["dark", "light"])
def test_what_must_be_read_has_contrast(side: int) -> None:
    # GIVEN the tokens that carry words, on what they may stand on
    for back in ("bg", "surf", "sel"):
        for token in ("text", "strong", "muted", "accent", "ok", "chg", "warn", "err"):
            # THEN each has the contrast that WCAG asks of text
            assert _contrast(TRUE[token][side], TRUE[back][side]) >= 4.5, (token, back)


def test_later_words_win_and_attributes_add_up() -> None:
    # GIVEN a row's base and a span's own style
    style = palette(Choice()).resolve("muted on_sel bold err")
    # THEN the span's colour is taken, on the row's background, with all attributes
    assert style.color == Color.parse(TRUE["err"][0])
    assert style.bgcolor == Color.parse(TRUE["sel"][0])
    assert style.bold


def test_faint_text_can_be_read_on_the_cursor() -> None:
    look = palette(Choice())
    assert look.resolve("faint on_sel").color == look.resolve("muted").color


def test_a_chip_is_white_in_both_themes() -> None:
    for dark in (True, False):
        assert palette(Choice(Depth.TRUE, dark)).resolve("strong on_prodbg").color == Color.parse("#ffffff")


def test_without_colour_there_are_only_attributes() -> None:
    # GIVEN no colour
    look = palette(Choice(Depth.MONO))
    styles = {name: look.resolve(name) for name in ("", "err", "faint", "text on_sel", "strong on_prodbg", "ok")}
    # THEN no style has one, and what must stand out is bold, dim or reversed
    assert all(style.color is None and style.bgcolor is None for style in styles.values())
    assert styles["err"].bold
    assert styles["faint"].dim
    assert styles["text on_sel"].reverse
    assert styles["strong on_prodbg"].reverse


def test_with_16_colours_the_cursor_is_reversed_and_has_no_colours_of_its_own() -> None:
    style = palette(Choice(Depth.C16)).resolve("ok on_sel")
    assert style.reverse
    assert style.color == Color.default()


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"TERM": "xterm-256color"}, Depth.C256),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.TRUE),
        ({"TERM": "screen-256color", "COLORTERM": "24bit"}, Depth.TRUE),
        ({"TERM": "xterm-kitty"}, Depth.TRUE),
        ({"TERM": "tmux-direct"}, Depth.TRUE),
        ({"TERM": "xterm"}, Depth.C16),
        ({"TERM": "linux"}, Depth.C16),
        ({"TERM": "dumb"}, Depth.MONO),
        ({"TERM": "xterm-256color", "NO_COLOR": "1", "COLORTERM": "truecolor"}, Depth.MONO),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, Depth.C256),
    ],
)
def test_the_depth_is_what_the_terminal_says(environ: dict[str, str], depth: Depth) -> None:
    assert detect(environ).depth is depth


def test_options_outrank_the_environment() -> None:
    choice = detect({"TERM": "xterm-256color", "NO_COLOR": "1", "COLORFGBG": "0;15"}, theme="dark", color="truecolor")
    assert choice == Choice(Depth.TRUE, dark=True)


@pytest.mark.parametrize(
    ("said", "dark"), [("15;0", True), ("0;15", False), ("15;8", True), ("0;default;7", False), ("", True)]
)
def test_a_light_terminal_is_known_by_colorfgbg(said: str, dark: bool) -> None:
    assert detect({"COLORFGBG": said}).dark is dark


@pytest.mark.parametrize(("theme_option", "color"), [("blue", "auto"), ("auto", "many")])
def test_an_unknown_option_is_refused(theme_option: str, color: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        detect({}, theme_option, color)


def test_textual_is_told_what_we_draw_with() -> None:
    # GIVEN an environment that says no colour WHEN 256 are chosen all the same
    environ = {"NO_COLOR": "1"}
    prepare(Choice(Depth.C256), environ)
    # THEN Textual is told so; and the other way round
    assert environ == {"TEXTUAL_COLOR_SYSTEM": "256"}
    prepare(Choice(Depth.MONO), environ)
    assert environ["NO_COLOR"] == "1"


@pytest.mark.parametrize(
    ("environ", "option", "wanted"),
    [
        ({}, "auto", False),
        ({"LANG": "C"}, "auto", False),
        ({"LANG": "en_US.UTF-8"}, "auto", False),
        ({"LANG": "de_DE.utf8"}, "auto", False),
        ({"LANG": "de_DE.ISO-8859-1"}, "auto", True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "de_DE.ISO-8859-15@euro"}, "auto", True),
        ({"TERM": "linux"}, "auto", True),
        ({"TERM": "linux"}, "no", False),
        ({}, "yes", True),
    ],
)
def test_ascii_is_drawn_where_symbols_cannot_be(environ: dict[str, str], option: str, wanted: bool) -> None:
    assert wants_ascii(environ, option) is wanted
