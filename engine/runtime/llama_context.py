"""One llama.cpp context: a model's cache of keys and values, the ids in it, and evaluating more of them."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np

from engine import hardware
from engine.errors import EngineError
from engine.library.memory_fit import LOGITS_ROWS
from engine.runtime import load_errors
from engine.runtime.base import CacheReason, cache_reason, common_prefix
from engine.runtime.gguf_header import GGUFHeader
from engine.runtime.llama_library import c, log
from engine.runtime.llama_options import LlamaOptions

Rows = Literal["none", "last", "all"]  # of which tokens logits are wanted

_SEQUENCE = 0
_ABORTED = 2  # what llama_decode returns when the abort callback said so


class AbortError(Exception):
    """The abort callback stopped an evaluation."""


class Context:
    """Evaluates ids behind those its cache holds. Whoever calls sees to it that they are of the vocabulary."""

    def __init__(self, model: Any, header: GGUFHeader, options: LlamaOptions, name: str, vocabulary: int) -> None:
        """Raises EngineError `cache_unfit`, `gpu_out_of_memory` or `no_context`."""
        self._name, self._vocabulary = name, vocabulary
        self._cancelled: threading.Event | None = None
        self.ids: list[int] = []  # what the cache holds
        self.reason: CacheReason | None = None  # why it gave the last prompt no more than it did
        self._emptied: CacheReason = "first"  # why it is empty, when it is
        self._row_at = 0, np.empty(0, np.float32)  # the address of the row last asked for, and it
        self.trained: int = c.llama_model_n_ctx_train(model)
        self.limit = options.positions(self.trained)
        self.goes_back = not (c.llama_model_is_recurrent(model) or c.llama_model_is_hybrid(model))
        parameters = options.context_parameters(self.limit, hardware.threads_for_model(header.file_size))
        log.clear()
        self.handle = c.llama_init_from_model(model, parameters)
        if not self.handle:
            raise load_errors.no_context(name, self.limit, options.cache_type or "", log.reason(), log.tail())
        self._memory = c.llama_get_memory(self.handle)
        self._batch = _Batch(min(parameters.n_batch, c.llama_n_batch(self.handle)))
        self._abort_callback = c.ggml_abort_callback(self._should_abort)
        self._no_callback = c.ggml_abort_callback()

    @property
    def batch(self) -> int:
        """How many tokens can be evaluated together."""
        return self._batch.size

    def evaluate(self, ids: list[int], rows: Rows = "last") -> None:
        """After anything but success the cache is empty. Raises EngineError `evaluation_failed`, AbortError."""
        start = len(self.ids)
        assert len(ids) <= self._batch.size  # llama.cpp ends the process otherwise
        assert start + len(ids) <= self.limit  # here too
        assert rows != "all" or len(ids) <= LOGITS_ROWS  # and here
        log.clear()
        result = c.llama_decode(self.handle, self._batch.fill(ids, start, rows))
        if result == 0:
            self.ids += ids
            return
        self.forget("stopped")
        if result == _ABORTED:
            raise AbortError
        raise EngineError("evaluation_failed", f"llama_decode returned {result}\n{log.tail()}", place=self._name)

    def read(self, ids: list[int]) -> Iterator[int]:
        """Bring the cache to `ids`, yielding how many are done: at first those it holds, then after each chunk."""
        done = self.keep_prefix(ids)
        yield done
        for start in range(done, len(ids), self._batch.size):
            chunk = ids[start : start + self._batch.size]
            self.evaluate(chunk, "last" if start + len(chunk) == len(ids) else "none")
            yield start + len(chunk)

    def keep_prefix(self, ids: list[int]) -> int:
        """Cut the cache back to its common prefix with `ids`, short of the last one; its length."""
        held = self.ids.copy()
        self.cut(common_prefix(held, ids[:-1]))
        self.reason = cache_reason(
            held, ids, len(self.ids), self._emptied, bound="window" if self.goes_back else "recurrent"
        )
        return len(self.ids)

    def cut(self, length: int) -> None:
        """Forget what is behind so many ids; all, where llama.cpp cannot go back (a recurrent model)."""
        if length >= len(self.ids):
            return
        if length and c.llama_memory_seq_rm(self._memory, _SEQUENCE, length, -1):
            del self.ids[length:]
        else:
            self.forget()

    def forget(self, reason: CacheReason = "first") -> None:
        c.llama_memory_clear(self._memory, True)
        self.ids, self._emptied = [], reason

    def logits(self, rows: int) -> np.ndarray:
        """llama.cpp's own buffer with the last `rows` rows that were asked for."""
        pointer = c.llama_get_logits_ith(self.handle, -rows)
        return np.ctypeslib.as_array(pointer, (rows, self._vocabulary))

    def row(self, index: int) -> np.ndarray:
        """The same buffer, but one row of it, (vocabulary,), counted from the last, -1."""
        pointer = c.llama_get_logits_ith(self.handle, index)
        address = ctypes.addressof(pointer.contents)
        if address != self._row_at[0]:  # to make an array takes longer than to look
            self._row_at = address, np.ctypeslib.as_array(pointer, (self._vocabulary,))
        return self._row_at[1]

    @contextmanager
    def stopped_by(self, cancelled: threading.Event) -> Iterator[None]:
        """While entered, an evaluation looks at `cancelled` at every node of the graph, and raises AbortError.

        Worth it for a chunk of a prompt, not for a single token.
        """
        self._cancelled = cancelled
        c.llama_set_abort_callback(self.handle, self._abort_callback, None)
        try:
            yield
        finally:
            c.llama_set_abort_callback(self.handle, self._no_callback, None)
            self._cancelled = None

    def _should_abort(self, _user_data: object) -> bool:
        return self._cancelled is not None and self._cancelled.is_set()

    def saved_size(self) -> int:
        """In bytes."""
        return int(c.llama_state_seq_get_size(self.handle, _SEQUENCE))

    def saved(self) -> memoryview:
        """The cache as llama.cpp writes it."""
        size = self.saved_size()
        cache = (ctypes.c_uint8 * size)()
        written = c.llama_state_seq_get_data(self.handle, cache, size, _SEQUENCE)
        return memoryview(cache).cast("B")[:written]

    def put(self, ids: list[int], cache: bytes | memoryview) -> bool:
        """Make this the cache; False, and an empty cache, when llama.cpp does not take it."""
        self.forget()
        if not ids:
            return True
        buffer = np.frombuffer(cache, np.uint8).ctypes.data_as(ctypes.POINTER(ctypes.c_uint8))
        read = c.llama_state_seq_set_data(self.handle, buffer, len(cache), _SEQUENCE)
        if not read or c.llama_memory_seq_pos_max(self._memory, _SEQUENCE) != len(ids) - 1:
            self.forget()
            return False
        self.ids = ids
        return True

    def close(self) -> None:
        c.llama_free(self.handle)


class _Batch:
    """Room for one call of llama_decode; llama.cpp reads these arrays, so they live as long as the context."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._tokens = (c.llama_token * size)()
        self._positions = (c.llama_pos * size)()
        self._logits = (ctypes.c_int8 * size)()
        self._sequence = (c.llama_seq_id * 1)(_SEQUENCE)
        one = ctypes.cast(self._sequence, ctypes.POINTER(c.llama_seq_id))
        self._counts = (ctypes.c_int32 * size)(*[1] * size)
        self._sequences = (ctypes.POINTER(c.llama_seq_id) * size)(*[one] * size)
        self._batch = c.llama_batch(
            token=self._tokens,
            embd=None,
            pos=self._positions,
            n_seq_id=self._counts,
            seq_id=self._sequences,
            logits=self._logits,
        )

    def fill(self, ids: list[int], start: int, rows: Rows) -> Any:
        """The ids at positions from `start` on."""
        count = len(ids)
        self._tokens[:count] = [*ids]
        self._positions[:count] = [*range(start, start + count)]
        self._logits[:count] = [rows == "all"] * count
        self._logits[count - 1] = rows != "none"
        self._batch.n_tokens = count
        return self._batch
