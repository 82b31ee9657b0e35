"""What engines say of a Swarm's addresses stands at the field that it is about."""

from __future__ import annotations

import pytest

from backends.change.engine_words import explained
from backends.errors import ApiError, Unreachable


@pytest.mark.parametrize(
    ("said", "flag", "words"),
    [
        (
            "could not choose an IP address to advertise since this system has multiple addresses on interface eth0 "
            "(198.18.187.11 and 10.77.0.5) - specify one with --advertise-addr",
            "advertise-addr",
            "several addresses",
        ),
        (
            "advertise address must be a non-zero IP address or network interface (with optional port number)",
            "advertise-addr",
            "no interface of this machine",
        ),
        (
            "manager stopped: failed to listen on remote API address: listen tcp 1.2.3.4:2377: bind: cannot assign "
            "requested address",
            "listen-addr",
            "not one of this machine",
        ),
        (
            "manager stopped: failed to listen on remote API address: listen tcp 0.0.0.0:2377: bind: address already "
            "in use",
            "listen-addr",
            "Something else listens",
        ),
        (
            "data path address must be a non-zero IP address or network interface (without a port number)",
            "data-path-addr",
            "no interface",
        ),
        (
            "must specify a listening address because the address to advertise is not recognized as a system address, "
            "and a system's IP address to use could not be uniquely identified",
            "listen-addr",
            "where to listen",
        ),
        ('invalid CIDR: "10.0.0.0/30". Subnet size is too small for pool: 24', "default-addr-pool-mask-length", ""),
        ("Datapath port number is not in valid range (1024-49151) : 80", "data-path-port", ""),
        ("swarm could not be unlocked: invalid key provided", "", "not the key"),
    ],
)
def test_a_refusal_is_at_its_field_in_words_that_help(said: str, flag: str, words: str) -> None:
    # GIVEN what an engine said on the lab WHEN it is explained
    found = explained(ApiError(said, status=400))
    # THEN it is at its field, in our words
    assert found.flag == flag
    assert words in found.sentence


def test_an_engine_that_is_gone_is_not_taken_for_a_manager_that_refuses() -> None:
    # GIVEN the own engine does not listen, in the words that a manager's closed port has too
    gone = Unreachable("Nothing listens at /var/run/docker.sock.", original="[Errno 111] Connection refused")
    # WHEN it is explained THEN it is the connection that is told of, at no field
    found = explained(gone)
    assert (found.sentence, found.flag) == ("Nothing listens at /var/run/docker.sock.", "")
