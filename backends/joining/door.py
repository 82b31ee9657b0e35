"""A change on another machine's engine, through the same door and into the same journal as all others."""

from __future__ import annotations

from backends.api import Engine
from backends.change.compile import compile_request
from backends.change.journal import Journal
from backends.change.outcome import Outcome, State
from backends.change.perform import send
from backends.change.requests import Request
from backends.change.steps import Compiled
from backends.change.surroundings import Surroundings
from backends.errors import BackendError


class Door:
    """What changes are sent through. ``context`` is written beside them."""

    def __init__(self, journal: Journal | None, context: str = "", readonly: bool = False) -> None:
        self._journal, self._context, self.readonly = journal, context, readonly

    async def send(self, request: Request, engine: Engine, where: str = "", *, secret: str = "") -> Outcome:
        """Compiles and sends a request to the engine of ``where``. ``secret`` is what it reads from standard input.
        What goes wrong is in the outcome; raises ``ReadOnly`` and ``OSError`` (the journal cannot be written: nothing
        was sent)."""
        around = Surroundings(api_version=engine.api_version, read_input=lambda: secret.encode())
        try:
            compiled = await compile_request(request, engine, around)
        except BackendError as error:
            return Outcome(request, State.REFUSED, str(error), error=error, hint=error.hint)
        if not isinstance(compiled, Compiled):
            return Outcome(request, State.REFUSED, compiled[0].sentence, hint=compiled[0].instead)
        context = ", ".join(filter(None, (self._context, where)))
        return await send(
            compiled,
            engine,
            journal=self._journal,
            context=context,
            readonly=self.readonly,
            reconnect=engine.connect,
        )
