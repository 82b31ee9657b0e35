"""``docker secret`` and ``docker config``: from a request to what the CLI sends."""

from __future__ import annotations

import base64

from backends.change.compile_service import deletions
from backends.change.flag_error import refuse
from backends.change.part import Spec, assign
from backends.change.requests import ConfigCreate, ConfigRemove, SecretCreate, SecretRemove
from backends.change.steps import Compiled, Recorder
from backends.change.surroundings import Surroundings


def _body(request: SecretCreate | ConfigCreate, around: Surroundings) -> Spec:
    if not request.name:
        what = "SECRET" if isinstance(request, SecretCreate) else "CONFIG"
        raise refuse("A name is needed.", what, "such as app_key")
    body: Spec = {
        "Name": request.name,
        "Labels": {k: v for k, _, v in (text.partition("=") for text in request.options.values("label"))},
    }
    if request.file:
        source = "STDIN" if request.file == "-" else request.file
        data = around.read_input() if request.file == "-" else around.file(request.file, "FILE")
        if not data:
            raise refuse(f"error reading from {source}: data is empty", "FILE", "a file that is not empty")
        assign(body, "Data", base64.b64encode(data).decode())
    driver, template = request.options.text("driver"), request.options.text("template-driver")
    assign(body, "Driver", {"Name": driver} if driver else None)
    assign(body, "Templating", {"Name": template} if template else None)
    return body


async def create_secret(request: SecretCreate, recorder: Recorder, around: Surroundings) -> Compiled:
    """``secret create``."""
    recorder.write("POST", "/secrets/create", _body(request, around))
    return Compiled(request, tuple(recorder.steps))


async def create_config(request: ConfigCreate, recorder: Recorder, around: Surroundings) -> Compiled:
    """``config create``."""
    recorder.write("POST", "/configs/create", _body(request, around))
    return Compiled(request, tuple(recorder.steps))


async def remove_secret(request: SecretRemove, recorder: Recorder, around: Surroundings) -> Compiled:
    """``secret rm``."""
    return deletions(request, "secrets", request.names, recorder)


async def remove_config(request: ConfigRemove, recorder: Recorder, around: Surroundings) -> Compiled:
    """``config rm``."""
    return deletions(request, "configs", request.names, recorder)
