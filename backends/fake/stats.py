"""Samples of what a container uses, in the form of ``GET /containers/ID/stats``."""

from __future__ import annotations

import math

from backends.fake.bus import Obj
from backends.fake.profiles import profile_of
from backends.fake.world import World

_SECOND = 1_000_000_000


def sample(world: World, box: Obj, number: int) -> Obj:
    """Sample ``number`` of a stream. Usage goes up and down around what the image's profile says."""
    profile = profile_of(box["Config"]["Image"])
    if not box["State"]["Running"]:
        return {
            "read": "0001-01-01T00:00:00Z",
            "id": box["Id"],
            "name": box["Name"],
            "cpu_stats": {},
            "memory_stats": {},
        }
    phase = int(box["Id"][:4], 16)
    now = world.now()

    def used(at: float) -> int:
        swing = math.sin(at / 7 + phase) + math.sin(at / 3.1)
        return int((at % 10_000_000 + swing) * profile.cpu / 100 * _SECOND)

    memory = (profile.memory << 20) + int(math.sin(now / 11 + phase) * (1 << 20))
    limit = box["HostConfig"]["Memory"] or 33_500_000_000
    moved = int(now) % 1_000_000
    return {
        "read": world.stamp(),
        "preread": world.stamp(1.0) if number else "0001-01-01T00:00:00Z",
        "pids_stats": {"current": 1 + len(profile.processes), "limit": 18446744073709551615},
        "num_procs": 0,
        "cpu_stats": _cpu(used(now), now),
        "precpu_stats": _cpu(used(now - 1), now - 1) if number else {"cpu_usage": {"total_usage": 0}},
        "memory_stats": {"usage": memory + (4 << 20), "limit": limit, "stats": {"inactive_file": 4 << 20}},
        "blkio_stats": {
            "io_service_bytes_recursive": [
                {"major": 254, "minor": 0, "op": "read", "value": 8_192_000},
                {"major": 254, "minor": 0, "op": "write", "value": moved * 2048},
            ]
        },
        "networks": {
            f"eth{i}": {
                "rx_bytes": moved * 12_000 // (i + 1),
                "tx_bytes": moved * 88_000 // (i + 1),
                "rx_packets": moved * 20,
                "tx_packets": moved * 60,
                "rx_errors": 0,
                "tx_errors": 0,
                "rx_dropped": 0,
                "tx_dropped": 0,
            }
            for i in range(len(box["NetworkSettings"]["Networks"]))
        },
        "name": box["Name"],
        "id": box["Id"],
    }


def _cpu(total: int, at: float) -> Obj:
    return {
        "cpu_usage": {"total_usage": total, "usage_in_kernelmode": total // 4, "usage_in_usermode": total * 3 // 4},
        "system_cpu_usage": int(at % 10_000_000 * 8 * _SECOND),
        "online_cpus": 8,
        "throttling_data": {"periods": 0, "throttled_periods": 0, "throttled_time": 0},
    }
