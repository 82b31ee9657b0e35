"""The lists of volumes, images, configs and secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from backends.model import Changes, Config, Image, Key, Kind, Secret, Snapshot, Value, Volume
from backends.state.relations import relations
from tui.details.storage import (
    config_detail,
    image_detail,
    secret_detail,
    user_names,
    volume_detail,
)
from tui.places import Place
from tui.tables.cells import age_cell, age_sort, image_cell, labels_text, muted, names_cell, node_cell, node_name
from tui.tables.spec import Column, Moment, SortKey, TableSpec
from tui.tables.unasked import asked_note, silent_style, unasked_rows
from tui.text.ago import size
from tui.text.span import Line

_T = TypeVar("_T")


class VolumeRow(Value, frozen=True, kw_only=True):
    """One volume; made anew when who uses it changes."""

    item: Volume


class ImageRow(Value, frozen=True, kw_only=True):
    """One image; made anew when who uses it changes."""

    item: Image


class ConfigRow(Value, frozen=True, kw_only=True):
    """One config; made anew when who uses it changes."""

    item: Config


class SecretRow(Value, frozen=True, kw_only=True):
    """One secret; made anew when who uses it changes."""

    item: Secret


def _of_stack(snapshot: Snapshot, place: Place, item: Config | Secret) -> bool:
    scope = place.scope[-1] if place.scope else None
    if scope is None:
        return True
    if scope.kind is Kind.STACK:
        return item.stack == scope.id
    if scope.kind is Kind.SERVICE:
        service = snapshot.services.get(scope.id)
        return service is not None and item.id in (*service.config_ids, *service.secret_ids)
    return False


def _on_node(place: Place, item: Volume | Image) -> bool:
    scope = place.scope[-1] if place.scope else None
    return scope is None or (scope.kind is Kind.NODE and item.node_id == scope.id)


def _affected(kind: Kind, users: frozenset[Kind]) -> Callable[[Snapshot, Place, Changes], Iterable[Key] | None]:
    """Changed objects of the kind; any service (or container) touches all, since it may use any of them."""

    def affected(snapshot: Snapshot, place: Place, changes: Changes) -> Iterable[Key] | None:
        if any(key.kind in users for key in changes.keys):
            return None
        return [key for key in changes.keys if key.kind is kind]

    return affected


def _users(key: Key, moment: Moment) -> Line:
    return names_cell(user_names(key, moment.snapshot), "nobody")


def _user_text(key: Key, moment: Moment) -> str:
    return " ".join(user_names(key, moment.snapshot))


def _user_sort(key: Key, moment: Moment) -> SortKey:
    users = relations(moment.snapshot).users(key)
    return len(users.services) + len(users.containers)


_BY_SERVICE = frozenset({Kind.SERVICE})
_BY_CONTAINER = frozenset({Kind.SERVICE, Kind.CONTAINER})

VOLUMES: TableSpec[VolumeRow] = TableSpec(
    id="volumes",
    title="Volumes",
    kind=Kind.VOLUME,
    rows=lambda s, p: [VolumeRow(item=v) for v in s.volumes.values() if _on_node(p, v)],
    row=lambda s, p, k: VolumeRow(item=s.volumes[k.id]) if k.id in s.volumes and _on_node(p, s.volumes[k.id]) else None,
    key=lambda r: r.item.key,
    affected=_affected(Kind.VOLUME, _BY_CONTAINER),
    depends=_BY_CONTAINER,
    columns=(
        Column(
            "name",
            "NAME",
            30,
            lambda r, m: r.item.name,
            lambda r, m: r.item.name,
            cut="m",
            keep=True,
            sort_key="N",
            narrow=24,
        ),
        Column(
            "node",
            "NODE",
            10,
            lambda r, m: node_cell(r.item.node_id, m),
            lambda r, m: node_name(m.snapshot, r.item.node_id),
            cut="m",
            keep=True,
            sort_key="O",
        ),
        Column(
            "driver", "DRIVER", 8, lambda r, m: muted(r.item.driver), lambda r, m: r.item.driver, drop=2, sort_key="I"
        ),
        Column(
            "users",
            "USED BY",
            26,
            lambda r, m: _users(r.item.key, m),
            lambda r, m: _user_sort(r.item.key, m),
            keep=True,
            sort_key="U",
        ),
        Column("path", "DATA IN", 34, lambda r, m: muted(r.item.mountpoint), cut="m", wide=True),
        Column("labels", "LABELS", 24, lambda r, m: muted(labels_text(r.item.labels)), wide=True),
        Column(
            "age",
            "AGE",
            4,
            lambda r, m: age_cell(r.item.created, m),
            lambda r, m: age_sort(r.item.created),
            align="r",
            drop=3,
            sort_key="B",
        ),
    ),
    order=("name",),
    filters={
        "name": lambda r, m: r.item.name,
        "node": lambda r, m: node_name(m.snapshot, r.item.node_id),
        "driver": lambda r, m: r.item.driver,
        "used": lambda r, m: _user_text(r.item.key, m),
        "label": lambda r, m: labels_text(r.item.labels),
    },
    detail=lambda r, m, cells: volume_detail(r.item, m, cells),
    style=lambda r, m: silent_style(r.item.node_id, m),
    note=asked_note,
    footer=lambda m, p, cells: unasked_rows(m, p, Kind.VOLUME, cells),
    empty=(
        "No volumes on the nodes that were asked.",
        "docker volume create makes one; a container those it needs.",
    ),
    needs=frozenset({Kind.VOLUME, Kind.CONTAINER}),
)

IMAGES: TableSpec[ImageRow] = TableSpec(
    id="images",
    title="Images",
    kind=Kind.IMAGE,
    rows=lambda s, p: [ImageRow(item=i) for i in s.images.values() if _on_node(p, i)],
    row=lambda s, p, k: ImageRow(item=s.images[k.id]) if k.id in s.images and _on_node(p, s.images[k.id]) else None,
    key=lambda r: r.item.key,
    affected=_affected(Kind.IMAGE, _BY_CONTAINER),
    depends=_BY_CONTAINER,
    columns=(
        Column(
            "name",
            "NAME",
            30,
            lambda r, m: image_cell(r.item.name) if r.item.tags else muted(r.item.name),
            lambda r, m: r.item.name,
            cut="l",
            keep=True,
            sort_key="N",
            narrow=24,
        ),
        Column(
            "node",
            "NODE",
            10,
            lambda r, m: node_cell(r.item.node_id, m),
            lambda r, m: node_name(m.snapshot, r.item.node_id),
            cut="m",
            keep=True,
            sort_key="O",
        ),
        Column(
            "size",
            "SIZE",
            9,
            lambda r, m: size(r.item.size),
            lambda r, m: r.item.size,
            align="r",
            drop=3,
            sort_key="Z",
            descending=True,
        ),
        Column(
            "users",
            "USED BY",
            24,
            lambda r, m: _users(r.item.key, m),
            lambda r, m: _user_sort(r.item.key, m),
            keep=True,
            sort_key="U",
        ),
        Column("id", "ID", 12, lambda r, m: muted(r.item.image_id.removeprefix("sha256:")[:12]), drop=1),
        Column("tags", "MORE TAGS", 24, lambda r, m: muted(", ".join(r.item.tags[1:])), wide=True),
        Column(
            "age",
            "AGE",
            4,
            lambda r, m: age_cell(r.item.created, m),
            lambda r, m: age_sort(r.item.created),
            align="r",
            drop=4,
            sort_key="B",
        ),
    ),
    order=("name",),
    filters={
        "name": lambda r, m: " ".join(r.item.tags) or r.item.name,
        "image": lambda r, m: " ".join((*r.item.tags, *r.item.digests)),
        "node": lambda r, m: node_name(m.snapshot, r.item.node_id),
        "used": lambda r, m: _user_text(r.item.key, m),
        "label": lambda r, m: labels_text(r.item.labels),
        "id": lambda r, m: r.item.image_id,
    },
    detail=lambda r, m, cells: image_detail(r.item, m, cells),
    style=lambda r, m: silent_style(r.item.node_id, m),
    note=asked_note,
    footer=lambda m, p, cells: unasked_rows(m, p, Kind.IMAGE, cells),
    empty=(
        "No images on the nodes that were asked.",
        "docker pull fetches one; a container what it needs.",
    ),
    needs=frozenset({Kind.IMAGE, Kind.CONTAINER}),
)


def _swarm_columns(item: Callable[[_T], Config | Secret]) -> tuple[Column[_T], ...]:
    """Configs and secrets have the same columns."""
    return (
        Column(
            "name", "NAME", 30, lambda r, m: item(r).name, lambda r, m: item(r).name, cut="m", keep=True, sort_key="N"
        ),
        Column(
            "users",
            "USED BY",
            30,
            lambda r, m: _users(item(r).key, m),
            lambda r, m: _user_sort(item(r).key, m),
            keep=True,
            sort_key="U",
        ),
        Column(
            "stack", "STACK", 12, lambda r, m: muted(item(r).stack), lambda r, m: item(r).stack, drop=1, sort_key="Z"
        ),
        Column("id", "ID", 12, lambda r, m: muted(item(r).id[:12]), lambda r, m: item(r).id, wide=True),
        Column("labels", "LABELS", 24, lambda r, m: muted(labels_text(item(r).labels)), wide=True),
        Column(
            "age",
            "AGE",
            4,
            lambda r, m: age_cell(item(r).created, m),
            lambda r, m: age_sort(item(r).created),
            align="r",
            drop=2,
            sort_key="B",
        ),
    )


def _swarm_filters(item: Callable[[_T], Config | Secret]) -> dict[str, Callable[[_T, Moment], str]]:
    return {
        "name": lambda r, m: item(r).name,
        "stack": lambda r, m: item(r).stack,
        "used": lambda r, m: _user_text(item(r).key, m),
        "label": lambda r, m: labels_text(item(r).labels),
        "id": lambda r, m: item(r).id,
    }


def _config(row: ConfigRow) -> Config:
    return row.item


def _secret(row: SecretRow) -> Secret:
    return row.item


def _config_row(snapshot: Snapshot, place: Place, key: Key) -> ConfigRow | None:
    found = snapshot.configs.get(key.id)
    return ConfigRow(item=found) if found is not None and _of_stack(snapshot, place, found) else None


def _secret_row(snapshot: Snapshot, place: Place, key: Key) -> SecretRow | None:
    found = snapshot.secrets.get(key.id)
    return SecretRow(item=found) if found is not None and _of_stack(snapshot, place, found) else None


CONFIGS: TableSpec[ConfigRow] = TableSpec(
    id="configs",
    title="Configs",
    kind=Kind.CONFIG,
    rows=lambda s, p: [ConfigRow(item=c) for c in s.configs.values() if _of_stack(s, p, c)],
    row=_config_row,
    key=lambda r: r.item.key,
    affected=_affected(Kind.CONFIG, _BY_SERVICE),
    depends=_BY_SERVICE,
    columns=_swarm_columns(_config),
    order=("name",),
    filters=_swarm_filters(_config),
    detail=lambda r, m, cells: config_detail(r.item, m, cells),
    empty=("No configs in this swarm yet.", "docker config create NAME FILE makes one."),
    needs=frozenset({Kind.CONFIG, Kind.SERVICE}),
    manager=True,
)

SECRETS: TableSpec[SecretRow] = TableSpec(
    id="secrets",
    title="Secrets",
    kind=Kind.SECRET,
    rows=lambda s, p: [SecretRow(item=c) for c in s.secrets.values() if _of_stack(s, p, c)],
    row=_secret_row,
    key=lambda r: r.item.key,
    affected=_affected(Kind.SECRET, _BY_SERVICE),
    depends=_BY_SERVICE,
    columns=_swarm_columns(_secret),
    order=("name",),
    filters=_swarm_filters(_secret),
    detail=lambda r, m, cells: secret_detail(r.item, m, cells),
    empty=("No secrets in this swarm yet.", "docker secret create NAME FILE makes one."),
    needs=frozenset({Kind.SECRET, Kind.SERVICE}),
    manager=True,
)
