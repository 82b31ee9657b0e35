"""Docker lines without the values that nobody may read later: passwords, tokens, keys."""

from __future__ import annotations

import re
import shlex

from backends.change.line import rendered_words
from backends.change.requests import Request
from backends.change.verbs import verb_of

#: What stands for a value that is left out.
LEFT_OUT = "…"
_NAME = r"[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|key|credential)[\w.-]*"
_WHOLE = re.compile(rf"(?is)(-*{_NAME})=(?!=).*")
_WITHIN = re.compile(rf"(?i)({_NAME})=(?!=)[^,\s]*")
_IN_URL = re.compile(r"(://[^/\s:@]+:)[^@\s/]+(?=@)")
_TOKEN = re.compile(r"SWM(?:TKN|KEY)-[\w-]+")
#: Values that name things of the cluster, never secrets: ``--constraint node.labels.key==a``.
_NEVER = frozenset({"constraint", "constraint-add", "constraint-rm", "secret", "secret-add", "config", "config-add"})


def redacted_text(text: str) -> str:
    """A value without what looks like a secret in it."""
    whole = _WHOLE.fullmatch(text)
    if whole is not None:
        return f"{whole[1]}={LEFT_OUT}"
    return _TOKEN.sub(LEFT_OUT, _IN_URL.sub(rf"\1{LEFT_OUT}", _WITHIN.sub(rf"\1={LEFT_OUT}", text)))


def redacted_line(request: Request) -> str:
    """The docker line of a request as it may be shown and kept: values of secret flags, and of names like
    ``PASSWORD``, ``TOKEN`` or ``KEY``, are left out."""
    table = verb_of(request).table
    words: list[str] = []
    before = ""
    for word in rendered_words(request):
        flag = table.get(before.removeprefix("--")) if before.startswith("--") else None
        if flag is not None and flag.secret and not flag.is_bool:
            words.append(LEFT_OUT)
        elif flag is not None and flag.name in _NEVER:
            words.append(word)
        else:
            words.append(redacted_text(word))
        before = word
    return shlex.join(words).replace(f"'{LEFT_OUT}'", LEFT_OUT)
