"""Events that carry state are folded at once."""

from __future__ import annotations

from backends.model import EMPTY, Event, Kind, Service
from backends.state.fold import fold
from backends.state.inputs import EngineEvents, Listing


def test_a_scaled_service_shows_its_new_number_before_it_is_listed() -> None:
    # GIVEN a service of three replicas
    service = Service(id="s1", name="web", version=5, replicas=3, desired=3, running=3, has_counts=True)
    known = fold(EMPTY, [Listing(Kind.SERVICE, [service], 10.0)]).snapshot
    told = Event(time=11.0, type="service", action="update", id="s1", attributes={"replicas.new": "4"})
    # WHEN the event of scaling arrives
    folded = fold(known, [EngineEvents([told])])
    # THEN the new number is there and the service is asked for
    assert folded.snapshot.services["s1"].replicas == 4
    assert any(dirty.kind is Kind.SERVICE for dirty in folded.dirty)
    # AND of a replay, which is older than the listing, nothing is taken
    again = fold(known, [EngineEvents([told], replay=True)])
    assert again.snapshot.services["s1"].replicas == 3
