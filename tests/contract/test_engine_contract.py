"""What every engine must do for us, simulated or real: connecting, listing, inspecting."""

from __future__ import annotations

import re

import pytest

from backends.errors import ApiError, NotFound
from backends.model import (
    Config,
    Container,
    Image,
    Key,
    Kind,
    Network,
    Node,
    Secret,
    Service,
    Task,
    Value,
    Volume,
)
from tests.contract.conftest import Target

TYPES: dict[Kind, type[Value]] = {
    Kind.NODE: Node,
    Kind.SERVICE: Service,
    Kind.TASK: Task,
    Kind.CONTAINER: Container,
    Kind.NETWORK: Network,
    Kind.VOLUME: Volume,
    Kind.IMAGE: Image,
    Kind.CONFIG: Config,
    Kind.SECRET: Secret,
}
NOWHERE = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"


async def test_the_version_is_negotiated_and_connect_may_be_repeated(target: Target) -> None:
    assert re.fullmatch(r"1\.\d\d", target.engine.api_version)
    version = target.engine.api_version
    await target.engine.connect()
    assert target.engine.api_version == version


async def test_info_says_who_and_where(target: Target) -> None:
    info = await target.engine.info()
    assert info.name
    assert info.version
    assert info.api_version == target.engine.api_version
    assert info.swarm.state == "active"
    assert info.swarm.control_available
    assert info.swarm.node_id


async def test_the_swarm_is_known(target: Target) -> None:
    swarm = await target.engine.swarm()
    assert swarm.id
    assert swarm.default_pools


@pytest.mark.parametrize("kind", TYPES)
async def test_each_kind_is_listed_and_can_be_inspected(target: Target, kind: Kind) -> None:
    found = await target.engine.list(kind)
    assert all(type(value) is TYPES[kind] for value in found)
    keys = {value.key for value in found}  # type: ignore[attr-defined]
    assert len(keys) == len(found)
    for key in sorted(keys)[:1]:
        whole = await target.engine.inspect(key)
        assert isinstance(whole, dict)
        name = whole.get("ID") or whole.get("Id") or whole.get("Name")
        assert key.id.endswith(str(name))


async def test_what_belongs_to_a_node_carries_it(target: Target) -> None:
    node_id = (await target.engine.info()).swarm.node_id
    containers = await target.running()
    assert containers
    assert {container.node_id for container in containers} == {node_id}


async def test_services_carry_their_counts(target: Target) -> None:
    services = [value for value in await target.engine.list(Kind.SERVICE) if isinstance(value, Service)]
    assert any(service.running for service in services)


async def test_filters_narrow_a_listing(target: Target) -> None:
    tasks = [value for value in await target.engine.list(Kind.TASK) if isinstance(value, Task)]
    # Tasks outlive a service that other tests have removed.
    there = {value.id for value in await target.engine.list(Kind.SERVICE) if isinstance(value, Service)}
    service = next(task.service_id for task in tasks if task.service_id in there)
    some = await target.engine.list(Kind.TASK, {"service": [service]})
    assert {value.id for value in some if isinstance(value, Task)} == {
        task.id for task in tasks if task.service_id == service
    }


async def test_a_network_is_inspected_with_its_endpoints(target: Target) -> None:
    wanted = next(c for c in await target.running() if any(a.network_id for a in c.networks))
    attachment = next(a for a in wanted.networks if a.network_id)
    network = await target.engine.network(attachment.network_id)
    assert network.inspected
    assert wanted.id in {endpoint.container_id for endpoint in network.endpoints}


async def test_a_service_is_inspected_without_inserted_defaults(target: Target) -> None:
    service = (await target.engine.list(Kind.SERVICE))[0]
    assert isinstance(service, Service)
    whole = await target.engine.inspect(service.key)
    assert isinstance(whole, dict)
    assert isinstance(whole["Spec"], dict)
    assert "RollbackConfig" not in whole["Spec"] or service.rollback_config is not None


@pytest.mark.parametrize("kind", [Kind.NODE, Kind.SERVICE, Kind.TASK, Kind.CONTAINER, Kind.NETWORK, Kind.VOLUME])
async def test_what_is_not_there_is_not_found(target: Target, kind: Kind) -> None:
    with pytest.raises(NotFound) as caught:
        await target.engine.inspect(Key(kind, NOWHERE))
    assert caught.value.status == 404
    assert caught.value.original


async def test_a_path_that_no_engine_has(target: Target) -> None:
    with pytest.raises(ApiError):
        await target.engine.call("GET", "/nothing/here")
