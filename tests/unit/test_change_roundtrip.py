"""Any line built from the flag tables, parsed, rendered and parsed again, is the same request."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.change.flags import Flag
from backends.change.line import is_change, parse_line, parse_words, render, rendered_words
from backends.change.options import Options
from backends.change.requests import Request, ServiceCreate
from backends.change.verbs import VERBS, Verb, verb_of

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
    for name in names:
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


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_line_rendered_and_read_again_is_the_same_request(verb: Verb, data: st.DataObject) -> None:
    # GIVEN a line of a verb
    words = data.draw(lines(verb))
    first = parse_words(words)
    if verb.name == "secret create" and not isinstance(first, Request):
        return  # a driver and a file exclude each other
    assert isinstance(first, Request)
    # WHEN it is rendered and read again, and once more
    line = render(first)
    second = parse_line(line)
    # THEN it is the same request, and renders the same
    assert second == first
    assert isinstance(second, Request)
    assert render(second) == line
    assert parse_words(rendered_words(first)) == first
    # and it is known for a change
    assert is_change(line)
    assert verb_of(first) is verb


@pytest.mark.parametrize(
    "line",
    [
        "docker service create --name webapp1 -d --network myoverlaynetwork -p 8001:80 hshar/webapp",
        "service create --name webapp1 -d --network myoverlaynetwork -p 8001:80 hshar/webapp",
        "sudo docker service create --name webapp1 -d --network myoverlaynetwork -p 8001:80 hshar/webapp",
        "sudo -E -u root docker service create --name webapp1 -d --network myoverlaynetwork -p8001:80 hshar/webapp",
        "$ docker service create --name=webapp1 -d --network myoverlaynetwork -p 8001:80 hshar/webapp",
        "root@manager:~# docker service create -dp8001:80 --network=myoverlaynetwork --name webapp1 hshar/webapp",
        "[user@host dir]$ docker service create -dp 8001:80 --name webapp1 --network myoverlaynetwork hshar/webapp",
        "docker service create \\\n  --name webapp1 \\\r\n  -d \\ \n  --network 'myoverlaynetwork' -p 8001:80 "
        'hshar/"webapp"  # the web application',
        ": docker service create --name webapp1 -d --network myoverlaynetwork -p 8001:80 hshar/webapp".replace(
            ": ", ":"
        ),
        "docker service create --name webapp1 --detach=1 --network myoverlaynetwork -p 8001:80 -- hshar/webapp\n",
        "docker service create --name x --name webapp1 -d=true --network myoverlaynetwork -p=8001:80 hshar/webapp",
    ],
    ids=range(11),
)
def test_a_line_in_any_dress_is_the_same_request(line: str) -> None:
    # WHEN the seed's line is read with sudo, prompts, line ends, quotes, comments or other spellings
    request = parse_line(line)
    # THEN it is the same request
    given: dict[str, tuple[str, ...]] = {
        "name": ("webapp1",),
        "detach": ("true",),
        "network": ("myoverlaynetwork",),
        "publish": ("8001:80",),
    }
    assert request == ServiceCreate(image="hshar/webapp", options=Options.of(VERBS[ServiceCreate].table, given))


def test_flags_behind_the_image_belong_to_the_command() -> None:
    # WHEN flags follow the image
    request = parse_line("docker service create web:1 sh -c 'sleep 1' --name x")
    # THEN they are words of the command
    assert request == ServiceCreate(image="web:1", command=("sh", "-c", "sleep 1", "--name", "x"))


def test_what_only_looks_is_no_change() -> None:
    # THEN lists and logs are left to others
    for line in ("docker service ls", "docker node ps", "docker logs web", "service inspect web", "", "docker"):
        assert not is_change(line)
    assert is_change("docker service create")
    assert is_change("docker network remove 'unclosed")


def test_every_flag_is_documented_and_placed() -> None:
    # THEN each flag has help and a section, and what it completes with
    for verb in VERBS.values():
        for flag in verb.table.values():
            assert flag.help
            assert flag.section
            assert not flag.choices or shlex.join(flag.choices)
