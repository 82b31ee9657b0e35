"""What the bodies of answers mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from backends.api import Json
from backends.errors import BadAnswer, Unsupported
from backends.model import Kind, Value
from backends.wire import decode

if TYPE_CHECKING:
    from backends.engine.sdk import Answer

#: The oldest API version that ``docker.APIClient`` of version 7 speaks.
_OLDEST = (1, 24)
_JSON_TYPES = ("application/json", "application/x-ndjson", "application/json-seq")


def listed(kind: Kind, body: bytes, node_id: str, now: float) -> Sequence[Value]:
    """The objects of a listing. Raises ``BadAnswer``, and ``Unsupported`` for kinds that engines do not list."""
    match kind:
        case Kind.NODE:
            return decode.nodes(body)
        case Kind.SERVICE:
            return decode.services(body)
        case Kind.TASK:
            return decode.tasks(body)
        case Kind.CONTAINER:
            return decode.containers(body, node_id, now)
        case Kind.NETWORK:
            return decode.networks(body, node_id)
        case Kind.VOLUME:
            return decode.volumes(body, node_id)
        case Kind.IMAGE:
            return decode.images(body, node_id)
        case Kind.CONFIG:
            return decode.configs(body)
        case Kind.SECRET:
            return decode.secrets(body)
    raise Unsupported(f"No engine lists objects of the kind {kind.value}.")


def plain_json(body: bytes) -> Json:
    """Any JSON. Raises ``BadAnswer``."""
    try:
        return msgspec.json.decode(body)  # type: ignore[no-any-return]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswer("The engine's answer is not JSON.", original=str(error)) from error


def json_or_text(answer: Answer) -> Json:
    """Several JSON documents as a list, an empty answer as ``None``, other text as it is. Raises ``BadAnswer``."""
    if not answer.body.strip():
        return None
    if answer.content_type.partition(";")[0].strip() not in _JSON_TYPES:
        return answer.body.decode("utf-8", "replace")
    try:
        return plain_json(answer.body)
    except BadAnswer:
        lines = [line for line in answer.body.split(b"\n") if line.strip()]
        if len(lines) < 2:
            raise
        return [plain_json(line) for line in lines]


def api_version(body: bytes) -> str:
    """The highest API version in an answer to ``GET /version``. Raises ``BadAnswer``, and ``Unsupported`` for
    engines older than we can speak with."""
    answer = plain_json(body)
    version = answer.get("ApiVersion") if isinstance(answer, dict) else None
    if not isinstance(version, str) or not re.fullmatch(r"\d{1,4}\.\d{1,4}", version):
        raise BadAnswer("What answers is no Docker engine: it names no API version.", original=str(answer)[:400])
    if tuple(int(part) for part in version.split(".")) < _OLDEST:
        raise Unsupported(f"The engine speaks API {version} only; at least 1.24 is needed.")
    return version
