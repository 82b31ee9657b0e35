"""The scenarios by name. Each is a function that fills a world; what it holds is in ``scenes``."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from backends.fake.clock import Clock, FixedClock, SystemClock
from backends.fake.orchestrator import Orchestrator
from backends.fake.rollout import Rollouts
from backends.fake.world import World


@dataclass(eq=False)
class Scene:
    """A world ready to be served. ``life`` are its endless tasks; one of its servers runs them."""

    world: World
    host: str
    """Host name of the engine that is asked unless another is named."""
    orchestrator: Orchestrator = field(init=False)
    rollouts: Rollouts = field(init=False)
    life: list[Callable[[], Coroutine[None, None, None]]] = field(default_factory=list)
    alive: bool = False
    """Whether a server lets it live."""

    def __post_init__(self) -> None:
        self.orchestrator = Orchestrator(self.world)
        self.rollouts = Rollouts(self.orchestrator)
        self.life.append(self.world.agenda.run)


#: What there is, with a sentence for ``--help``.
SCENARIOS = {
    "demo": "the made-up swarm of the design, living",
    "quiet": "the same at 14:32:07, standing still",
    "plain": "one engine without a swarm",
    "worker": "an engine that is only a worker",
    "no-quorum": "a manager without a leader",
    "empty": "a fresh swarm of one node",
    "hostile": "names, labels, errors and logs that attack a terminal",
    "synthetic": "any number of containers and events, for benchmarks",
}


def open_scene(name: str, *, clock: Clock | None = None, seed: int = 1, count: int = 100, rate: float = 0.0) -> Scene:
    """Builds a scenario; raises ``ValueError`` for an unknown name.

    ``count`` containers and ``rate`` events a second are for ``synthetic`` only.
    """
    from backends.fake.scenes import demo, hostile, small, synthetic

    if name not in SCENARIOS:
        raise ValueError(f"no scenario {name!r}; there are: {', '.join(SCENARIOS)}")
    if name == "quiet":
        return demo.scene(World(clock or FixedClock(), seed), living=False)
    world = World(clock or SystemClock(), seed)
    if name == "demo":
        return demo.scene(world, living=True)
    if name == "hostile":
        return hostile.scene(world)
    if name == "synthetic":
        return synthetic.scene(world, count, rate)
    return small.scene(world, name)
