"""Styles as terminals take them (ECMA-48 SGR), and the shortest way from one to another."""

from __future__ import annotations

from functools import lru_cache

#: (attributes, foreground, background); a colour is its parameters, empty is the terminal's own.
Parts = tuple[frozenset[str], str, str]


@lru_cache(maxsize=1024)
def parts(style: str) -> Parts:
    """What the parameters of a sequence say that follows a reset: ``1;38;5;75;48;5;234``."""
    attributes: set[str] = set()
    colours = {"3": "", "4": ""}
    rest = [word for word in reversed(style.split(";")) if word]
    while rest:
        word = rest.pop()
        if word == "0":
            attributes.clear()
            colours = {"3": "", "4": ""}
        elif word in ("38", "48"):
            size = 1 if rest and rest[-1] == "5" else 3
            taken = [word, *(rest.pop() for _ in range(min(len(rest), size + 1)))]
            colours[word[0]] = ";".join(taken)
        elif word in ("39", "49"):
            colours[word[0]] = ""
        elif (len(word) == 2 and word[0] in "34") or (len(word) == 2 and word[0] == "9"):
            colours["3" if word[0] in "39" else "4"] = word
        elif len(word) == 3 and word.startswith("10"):
            colours["4"] = word
        else:
            attributes.add(word)
    return frozenset(attributes), colours["3"], colours["4"]


@lru_cache(maxsize=4096)
def switch(old: str, new: str) -> str:
    """The sequence that makes of a pen with the style ``old`` one with the style ``new``; both as :func:`parts`."""
    if old == new:
        return ""
    had, front, back = parts(old)
    has, new_front, new_back = parts(new)
    if (had, front, back) == (has, new_front, new_back):
        return ""
    whole = f"\x1b[;{new}m" if new else "\x1b[m"
    if not old:
        return f"\x1b[{new}m"
    if not had <= has:
        return whole
    wanted = sorted(has - had)
    if new_front != front:
        wanted.append(new_front or "39")
    if new_back != back:
        wanted.append(new_back or "49")
    step = f"\x1b[{';'.join(wanted)}m"
    return step if len(step) <= len(whole) else whole
