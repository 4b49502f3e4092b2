"""The worker processes of the window, one client for each thing that may go on beside the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from app.engine_client import GRACE_MS, EngineClient
from engine.processes import helper_command

TRAINING_GRACE_MS = 120_000  # a step ends, and what was learnt is written, before its worker would be ended


def in_background(grace_ms: int = GRACE_MS) -> EngineClient:
    """A client whose worker gives way to what the person waits for."""
    return EngineClient([*helper_command("worker"), "--background"], grace_ms=grace_ms)


@dataclass
class Workers:
    """No process is started before there is a job for it. remote: for chats with models that a provider has; talks: for
    two models that are asked side by side; fetching makes one for each download.
    """

    chat: EngineClient = field(default_factory=EngineClient)
    remote: EngineClient = field(default_factory=lambda: EngineClient(patient=True))
    talks: tuple[EngineClient, EngineClient] = field(default_factory=lambda: (EngineClient(), EngineClient()))
    data: EngineClient = field(default_factory=in_background)
    training: EngineClient = field(default_factory=lambda: in_background(TRAINING_GRACE_MS))
    library: EngineClient = field(default_factory=in_background)
    files: EngineClient = field(default_factory=in_background)
    hub: EngineClient = field(default_factory=in_background)
    servers: EngineClient = field(default_factory=in_background)
    settings: EngineClient = field(default_factory=in_background)
    updates: EngineClient = field(default_factory=in_background)
    fetching: Callable[[], EngineClient] = in_background

    @property
    def holders(self) -> tuple[EngineClient, ...]:
        """Those whose workers may hold models of this computer."""
        return self.chat, *self.talks
