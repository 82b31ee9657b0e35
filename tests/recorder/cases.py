"""Lines to try: each value of each flag by itself, and many flags together."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.recorder.state import BEFORES
from tests.recorder.values import VALUES as V

Row = dict[str, Any]
CREATE: Mapping[str, Sequence[str]] = {
    "name": V["TEXTS"],
    "mode": V["MODES"],
    "replicas": V["COUNTS"],
    "max-concurrent": V["COUNTS"],
    "replicas-max-per-node": V["COUNTS"],
    "network": V["NETWORKS"],
    "endpoint-mode": V["ENDPOINTS"],
    "publish": V["PORTS"],
    "env": V["ENVS"],
    "env-file": V["ENV_FILES"],
    "mount": V["MOUNTS"],
    "config": V["REFERENCES"],
    "secret": V["REFERENCES"],
    "constraint": V["PLAIN"],
    "placement-pref": V["PREFERENCES"],
    "limit-cpu": V["CPUS"],
    "limit-memory": V["SIZES"],
    "limit-pids": V["INTEGERS"],
    "reserve-cpu": V["CPUS"],
    "reserve-memory": V["SIZES"],
    "generic-resource": V["GENERIC"],
    "health-cmd": V["TEXTS"],
    "health-interval": V["SPANS"],
    "health-timeout": V["SPANS"],
    "health-retries": V["INTEGERS"],
    "health-start-period": V["SPANS"],
    "health-start-interval": V["SPANS"],
    "no-healthcheck": V["BOOLS"],
    "restart-condition": V["CONDITIONS"],
    "restart-delay": V["SPANS"],
    "restart-max-attempts": V["COUNTS"],
    "restart-window": V["SPANS"],
    "dns": V["DNS_SERVERS"],
    "dns-option": V["PLAIN"],
    "dns-search": V["DOMAINS"],
    "host": V["HOSTS"],
    "log-driver": V["TEXTS"],
    "log-opt": V["LOG_OPTIONS"],
    "label": V["LABELS"],
    "container-label": V["LABELS"],
    "cap-add": V["CAPABILITIES"],
    "cap-drop": V["CAPABILITIES"],
    "sysctl": V["SYSCTLS"],
    "ulimit": V["ULIMITS"],
    "oom-score-adj": V["INTEGERS"],
    "credential-spec": V["CREDENTIALS"],
    "isolation": V["TEXTS"],
    "entrypoint": V["COMMANDS"],
    "workdir": V["TEXTS"],
    "user": V["TEXTS"],
    "hostname": V["TEXTS"],
    "tty": V["BOOLS"],
    "init": V["BOOLS"],
    "read-only": V["BOOLS"],
    "stop-signal": V["TEXTS"],
    "stop-grace-period": V["SPANS"],
    "group": V["TEXTS"],
    "quiet": V["BOOLS"],
    "no-resolve-image": V["BOOLS"],
    **{
        f"{prefix}-{name}": values
        for prefix in ("update", "rollback")
        for name, values in (
            ("parallelism", V["COUNTS"]),
            ("delay", V["SPANS"]),
            ("monitor", V["SPANS"]),
            ("failure-action", V["ACTIONS"]),
            ("max-failure-ratio", V["RATIOS"]),
            ("order", V["ORDERS"]),
        )
    },
}
LISTED = (
    *("network", "publish", "env", "mount", "config", "secret", "constraint", "placement-pref", "generic-resource"),
    *("dns", "dns-option", "dns-search", "host", "label", "container-label", "sysctl", "ulimit", "group"),
)
#: What ``-rm`` names beyond the values of ``-add``; what is there in some ``before``, and what is not.
_GONE: Mapping[str, Sequence[str]] = {
    "network": ["front", "back", "nid-front", "nosuch", ""],
    "publish": [
        "80",
        "8080:80",
        "80/udp",
        "81",
        "target=81,mode=host",
        "443",
        "8080-8082:80",
        "x",
        "",
        "target=80,published=1",
    ],
    "env": ["A", "B", "A=1", "NOSUCH", "", "FROM_ENV", "EMPTY"],
    "mount": ["/data", "/t", "/tmp", "/nosuch", "zdata", "", "/anonymous", "/a,/b"],
    "config": ["nginx", "old", "nosuch", "", "/n.conf"],
    "secret": ["web_key", "db_pass", "p", "nosuch", ""],
    "constraint": ["node.role==worker", "node.labels.a==b", "nosuch", "", "node.role == worker"],
    "placement-pref": V["PREFERENCES"],
    "generic-resource": ["gpu", "ssd", "nosuch", "", "gpu=2", "gpu=9"],
    "dns": ["10.0.0.53", "8.8.8.8", "x", ""],
    "dns-option": ["rotate", "ndots:2", "nosuch", ""],
    "dns-search": ["example.test", "nosuch", "", "."],
    "host": [
        "db",
        "db:10.0.0.7",
        "db:1.1.1.1",
        "db2",
        "x",
        "x:1.1.1.1",
        "nosuch",
        "",
        "six",
        "six:::1",
        "six:[::1]",
        "db=10.0.0.7",
        ":",
    ],
    "label": ["tier", "a", "tier=front", "nosuch", ""],
    "container-label": ["build", "build=7", "nosuch", ""],
    "sysctl": ["net.core.somaxconn", "a=b", "a=c", "nosuch", ""],
    "ulimit": ["nofile", "nofile=1", "core", "nosuch", ""],
    "group": ["video", "44", "nosuch", ""],
}
_ONLY_CREATE = ("name", "mode", "env-file", *LISTED)
UPDATE: Mapping[str, Sequence[str]] = {
    **{name: values for name, values in CREATE.items() if name not in _ONLY_CREATE},
    **{f"{name}-add": CREATE[name] for name in LISTED},
    **{f"{name}-rm": _GONE[name] for name in LISTED},
    "image": V["IMAGES"],
    "args": V["COMMANDS"],
    "force": V["BOOLS"],
    "rollback": V["BOOLS"],
}
_SHORT = {"publish": "p", "env": "e", "label": "l", "workdir": "w", "user": "u", "tty": "t", "quiet": "q"}
_BOOL = {name for name, values in {**CREATE, **UPDATE}.items() if values is V["BOOLS"]}
_MANY = {f"{name}{ending}" for name in LISTED for ending in ("", "-add", "-rm")} | {
    "env-file",
    "log-opt",
    "cap-add",
    "cap-drop",
}


def row(argv: Sequence[str], api: str = "1.50", before: int | None = None, **state: Any) -> Row:
    """One line with the engine's state."""
    found: Row = {"argv": ["docker", *argv], "api": api}
    if before is not None:
        found["before"] = before
    return found | ({"with": state} if state else {})


def _spelled(name: str, value: str, dice: random.Random) -> list[str]:
    short = _SHORT.get(name)
    if name in _BOOL:
        plain = [f"-{short}"] if short and dice.random() < 0.5 else [f"--{name}"]
        return plain if value == "true" and dice.random() < 0.7 else [f"--{name}={value}"]
    forms = [[f"--{name}", value], [f"--{name}={value}"]]
    if short:
        forms += [[f"-{short}", value], [f"-{short}={value}"], *([[f"-{short}{value}"]] if value else [])]
    return dice.choice(forms)


def singles() -> Iterator[Row]:
    """Each value of each flag by itself; of ``update`` on each service."""
    dice = random.Random(1)
    for name, tried in CREATE.items():
        for value in tried:
            yield row(["service", "create", "-d", *_spelled(name, value, dice), "web:1"])
    for name, tried in UPDATE.items():
        for i, value in enumerate(tried):
            for before in (0, 1 + i % (len(BEFORES) - 1)):
                yield row(["service", "update", "-d", *_spelled(name, value, dice), "web"], before=before)
    for image in V["IMAGES"]:
        for registry in ("ok", "refused"):
            yield row(["service", "create", "-d", "--", image, "x"], registry=registry)


def combined(count: int, seed: int, wrong: float = 0.03) -> Iterator[Row]:
    """Many flags together, most of them right."""
    dice = random.Random(seed)
    right = {**{n: [x for x in t if _plausible(x)] or t for n, t in {**CREATE, **UPDATE}.items()}}
    for _ in range(count):
        updating = dice.random() < 0.6
        table = UPDATE if updating else CREATE
        names = dice.sample(sorted(table), dice.choice((2, 3, 4, 6, 9)))
        names = [n for n in names if n not in ("rollback", "no-healthcheck", "mode") or dice.random() < 0.2]
        words: list[list[str]] = []
        for name in names:
            for _ in range(dice.choice((1, 1, 2, 3)) if name in _MANY else 1):
                pool = table[name] if dice.random() < wrong else right[name]
                words.append(_spelled(name, dice.choice(pool), dice))
        dice.shuffle(words)
        flat = [part for word in words for part in word]
        api = dice.choice(("1.50", "1.50", "1.50", "1.41", "1.45", "1.51"))
        before = dice.randrange(len(BEFORES))
        if updating:
            argv = ["service", "update", "-d", *flat, "web"]
        else:
            command: list[str] = dice.choice(([], ["sh", "-c", "sleep 1"], ["-x", "--y"]))
            argv = ["service", "create", "-d", *flat, dice.choice(V["IMAGES"][:6]), *command]
        yield row(argv, api, before if updating else None, registry=dice.choice(("ok", "ok", "ok", "refused")))


def _plausible(value: str) -> bool:
    return value not in ("x", "", "bogus", "sideways") and not value.startswith(("=", "missing", "nosuch"))
