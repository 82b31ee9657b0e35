"""Any line built from the flag tables, parsed, rendered and parsed again, is the same request."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.change.line import is_change, parse_line, parse_words, render, rendered_words
from backends.change.options import Options
from backends.change.requests import Request, ServiceCreate
from backends.change.verbs import BY_WORDS, VERBS, Verb, verb_of
from tests.unit.change_lines import lines
from tests.unit.change_support import recordings


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


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_each_line_that_was_tried_at_the_docker_cli_comes_back(verb: Verb) -> None:
    # GIVEN lines with each value of each flag, and their requests
    kept = [row["argv"] for row in recordings("cli-tried") if BY_WORDS[tuple(row["argv"][1:3])] is verb]
    read = [found for argv in kept if isinstance(found := parse_words(argv), Request)]
    assert read
    # WHEN they are rendered and read again, as a line and as words
    # THEN they are the same requests, and render the same
    for request in read:
        assert parse_line(render(request)) == request, render(request)
        assert parse_words(rendered_words(request)) == request


def test_no_two_flags_have_one_letter() -> None:
    # THEN each short form is of one flag, and of its own verb
    for verb in VERBS.values():
        letters = [flag.short for flag in verb.table.values() if flag.short]
        assert len(letters) == len(set(letters)), verb.name
