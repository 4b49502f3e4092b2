"""Makes room in memory: what rests in another worker is unloaded before a model that would not fit beside it is loaded.

The model that a worker holds is replaced by the next one it loads, so only the other workers are looked at. What is
being used is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.engine_client import EngineClient
from engine import hardware
from engine.library import facts
from engine.library.memory_fit import rough, verdict


class MakingRoom(QObject):
    """`ejected(path, path)`: of the model that was unloaded, and of the one that is being loaded in its place."""

    ejected = Signal(str, str)

    def __init__(self, clients: Sequence[EngineClient], parent: QObject | None = None) -> None:
        """clients: those whose workers may hold models."""
        super().__init__(parent)
        self._clients = clients
        for client in clients:
            client.loading.connect(partial(self._make_room, client))

    def _make_room(self, client: EngineClient, params: dict[str, Any]) -> None:
        resting = [other for other in self._clients if other is not client and other.resting_model]
        if not resting:
            return
        try:
            need = rough(facts.weight_bytes(Path(params["model"])))
        except OSError:  # it cannot be read, which loading will say
            return
        freed = client.memory_bytes()
        for other in resting:
            if verdict(need, hardware.memory(), freed) == "fits":
                return
            path, freed = other.resting_model, freed + other.memory_bytes()
            other.stop_worker()
            self.ejected.emit(path, str(params["model"]))
