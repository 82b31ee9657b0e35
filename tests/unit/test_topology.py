"""Services by networks: the matrix, its cursor, and who can reach whom."""

from __future__ import annotations

import pytest

from backends.model import Key, Kind, Network, Service, ServiceNetwork, Snapshot
from tests.unit.tables_world import bare, hostile, moment, world
from tui.details.topology import TopologyModel
from tui.text.fit import line_width
from tui.text.span import joined, plain


def model(snapshot: Snapshot | None = None, service: str = "svc-webapp1") -> TopologyModel:
    made = TopologyModel()
    made.update(moment(snapshot))
    made.move_to(Key(Kind.SERVICE, service))
    return made


def many() -> Snapshot:
    networks = {
        f"n{i:02}": Network(id=f"n{i:02}", name=f"net{i:02}", driver="overlay", scope="swarm") for i in range(30)
    }
    services = {
        f"s{i:02}": Service(id=f"s{i:02}", name=f"svc{i:02}", networks=(ServiceNetwork(target=f"n{i:02}"),))
        for i in range(30)
    }
    return Snapshot(networks=networks, services=services)


@pytest.mark.parametrize("size", [(40, 6), (52, 12), (80, 9), (118, 20), (160, 40), (200, 60)])
@pytest.mark.parametrize("snapshot", [world(), bare(), hostile(), Snapshot(), many()])
def test_it_fits(snapshot: Snapshot, size: tuple[int, int]) -> None:
    found = model(snapshot)
    for step in ("", "end", "right", "right", "home", "left"):
        found.move(step)
        lines = found.lines(*size)
        assert len(lines) <= max(size[1], 3)
        assert all(line_width(row) <= size[0] for row in lines)
        detail = found.detail(size[0])
        if detail is not None:
            assert all(line_width(row) <= size[0] for row in (*detail.lines, *detail.compact))
            assert len(detail.compact) <= 6


def test_a_service_has_a_dot_with_its_address_on_each_of_its_networks() -> None:
    # GIVEN webapp1 on myoverlaynetwork and ingress
    rows = [plain(row) for row in model().lines(118, 20)]
    # THEN its row has two dots with the end of its virtual addresses
    row = next(r for r in rows if "webapp1" in r)
    assert row.split() == ["▌", "webapp1", "●", ".2", "●", ".2", "·", "·", "·"]
    # AND the head names the networks and what is special about them
    assert rows[0].split()[:3] == ["SERVICE", "ingress", "myoverlayne…"]
    assert "routing mesh" in rows[1]
    # AND what stands behind a dot
    assert "end of its VIP" in rows[1]


def test_dns_round_robin_has_no_address() -> None:
    row = next(plain(r) for r in model().lines(160, 20) if "node-exporter" in plain(r))
    assert "● dnsrr" in row


def test_it_says_whom_a_service_can_reach() -> None:
    detail = model().detail(58)
    assert detail is not None
    said = joined(detail.lines)
    assert detail.title == "webapp1 can reach"
    assert "✓ mysql" in said
    assert "over myoverlaynetwork" in said
    assert "✓ the outside" in said
    assert "8001/tcp on every node" in said
    assert "no network in common" in said
    assert "ingress carries published ports only" in said


def test_internal_networks_lead_nowhere_outside() -> None:
    detail = model(service="svc-shop_worker").detail(58)
    assert detail is not None
    assert "all its networks are internal" in joined(detail.lines)


def test_the_cursor_stays_on_its_service() -> None:
    found = model()
    # WHEN another service comes before it
    state = world()
    services = {**state.services, "new": Service(id="new", name="aaa")}
    found.update(moment(world(services=services)))
    # THEN the cursor is still on webapp1
    assert found.target == Key(Kind.SERVICE, "svc-webapp1")


def test_it_scrolls_so_that_the_cursor_is_in_sight() -> None:
    found = model(many(), "s29")
    for _ in range(29):
        found.move("right")
    rows = [plain(row) for row in found.lines(80, 9)]
    assert rows[-1].startswith("▌ svc29")
    assert "net29" in rows[0]
    assert rows[0].lstrip().startswith("◂")
    found.move("home")
    for _ in range(40):
        found.move("left")
    rows = [plain(row) for row in found.lines(80, 9)]
    assert rows[2].startswith("▌ svc00")
    assert rows[0].rstrip().endswith("▸")


def test_a_filter_keeps_services_and_their_networks() -> None:
    found = model()
    found.filter_by("shop")
    assert [s.name for s in found.services] == ["shop_api", "shop_worker"]
    assert [n.name for n in found.networks] == ["shop_backend"]
    found.filter_by("!shop")
    assert "shop_api" not in [s.name for s in found.services]
    found.filter_by("nothing like it")
    assert "Nothing matches" in joined(found.lines(80, 10))


def test_an_empty_swarm_says_what_would_make_a_row() -> None:
    assert "No services in this swarm yet." in joined(model(Snapshot()).lines(80, 10))
