"""The flags of ``docker service create`` and ``update``: what runs, where, how often, and what it is attached to.

Each is declared once. Names, help, types and API versions are those of docker/cli 28.2
(``cli/command/service/opts.go``).
"""

from __future__ import annotations

from backends.change import keyed_parts, list_parts
from backends.change import value_types as types
from backends.change.attached_parts import CONFIGS, NETWORKS, SECRETS
from backends.change.flag_makers import CONTAINER, listed, scalar
from backends.change.flags import Flag, Section, Source
from backends.change.list_parts import Texts
from backends.change.mount_value import MOUNT
from backends.change.port_value import PORT
from backends.change.reference_value import CONFIG, NETWORK, SECRET
from backends.change.scalar_parts import MODE, Scalar

NAME = scalar("name", types.STRING, Section.BASIC, ("Name",), "Service name")
IMAGE = scalar("image", types.STRING, Section.BASIC, (*CONTAINER, "Image"), "Service image tag", source=Source.IMAGE)
ARGS = Flag("args", types.COMMAND, "Service command args", Section.BASIC, Scalar("args", (*CONTAINER, "Args")))
FORCE = Flag("force", types.BOOL, "Force update even if no changes require it", Section.SENDING, since="1.25")
ROLL_BACK = Flag("rollback", types.BOOL, "Rollback to previous specification", Section.SENDING, since="1.25")
REGISTRY_AUTH = Flag(
    "with-registry-auth", types.BOOL, "Send registry authentication details to swarm agents", Section.SENDING
)
NO_RESOLVE = Flag(
    "no-resolve-image",
    types.BOOL,
    "Do not query the registry to resolve image digest and supported platforms",
    Section.SENDING,
    since="1.30",
)

MODE_FLAG = Flag(
    "mode",
    types.STRING,
    "Service mode",
    Section.MODE,
    MODE,
    default="replicated",
    source=Source.CHOICES,
    choices=("replicated", "global", "replicated-job", "global-job"),
)
MODE_FLAGS = (
    Flag("replicas", types.UINT, "Number of tasks", Section.MODE, MODE),
    Flag(
        "max-concurrent",
        types.UINT,
        "Number of job tasks to run concurrently",
        Section.MODE,
        MODE,
        default="equal to --replicas",
        since="1.41",
    ),
    Flag(
        "replicas-max-per-node",
        types.UINT,
        "Maximum number of tasks per node",
        Section.MODE,
        MODE,
        default="unlimited",
        since="1.40",
    ),
)

NETWORK_FLAGS = listed(
    "network",
    NETWORK,
    Section.NETWORKS,
    NETWORKS,
    ("Network attachments", "Add a network", "Remove a network"),
    update_since="1.29",
    source=Source.NETWORK,
)
ENDPOINT = scalar(
    "endpoint-mode",
    types.STRING,
    Section.NETWORKS,
    ("EndpointSpec", "Mode"),
    "Endpoint mode: a virtual IP, or DNS round robin over the tasks",
    default="vip",
    source=Source.CHOICES,
    choices=("vip", "dnsrr"),
    lowered=True,
)
PUBLISH_FLAGS = listed(
    "publish",
    PORT,
    Section.PORTS,
    keyed_parts.PORTS,
    (
        "Publish a port as a node port",
        "Add or update a published port",
        "Remove a published port by its target port",
    ),
    short="p",
    removal=PORT,
)

ENV_FLAGS = listed(
    "env",
    types.ENV,
    Section.ENVIRONMENT,
    list_parts.ENV,
    ("Set environment variables", "Add or update an environment variable", "Remove an environment variable"),
    short="e",
    source=Source.ENVIRONMENT,
)
ENV_FILE = Flag(
    "env-file",
    types.LIST,
    "Read in a file of environment variables",
    Section.ENVIRONMENT,
    list_parts.ENV,
    repeatable=True,
    source=Source.FILE,
)

MOUNT_FLAGS = listed(
    "mount",
    MOUNT,
    Section.MOUNTS,
    keyed_parts.MOUNTS,
    (
        "Attach a filesystem mount to the service",
        "Add or update a mount on a service",
        "Remove a mount by its target path",
    ),
    source=Source.VOLUME,
)
CONFIG_FLAGS = listed(
    "config",
    CONFIG,
    Section.DATA,
    CONFIGS,
    (
        "Specify configurations to expose to the service",
        "Add or update a config file on a service",
        "Remove a configuration file",
    ),
    since="1.30",
    source=Source.CONFIG,
)
SECRET_FLAGS = listed(
    "secret",
    SECRET,
    Section.DATA,
    SECRETS,
    ("Specify secrets to expose to the service", "Add or update a secret on a service", "Remove a secret"),
    since="1.25",
    source=Source.SECRET,
)

CONSTRAINT_FLAGS = listed(
    "constraint",
    types.LIST,
    Section.PLACEMENT,
    Texts("constraint", ("TaskTemplate", "Placement", "Constraints")),
    ("Placement constraints", "Add or update a placement constraint", "Remove a constraint"),
    source=Source.NODE_LABEL,
)
PREFERENCE_FLAGS = listed(
    "placement-pref",
    types.PREFERENCE,
    Section.PLACEMENT,
    list_parts.PREFERENCES,
    ("Add a placement preference", "Add a placement preference", "Remove a placement preference"),
    removal=types.PREFERENCE,
    since="1.28",
    source=Source.NODE_LABEL,
)
