"""Paths of what is asked for first. Imports nothing, so that a prefetch can begin before anything heavy is read."""

from __future__ import annotations

INFO = "/info"
VERSION = "/version"
SWARM = "/swarm"
#: Listings by kind (``backends.model.Kind`` values), with the arguments that make them whole.
LISTINGS = {
    "node": "/nodes",
    "service": "/services?status=true",
    "task": "/tasks",
    "container": "/containers/json?all=true",
    "network": "/networks",
    "volume": "/volumes",
    "image": "/images/json",
    "config": "/configs",
    "secret": "/secrets",
}
