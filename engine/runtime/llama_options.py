"""How a GGUF model is opened: every option once, with what it may be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import hardware
from engine.errors import EngineError
from engine.library.memory_fit import LOGITS_ROWS
from engine.phrases import phrase
from engine.runtime import llama_library
from engine.runtime.base import CACHE_TYPES, DEFAULT_CONTEXT, SPECULATIONS, check_choice, check_option
from engine.runtime.llama_library import c

BATCH = 512
CACHE_TYPE = "f16"

_BF16 = 30  # ggml's GGML_TYPE_BF16, which the binding leaves out

# What keys and values are kept as.
_CACHE_TYPES = {
    "f32": c.GGML_TYPE_F32,
    "f16": c.GGML_TYPE_F16,
    "bf16": _BF16,
    "q8_0": c.GGML_TYPE_Q8_0,
    "q5_1": c.GGML_TYPE_Q5_1,
    "q5_0": c.GGML_TYPE_Q5_0,
    "q4_1": c.GGML_TYPE_Q4_1,
    "q4_0": c.GGML_TYPE_Q4_0,
}

_FLASH_ATTENTION = {
    None: c.LLAMA_FLASH_ATTN_TYPE_AUTO,
    True: c.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    False: c.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}


@dataclass(frozen=True)
class LlamaOptions:
    """None is automatic everywhere.

    context: positions. gpu_layers: blocks held by a graphics processor, -1 for all. batch: tokens evaluated together.
    cache_type: one of `CACHE_TYPES`. mmap: map the file instead of reading it. mlock: keep the weights in main memory.
    speculation: one of `SPECULATIONS`; draft_model: the path of a GGUF with the same vocabulary.
    adapters: pairs of the path of an adapter GGUF and its strength, 1 for as it was trained.
    Raises EngineError `bad_option` for what an option cannot be, `flash_attention_needed` and `draft_model_missing` for
    options that do not go together.
    """

    context: int | None = None
    gpu_layers: int | None = None
    threads: int | None = None
    batch: int | None = None
    cache_type: str | None = None
    flash_attention: bool | None = None
    mmap: bool | None = None
    mlock: bool | None = None
    speculation: str | None = None
    draft_model: Path | str | None = None
    adapters: Sequence[tuple[Path | str, float]] | None = None

    def __post_init__(self) -> None:
        for name in ("context", "threads", "batch"):
            check_option(name, getattr(self, name), least=1, most=2**31 - 1, whole=True)
        check_option("gpu_layers", self.gpu_layers, least=-1, most=2**31 - 1, whole=True)
        check_choice("cache_type", self.cache_type, CACHE_TYPES)
        check_choice("speculation", self.speculation, SPECULATIONS)
        for name in ("flash_attention", "mmap", "mlock"):
            check_choice(name, getattr(self, name), (True, False))
        for _, strength in self.adapters or ():
            check_option("adapters", strength, least=-math.inf)
        if self.quantized_cache and self.flash_attention is False:
            raise EngineError("flash_attention_needed", cache_type=self.cache_type)
        if self.speculation == "draft" and self.draft_model is None:
            raise EngineError("draft_model_missing")

    @property
    def quantized_cache(self) -> bool:
        return (self.cache_type or CACHE_TYPE).startswith("q")

    @property
    def maps(self) -> bool:
        """Whether the file is mapped."""
        return self.mmap is not False

    def of_memory(self, gpu_layers: int) -> dict[str, Any]:
        """As `memory_fit.needed` takes them. Pages that are locked cannot be taken back."""
        return {
            "context": self.context or DEFAULT_CONTEXT,
            "cache_type": self.cache_type or CACHE_TYPE,
            "flash_attention": True if self.quantized_cache else self.flash_attention,
            "batch": self.batch or BATCH,
            "gpu_layers": gpu_layers,
            "mmap": self.maps and not self.mlock,
        }

    def positions(self, trained: int) -> int:
        """How many there are, of a model trained with so many."""
        return min(self.context or DEFAULT_CONTEXT, trained)

    def layers_on_gpu(self) -> int:
        """As llama.cpp counts them.

        Raises EngineError `no_gpu` or `driver_too_old` where they were asked for and there is nothing to put them on.
        """
        if llama_library.has_gpu:
            return -1 if self.gpu_layers is None else self.gpu_layers
        if self.gpu_layers:
            raise llama_library.no_gpu()
        return 0

    def check_lockable(self, place: str, weights: int) -> None:
        """Raises EngineError `not_lockable` where mlock is asked for and the system does not let so many bytes stay."""
        if not self.mlock:
            return
        if not c.llama_supports_mlock():
            raise EngineError("not_lockable", place=place, reason=phrase("this system has no way to do that"))
        limit = hardware.lockable()
        if limit is not None and limit < weights:
            sizes = {"needed": hardware.size_text(weights), "allowed": hardware.size_text(limit)}
            reason = phrase("it needs {needed}, and a program may keep {allowed}", **sizes)
            raise EngineError("not_lockable", place=place, reason=reason)

    def load_mode(self) -> int:
        """llama.cpp's own choice of mapping, unless one was made."""
        if self.mmap is None and not self.mlock:
            return int(c.LLAMA_LOAD_MODE_AUTO)
        mapped = c.LLAMA_LOAD_MODE_MMAP if self.mmap in (None, True) else c.LLAMA_LOAD_MODE_NONE
        locked = c.LLAMA_LOAD_MODE_MLOCK if self.mlock else c.LLAMA_LOAD_MODE_NONE
        return int(mapped | locked)

    def context_parameters(self, positions: int, threads: int) -> Any:
        """llama.cpp's structure for a context that can be cut back to any prefix."""
        parameters = c.llama_context_default_params()
        # llama.cpp rounds n_ctx up to a multiple of 256; positions beyond ours are refused by us
        parameters.n_ctx = positions
        parameters.n_batch = parameters.n_ubatch = min(self.batch or BATCH, positions)
        parameters.n_outputs_max = min(LOGITS_ROWS, positions)  # logits of a whole batch take hundreds of megabytes
        parameters.n_threads = parameters.n_threads_batch = self.threads or threads
        parameters.type_k = parameters.type_v = _CACHE_TYPES[self.cache_type or CACHE_TYPE]
        flash_attention = True if self.quantized_cache else self.flash_attention
        parameters.flash_attn_type = _FLASH_ATTENTION[flash_attention]
        parameters.swa_full = True  # a cache of the sliding window alone could not be cut back to a prefix
        parameters.no_perf = True
        return parameters

    def of_the_cache(self) -> dict[str, Any]:
        """What a saved cache depends on, besides the model and its adapters."""
        return {"cache_type": self.cache_type or CACHE_TYPE, "flash_attention": self.flash_attention}
