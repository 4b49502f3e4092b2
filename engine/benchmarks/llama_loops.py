"""What our chat is compared with on a GGUF file: the least that llama.cpp's C API needs, and the high-level class.

Both take token ids and write greedily; they are opened as `LlamaOptions` opens ours.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from engine.benchmarks.replies import Reply
from engine.benchmarks.turns import CancelledError
from engine.errors import EngineError
from engine.runtime import load_errors
from engine.runtime.llama_library import c, has_gpu, high_level, load, log
from engine.runtime.llama_options import BATCH
from engine.runtime.preflight import check_model

_LAYERS = -1 if has_gpu else 0


class BareLoop:
    """Decode, take the likeliest, decode that: no text, no checks, nothing of ours."""

    def __init__(self, path: Path, context: int, threads: int) -> None:
        """Raises EngineError as opening a model does, `no_context` among them."""
        self._model = load(check_model(path), _LAYERS)
        parameters = c.llama_context_default_params()
        parameters.n_ctx, parameters.n_batch, parameters.n_ubatch = context, min(BATCH, context), min(BATCH, context)
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.type_k = parameters.type_v = c.GGML_TYPE_F16
        parameters.flash_attn_type = c.LLAMA_FLASH_ATTN_TYPE_ENABLED
        parameters.no_perf = True
        self._batch: int = parameters.n_batch
        self._context = c.llama_init_from_model(self._model, parameters)
        if not self._context:
            c.llama_model_free(self._model)
            raise load_errors.no_context(path.name, context, "f16", log.reason(), log.tail())
        self._sampler = c.llama_sampler_init_greedy()

    def reply(self, ids: Sequence[int], count: int, cancelled: threading.Event) -> Reply:
        """So many tokens after `ids`, whatever they are."""
        c.llama_memory_clear(c.llama_get_memory(self._context), True)
        began = perf_counter()
        for start in range(0, len(ids), self._batch):
            self._decode(ids[start : start + self._batch])
        written = [c.llama_sampler_sample(self._sampler, self._context, -1)]
        first = perf_counter()
        while len(written) < count:
            if cancelled.is_set():
                raise CancelledError
            self._decode(written[-1:])
            written.append(c.llama_sampler_sample(self._sampler, self._context, -1))
        return Reply(len(ids), len(written), first - began, perf_counter() - first)

    def _decode(self, ids: Sequence[int]) -> None:
        tokens = (c.llama_token * len(ids))(*ids)
        if c.llama_decode(self._context, c.llama_batch_get_one(tokens, len(ids))) != 0:
            raise EngineError("evaluation_failed", log.tail(), place="llama.cpp")

    def close(self) -> None:
        c.llama_sampler_free(self._sampler)
        c.llama_free(self._context)
        c.llama_model_free(self._model)


class HighLevel:
    """`llama_cpp.Llama` as programs use it: a completion that streams text, with so many alternatives to each token.

    It has those only where it is opened to keep the logits of every position.
    """

    def __init__(self, path: Path, context: int, threads: int, choices: int = 0) -> None:
        self._choices = choices or None
        self._llama = high_level()(
            str(path),
            n_ctx=context,
            n_batch=BATCH,
            n_ubatch=BATCH,
            n_threads=threads,
            n_threads_batch=threads,
            n_gpu_layers=_LAYERS,
            type_k=c.GGML_TYPE_F16,
            type_v=c.GGML_TYPE_F16,
            flash_attn=True,
            logits_all=choices > 0,
            no_perf=True,
            verbose=False,
        )

    def reply(self, ids: Sequence[int], count: int, cancelled: threading.Event) -> Reply:
        """At most so many tokens after `ids`; the first has come when the first text has."""
        self._llama.reset()
        began = perf_counter()
        first = None
        options = {"max_tokens": count, "temperature": 0, "logprobs": self._choices}
        for _ in self._llama.create_completion(list(ids), stream=True, **options):
            first = first or perf_counter()
            if cancelled.is_set():
                raise CancelledError
        ended = perf_counter()
        # All but the last token written have been evaluated.
        return Reply(len(ids), self._llama.n_tokens - len(ids) + 1, (first or ended) - began, ended - (first or ended))

    def close(self) -> None:
        self._llama.close()
