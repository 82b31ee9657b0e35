"""Registry credentials as the docker CLI keeps them: ``config.json``, credential stores and helpers."""

from __future__ import annotations

import base64
import json

from backends.change.image_reference import registry_of

#: The key that Docker Hub's credentials are kept under.
_HUB = "https://index.docker.io/v1/"
#: What the CLI sends where it knows none.
ANONYMOUS = "e30="


def registry_auth(image: str) -> str:
    """The value of ``X-Registry-Auth`` for an image: URL-safe base64 of the credentials for its registry. Asks a
    credential store where one is configured, which may take a moment; reads the files of the user we run as."""
    # Imported here: the SDK costs a tenth of a second, and few changes send credentials.
    import docker.auth
    import docker.errors

    registry = registry_of(image)
    try:
        found = docker.auth.load_config().resolve_authconfig("" if registry == "docker.io" else registry)
    except docker.errors.DockerException:
        return ANONYMOUS
    if not found:
        return ANONYMOUS
    lowered = {key.lower(): value for key, value in found.items() if isinstance(value, str) and value}
    lowered.setdefault("serveraddress", _HUB if registry == "docker.io" else registry)
    return base64.urlsafe_b64encode(json.dumps(lowered, separators=(",", ":")).encode()).decode()
