"""The flags of ``docker node``, ``secret`` and ``config``."""

from __future__ import annotations

from backends.change import value_types as types
from backends.change.flags import Flag, FlagTable, Section, Source

UPDATE = FlagTable(
    (
        Flag(
            "availability",
            types.STRING,
            "Availability of the node",
            Section.BASIC,
            source=Source.CHOICES,
            choices=("active", "pause", "drain"),
        ),
        Flag(
            "role",
            types.STRING,
            "Role of the node",
            Section.BASIC,
            source=Source.CHOICES,
            choices=("worker", "manager"),
        ),
        Flag("label-add", types.NODE_LABEL, "Add or update a node label (key=value)", Section.LABELS, repeatable=True),
        Flag("label-rm", types.LIST, "Remove a node label if exists", Section.LABELS, repeatable=True),
    )
)
ROLE = FlagTable(())
"""``promote`` and ``demote`` take none."""
REMOVE = FlagTable((Flag("force", types.BOOL, "Force remove a node from the swarm", Section.SENDING, short="f"),))


def _data(what: str) -> tuple[Flag, ...]:
    return (
        Flag("label", types.LABEL, f"{what} labels", Section.LABELS, short="l", repeatable=True),
        Flag(
            "template-driver",
            types.STRING,
            "Template driver",
            Section.BASIC,
            since="1.37",
            source=Source.CHOICES,
            choices=("golang",),
        ),
    )


SECRET_CREATE = FlagTable(
    (
        Flag("driver", types.STRING, "Secret driver", Section.BASIC, short="d", since="1.31"),
        *_data("Secret"),
    )
)
CONFIG_CREATE = FlagTable(_data("Config"))
DATA_REMOVE = FlagTable(())
