"""Texts that attack a terminal, a markup parser or a layout; the ``hostile`` scenario is made of them."""

from __future__ import annotations

#: What a name, a label or an error may hold. The bell, title and clipboard sequences are what a test looks for.
ATTACKS = (
    "[bold red]brackets[/]",
    "[@click=app.quit]click me[/]",
    "[link=file:///etc/passwd]link[/link]",
    "\x1b[2J\x1b[H\x1b[31mcleared\x1b[0m",
    "\x1b]0;owned title\x07",
    "\x1b]52;c;b3duZWQ=\x07",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31mC1 control\x9c",
    "\x07\x08\x0b\x0c\x0e\x0f\x7f",
    "right\u202eot-tfel\u202c",
    "isolate\u2066\u2067x\u2069",
    "zero\u200bwidth\u200djoin\ufeff",
    "日本語の名前です",
    "한국어 컨테이너",
    "family \U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 flag \U0001f1e9\U0001f1ea",
    "z\u0351\u036b\u0343a\u0332\u034el\u0321\u0353g\u0340o\u0301",
    "tab\tnewline\nreturn\rend",
    "percent %s %n {braces} $(touch /tmp/owned) `id`",
    "replaced \ufffd character",
    "very-long-" + "x" * 3000,
    "",
    " leading and trailing ",
)
