"""Scripted engines for tests: a runtime over bytes, and a chat backend, whose replies are written beforehand."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.chat.messages import Asked, ChatOptions, Message
from engine.errors import EngineError
from engine.events import Event, Finished, TextDelta
from engine.runtime import saved_state
from engine.runtime.base import CacheReason, OnProgress, RuntimeInfo, Sampling, Token, Want, cache_reason
from engine.runtime.saved_state import Held, State

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIALS = ("<s>", "<|endoftext|>", "<|im_start|>", "<|im_end|>")
ENDS = ("<|endoftext|>", "<|im_end|>")


class ScriptedRuntime:
    """A runtime whose tokens are bytes (id = value), then SPECIALS; what it generates was enqueued before.

    It keeps a cache of ids as real runtimes do, so that `reused` is true, and records every prompt. Its tokens have a
    probability of a half each, the id behind each of them a quarter, the one behind that an eighth, and so on.
    """

    chunk = 64

    def __init__(
        self, template: str | None = CHATML, context: int = 4096, adds_bos: bool = False, fingerprint: str = "f00d"
    ) -> None:
        self.memory = None
        self.info = RuntimeInfo(
            name="scripted",
            architecture="bytes",
            backend="gpt",
            context=context,
            trained_context=context,
            vocabulary=256 + len(SPECIALS),
            parameters=0,
            size_bytes=0,
            fingerprint=fingerprint,
            template=template,
            bos_token="<s>",
            eos_token="<|endoftext|>",
            adds_bos=adds_bos,
        )
        self.reused = self.drafted = self.accepted = 0
        self.cache_reason: CacheReason | None = None
        self.adapters: list[tuple[str | Path, float]] = []
        self.prompts: list[list[int]] = []
        self.samplings: list[Sampling] = []
        self.closed = False
        self.threads: set[int] = set()
        self._replies: deque[list[int]] = deque()
        self._cache: list[int] = []
        self.belongs_to: dict[str, Any] = {"model": fingerprint}
        self.state_bytes, self.goes_back = 1000, True

    def enqueue(self, *replies: str | bytes | list[int]) -> ScriptedRuntime:
        """Replies to come, as text, bytes or ids; after each the model ends its turn. Without one it repeats "A"."""
        for reply in replies:
            ids = reply if isinstance(reply, list) else list(reply.encode() if isinstance(reply, str) else reply)
            self._replies.append([*ids, self.id_of("<|im_end|>")])
        return self

    @staticmethod
    def id_of(special: str) -> int:
        return 256 + SPECIALS.index(special)

    def tokenize(self, text: str, special: bool) -> list[int]:
        ids: list[int] = []
        while text:
            found = next((s for s in SPECIALS if special and text.startswith(s)), None)
            ids += [self.id_of(found)] if found else text[0].encode()
            text = text[len(found or text[0]) :]
        return ids

    def piece(self, id: int) -> bytes:
        return bytes([id]) if id < 256 else SPECIALS[id - 256].encode()

    def is_end(self, id: int) -> bool:
        return self.piece(id).decode("latin-1") in ENDS

    def evaluate(self, ids: Sequence[int], want: Want = "last") -> np.ndarray:
        self._take(ids, reuse=want == "last")
        return np.zeros((1 if want == "last" else len(ids), self.info.vocabulary), np.float32)

    def generate(
        self,
        ids: Sequence[int],
        sampling: Sampling,
        cancelled: threading.Event | None = None,
        progress: OnProgress | None = None,
        choices: int = 0,
    ) -> Iterator[Token]:
        self.threads.add(threading.get_ident())
        self.prompts.append(list(ids))
        self.samplings.append(sampling)
        self._take(ids, reuse=True)
        for done in [*range(self.reused, len(ids), self.chunk), len(ids)]:
            if progress is not None:
                progress(done, len(ids))
            if cancelled is not None and cancelled.is_set():
                return
        reply = iter(self._replies.popleft()) if self._replies else iter(lambda: ord("A"), None)
        for id in reply:
            if cancelled is not None and cancelled.is_set():
                return
            yield Token(id, self.piece(id), self.is_end(id), *(self._choices(id, choices) if choices else ()))
            if self.is_end(id) or len(self._cache) == self.info.context:
                return
            self._cache.append(id)

    def set_adapters(self, pairs: Sequence[tuple[str | Path, float]]) -> None:
        self.threads.add(threading.get_ident())
        self.adapters, self._cache = [*pairs], []

    def held(self) -> Held:
        return Held(self._cache, self.belongs_to, self.state_bytes, self.goes_back)

    def copy_state(self) -> State:
        return State(self.belongs_to, [*self._cache], bytes(self.state_bytes))

    def save_state(self) -> bytes:
        return b"".join(self.copy_state().parts())

    def load_state(self, state: bytes | memoryview, stopped: threading.Event | None = None) -> None:
        found = saved_state.unpack(state, self.belongs_to, self.info.context, stopped)
        if found is not None:
            self._cache = found[0]

    def close(self) -> None:
        self.threads.add(threading.get_ident())
        self.closed = True

    def _take(self, ids: Sequence[int], reuse: bool) -> None:
        if len(ids) > self.info.context:
            raise EngineError("context_overflow", asked=len(ids), context=self.info.context)
        self.reused = 0
        if reuse:  # the last id is always evaluated: its logits are asked for
            while self.reused < min(len(ids) - 1, len(self._cache)) and ids[self.reused] == self._cache[self.reused]:
                self.reused += 1
        self.cache_reason = cache_reason(self._cache, ids, self.reused, emptied="first", bound="window")
        self._cache = list(ids)

    def _choices(self, id: int, count: int) -> tuple[float, tuple[tuple[int, float], ...]]:
        return 0.5, tuple(((id + place) % self.info.vocabulary, 0.5 ** (1 + place)) for place in range(count))


class ScriptedBackend:
    """A chat backend that yields what was enqueued: events as they are, and text as one delta a word.

    A reply that holds an EngineError raises it. Without a reply left it says "ok".
    """

    def __init__(self, **info: Any) -> None:
        self.info = RuntimeInfo(**{**ScriptedRuntime().info.__dict__, **info})
        self.calls: list[tuple[list[Message], ChatOptions]] = []
        self.closed = False
        self._replies: deque[Sequence[str | Event | EngineError]] = deque()

    def enqueue(self, *reply: str | Event | EngineError) -> ScriptedBackend:
        """One reply, of parts."""
        self._replies.append(reply)
        return self

    def stream(
        self,
        messages: Sequence[Message | dict[str, Any]],
        options: ChatOptions | None = None,
        cancelled: threading.Event | None = None,
        asked: Asked | None = None,
    ) -> Iterator[Event]:
        conversation = [m if isinstance(m, Message) else Message.from_json(m) for m in messages]
        self.calls.append((conversation, options or ChatOptions()))
        written = ""
        for part in self._replies.popleft() if self._replies else ("ok",):
            if isinstance(part, EngineError):
                raise part
            for event in _words(part) if isinstance(part, str) else (part,):
                if cancelled is not None and cancelled.is_set():
                    yield Finished("cancelled", self._stats(written))
                    return
                yield event
                written += event.text if isinstance(event, TextDelta) else ""
                if isinstance(event, Finished):
                    return
        yield Finished("stop", self._stats(written))

    def close(self) -> None:
        self.closed = True

    def set_adapters(self, pairs: Sequence[tuple[str | Path, float]]) -> None:
        self.adapters = [*pairs]

    def _stats(self, written: str) -> dict[str, Any]:
        return {
            "prompt_tokens": 10,
            "cached_tokens": 0,
            "output_tokens": len(written.encode()),
            "prompt_seconds": 0.1,
            "output_seconds": 0.5,
            "first_token_seconds": 0.1,
            "stop": "<|im_end|>",
            "tokens": list(written.encode()),
            "model": self.info.fingerprint,
        }


def _words(text: str) -> Iterator[TextDelta]:
    start = 0
    while start < len(text):
        end = text.find(" ", start) + 1 or len(text)
        yield TextDelta(text[start:end])
        start = end
