"""The llama.cpp runtime, on the low-level C API of llama-cpp-python.

llama.cpp ends the process when it is used wrongly (a position beyond its cache, an id out of range, a text it
cannot tokenize, two threads at once), so everything that reaches it is checked here first.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from engine import hardware
from engine.errors import EngineError
from engine.library.memory_fit import LOGITS_ROWS, needed
from engine.phrases import phrase
from engine.runtime import saved_state
from engine.runtime.base import (
    CacheReason,
    OnProgress,
    RuntimeInfo,
    Sampling,
    Token,
    Want,
    check_ids,
    check_memory,
)
from engine.runtime.choices import check_finite, likelihoods
from engine.runtime.fingerprint import gguf_fingerprint
from engine.runtime.gguf_header import GGUFHeader, shown
from engine.runtime.guard import Guard
from engine.runtime.llama_adapters import Adapters
from engine.runtime.llama_context import AbortError, Context
from engine.runtime.llama_draft import DraftModel, check_draft
from engine.runtime.llama_library import build, c, load, log
from engine.runtime.llama_options import LlamaOptions
from engine.runtime.llama_sampling import sampler
from engine.runtime.llama_vocabulary import Vocabulary
from engine.runtime.preflight import check_adapter, check_model
from engine.runtime.saved_state import Held, State
from engine.runtime.speculation import Drafter, Evaluation, Pace, PromptLookup


class LlamaRuntime:
    """A GGUF model in llama.cpp. See `Runtime` for the contract and `LlamaOptions` for the options."""

    def __init__(
        self,
        path: Path | str,
        name: str | None = None,
        *,
        memory_percent: int | None = None,
        on_load: Callable[[float], None] | None = None,
        **options: Any,
    ) -> None:
        """Raises EngineError when a file, an option or the memory does not do."""
        self._options = LlamaOptions(**options)
        self.reused = self.drafted = self.accepted = 0
        self.cache_reason: CacheReason | None = None
        self._guard = Guard()
        self._pace = Pace()
        self._opened = ExitStack()  # closes what is open, the last first

        header = check_model(Path(path))
        name = name or header.path.stem
        draft = None
        if self._options.speculation == "draft":
            draft = check_draft(Path(self._options.draft_model or ""), header)
        wanted = [Path(adapter) for adapter, _ in self._options.adapters or ()]
        adapters = [check_adapter(path) for path in wanted]  # before anything is loaded
        self._options.check_lockable(name, header.file_size)
        layers = self._options.layers_on_gpu()
        need = needed(header, draft=draft, adapters=adapters, **self._options.of_memory(layers))
        if layers == 0:
            check_memory(name, need.total, memory_percent)
        log.sizes.clear()
        try:
            model = load(header, layers, self._options.load_mode(), on_load=on_load)
            self._vocabulary = Vocabulary(header, model)
            self._opened.callback(self._vocabulary.close)
            self._open(header, name, draft)
            self.memory = (need, self._measured()) if layers == 0 else None
        except BaseException:
            self._opened.close()
            raise

    def _open(self, header: GGUFHeader, name: str, draft: GGUFHeader | None) -> None:
        model = self._vocabulary.model
        if (
            c.llama_model_has_encoder(model)
            or not c.llama_model_has_decoder(model)
            or c.llama_model_is_diffusion(model)
        ):
            name = shown(header.architecture)
            kind = phrase("not a model that writes token by token ({architecture})", architecture=name)
            raise EngineError("model_writes_nothing", place=header.path.name, kind=kind)
        self._context = Context(model, header, self._options, name, self._vocabulary.size)
        self._opened.callback(self._context.close)
        if self._options.speculation not in (None, "none") and not self._context.goes_back:
            raise EngineError("speculation_unfit", place=name, architecture=shown(header.architecture))
        self._adapters = Adapters(model, self._context.handle)
        self._adapters.attach(self._options.adapters or ())
        self._draft_model: DraftModel | None = None
        if draft is not None:
            self._draft_model = DraftModel(draft, self._options)
            self._opened.callback(self._draft_model.close)
        self.info = self._describe(header, name)

    def _describe(self, header: GGUFHeader, name: str) -> RuntimeInfo:
        return RuntimeInfo(
            name=name,
            architecture=header.architecture,
            backend="llama",
            context=self._context.limit,
            trained_context=self._context.trained,
            vocabulary=self._vocabulary.size,
            parameters=c.llama_model_n_params(self._vocabulary.model),
            size_bytes=header.file_size,
            fingerprint=gguf_fingerprint(header.path, header.data_start, header.start),
            template=_template(header),
            bos_token=self._vocabulary.bos_token,
            eos_token=self._vocabulary.eos_token,
            adds_bos=self._vocabulary.adds_bos,
        )

    def _measured(self) -> int:
        """Bytes of main memory that this process will hold in use, asked before anything was evaluated.

        That is what it holds now, and the buffers that llama.cpp has reserved for computing and not touched yet; but
        not the pages of a mapped file whose weights were rearranged into memory of their own: they are never read
        again, and the system takes them back when it needs them.
        """
        left_behind = log.sizes["CPU_REPACK model"] if self._options.maps else 0
        return hardware.resident() + log.sizes["CPU compute"] - left_behind

    def set_adapters(self, pairs: Sequence[tuple[Path | str, float]]) -> None:
        with self._guard.use():
            before = self._adapters.attached
            self._adapters.attach(pairs)
            if self._adapters.attached != before:
                self._guard.begin()
                self._context.forget("adapters")  # its keys and values are those of other weights

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
        ids = check_ids(ids, self._vocabulary.size, self._context.limit)
        with self._guard.use():
            self._guard.begin()
            if want == "all":
                return self._evaluate_all(ids)
            self.reused, self.cache_reason = next(reading := self._context.read(ids)), self._context.reason
            for _ in reading:
                pass
            return self._context.logits(1).copy()

    def _evaluate_all(self, ids: list[int]) -> np.ndarray:
        self._context.forget()
        self.reused = 0
        rows = np.empty((len(ids), self._vocabulary.size), dtype=np.float32)
        step = min(self._context.batch, LOGITS_ROWS)
        for start in range(0, len(ids), step):
            chunk = ids[start : start + step]
            self._context.evaluate(chunk, "all")
            rows[start : start + len(chunk)] = self._context.logits(len(chunk))
        return rows

    def generate(
        self,
        ids: Sequence[int],
        sampling: Sampling,
        cancelled: threading.Event | None = None,
        progress: OnProgress | None = None,
        choices: int = 0,
    ) -> Iterator[Token]:
        # checked now, not when the first token is asked for
        checked = check_ids(ids, self._vocabulary.size, self._context.limit)
        return self._generate(checked, sampling, cancelled or threading.Event(), progress, choices)

    def _generate(
        self, ids: list[int], sampling: Sampling, cancelled: threading.Event, progress: OnProgress | None, choices: int
    ) -> Iterator[Token]:
        self.drafted = self.accepted = 0
        turn = self._read_prompt(ids, cancelled, progress)
        if turn is None:
            return
        limit, drafter, evaluation = self._context.limit, self._drafter(), Evaluation()
        with sampler(sampling, self._vocabulary.size, ids) as chain:
            while True:
                for row, guess in enumerate([*evaluation.guess, None]):  # the last row has nothing to be compared with
                    if cancelled.is_set():
                        return
                    with self._guard.use(turn):
                        token = self._choose(chain, row - len(evaluation.guess) - 1, choices)
                    ids.append(token.id)
                    evaluation.written += 1
                    self.accepted += token.id == guess
                    yield token
                    if token.end or len(ids) > limit:
                        return
                    if token.id != guess:
                        break
                if cancelled.is_set():
                    return
                with self._guard.use(turn):
                    if drafter is not None:
                        self._pace.record(evaluation)
                    evaluation = self._advance(ids, drafter, cancelled)

    def _drafter(self) -> Drafter | None:
        match self._options.speculation:
            case "lookup":
                return PromptLookup()
            case "draft":
                return self._draft_model
        return None

    def _advance(self, ids: list[int], drafter: Drafter | None, cancelled: threading.Event) -> Evaluation:
        """Evaluate the last of the ids, and with it a guess of what follows: logits for each of them."""
        if drafter is None:
            self._context.evaluate(ids[-1:])
            return Evaluation()
        begun = perf_counter()
        room = min(self._context.limit - len(ids), self._context.batch - 1, self._pace.length())
        guess = drafter.propose(ids, room, cancelled) if room > 0 else []
        guessed = perf_counter()
        self._context.cut(len(ids) - 1)
        if len(self._context.ids) < len(ids) - 1:  # llama.cpp could not go back, and forgot everything
            for _ in self._context.read(ids[:-1]):
                pass
        self._context.evaluate([ids[-1], *guess], "all")
        self.drafted += len(guess)
        return Evaluation(guess, guessed - begun, perf_counter() - guessed)

    def _choose(self, chain: Any, row: int, choices: int) -> Token:
        """The token that follows the last but so many evaluated ones: -1 for the last."""
        logits = self._context.row(row)
        likeliest = check_finite(logits, self.info.name)
        id = likeliest if chain is None else c.llama_sampler_sample(chain, self._context.handle, row)
        found = likelihoods(logits, likeliest, id, choices) if choices else ()
        return Token(id, self._vocabulary.piece(id), self._vocabulary.is_end(id), *found)

    def _read_prompt(self, ids: list[int], cancelled: threading.Event, progress: OnProgress | None) -> int | None:
        """Bring the cache to `ids` and have the logits of its last one; the turn, or None when cancelled before."""
        with self._guard.use():
            turn = self._guard.begin()
            try:
                with self._context.stopped_by(cancelled):
                    for number, done in enumerate(self._context.read(ids)):
                        if number == 0:
                            self.reused, self.cache_reason = done, self._context.reason
                        if progress is not None:
                            progress(done, len(ids))
                        if cancelled.is_set():
                            return None
            except AbortError:
                return None
        return turn

    # --- state ---

    def held(self) -> Held:
        with self._guard.use():
            return Held(self._context.ids, self._belongs_to(), self._context.saved_size(), self._context.goes_back)

    def copy_state(self) -> State:
        with self._guard.use():
            return State(self._belongs_to(), [*self._context.ids], self._context.saved())

    def save_state(self) -> bytes:
        return b"".join(self.copy_state().parts())

    def load_state(self, state: bytes | memoryview, stopped: threading.Event | None = None) -> None:
        found = saved_state.unpack(state, self._belongs_to(), self._context.limit, stopped)
        if found is None:
            return
        present = self.copy_state()
        with self._guard.use():
            self._guard.begin()
            if not self._context.put(*found):
                self._context.put([*present.ids], present.payload)
                raise EngineError("bad_state", log.tail())

    def _belongs_to(self) -> dict[str, Any]:
        of_adapters = [list(pair) for pair in sorted(self._adapters.attached.items())]
        adapters = {"adapters": of_adapters} if of_adapters else {}
        of_cache = {"program": build, **self._options.of_the_cache()}
        return {"runtime": "llama", "model": self.info.fingerprint, **of_cache, **adapters}

    def close(self) -> None:
        with self._guard.close() as was_open:
            if was_open:
                self._opened.close()


def _template(header: GGUFHeader) -> str | None:
    template = header.metadata.get("tokenizer.chat_template")
    if isinstance(template, str):
        return template or None
    if template is not None:
        logging.getLogger(__name__).warning("%s: its chat template is not text, so it has none", header.path.name)
    return None
