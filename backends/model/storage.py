"""Volumes, images, configs and secrets."""

from __future__ import annotations

from backends.model.base import STACK_LABEL, Key, Kind, Value


class Volume(Value, frozen=True, kw_only=True):
    """A volume of one node. ``size`` is -1 where the engine was not asked (it is a costly question)."""

    name: str
    node_id: str = ""
    driver: str = "local"
    mountpoint: str = ""
    scope: str = "local"
    labels: dict[str, str] = {}
    options: dict[str, str] = {}
    size: int = -1
    created: float | None = None

    @property
    def id(self) -> str:
        """Unique in the Swarm: node and name."""
        return f"{self.node_id}/{self.name}"

    @property
    def key(self) -> Key:
        """Its place in the snapshot."""
        return Key(Kind.VOLUME, self.id)


class Image(Value, frozen=True, kw_only=True):
    """An image of one node."""

    image_id: str
    node_id: str = ""
    tags: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()
    size: int = 0
    labels: dict[str, str] = {}
    created: float | None = None

    @property
    def id(self) -> str:
        """Unique in the Swarm: node and image ID."""
        return f"{self.node_id}/{self.image_id}"

    @property
    def key(self) -> Key:
        """Its place in the snapshot."""
        return Key(Kind.IMAGE, self.id)

    @property
    def name(self) -> str:
        """First tag, else first digest reference, else the head of the ID."""
        return (self.tags or self.digests or (self.image_id.removeprefix("sha256:")[:12],))[0]


class Config(Value, frozen=True, kw_only=True):
    """A config of the Swarm (its data is read only on request)."""

    id: str
    version: int = 0
    name: str = ""
    labels: dict[str, str] = {}
    size: int = 0
    templating: str = ""
    created: float | None = None
    updated: float | None = None

    @property
    def key(self) -> Key:
        """Its place in the snapshot."""
        return Key(Kind.CONFIG, self.id)

    @property
    def stack(self) -> str:
        """Stack it belongs to, or empty."""
        return self.labels.get(STACK_LABEL, "")


class Secret(Value, frozen=True, kw_only=True):
    """A secret of the Swarm; the engine never gives its data back."""

    id: str
    version: int = 0
    name: str = ""
    labels: dict[str, str] = {}
    driver: str = ""
    templating: str = ""
    created: float | None = None
    updated: float | None = None

    @property
    def key(self) -> Key:
        """Its place in the snapshot."""
        return Key(Kind.SECRET, self.id)

    @property
    def stack(self) -> str:
        """Stack it belongs to, or empty."""
        return self.labels.get(STACK_LABEL, "")
