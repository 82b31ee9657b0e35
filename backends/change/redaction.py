"""Secrets taken out of what is written down: values of environment names like PASSWORD, TOKEN or KEY, join tokens,
secret data."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from backends.api import Json
from backends.change.requests import Request
from backends.change.steps import Step
from backends.change.verbs import verb_of

#: What stands in place of a value.
HIDDEN = "***"
_NAME = re.compile(
    r"PASS(?:WORD|WD|PHRASE)?|PWD|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|PRIVATE|SIGNATURE|COOKIE|SESSION|SALT|DSN|CONN",
    re.IGNORECASE,
)
#: ``name=value`` of such a name inside of a longer text: volume options, commands, log options.
_INSIDE = re.compile(r"(?P<name>[\w.-]*)=(?P<value>[^\s,;&'\"]+)")
#: ``scheme://user:password@host``.
_URL = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^/\s:@]*:)[^/\s@]+(?=@)", re.IGNORECASE)
#: Join tokens and unlock keys of a Swarm, wherever they stand.
_TOKEN = re.compile(r"SWM(?:TKN|KEY)-[\w-]+")
#: Flags whose values name things of the cluster and are never secrets: ``--constraint node.labels.key==a``.
_NAMING = ("constraint", "placement-pref", "secret", "config")
#: Stands for what is left out while a line is quoted.
_QUOTED = "HIDDEN7f3a"
_BODY_FIELDS = frozenset({"Data", "JoinToken", "UnlockKey", "SigningCAKey"})


def is_secret_name(name: str) -> bool:
    """Whether a value of this name is to be left out."""
    return bool(_NAME.search(name))


def redacted_text(text: str) -> str:
    """A text with the values of such names, and passwords in addresses, left out."""

    def hide(match: re.Match[str]) -> str:
        return f"{match['name']}={HIDDEN}" if is_secret_name(match["name"]) else match[0]

    return _TOKEN.sub(HIDDEN, _INSIDE.sub(hide, _URL.sub(rf"\g<before>{HIDDEN}", text)))


def redacted_line(request: Request) -> str:
    """The docker line of a request without its secrets."""
    verb = verb_of(request)
    words = ["docker", *verb.words]
    for name, values in request.options.items:
        flag = verb.table[name]
        for value in values:
            if flag.is_bool:
                words.append(f"--{name}" if value == "true" else f"--{name}={value}")
            else:
                words += [f"--{name}", HIDDEN if flag.secret else _value(name, value)]
    shown = [word.replace(HIDDEN, _QUOTED) for word in (*words, *_command(request.arguments))]
    return shlex.join(shown).replace(_QUOTED, HIDDEN)


def is_whole(line: str) -> bool:
    """Whether nothing was left out of a written line: it can be run again as it stands."""
    return HIDDEN not in line


def _value(flag: str, value: str) -> str:
    if flag.removesuffix("-add").removesuffix("-rm") in _NAMING:
        return value
    name, given, _ = value.partition("=")
    if given and is_secret_name(name) and "," not in name:
        return f"{name}={HIDDEN}"
    # A publish, mount or network in long form names its own keys; they hold no secrets but in their options.
    return redacted_text(value)


def _command(words: tuple[str, ...]) -> list[str]:
    """Arguments without the word that follows ``--password`` and its like."""
    found: list[str] = []
    hide = False
    for word in words:
        found.append(HIDDEN if hide else redacted_text(word))
        hide = word.startswith("-") and "=" not in word and is_secret_name(word)
    return found


def redacted_step(step: Step) -> dict[str, Json]:
    """``{"method", "path", "body"}`` without secret data; for what is written down. What is sent is the step's own."""
    return {"method": step.method, "path": step.path, "body": redacted_body(step.body)}


def redacted_body(body: Any) -> Any:
    """A request's body without secret data."""
    if isinstance(body, Mapping):
        return {
            key: HIDDEN if key in _BODY_FIELDS and value else _env(value) if key == "Env" else redacted_body(value)
            for key, value in body.items()
        }
    if isinstance(body, list):
        return [redacted_body(member) for member in body]
    return body


def _env(values: Any) -> Any:
    if not isinstance(values, list):
        return values
    return [_value("env", str(value)) for value in values]
