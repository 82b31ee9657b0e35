"""Names of keys: as Textual reports them, as people write them, as the footer shows them."""

from __future__ import annotations

from types import MappingProxyType

#: Characters that Textual names by their Unicode name.
SIGNS = MappingProxyType(
    {
        ":": "colon",
        "/": "slash",
        "?": "question_mark",
        "[": "left_square_bracket",
        "]": "right_square_bracket",
        "{": "left_curly_bracket",
        "}": "right_curly_bracket",
        "-": "minus",
        "+": "plus",
        "_": "underscore",
        "!": "exclamation_mark",
        "@": "at",
        "#": "number_sign",
        "*": "asterisk",
        "<": "less_than_sign",
        ">": "greater_than_sign",
        "=": "equals_sign",
        ",": "comma",
        ".": "full_stop",
        ";": "semicolon",
        "\\": "backslash",
        "|": "vertical_line",
        "%": "percent_sign",
        "&": "ampersand",
        "$": "dollar_sign",
        "(": "left_parenthesis",
        ")": "right_parenthesis",
        "'": "apostrophe",
        '"': "quotation_mark",
        "~": "tilde",
        "`": "grave_accent",
        "^": "circumflex_accent",
    }
)
_CHARACTERS = MappingProxyType({name: sign for sign, name in SIGNS.items()})

_SPELLINGS = MappingProxyType(
    {"esc": "escape", "return": "enter", "spacebar": "space", "del": "delete", "pgup": "pageup", "pgdn": "pagedown"}
)
_SHOWN = MappingProxyType(
    {
        "escape": "esc",
        "pageup": "pgup",
        "pagedown": "pgdn",
        "up": "↑",
        "down": "↓",
        "left": "←",
        "right": "→",
        "delete": "del",
    }
)
_NAMED = frozenset(
    {"escape", "enter", "space", "tab", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown"}
    | {"up", "down", "left", "right"}
    | {f"f{number}" for number in range(1, 25)}
)
_MODIFIERS = ("alt", "ctrl", "shift")

#: Keys that mean the same byte in a terminal without the Kitty protocol: right side is what arrives.
_SAME = MappingProxyType(
    {
        "ctrl+@": "ctrl+space",
        "ctrl+at": "ctrl+space",
        "ctrl+i": "tab",
        "ctrl+m": "enter",
        "ctrl+left_square_bracket": "escape",
        "ctrl+4": "ctrl+backslash",
    }
)


def normal(key: str) -> str:
    """One name per key press, whichever protocol the terminal speaks: ``shift+n`` is ``N``, ``ctrl+@`` (the NUL
    byte) is ``ctrl+space``."""
    *modifiers, base = key.split("+")
    if modifiers == ["shift"] and len(base) == 1 and base.isalpha():
        return base.upper()
    if modifiers and len(base) == 1:
        base = base.lower()
    name = "+".join([*sorted(modifiers), base])
    return _SAME.get(name, name)


def parse_key(text: str) -> str:
    """The Textual name of a key as people write it in the configuration: ``^l``, ``ctrl+l``, ``F2``, ``esc``,
    ``?``, ``shift+x``. Raises ``ValueError`` with a sentence where it names no key."""
    written = text.strip()
    if not written:
        raise ValueError("a key is empty; write one like x, ^l, F2 or esc")
    if len(written) == 1:
        return SIGNS.get(written, written)
    if written[0] == "^":
        written = f"ctrl+{written[1:]}"
    *modifiers, base = written.split("+") if not written.endswith("++") else [*written[:-2].split("+"), "+"]
    modifiers = sorted(modifier.lower() for modifier in modifiers)
    unknown = [modifier for modifier in modifiers if modifier not in _MODIFIERS]
    if unknown:
        raise ValueError(f"{text!r} is no key: {unknown[0]!r} is none of alt, ctrl, shift")
    if len(base) == 1:
        base = SIGNS.get(base, base)
    else:
        base = _SPELLINGS.get(base.lower(), base.lower())
        if base not in _NAMED and base not in _CHARACTERS:
            raise ValueError(f"{text!r} is no key; write one like x, ^l, F2 or esc")
    return normal("+".join([*modifiers, base]))


def display(key: str) -> str:
    """How the footer and help show it: ``^l``, ``F2``, ``enter``, ``?``, ``N``."""
    *modifiers, base = normal(key).split("+")
    shown = _CHARACTERS.get(base) or _SHOWN.get(base) or (base.upper() if _is_function(base) else base)
    if "ctrl" in modifiers:
        shown = f"^{shown}"
    rest = [modifier for modifier in modifiers if modifier != "ctrl"]
    return "+".join([*rest, shown])


def _is_function(base: str) -> bool:
    return len(base) > 1 and base[0] == "f" and base[1:].isdigit()
