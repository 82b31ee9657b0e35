"""Strategies for lines of every verb, made from the flag tables."""

from __future__ import annotations

from hypothesis import strategies as st

from backends.change.flags import Flag
from backends.change.verbs import Verb

#: Texts that a type reads, beyond what can be generated for it.
SAMPLES: dict[str, list[str]] = {
    "bool": ["true", "false"],
    "float": ["0", "0.25", "1e-3", ".5"],
    "duration": ["10s", "1m30s", "0", "1.5h", "100ms", "2µs"],
    "decimal": ["1", "0.5", ".25", "1/2", "1e-1"],
    "bytes": ["64m", "1.5g", "10KiB", "0", "1 gb"],
    "pref": ["spread=node.labels.zone", "spread=a=b"],
    "credential-spec": ["file://c.json", "config://cs", ""],
    "command": ["serve --fast", '"a b" c', "", "a#b", "'x y'"],
    "mount": [
        "type=bind,source=/a b,target=/c,readonly",
        'target=/v,volume-driver=local,volume-opt=type=nfs,"volume-opt=o=addr=1,rw"',
        "type=tmpfs,target=/t,tmpfs-size=64m,tmpfs-mode=1770",
    ],
    "port": ["80", "8080:80/udp", "8000-8002:80-82", "published=8080,target=80,mode=host"],
    "network": ["app", "name=app,alias=www,driver-opt=a=b"],
    "secret": ["a", "source=a,target=/run/x,mode=0400"],
    "config": ["a", "source=a,target=/etc/x,uid=1"],
    "ulimit": ["nofile=1024:2048", "nproc=-1"],
    "filter": ["until=24h", "label!=a"],
    "ipNetSlice": ["10.30.0.0/16", "10.1.0.0/16,10.2.0.0/16"],
    "node-addr": ["10.0.0.1:2377", "eth0", ""],
    "external-ca": ["protocol=cfssl,url=https://x"],
    "strings": ["10.20.0.0/24", "a,b", ""],
    "map": ["a=b", "bare", "a=b=c"],
}
PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)


def texts(flag: Flag) -> st.SearchStrategy[str]:
    """Texts that a flag takes."""
    if flag.choices:
        return st.sampled_from(flag.choices)
    if flag.type.name in SAMPLES:
        return st.sampled_from(SAMPLES[flag.type.name])
    if flag.type.name in ("uint", "uint32", "int"):
        return st.integers(0, 2**31).map(str)
    if flag.type.name == "list" and flag.type.hint:
        known = ["a=1", "a=two words", "10.0.0.1", "db:10.0.0.7", "example.com", "gpu=2", "A=", "x='y'"]
        return st.sampled_from(known).filter(lambda text: _reads(flag, text))
    return PRINTABLE


def _reads(flag: Flag, text: str) -> bool:
    try:
        flag.type.parse(text)
    except ValueError:
        return False
    return True


@st.composite
def lines(draw: st.DrawFn, verb: Verb) -> list[str]:
    """Words of a line of a verb, flags in any order and spelling."""
    words: list[str] = []
    names = draw(st.lists(st.sampled_from(sorted(verb.table)), max_size=8)) if verb.table else []
    for name in names if verb.name != "service create" else _once(_once(names, "mount"), "network"):
        flag, text = verb.table[name], draw(texts(verb.table[name]))
        if flag.is_bool:
            words.append(draw(st.sampled_from([f"--{name}", f"--{name}={text}"])))
        elif flag.short and draw(st.booleans()):
            words += [f"-{flag.short}", text]
        else:
            words += draw(st.sampled_from([[f"--{name}", text], [f"--{name}={text}"]]))
    return ["docker", *verb.words, *words, *draw(arguments(verb))]


@st.composite
def arguments(draw: st.DrawFn, verb: Verb) -> list[str]:
    """Arguments that a verb takes."""
    name = st.sampled_from(["web", "a-b", "two words", "x'y", "ü"])
    if verb.name == "service scale":
        return draw(st.lists(st.sampled_from(["web=3", "db=0"]), min_size=1, max_size=3))
    if verb.name == "swarm join-token":
        return [draw(st.sampled_from(["worker", "manager"]))]
    if verb.name == "service create":
        return [draw(name), *draw(st.lists(PRINTABLE, max_size=3))]
    most = verb.least + 2 if verb.most is None else verb.most
    return draw(st.lists(name, min_size=verb.least, max_size=most))


def _once(names: list[str], name: str) -> list[str]:
    """A flag once at the most: two mounts of one target, and one network twice, are refused."""
    first = names.index(name) if name in names else -1
    return [n for i, n in enumerate(names) if n != name or i == first]
