"""Names from outside, and the chain of hops as people write it."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from backends.ssh.names import Hop, hop, hops, is_host, is_user, reachable_address, written
from backends.ssh.target import Target


@pytest.mark.parametrize("text", ["worker-1", "a.example.net", "10.0.0.1", "fd00::1", "fe80::1%eth0", "node_7", "7"])
def test_what_may_be_a_host(text: str) -> None:
    assert is_host(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-oProxyCommand=reboot",
        "-worker",
        "a b",
        "a\nb",
        "a\x00b",
        "a\x1b[31m",
        "$(reboot)",
        "`reboot`",
        "a;b",
        "a|b",
        "a&b",
        "a'b",
        'a"b',
        "a/b",
        "a@b",
        "a:22",
        "%h",
        "fe80::1%$(x)",
        "nöde",
        "x" * 300,
    ],
)
def test_what_must_never_come_near_ssh(text: str) -> None:
    assert not is_host(text)


@pytest.mark.parametrize("text", ["root", "ops.team", "a-b_c", "DOMAIN\\user", "user@domain", "0"])
def test_what_may_be_a_user(text: str) -> None:
    assert is_user(text)


@pytest.mark.parametrize("text", ["", "-l", "a b", "a\tb", "$(x)", "a;b", "a'b", "x`y`", "a:b"])
def test_what_is_no_user(text: str) -> None:
    assert not is_user(text)


@pytest.mark.parametrize(
    ("said", "usable"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("10.0.0.1:2377", "10.0.0.1"),
        ("[fd00::1]:2377", "fd00::1"),
        ("fd00::1", "fd00::1"),
        ("0.0.0.0", ""),
        ("0.0.0.0:2377", ""),
        ("127.0.0.1", ""),
        ("::", ""),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("", ""),
        ("-x", ""),
        ("a name", ""),
    ],
)
def test_the_address_that_a_node_gives(said: str, usable: str) -> None:
    assert reachable_address(said) == usable


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("gate", Hop("gate")),
        ("ops@gate", Hop("gate", "ops")),
        ("ops@gate:2222", Hop("gate", "ops", 2222)),
        ("[fd00::1]:22", Hop("fd00::1", "", 22)),
        ("ops@fd00::1", Hop("fd00::1", "ops")),
        ("ssh://ops@gate:2222", Hop("gate", "ops", 2222)),
        ("a@domain@gate", Hop("gate", "a@domain")),
    ],
)
def test_a_hop(text: str, made: Hop) -> None:
    assert hop(text) == made


@pytest.mark.parametrize("text", ["", "-J", "ops@", "gate:x", "gate:99999", "a b", "ops@-x", "$(x)@gate", "[gate"])
def test_what_is_no_hop(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        hop(text)


def test_a_chain_of_hops() -> None:
    assert hops("a,ops@b:23") == (Hop("a"), Hop("b", "ops", 23))
    assert hops("none") == hops("") == ()


@pytest.mark.parametrize(
    ("host", "port", "text"),
    [("a", 22, "u@a"), ("a", 23, "u@a:23"), ("fd00::1", 22, "u@fd00::1"), ("fd00::1", 23, "u@[fd00::1]:23")],
)
def test_a_login_as_it_is_written_reads_back(host: str, port: int, text: str) -> None:
    assert written(host, port, "u") == text
    assert hop(text) == Hop(host, "u", 0 if port == 22 else port)


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("worker-1", 22, "ssh://ops@worker-1"),
        ("worker-1", 2222, "ssh://ops@worker-1:2222"),
        ("fd00::12", 22, "ssh://ops@[fd00::12]"),
        ("fd00::12", 2222, "ssh://ops@[fd00::12]:2222"),
    ],
)
def test_the_address_of_a_target_is_one_that_can_be_given_back(host: str, port: int, url: str) -> None:
    assert Target(host=host, port=port, user="ops").url == url
    assert urlsplit(url).hostname == host
