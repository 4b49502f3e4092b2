"""The llama.cpp runtime, on the low-level C API of llama-cpp-python.

llama.cpp ends the process when it is used wrongly (a position beyond its cache, an id out of range, a text it
cannot tokenize, two threads at once), so everything that reaches it is checked here first.
"""

from __future__ import annotations

import ctypes
import logging
import math
import os
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from engine import hardware
from engine.errors import EngineError
from engine.runtime import saved_state
from engine.runtime.base import (
    DEFAULT_CONTEXT,
    OnProgress,
    RuntimeInfo,
    Sampling,
    Token,
    Want,
    check_ids,
    check_memory,
    check_option,
    common_prefix,
)
from engine.runtime.fingerprint import gguf_fingerprint
from engine.runtime.gguf_header import GGUFHeader, shown
from engine.runtime.guard import Guard
from engine.runtime.llama_library import c, load, log
from engine.runtime.llama_vocabulary import Vocabulary
from engine.runtime.preflight import check_adapter, check_model, memory_needed

_CACHE_TYPES = {"f16": c.GGML_TYPE_F16, "f32": c.GGML_TYPE_F32}
_CACHE_BYTES = {"f16": 2, "f32": 4}
_FLASH_ATTENTION = {
    None: c.LLAMA_FLASH_ATTN_TYPE_AUTO,
    True: c.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    False: c.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}

# Logits of a whole text are fetched in chunks whose buffer in llama.cpp stays below this.
_LOGITS_BYTES = 64 << 20
_SEQUENCE = 0
_ABORTED = 2  # what llama_decode returns when the abort callback said so


class LlamaRuntime:
    """A GGUF model in llama.cpp. See `Runtime` for the contract and `open_runtime` for the options."""

    def __init__(
        self,
        path: Path | str,
        name: str | None = None,
        *,
        context: int | None = None,
        threads: int | None = None,
        gpu_layers: int | None = None,
        batch: int = 512,
        cache_type: str = "f16",
        flash_attention: bool | None = None,
        memory_percent: int | None = None,
        adapters: Sequence[tuple[Path | str, float]] = (),
        on_load: Callable[[float], None] | None = None,
    ) -> None:
        """Raises EngineError when a file, an option or the memory does not do."""
        check_option("context", context, least=1, whole=True)
        check_option("threads", threads, least=1, whole=True)
        check_option("batch", batch, least=1, whole=True)
        if cache_type not in _CACHE_TYPES:
            raise EngineError("bad_option", option="cache_type", expected=" or ".join(_CACHE_TYPES), value=cache_type)
        self.reused = 0
        self._guard = Guard()
        self._ids: list[int] = []  # what the cache holds
        self._cancelled: threading.Event | None = None
        self._context: Any = None

        header = check_model(Path(path))
        if gpu_layers is None:
            gpu_layers = -1 if c.llama_supports_gpu_offload() else 0
        if gpu_layers == 0:
            positions = min(context or DEFAULT_CONTEXT, header.model_value("context_length"))
            needed = memory_needed(header, positions, _CACHE_BYTES[cache_type])
            check_memory(name or header.path.stem, needed, memory_percent)
        self._vocabulary = Vocabulary(header, load(header, gpu_layers, on_load=on_load))
        try:
            self._open_context(header, context, threads, batch, cache_type, flash_attention)
            self._lay_over([(check_adapter(Path(path)), strength) for path, strength in adapters])
            self.info = self._describe(header, name)
        except BaseException:
            self.close()
            raise

    def _open_context(
        self,
        header: GGUFHeader,
        context: int | None,
        threads: int | None,
        batch: int,
        cache_type: str,
        flash_attention: bool | None,
    ) -> None:
        model = self._vocabulary.model
        if (
            c.llama_model_has_encoder(model)
            or not c.llama_model_has_decoder(model)
            or c.llama_model_is_diffusion(model)
        ):
            kind = f"not a model that writes token by token ({shown(header.architecture)})"
            raise EngineError("model_writes_nothing", place=header.path.name, kind=kind)
        self._trained = c.llama_model_n_ctx_train(model)
        self._limit = min(context or DEFAULT_CONTEXT, self._trained)
        parameters = c.llama_context_default_params()
        # llama.cpp rounds n_ctx up to a multiple of 256; positions beyond ours are refused by us
        parameters.n_ctx = self._limit
        parameters.n_batch = parameters.n_ubatch = min(batch, self._limit)
        parameters.n_threads = parameters.n_threads_batch = threads or hardware.threads_for_model(header.file_size)
        parameters.type_k = parameters.type_v = _CACHE_TYPES[cache_type]
        parameters.flash_attn_type = _FLASH_ATTENTION[flash_attention]
        parameters.swa_full = True  # a cache of the sliding window alone could not be cut back to a prefix
        parameters.no_perf = True
        log.clear()
        self._context = c.llama_init_from_model(model, parameters)
        if not self._context:
            raise EngineError("no_context", log.tail(), context=self._limit, reason=log.reason())
        self._memory = c.llama_get_memory(self._context)
        self._options: dict[str, Any] = {"cache_type": cache_type, "flash_attention": flash_attention}
        self._batch = _Batch(min(batch, c.llama_n_batch(self._context)))
        self._abort_callback = c.ggml_abort_callback(self._should_abort)
        self._no_callback = c.ggml_abort_callback()

    def _lay_over(self, adapters: Sequence[tuple[GGUFHeader, float]]) -> None:
        """Let adapters take part in everything that is computed, each with its strength. Freed with the model."""
        if not adapters:
            return
        loaded = (c.llama_adapter_lora_p_ctypes * len(adapters))()
        strengths = (ctypes.c_float * len(adapters))()
        for number, (header, strength) in enumerate(adapters):
            check_option("adapters", strength, least=-math.inf)
            log.clear()
            handle = c.llama_adapter_lora_init(self._vocabulary.model, os.fsencode(header.path))
            if not handle:
                raise EngineError("adapter_not_loaded", log.tail(), place=header.path.name, reason=log.reason())
            loaded[number], strengths[number] = handle, strength
        if c.llama_set_adapters_lora(self._context, loaded, len(adapters), strengths) != 0:
            raise EngineError("adapter_not_loaded", log.tail(), place=adapters[0][0].path.name, reason=log.reason())
        self._options["adapters"] = [
            [gguf_fingerprint(h.path, h.data_start, h.start), strength] for h, strength in adapters
        ]

    def _describe(self, header: GGUFHeader, name: str | None) -> RuntimeInfo:
        return RuntimeInfo(
            name=name or header.path.stem,
            architecture=header.architecture,
            backend="llama",
            context=self._limit,
            trained_context=self._trained,
            vocabulary=self._vocabulary.size,
            parameters=c.llama_model_n_params(self._vocabulary.model),
            size_bytes=header.file_size,
            fingerprint=gguf_fingerprint(header.path, header.data_start, header.start),
            template=_template(header),
            bos_token=self._vocabulary.bos_token,
            eos_token=self._vocabulary.eos_token,
            adds_bos=self._vocabulary.adds_bos,
        )

    # --- text ---

    def tokenize(self, text: str, special: bool) -> list[int]:
        with self._guard.use():
            return self._vocabulary.tokenize(text, special)

    def piece(self, id: int) -> bytes:
        with self._guard.use():
            return self._vocabulary.piece(id)

    def is_end(self, id: int) -> bool:
        with self._guard.use():
            return self._vocabulary.is_end(id)

    # --- evaluation ---

    def evaluate(self, ids: Sequence[int], want: Want = "last") -> np.ndarray:
        ids = check_ids(ids, self._vocabulary.size, self._limit)
        with self._guard.use():
            self._guard.begin()
            if want == "all":
                return self._evaluate_all(ids)
            for _ in self._prompt(ids):
                pass
            return self._logits(1).copy()

    def _evaluate_all(self, ids: list[int]) -> np.ndarray:
        self._forget()
        self.reused = 0
        rows = np.empty((len(ids), self._vocabulary.size), dtype=np.float32)
        step = max(1, min(self._batch.size, _LOGITS_BYTES // (4 * self._vocabulary.size)))
        for start in range(0, len(ids), step):
            chunk = ids[start : start + step]
            self._decode(chunk, logits="all")
            rows[start : start + len(chunk)] = self._logits(len(chunk))
        return rows

    def generate(
        self,
        ids: Sequence[int],
        sampling: Sampling,
        cancelled: threading.Event | None = None,
        progress: OnProgress | None = None,
    ) -> Iterator[Token]:
        # checked now, not when the first token is asked for
        return self._generate(check_ids(ids, self._vocabulary.size, self._limit), sampling, cancelled, progress)

    def _generate(
        self, ids: list[int], sampling: Sampling, cancelled: threading.Event | None, progress: OnProgress | None
    ) -> Iterator[Token]:
        cancelled = cancelled or threading.Event()
        turn = self._read_prompt(ids, cancelled, progress)
        if turn is None:
            return
        with _sampler(sampling, self._vocabulary.size, ids) as sampler:
            while not cancelled.is_set():
                with self._guard.use(turn):
                    self._check_finite()
                    id = c.llama_sampler_sample(sampler, self._context, -1)
                    token = Token(id, self._vocabulary.piece(id), self._vocabulary.is_end(id))
                yield token
                if token.end or len(self._ids) >= self._limit or cancelled.is_set():
                    return
                with self._guard.use(turn):
                    self._decode([id])

    def _read_prompt(self, ids: list[int], cancelled: threading.Event, progress: OnProgress | None) -> int | None:
        """Bring the cache to `ids` and have the logits of its last one; the turn, or None when cancelled before."""
        with self._guard.use():
            turn = self._guard.begin()
            self._cancelled = cancelled
            c.llama_set_abort_callback(self._context, self._abort_callback, None)
            try:
                for done in self._prompt(ids):
                    if progress is not None:
                        progress(done, len(ids))
                    if cancelled.is_set():
                        return None
            except _AbortError:
                return None
            finally:
                # asked at every node of the graph: worth it for a chunk of a prompt, not for a single token
                c.llama_set_abort_callback(self._context, self._no_callback, None)
                self._cancelled = None
        return turn

    def _prompt(self, ids: list[int]) -> Iterator[int]:
        """Evaluate what the cache does not hold, yielding how many tokens are done: at first, and after each chunk."""
        self.reused = self._keep_prefix(ids)
        yield self.reused
        for start in range(self.reused, len(ids), self._batch.size):
            chunk = ids[start : start + self._batch.size]
            self._decode(chunk, logits="last" if start + len(chunk) == len(ids) else "none")
            yield start + len(chunk)

    def _keep_prefix(self, ids: list[int]) -> int:
        """Cut the cache back to its common prefix with `ids`, short of the last one; its length."""
        length = common_prefix(self._ids, ids[:-1])
        if length < len(self._ids):
            if length and c.llama_memory_seq_rm(self._memory, _SEQUENCE, length, -1):
                del self._ids[length:]
            else:  # nothing in common, or a recurrent model, which cannot go back
                self._forget()
        return len(self._ids)

    def _decode(self, ids: list[int], logits: str = "last") -> None:
        """Evaluate ids behind what the cache holds. After anything but success the cache is empty."""
        start = len(self._ids)
        assert len(ids) <= self._batch.size  # llama.cpp ends the process otherwise
        assert start + len(ids) <= self._limit  # here too
        log.clear()
        result = c.llama_decode(self._context, self._batch.fill(ids, start, logits))
        if result == 0:
            self._ids += ids
            return
        self._forget()
        if result == _ABORTED:
            raise _AbortError
        raise EngineError("evaluation_failed", f"llama_decode returned {result}\n{log.tail()}", place=self.info.name)

    def _forget(self) -> None:
        c.llama_memory_clear(self._memory, True)
        self._ids = []

    def _logits(self, rows: int) -> np.ndarray:
        """llama.cpp's own buffer with the last `rows` rows that were asked for."""
        pointer = c.llama_get_logits_ith(self._context, -rows)
        return np.ctypeslib.as_array(pointer, (rows, self._vocabulary.size))

    def _check_finite(self) -> None:
        """-inf forbids a token; NaN and +inf are the marks of broken weights, and sampling them never ends well."""
        if not self._logits(1).max() < np.inf:
            raise EngineError("not_a_number", place=self.info.name)

    def _should_abort(self, _user_data: object) -> bool:
        return self._cancelled is not None and self._cancelled.is_set()

    # --- state ---

    def save_state(self) -> bytes:
        with self._guard.use():
            size = c.llama_state_seq_get_size(self._context, _SEQUENCE)
            cache = (ctypes.c_uint8 * size)()
            written = c.llama_state_seq_get_data(self._context, cache, size, _SEQUENCE)
            return saved_state.pack(self._belongs_to(), self._ids, memoryview(cache)[:written])

    def load_state(self, state: bytes) -> None:
        ids, cache = saved_state.unpack(state, self._belongs_to(), self._limit)
        present = saved_state.unpack(self.save_state(), self._belongs_to(), self._limit)
        with self._guard.use():
            self._guard.begin()
            if not self._put(ids, cache):
                self._put(*present)
                raise EngineError("bad_state", log.tail())

    def _belongs_to(self) -> dict[str, Any]:
        return {"runtime": "llama", "model": self.info.fingerprint, **self._options}

    def _put(self, ids: list[int], cache: bytes) -> bool:
        """Make this the cache; False, and an empty cache, when llama.cpp does not take it."""
        self._forget()
        if not ids:
            return True
        buffer = (ctypes.c_uint8 * len(cache)).from_buffer_copy(cache)
        read = c.llama_state_seq_set_data(self._context, buffer, len(cache), _SEQUENCE)
        if not read or c.llama_memory_seq_pos_max(self._memory, _SEQUENCE) != len(ids) - 1:
            self._forget()
            return False
        self._ids = ids
        return True

    def close(self) -> None:
        with self._guard.close() as was_open:
            if was_open:
                if self._context is not None:
                    c.llama_free(self._context)
                self._vocabulary.close()


class _AbortError(Exception):
    """The abort callback stopped a chunk of the prompt."""


class _Batch:
    """Room for one call of llama_decode; llama.cpp reads these arrays, so they live as long as the runtime."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._tokens = (c.llama_token * size)()
        self._positions = (c.llama_pos * size)()
        self._logits = (ctypes.c_int8 * size)()
        self._sequence = (c.llama_seq_id * 1)(_SEQUENCE)
        one = ctypes.cast(self._sequence, ctypes.POINTER(c.llama_seq_id))
        self._counts = (ctypes.c_int32 * size)(*[1] * size)
        self._sequences = (ctypes.POINTER(c.llama_seq_id) * size)(*[one] * size)

    def fill(self, ids: list[int], start: int, logits: str) -> Any:
        """The ids at positions from `start` on, with logits for "all" of them, the "last" one, or "none"."""
        count = len(ids)
        self._tokens[:count] = [*ids]
        self._positions[:count] = list(range(start, start + count))
        self._logits[:count] = [int(logits == "all")] * count
        self._logits[count - 1] = int(logits != "none")
        return c.llama_batch(
            n_tokens=count,
            token=self._tokens,
            embd=None,
            pos=self._positions,
            n_seq_id=self._counts,
            seq_id=self._sequences,
            logits=self._logits,
        )


@contextmanager
def _sampler(sampling: Sampling, vocabulary: int, ids: list[int]) -> Iterator[Any]:
    """llama.cpp's own chain, in the order of `Sampling`; it has seen `ids`."""
    parameters = c.llama_sampler_chain_default_params()
    parameters.no_perf = True
    chain = c.llama_sampler_chain_init(parameters)
    try:
        if sampling.repetition_penalty != 1.0 and sampling.penalty_window:
            window = sampling.penalty_window
            penalties = c.llama_sampler_init_penalties(vocabulary, window, sampling.repetition_penalty, 0.0, 0.0)
            for id in ids[-window:]:
                c.llama_sampler_accept(penalties, id)
            c.llama_sampler_chain_add(chain, penalties)
        if sampling.temperature == 0:
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_greedy())
        else:
            # the largest 32-bit number asks llama.cpp for a seed of its own
            seed = random.SystemRandom().randrange(0xFFFFFFFF) if sampling.seed is None else sampling.seed % 0xFFFFFFFF
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_top_k(sampling.top_k))
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_top_p(sampling.top_p, 1))
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_min_p(sampling.min_p, 1))
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_temp(sampling.temperature))
            c.llama_sampler_chain_add(chain, c.llama_sampler_init_dist(seed))
        yield chain
    finally:
        c.llama_sampler_free(chain)


def _template(header: GGUFHeader) -> str | None:
    template = header.metadata.get("tokenizer.chat_template")
    if isinstance(template, str):
        return template or None
    if template is not None:
        logging.getLogger(__name__).warning("%s: its chat template is not text, so it has none", header.path.name)
    return None
