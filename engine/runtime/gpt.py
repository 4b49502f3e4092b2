"""The in-house GPT as a runtime: the same protocol as llama.cpp, on our own model and its cache, in PyTorch."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine import hardware
from engine.errors import EngineError
from engine.gpt import opening
from engine.gpt.assembly import OnLoad, unheard
from engine.gpt.config import GPTConfig
from engine.gpt.generate import make_sampler
from engine.gpt.model import GPT, KVCache
from engine.library.facts import weight_bytes
from engine.library.forms import base_of, is_adapter
from engine.library.memory_fit import FOLDER_PROCESS, Need
from engine.runtime import saved_state
from engine.runtime.base import (
    DEFAULT_CONTEXT,
    CacheReason,
    OnProgress,
    RuntimeInfo,
    Sampling,
    Token,
    Want,
    cache_reason,
    check_ids,
    check_memory,
    check_option,
    common_prefix,
    one_of,
)
from engine.runtime.choices import check_finite, likelihoods
from engine.runtime.fingerprint import model_fingerprint
from engine.runtime.guard import Guard
from engine.runtime.saved_state import Held, State
from engine.runtime.text_split import without_surrogates

CHUNK = 256  # positions evaluated together


def pick_device(asked: str | None = None) -> torch.device:
    """The device asked for, else the fastest torch finds: cuda, mps or cpu. Raises EngineError `bad_option`."""
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    usable = [name for name, there in available.items() if there]
    if asked is None:
        return torch.device(usable[0])
    if asked not in usable:
        raise EngineError("bad_option", option="device", expected=one_of(usable), value=asked)
    return torch.device(asked)


def memory_needed(config: GPTConfig, context: int | None = None) -> Need:
    """Main memory for a model of ours, all float32: weights, cache, and what is alive while a chunk is computed."""
    weights = sum(parameter.numel() for parameter in GPT.shapes(config).parameters())
    positions = min(context or DEFAULT_CONTEXT, config.context)
    cache = 2 * config.layers * config.kv_heads * config.head_dim * positions
    compute = CHUNK * (3 * config.feed_forward + 4 * config.width + config.heads * positions) + config.vocabulary
    return Need(4 * weights, 4 * cache, 4 * compute, FOLDER_PROCESS)


class _StoppedError(Exception):
    """An evaluation was cancelled."""


class GPTRuntime:
    """A model folder in PyTorch, float32, or an adapter's merged into its base. See `Runtime` for the contract."""

    def __init__(
        self,
        folder: Path | str,
        name: str | None = None,
        *,
        context: int | None = None,
        threads: int | None = None,
        device: str | None = None,
        memory_percent: int | None = None,
        on_load: OnLoad = unheard,
    ) -> None:
        """Raises EngineError when the folder, an option or the memory does not do."""
        check_option("context", context, least=1, whole=True)
        check_option("threads", threads, least=1, whole=True)
        folder = Path(folder)
        self.memory: tuple[Need, int] | None = None
        self.reused = self.drafted = self.accepted = 0
        self.cache_reason: CacheReason | None = None
        self._guard = Guard()
        self._device = pick_device(device)
        self._ids: list[int] = []  # what the cache holds
        base = base_of(folder) if is_adapter(folder) else folder
        size_bytes = weight_bytes(base)
        torch.set_num_threads(threads or hardware.threads_for_model(size_bytes))
        on_load(0.0)
        if memory_percent is not None and self._device.type == "cpu":
            need = memory_needed(opening.read_config(folder), context)
            check_memory(name or folder.resolve().name, need.total, memory_percent)
        model, self._tokenizer = opening.open_model(folder, on_load)
        self._model = model.to(self._device)
        config = self._model.config
        self._ends = self._tokenizer.end_ids
        self._limit = min(context or DEFAULT_CONTEXT, config.context)
        self._cache = KVCache(config, 1, self._limit, device=self._device)
        self.info = self._describe(folder, name, size_bytes)
        on_load(1.0)

    def _describe(self, folder: Path, name: str | None, size_bytes: int) -> RuntimeInfo:
        config, tokenizer = self._model.config, self._tokenizer
        return RuntimeInfo(
            name=name or folder.resolve().name,
            architecture=config.shape,
            backend="gpt",
            context=self._limit,
            trained_context=config.context,
            vocabulary=config.vocabulary,
            parameters=sum(parameter.numel() for parameter in self._model.parameters()),
            size_bytes=size_bytes,
            fingerprint=model_fingerprint(folder, *([base_of(folder)] if is_adapter(folder) else [])),
            template=tokenizer.template,
            bos_token=tokenizer.piece(tokenizer.begin_id).decode("utf-8", "replace"),
            eos_token=tokenizer.piece(tokenizer.end_id).decode("utf-8", "replace"),
            adds_bos=tokenizer.adds_begin,
        )

    def set_adapters(self, pairs: Sequence[tuple[Path | str, float]]) -> None:
        if pairs:  # an adapter's folder is a model of its own here
            raise EngineError("option_of_llama", name=self.info.name, option="adapters")

    # --- text ---

    def tokenize(self, text: str, special: bool) -> list[int]:
        return self._tokenizer.encode(without_surrogates(text), special)

    def piece(self, id: int) -> bytes:
        return self._tokenizer.piece(id)

    def is_end(self, id: int) -> bool:
        return id in self._ends

    # --- evaluation ---

    def evaluate(self, ids: Sequence[int], want: Want = "last") -> np.ndarray:
        ids = check_ids(ids, self.info.vocabulary, self._limit)
        with self._guard.use():
            self._guard.begin()
            self._reuse([] if want == "all" else ids)
            if want == "all":
                return np.concatenate([self._head(hidden) for hidden in self._chunks(ids)])
            *_, hidden = self._chunks(ids)
            return self._head(hidden[-1:])

    def generate(
        self,
        ids: Sequence[int],
        sampling: Sampling,
        cancelled: threading.Event | None = None,
        progress: OnProgress | None = None,
        choices: int = 0,
    ) -> Iterator[Token]:
        # checked now, not when the first token is asked for
        checked = check_ids(ids, self.info.vocabulary, self._limit)
        return self._generate(checked, sampling, cancelled or threading.Event(), progress, choices)

    def _generate(
        self, ids: list[int], sampling: Sampling, cancelled: threading.Event, progress: OnProgress | None, choices: int
    ) -> Iterator[Token]:
        with self._guard.use():
            turn = self._guard.begin()
            report = progress or (lambda done, total: None)
            self._reuse(ids)
            report(self.reused, len(ids))
            try:
                with self._stopped_by(cancelled):
                    for hidden in self._chunks(ids):
                        last = hidden[-1]
                        report(len(self._ids), len(ids))
            except _StoppedError:
                return
            if cancelled.is_set():
                return
            logits, likeliest = self._logits(last)
        sample = make_sampler(sampling)
        while not cancelled.is_set():
            id = sample(logits, ids)
            ids.append(id)
            found = likelihoods(logits.numpy(), likeliest, id, choices) if choices else ()
            yield Token(id, self._tokenizer.piece(id), id in self._ends, *found)
            if id in self._ends or len(self._ids) >= self._limit or cancelled.is_set():
                return
            with self._guard.use(turn):
                logits, likeliest = self._logits(self._advance([id])[-1])

    @contextmanager
    def _stopped_by(self, cancelled: threading.Event) -> Iterator[None]:
        """While entered, an evaluation looks at `cancelled` before every block of the model, and raises _StoppedError;
        the cache is then as it was before that chunk. Worth it for a chunk of a prompt, not for a single token.
        """

        def look(*_: object) -> None:
            if cancelled.is_set():
                raise _StoppedError

        hooks = [block.register_forward_pre_hook(look) for block in self._model.blocks]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _reuse(self, ids: list[int]) -> None:
        """Cut the cache back to its common prefix with `ids`, short of the last one."""
        self.reused = common_prefix(self._ids, ids[:-1])
        self.cache_reason = cache_reason(self._ids, ids, self.reused, emptied="first", bound="window")
        self._cache.truncate(self.reused)
        del self._ids[self.reused :]

    def _chunks(self, ids: list[int]) -> Iterator[torch.Tensor]:
        """Evaluate what the cache does not hold, yielding hidden vectors (positions, width) chunk by chunk."""
        for start in range(self.reused, len(ids), CHUNK):
            yield self._advance(ids[start : start + CHUNK])

    @torch.inference_mode()
    def _advance(self, ids: list[int]) -> torch.Tensor:
        """Evaluate ids behind what the cache holds; hidden vectors (len(ids), width)."""
        hidden = self._model.hidden(torch.tensor([ids], device=self._device), self._cache)
        self._ids += ids
        return hidden[0]

    @torch.inference_mode()
    def _head(self, hidden: torch.Tensor) -> np.ndarray:
        return self._model.head(hidden).float().cpu().numpy()

    @torch.inference_mode()
    def _logits(self, hidden: torch.Tensor) -> tuple[torch.Tensor, int]:
        """(vocabulary,) on the processor, and which is the highest."""
        logits = self._model.head(hidden).float().cpu()
        return logits, check_finite(logits.numpy(), self.info.name)

    # --- state ---

    def held(self) -> Held:
        size = sum(part.nbytes for part in self._filled(len(self._ids)))
        return Held(self._ids, self._belongs_to(), size)

    def copy_state(self) -> State:
        with self._guard.use():
            parts = self._filled(len(self._ids))
            payload = np.empty(sum(part.numel() for part in parts), np.float32)
            for part, values in zip(parts, np.split(payload, 2), strict=True):
                torch.from_numpy(values).view(part.shape).copy_(part)
            return State(self._belongs_to(), [*self._ids], payload.data.cast("B"))

    def save_state(self) -> bytes:
        return b"".join(self.copy_state().parts())

    def load_state(self, state: bytes | memoryview, stopped: threading.Event | None = None) -> None:
        found = saved_state.unpack(state, self._belongs_to(), self._limit, stopped)
        if found is None:
            return
        ids, payload = found
        with self._guard.use():
            parts = self._filled(len(ids))
            if len(payload) != sum(part.nbytes for part in parts):
                raise EngineError("bad_state", f"{len(payload)} bytes for {len(ids)} tokens")
            self._guard.begin()
            stored = np.require(np.frombuffer(payload, dtype=np.float32), requirements="W")
            for part, values in zip(parts, np.split(stored, 2), strict=True):
                part.copy_(torch.from_numpy(values).view(part.shape))
            self._ids = ids
            self._cache.length = len(ids)

    def _filled(self, length: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Keys and values of the first positions: views of the cache."""
        return self._cache.keys[:, :, :, :length], self._cache.values[:, :, :, :length]

    def _belongs_to(self) -> dict[str, Any]:
        return {"runtime": "gpt", "model": self.info.fingerprint}

    def close(self) -> None:
        with self._guard.close() as was_open:
            if was_open:
                del self._model, self._cache
                if self._device.type == "cuda":
                    torch.cuda.empty_cache()
