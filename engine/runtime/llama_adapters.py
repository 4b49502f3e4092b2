"""LoRA adapters over a model in llama.cpp: each file is read once, then attached and detached at will."""

from __future__ import annotations

import ctypes
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.runtime.base import check_option
from engine.runtime.fingerprint import gguf_fingerprint
from engine.runtime.llama_library import c, log
from engine.runtime.preflight import check_adapter


class Adapters:
    """What takes part in everything a context computes, each with its strength. llama.cpp frees them with the model."""

    def __init__(self, model: Any, context: Any) -> None:
        self._model, self._context = model, context
        self._loaded: dict[str, Any] = {}  # by fingerprint
        self.attached: dict[str, float] = {}  # strengths by fingerprint

    def attach(self, pairs: Sequence[tuple[Path | str, float]]) -> None:
        """These and no others. Raises EngineError and changes nothing when one does not fit.

        `bad_option` for a strength, `gguf_not`, `gguf_broken` or `adapter_not_loaded` for a file.
        """
        for _, strength in pairs:
            check_option("adapters", strength, least=-math.inf)
        wanted: dict[str, float] = {}
        for path, strength in pairs:
            fingerprint = self._load(Path(path))
            wanted[fingerprint] = wanted.get(fingerprint, 0.0) + strength  # llama.cpp would keep the last one only
        count = len(wanted)
        handles = (c.llama_adapter_lora_p_ctypes * max(1, count))(*[self._loaded[name] for name in wanted])
        strengths = (ctypes.c_float * max(1, count))(*wanted.values())
        log.clear()
        if c.llama_set_adapters_lora(self._context, handles, count, strengths) != 0:
            raise EngineError("adapter_not_loaded", log.tail(), place=Path(pairs[0][0]).name, reason=log.reason())
        self.attached = wanted

    def _load(self, path: Path) -> str:
        """The fingerprint of an adapter that llama.cpp holds from now on."""
        header = check_adapter(path)
        fingerprint = gguf_fingerprint(header.path, header.data_start)
        if fingerprint not in self._loaded:
            log.clear()
            handle = c.llama_adapter_lora_init(self._model, os.fsencode(header.path))
            if not handle:
                raise EngineError("adapter_not_loaded", log.tail(), place=header.path.name, reason=log.reason())
            self._loaded[fingerprint] = handle
        return fingerprint
