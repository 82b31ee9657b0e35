"""asyncssh, imported when the first SSH endpoint is used: it costs 140 to 200 ms, and most sessions need none."""

from __future__ import annotations

import asyncio
import importlib
import logging
import sys


async def load() -> None:
    """Imports asyncssh on a thread, so that the screen goes on meanwhile. Functions import it for themselves
    afterwards, which costs nothing then; at the head of a module only ``TYPE_CHECKING`` may."""
    if "asyncssh" not in sys.modules:
        await asyncio.to_thread(importlib.import_module, "asyncssh")
    quiet()


def quiet() -> None:
    """Keeps asyncssh and asyncio from writing to the terminal where nobody has configured logging.

    At the end of a cut connection asyncio logs ``socket.send() raised exception.``; without any handler Python
    writes that to stderr, over the screen.
    """
    for name in ("asyncssh", "asyncio"):
        logger = logging.getLogger(name)
        if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            logger.addHandler(logging.NullHandler())
    asyncssh_logger = logging.getLogger("asyncssh")
    if asyncssh_logger.level == logging.NOTSET:
        asyncssh_logger.setLevel(logging.WARNING)  # it logs each channel at INFO
