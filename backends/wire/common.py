"""Parts that many Engine objects share."""

from __future__ import annotations

from backends.wire.lenient import StrMap, Wire


class Version(Wire):
    """``Version`` of a Swarm object, which an update must name."""

    Index: int = 0


class Named(Wire):
    """Anything of which only the name matters here."""

    Name: str = ""


def seconds(nanoseconds: int | None) -> float:
    """Go durations are nanoseconds."""
    return (nanoseconds or 0) / 1e9


class Pool:
    """Makes equal strings one object. Ten thousand rows repeat a few hundred images, nodes and label keys;
    sharing them is what keeps the process small. One pool lives as long as one decoded answer; that of a stream begins
    anew when it has seen ``most`` strings."""

    __slots__ = ("_known", "_most")

    def __init__(self, most: int = 0) -> None:
        """``most`` 0 is any number."""
        self._known: dict[str, str] = {}
        self._most = most

    def text(self, value: str) -> str:
        """The first string equal to ``value`` that this pool has seen."""
        return self._known.setdefault(value, value)

    def map(self, value: StrMap) -> dict[str, str]:
        """A map with shared keys and values."""
        if not value:
            return {}
        if self._most and len(self._known) > self._most:
            self._known.clear()
        share = self._known.setdefault
        return {share(k, k): share(v, v) for k, v in value.items()}
