"""Remembers a picture for as long as what it was drawn from is the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """One result, remembered while its inputs are the very same objects and its values are equal.

    A snapshot's maps keep their identity while nothing in them changes, so that telling is cheap; values are sizes
    and steps of time.
    """

    def __init__(self) -> None:
        self._inputs: tuple[object, ...] | None = None
        self._values: tuple[Hashable, ...] = ()
        self._result: T | None = None

    def get(self, inputs: tuple[object, ...], values: tuple[Hashable, ...], build: Callable[[], T]) -> T:
        """The remembered result, or the one that ``build`` makes now."""
        known = self._inputs
        if (
            known is not None
            and self._result is not None
            and self._values == values
            and len(known) == len(inputs)
            and all(a is b for a, b in zip(known, inputs, strict=True))
        ):
            return self._result
        made = build()
        self._inputs, self._values, self._result = inputs, values, made
        return made
