"""What an engine says of addresses when a Swarm is started or joined, each at its field. Texts of 20.10 to 28.5."""

from __future__ import annotations

#: As the table of ``backends.change.engine_words``.
SWARM: tuple[tuple[str, str, str, str], ...] = (
    (
        r"could not choose an IP address to advertise since this system has multiple addresses.*?\((?P<these>[^)]+)\)",
        "advertise-addr",
        "This machine has several addresses: one has to be said at which the others reach it.",
        "the address that the other nodes reach",
    ),
    (
        r"advertise address must be a non-zero IP address",
        "advertise-addr",
        "That is no address and no interface of this machine.",
        "an address or the name of an interface, such as eth0",
    ),
    (
        r"must specify a listening address because the address to advertise is not recognized",
        "listen-addr",
        "The advertised address is not one of this machine: where to listen has to be said as well.",
        "0.0.0.0:2377, or an address of this machine",
    ),
    (
        r"failed to listen on remote API address.*address already in use",
        "listen-addr",
        "Something else listens on that port already.",
        "another port, or end what has it",
    ),
    (
        r"failed to listen on remote API address.*cannot assign requested address",
        "listen-addr",
        "That address is not one of this machine.",
        "0.0.0.0:2377, or an address of this machine",
    ),
    (
        r"data path address must be a non-zero IP address",
        "data-path-addr",
        "That is no address and no interface of this machine, or it has a port.",
        "an address or the name of an interface, without a port",
    ),
    (r"invalid CIDR:.*Subnet size is too small for pool", "default-addr-pool-mask-length", "", "a larger number"),
    (r"Datapath port number is not in valid range", "data-path-port", "", "1024 to 49151"),
    (
        r"swarm could not be unlocked: invalid key|invalid key provided|Invalid key string",
        "",
        "That is not the key.",
        "",
    ),
)
