"""How far an engine's clock is from ours, as far as it was measured."""

from __future__ import annotations

from backends.model.base import Value


class ClockOffset(Value, frozen=True, kw_only=True):
    """One measurement. The true offset is ``ahead`` give or take ``error``, both in seconds."""

    ahead: float
    """How much later it is there than here; negative where it is earlier."""
    error: float
    """Never less than half of the round trip that it was measured with."""
    at: float
    """When it was measured, by our clock."""

    @property
    def counted(self) -> float:
        """The offset where it is more than may be an error of measuring, else 0."""
        return self.ahead if abs(self.ahead) > self.error else 0.0
