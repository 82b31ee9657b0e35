"""Values worth trying of every type of flag, right and wrong ones: those of ``values.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

VALUES: Mapping[str, Sequence[str]] = json.loads(Path(__file__).with_name("values.json").read_text())
