"""The flags of ``docker network``. Nothing is read back: a network cannot be changed after it is made."""

from __future__ import annotations

from backends.change import value_types as types
from backends.change.flags import Flag, FlagTable, Section, Source

CREATE = FlagTable(
    (
        Flag(
            "driver",
            types.STRING,
            "Driver to manage the Network",
            Section.BASIC,
            short="d",
            default="bridge",
            source=Source.NETWORK_DRIVER,
        ),
        Flag("attachable", types.BOOL, "Enable manual container attachment", Section.BASIC, since="1.25"),
        Flag("internal", types.BOOL, "Restrict external access to the network", Section.BASIC),
        Flag("ingress", types.BOOL, "Create swarm routing-mesh network", Section.BASIC, since="1.29"),
        Flag(
            "scope",
            types.STRING,
            "Control the network's scope",
            Section.BASIC,
            since="1.30",
            source=Source.CHOICES,
            choices=("swarm", "local"),
        ),
        Flag("config-only", types.BOOL, "Create a configuration only network", Section.BASIC, since="1.30"),
        Flag(
            "config-from",
            types.STRING,
            "The network from which to copy the configuration",
            Section.BASIC,
            since="1.30",
            source=Source.NETWORK,
        ),
        Flag(
            "subnet",
            types.STRINGS,
            "Subnet in CIDR format that represents a network segment",
            Section.ADDRESSES,
            repeatable=True,
            source=Source.SUBNET,
        ),
        Flag(
            "gateway",
            types.STRINGS,
            "IPv4 or IPv6 Gateway for the master subnet",
            Section.ADDRESSES,
            repeatable=True,
        ),
        Flag(
            "ip-range",
            types.STRINGS,
            "Allocate container ip from a sub-range",
            Section.ADDRESSES,
            repeatable=True,
        ),
        Flag(
            "aux-address",
            types.MAP,
            "Auxiliary IPv4 or IPv6 addresses used by Network driver (NAME=ADDRESS)",
            Section.ADDRESSES,
            repeatable=True,
        ),
        Flag(
            "ipv4",
            types.BOOL,
            "Enable or disable IPv4 address assignment",
            Section.ADDRESSES,
            default="true",
            real_since="1.48",
        ),
        Flag("ipv6", types.BOOL, "Enable or disable IPv6 address assignment", Section.ADDRESSES),
        Flag(
            "ipam-driver",
            types.STRING,
            "IP Address Management Driver",
            Section.ADDRESSES,
            default="default",
        ),
        Flag("ipam-opt", types.MAP, "Set IPAM driver specific options", Section.ADDRESSES, repeatable=True),
        Flag("opt", types.MAP, "Set driver specific options", Section.OPTIONS, short="o", repeatable=True),
        Flag("label", types.LABEL, "Set metadata on a network", Section.LABELS, repeatable=True),
    )
)
CONNECT = FlagTable(
    (
        Flag("alias", types.STRINGS, "Add network-scoped alias for the container", Section.BASIC, repeatable=True),
        Flag("ip", types.STRING, "IPv4 address (e.g., 172.30.100.104)", Section.ADDRESSES),
        Flag("ip6", types.STRING, "IPv6 address (e.g., 2001:db8::33)", Section.ADDRESSES),
        Flag(
            "link-local-ip",
            types.STRINGS,
            "Add a link-local address for the container",
            Section.ADDRESSES,
            repeatable=True,
        ),
        Flag(
            "gw-priority",
            types.INT,
            "Highest gw-priority provides the default gateway; may be negative",
            Section.ADDRESSES,
            default="0",
            real_since="1.48",
        ),
        Flag(
            "link",
            types.LINK,
            "Add link to another container",
            Section.OPTIONS,
            repeatable=True,
            source=Source.CONTAINER,
        ),
        Flag("driver-opt", types.STRINGS, "driver options for the network", Section.OPTIONS, repeatable=True),
    )
)
DISCONNECT = FlagTable(
    (Flag("force", types.BOOL, "Force the container to disconnect from a network", Section.SENDING, short="f"),)
)
REMOVE = FlagTable(
    (Flag("force", types.BOOL, "Do not error if the network does not exist", Section.SENDING, short="f"),)
)
PRUNE = FlagTable(
    (
        Flag("filter", types.FILTER, "Provide filter values (until=24h, label=KEY)", Section.BASIC, repeatable=True),
        Flag("force", types.BOOL, "Do not prompt for confirmation", Section.SENDING, short="f"),
    )
)
