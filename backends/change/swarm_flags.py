"""The flags of ``docker swarm``."""

from __future__ import annotations

from dataclasses import replace

from backends.change import value_types as types
from backends.change.external_ca import EXTERNAL_CA
from backends.change.flags import Flag, FlagTable, Section, Source
from backends.change.sending_flags import QUIET

_ONLY = replace(QUIET, help="Only display token")
_AVAILABILITY = ("active", "pause", "drain")

_ADDRESSES = (
    Flag(
        "advertise-addr",
        types.STRING,
        "Address that other nodes reach this one at (<ip|interface>[:port])",
        Section.ADDRESSES,
        source=Source.ADDRESS,
    ),
    Flag(
        "listen-addr",
        types.LISTEN,
        "Listen address (<ip|interface>[:port])",
        Section.ADDRESSES,
        default="0.0.0.0:2377",
        source=Source.ADDRESS,
    ),
    Flag(
        "data-path-addr",
        types.STRING,
        "Address or interface to use for data path traffic",
        Section.ADDRESSES,
        since="1.31",
        source=Source.ADDRESS,
    ),
)
_AVAILABLE = Flag(
    "availability",
    types.STRING,
    "Availability of the node",
    Section.BASIC,
    default="active",
    source=Source.CHOICES,
    choices=_AVAILABILITY,
)
_AUTHORITY = (
    Flag(
        "cert-expiry",
        types.DURATION,
        "Validity period for node certificates",
        Section.SWARM,
        default="2160h",
    ),
    Flag(
        "external-ca",
        EXTERNAL_CA,
        "Specifications of one or more certificate signing endpoints",
        Section.SWARM,
        repeatable=True,
    ),
)
_SETTINGS = (
    Flag("task-history-limit", types.INT, "Task history retention limit", Section.SWARM, default="5"),
    Flag("dispatcher-heartbeat", types.DURATION, "Dispatcher heartbeat period", Section.SWARM, default="5s"),
    Flag(
        "max-snapshots",
        types.UINT,
        "Number of additional Raft snapshots to retain",
        Section.SWARM,
        default="0",
        since="1.25",
    ),
    Flag(
        "snapshot-interval",
        types.UINT,
        "Number of log entries between Raft snapshots",
        Section.SWARM,
        default="10000",
        since="1.25",
    ),
    *_AUTHORITY,
)

INIT = FlagTable(
    (
        *_ADDRESSES,
        Flag(
            "data-path-port",
            types.UINT32,
            "Port number to use for data path traffic (1024 to 49151)",
            Section.ADDRESSES,
            default="4789",
            since="1.40",
        ),
        Flag(
            "default-addr-pool",
            types.CIDRS,
            "Default address pool in CIDR format",
            Section.ADDRESSES,
            repeatable=True,
            default="10.0.0.0/8",
            since="1.39",
            source=Source.SUBNET,
        ),
        Flag(
            "default-addr-pool-mask-length",
            types.UINT32,
            "Default address pool subnet mask length",
            Section.ADDRESSES,
            default="24",
            since="1.39",
        ),
        _AVAILABLE,
        Flag(
            "autolock",
            types.BOOL,
            "Enable manager autolocking (requiring an unlock key to start a stopped manager)",
            Section.BASIC,
        ),
        Flag("force-new-cluster", types.BOOL, "Force create a new cluster from current state", Section.BASIC),
        *_SETTINGS,
    )
)
JOIN = FlagTable(
    (
        Flag("token", types.STRING, "Token for entry into the swarm", Section.BASIC, secret=True),
        *_ADDRESSES,
        _AVAILABLE,
    )
)
LEAVE = FlagTable(
    (Flag("force", types.BOOL, "Force this node to leave the swarm, ignoring warnings", Section.SENDING, short="f"),)
)
UPDATE = FlagTable((Flag("autolock", types.BOOL, "Change manager autolocking setting", Section.BASIC), *_SETTINGS))
JOIN_TOKEN = FlagTable((Flag("rotate", types.BOOL, "Rotate join token", Section.BASIC), _ONLY))
UNLOCK = FlagTable(())
UNLOCK_KEY = FlagTable((Flag("rotate", types.BOOL, "Rotate unlock key", Section.BASIC), _ONLY))
CA = FlagTable(
    (
        Flag(
            "rotate",
            types.BOOL,
            "Rotate the swarm CA; where no certificate or key is given, new ones are generated",
            Section.BASIC,
        ),
        Flag(
            "ca-cert",
            types.FILE,
            "Path to the PEM-formatted root CA certificate to use for the new cluster",
            Section.BASIC,
            source=Source.FILE,
        ),
        Flag(
            "ca-key",
            types.FILE,
            "Path to the PEM-formatted root CA key to use for the new cluster",
            Section.BASIC,
            source=Source.FILE,
        ),
        *_AUTHORITY,
        Flag(
            "detach",
            types.BOOL,
            "Exit immediately instead of waiting for the root rotation to converge",
            Section.SENDING,
            short="d",
        ),
        QUIET,
    )
)
