"""The flags of ``docker service create`` and ``update``: names, logging, labels, security and the container itself.

Each is declared once; see ``service_flags``.
"""

from __future__ import annotations

from backends.change import health_part, keyed_parts
from backends.change import value_types as types
from backends.change.flag_makers import CONTAINER, listed, scalar
from backends.change.flags import Flag, Section, Source
from backends.change.list_parts import Pairs, Texts
from backends.change.reference_value import ULIMIT
from backends.change.scalar_parts import LOG, switch

_DNS = (*CONTAINER, "DNSConfig")

DNS_FLAGS = listed(
    "dns",
    types.IP,
    Section.DNS,
    Texts("dns", (*_DNS, "Nameservers"), unique=True, beside=("Options", "Search")),
    ("Set custom DNS servers", "Add or update a custom DNS server", "Remove a custom DNS server"),
    since="1.25",
)
DNS_OPTION_FLAGS = listed(
    "dns-option",
    types.LIST,
    Section.DNS,
    Texts("dns-option", (*_DNS, "Options"), unique=True, beside=("Nameservers", "Search")),
    ("Set DNS options", "Add or update a DNS option", "Remove a DNS option"),
    since="1.25",
)
DNS_SEARCH_FLAGS = listed(
    "dns-search",
    types.DOMAIN,
    Section.DNS,
    Texts("dns-search", (*_DNS, "Search"), unique=True, beside=("Nameservers", "Options")),
    (
        "Set custom DNS search domains",
        "Add or update a custom DNS search domain",
        "Remove a DNS search domain",
    ),
    since="1.25",
)
HOST_FLAGS = listed(
    "host",
    types.HOST,
    Section.DNS,
    keyed_parts.HOSTS,
    (
        "Set one or more custom host-to-IP mappings (host:ip)",
        "Add a custom host-to-IP mapping (host:ip)",
        "Remove a custom host-to-IP mapping (host:ip)",
    ),
    since="1.25",
    add_since="1.32",
)
LOG_FLAGS = (
    Flag(
        "log-driver",
        types.STRING,
        "Logging driver for service",
        Section.LOGGING,
        LOG,
        default="the node's",
        source=Source.LOG_DRIVER,
    ),
    Flag("log-opt", types.ENV, "Logging driver options", Section.LOGGING, LOG, repeatable=True),
)
LABEL_FLAGS = listed(
    "label",
    types.LABEL,
    Section.LABELS,
    Pairs("label", ("Labels",), kept=True),
    ("Service labels", "Add or update a service label", "Remove a label by its key"),
    short="l",
)
CONTAINER_LABEL_FLAGS = listed(
    "container-label",
    types.LABEL,
    Section.LABELS,
    Pairs("container-label", (*CONTAINER, "Labels")),
    ("Container labels", "Add or update a container label", "Remove a container label by its key"),
)
SYSCTL_FLAGS = listed(
    "sysctl",
    types.LIST,
    Section.SECURITY,
    Pairs("sysctl", (*CONTAINER, "Sysctls")),
    ("Sysctl options", "Add or update a Sysctl option", "Remove a Sysctl option"),
    since="1.40",
)
ULIMIT_FLAGS = listed(
    "ulimit",
    ULIMIT,
    Section.SECURITY,
    keyed_parts.ULIMITS,
    ("Ulimit options", "Add or update a ulimit option", "Remove a ulimit option"),
    since="1.41",
)
GROUP_FLAGS = listed(
    "group",
    types.LIST,
    Section.CONTAINER,
    Texts("group", (*CONTAINER, "Groups")),
    (
        "Set one or more supplementary user groups for the container",
        "Add an additional supplementary user group to the container",
        "Remove a previously added supplementary user group from the container",
    ),
    since="1.25",
)
CAPABILITY_FLAGS = tuple(
    Flag(
        name,
        types.LIST,
        help,
        Section.SECURITY,
        keyed_parts.CAPABILITIES,
        repeatable=True,
        since="1.41",
        source=Source.CAPABILITY,
    )
    for name, help in (("cap-add", "Add Linux capabilities"), ("cap-drop", "Drop Linux capabilities"))
)
SECURITY_FLAGS = (
    scalar(
        "oom-score-adj",
        types.INT,
        Section.SECURITY,
        (*CONTAINER, "OomScoreAdj"),
        "Tune host's OOM preferences (-1000 to 1000)",
        default="0",
        since="1.46",
    ),
    Flag(
        "credential-spec",
        types.CREDENTIAL,
        "Credential spec for managed service account (Windows only)",
        Section.SECURITY,
        health_part.CREDENTIALS,
        since="1.29",
    ),
    scalar(
        "isolation",
        types.STRING,
        Section.SECURITY,
        (*CONTAINER, "Isolation"),
        "Service container isolation mode (Windows only)",
        since="1.35",
        source=Source.CHOICES,
        choices=("default", "process", "hyperv"),
    ),
)
CONTAINER_FLAGS = (
    Flag(
        "entrypoint",
        types.COMMAND,
        "Overwrite the default ENTRYPOINT of the image",
        Section.CONTAINER,
        scalar("entrypoint", types.COMMAND, Section.CONTAINER, (*CONTAINER, "Command"), "").part,
    ),
    scalar(
        "workdir",
        types.STRING,
        Section.CONTAINER,
        (*CONTAINER, "Dir"),
        "Working directory inside the container",
        short="w",
    ),
    scalar(
        "user",
        types.STRING,
        Section.CONTAINER,
        (*CONTAINER, "User"),
        "Username or UID (format: <name|uid>[:<group|gid>])",
        short="u",
    ),
    scalar(
        "hostname",
        types.STRING,
        Section.CONTAINER,
        (*CONTAINER, "Hostname"),
        "Container hostname; {{.Node.Hostname}} and the like are replaced",
        since="1.25",
    ),
    Flag(
        "tty",
        types.BOOL,
        "Allocate a pseudo-TTY",
        Section.CONTAINER,
        switch("tty", *CONTAINER, "TTY"),
        "t",
        since="1.25",
    ),
    Flag(
        "init",
        types.BOOL,
        "Use an init inside each service container to forward signals and reap processes",
        Section.CONTAINER,
        switch("init", *CONTAINER, "Init", kept=True),
        since="1.37",
    ),
    Flag(
        "read-only",
        types.BOOL,
        "Mount the container's root filesystem as read only",
        Section.CONTAINER,
        switch("read-only", *CONTAINER, "ReadOnly"),
        since="1.28",
    ),
    scalar(
        "stop-signal",
        types.STRING,
        Section.CONTAINER,
        (*CONTAINER, "StopSignal"),
        "Signal to stop the container",
        since="1.28",
        source=Source.SIGNAL,
    ),
    scalar(
        "stop-grace-period",
        types.DURATION,
        Section.CONTAINER,
        (*CONTAINER, "StopGracePeriod"),
        "Time to wait before force killing a container",
        default="10s",
        kept=True,
    ),
)
