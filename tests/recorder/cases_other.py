"""Lines of the other verbs: networks, the swarm, nodes, secrets and configs, and services beside create and update."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from tests.recorder.cases import Row, row
from tests.recorder.state import BEFORES
from tests.recorder.values import VALUES as V

_CIDRS = [
    *(
        "10.20.0.0/24",
        "10.20.0.9/24",
        "10.20.0.0/24,10.21.0.0/24",
        "2001:db8::/64",
        "10.20.0.0",
        "x",
        "",
        "10.20.0.128/25",
    ),
    *(
        "10.20.0.0/33",
        "10.20.0.0/8",
        '"10.20.0.0/24"',
        "10.20.0.0/24,",
        " 10.20.0.0/24",
        "010.20.0.0/24",
        "::ffff:10.0.0.0/120",
    ),
]
_ADDRESSES = [
    "10.20.0.1",
    "10.20.0.300",
    "2001:db8::1",
    "x",
    "",
    "10.30.0.1",
    "10.20.0.1/24",
    "10.20.0.1,10.21.0.1",
    "host:10.20.0.1",
]
_AUX = [
    "a=10.20.0.5",
    "b=10.20.0.6",
    "a",
    "a=",
    "=10.20.0.5",
    "a=x",
    "",
    "c=2001:db8::9",
    "d=10.30.0.1",
    "a=10.20.0.7",
    "a=b=c",
]
_PAIRS = [
    "a=b",
    "a",
    "a=",
    "",
    "=b",
    "a=b=c",
    "com.docker.network.bridge.name=br1",
    "encrypted",
    "parent=eth0.50",
    "a b=c d",
]
_STRINGS = ["www", "a,b", "", '"a,b"', '"x', "a b", "A", "ü", "a,,b"]
_LISTEN = [
    *(
        "0.0.0.0:2377",
        "10.0.0.1",
        "10.0.0.1:7777",
        "eth0",
        "eth0:2377",
        ":2377",
        "[::1]:2377",
        "::1",
        "",
        "tcp://10.0.0.1:1",
        "x:y",
    ),
    *(
        "udp://a",
        "10.0.0.1:99999",
        "a:b:c",
        "[::1]",
        "tcp://",
        "10.0.0.1:",
        "[fe80::1%eth0]:1",
        "http://x",
        "/a/b",
        "a/b:1",
    ),
]
_PLACES = ["10.0.0.1", "eth0", "eth0:2377", "", "x y", "10.0.0.1:2377"]
_AVAILABLE = ["active", "pause", "drain", "Drain", "DRAIN", "", "x"]
_POOLS = [
    "10.30.0.0/16",
    "10.30.0.0/16,10.31.0.0/16",
    "10.30.0.9/16",
    "x",
    "",
    "2001:db8::/48",
    "10.30.0.0",
    " 10.1.0.0/16",
]
_CAS = [
    *("protocol=cfssl,url=https://x", "protocol=CFSSL,url=https://x,a=b", "url=https://x", "protocol=cfssl", "x", ""),
    *(
        "protocol=foo,url=x",
        "protocol=cfssl,url=https://x,cacert=cert.pem",
        "protocol=cfssl,url=x,cacert=nosuch",
        "protocol=cfssl,url=",
    ),
    *(
        "protocol=cfssl,url=x,cacert=FILE",
        'protocol=cfssl,"url=a,b"',
        "Protocol=cfssl,url=x",
        "protocol=cfssl,url=x,A=b,A=c",
    ),
]
_PEMS = ["cert.pem", "key.pem", "nosuch", "FILE", "", "EMPTY"]
_FILTERS = ["until=24h", "label=a", "label!=a", "label=a=b", "x", "", "UNTIL=1h", "dangling=true", " label = a "]
_SWARM: Mapping[str, Sequence[str]] = {
    "task-history-limit": V["INTEGERS"],
    "dispatcher-heartbeat": V["SPANS"],
    "max-snapshots": V["COUNTS"],
    "snapshot-interval": V["COUNTS"],
    "cert-expiry": V["SPANS"],
    "external-ca": _CAS,
}
_REACHED: Mapping[str, Sequence[str]] = {
    "advertise-addr": _PLACES,
    "listen-addr": _LISTEN,
    "data-path-addr": _PLACES,
    "availability": _AVAILABLE,
}
#: Verb, its flags with values, and what may stand behind them.
VERBS: Sequence[tuple[str, Mapping[str, Sequence[str]], Sequence[Sequence[str]]]] = (
    (
        "network create",
        {
            "driver": ["overlay", "bridge", "macvlan", "", "x y"],
            "subnet": _CIDRS,
            "gateway": _ADDRESSES,
            "ip-range": _CIDRS,
            "aux-address": _AUX,
            "opt": _PAIRS,
            "label": V["LABELS"],
            "ipam-driver": ["default", "", "null"],
            "ipam-opt": _PAIRS,
            "scope": ["swarm", "local", "", "x"],
            "config-from": ["maccfg", ""],
            **dict.fromkeys(("attachable", "internal", "ingress", "config-only", "ipv4", "ipv6"), V["BOOLS"]),
        },
        (["app"], ["app"], ["app"], [], ["a", "b"], [""], ["a b"]),
    ),
    (
        "network connect",
        {
            "alias": _STRINGS,
            "ip": _ADDRESSES,
            "ip6": _ADDRESSES,
            "link-local-ip": _ADDRESSES,
            "link": ["a", "a:b", "a:b:c", "", ":b", "a:"],
            "driver-opt": [*_PAIRS, "a=b,c=d", '"a=b,c"'],
            "gw-priority": V["INTEGERS"],
        },
        (["app", "web"], ["app", "web"], ["app"], ["", "web"], ["app", ""], ["a", "b", "c"], ["a.b", "/c"]),
    ),
    ("network disconnect", {"force": V["BOOLS"]}, (["app", "web"], ["app"], ["", "x"], ["app", "/web"])),
    ("network rm", {"force": V["BOOLS"]}, (["app"], ["a", "b"], [], ["nosuch"], [""], ["nosuch", "app"])),
    ("network remove", {"force": V["BOOLS"]}, (["app"],)),
    ("network prune", {"filter": _FILTERS}, ([], ["x"])),
    (
        "swarm init",
        {
            **_REACHED,
            **_SWARM,
            "data-path-port": [*V["COUNTS"], "1023", "4294967296", "99999"],
            "default-addr-pool": _POOLS,
            "default-addr-pool-mask-length": V["COUNTS"],
            "autolock": V["BOOLS"],
            "force-new-cluster": V["BOOLS"],
        },
        ([], [], [], ["x"]),
    ),
    (
        "swarm join",
        {**_REACHED, "token": ["SWMTKN-1-a-b", "", "x"]},
        (["10.0.0.1:2377"], ["10.0.0.1"], [], ["a", "b"], [""], ["[::1]:2377"]),
    ),
    ("swarm leave", {"force": V["BOOLS"]}, ([], ["x"])),
    ("swarm update", {**_SWARM, "autolock": V["BOOLS"]}, ([], [], [], ["x"])),
    (
        "swarm join-token",
        {"rotate": V["BOOLS"], "quiet": V["BOOLS"]},
        (["worker"], ["manager"], ["x"], [], ["Worker"], ["worker", "manager"]),
    ),
    ("swarm unlock", {}, ([], ["x"])),
    ("swarm unlock-key", {"rotate": V["BOOLS"], "quiet": V["BOOLS"]}, ([], ["x"])),
    (
        "swarm ca",
        {
            "rotate": ["true", "true", *V["BOOLS"]],
            "ca-cert": _PEMS,
            "ca-key": _PEMS,
            "cert-expiry": V["SPANS"],
            "external-ca": _CAS,
            "quiet": V["BOOLS"],
        },
        ([], [], ["x"]),
    ),
    (
        "node update",
        {
            "availability": _AVAILABLE,
            "role": ["worker", "manager", "Manager", "", "x"],
            "label-add": V["LABELS"],
            "label-rm": ["old", "zone", "nosuch", "", "old=1"],
        },
        (["web01"], ["web01"], [], ["a", "b"], [""], ["self"], ["nosuch"]),
    ),
    ("node promote", {}, (["web01"], ["a", "b"], [], ["web01", "web01"], [""], ["self"], ["nosuch", "a"])),
    ("node demote", {}, (["web01"], ["a", "b"], [], ["web01", "web01"], ["nosuch"])),
    ("node rm", {"force": V["BOOLS"]}, (["web01"], ["a", "b"], [], [""], ["self"])),
    (
        "secret create",
        {"label": V["LABELS"], "driver": ["vault", ""], "template-driver": ["golang", "", "x"]},
        (
            ["key", "FILE"],
            ["key", "-"],
            ["key"],
            [],
            ["key", "nosuch"],
            ["key", "EMPTY"],
            ["a", "b", "c"],
            ["", "FILE"],
        ),
    ),
    (
        "config create",
        {"label": V["LABELS"], "template-driver": ["golang", "", "x"]},
        (["conf", "FILE"], ["conf", "-"], ["conf"], [], ["conf", "nosuch"], ["conf", "EMPTY"], ["", "FILE"]),
    ),
    ("secret rm", {}, (["a"], ["a", "b"], [], [""])),
    ("config rm", {}, (["a"], ["a", "b"], [], [""], ["a b"])),
    ("service rm", {}, (["a"], ["a", "b"], [], [""], ["a b"])),
    (
        "service scale",
        {},
        (
            ["web=5"],
            ["web=0", "db=2"],
            ["web"],
            ["web="],
            ["=5"],
            ["web=x"],
            ["web=-1"],
            ["a=b=1"],
            [],
            ["web=010"],
            ["web=18446744073709551616"],
        ),
    ),
    ("service rollback", {"quiet": V["BOOLS"]}, (["web"], [], ["a", "b"], [""])),
)
_SHORT = {
    *(("network create", "driver", "d"), ("network create", "opt", "o"), ("network disconnect", "force", "f")),
    *(("network rm", "force", "f"), ("swarm leave", "force", "f"), ("swarm join-token", "quiet", "q")),
    *(("swarm unlock-key", "quiet", "q"), ("swarm ca", "quiet", "q"), ("node rm", "force", "f")),
    *(("secret create", "label", "l"), ("secret create", "driver", "d"), ("config create", "label", "l")),
    ("service rollback", "quiet", "q"),
}
_ALWAYS = {
    "network prune": ["-f"],
    "swarm ca": ["-d"],
    "service scale": ["-d"],
    "service rollback": ["-d"],
}


def others(count: int, seed: int) -> Iterator[Row]:
    """Each value of each flag by itself, each set of arguments, and ``count`` lines with several flags a verb."""
    dice = random.Random(seed)
    for verb, table, arguments in VERBS:
        for words in dict.fromkeys(map(tuple, arguments)):
            for state in _states(verb):
                yield _line(verb, [], words, dice, state)
        for name, tried in table.items():
            for value in tried:
                yield _line(verb, _spelled(verb, name, value, dice), arguments[0], dice, dice.choice(_states(verb)))
        for _ in range(count if table else 0):
            flags = [
                part
                for name in dice.sample(sorted(table), dice.randint(1, min(5, len(table))))
                for _ in range(dice.choice((1, 1, 1, 2)))
                for part in _spelled(verb, name, _likely(table[name], dice), dice)
            ]
            yield _line(verb, flags, dice.choice(arguments), dice, dice.choice(_states(verb)))


def _likely(values: Sequence[str], dice: random.Random) -> str:
    return values[min(int(dice.random() ** 2 * len(values)), len(values) - 1)]


def _states(verb: str) -> list[dict[str, object]]:
    if verb in ("swarm unlock-key", "swarm update", "swarm join-token"):
        return [{}, {"autolock": True}]
    if verb in ("node promote", "node demote", "node update"):
        return [{}, {"role": "manager"}]
    if verb == "swarm ca":
        return [{}, {"trust_root": "PEM\n"}]
    if verb == "swarm unlock":
        return [{"local_state": state} for state in ("active", "locked", "inactive", "pending")]
    return [{}]


def _spelled(verb: str, name: str, value: str, dice: random.Random) -> list[str]:
    if value == "true" and dice.random() < 0.7:
        return [f"--{name}"]
    short = next((letter for v, n, letter in _SHORT if (v, n) == (verb, name)), "")
    boolean = (VERBS and any(v == verb and table.get(name) is V["BOOLS"] for v, table, _ in VERBS)) or name == "rotate"
    forms = [[f"--{name}={value}"], *([] if boolean else [[f"--{name}", value]])]
    forms += (
        [[f"-{short}={value}"], *([] if boolean or not value else [[f"-{short}{value}"], [f"-{short}", value]])]
        if short
        else []
    )
    return dice.choice(forms)


def _line(verb: str, flags: Sequence[str], words: Sequence[str], dice: random.Random, state: dict[str, object]) -> Row:
    argv = [*verb.split(), *_ALWAYS.get(verb, ()), *flags, *words]
    if words and dice.random() < 0.1:
        argv = [*verb.split(), *words, *_ALWAYS.get(verb, ()), *flags]
    before = dice.randrange(len(BEFORES)) if verb in ("service scale", "service rollback") else None
    return row(argv, dice.choice(("1.50", "1.50", "1.41", "1.45", "1.51")), before, **state)
