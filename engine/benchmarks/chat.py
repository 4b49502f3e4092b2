"""How fast the chat is: its decoding, its reading of a prompt and its first token, beside others on the same file."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from engine import hardware
from engine.benchmarks import turns
from engine.benchmarks.quiet import Others
from engine.benchmarks.replies import UNITS, Peer, Reply
from engine.benchmarks.turns import CancelledError, Contender
from engine.chat.backend import LocalBackend
from engine.chat.messages import ChatOptions, Message
from engine.errors import EngineError
from engine.events import Event, Finished, Measured, Started
from engine.jobs import JobContext
from engine.library import models
from engine.paths import resource
from engine.runtime.base import ALTERNATIVES, Runtime, Sampling, Token, check_memory, open_runtime

OURS, CHOICES = "Seedling", "Seedling, choices"
BARE, HIGH_LEVEL, LOGPROBS = "bare loop", "llama_cpp.Llama", "Llama, logprobs"
POSITIONS = 2048
TOKENS = 256
PROMPT = 200  # tokens, or some more


def measure(params: dict[str, Any], context: JobContext) -> Iterator[Event]:
    """params: model, backend; synthetic: a GGUF type, for a model made on the spot; threads, tokens, rounds.

    Yields Started, Progress, a Measured for every figure, Log warnings, and Finished.
    """
    with ExitStack() as opened:
        try:
            yield from _measure(params, context.cancelled, opened)
        except CancelledError:
            yield Finished("cancelled")


def _measure(params: dict[str, Any], cancelled: threading.Event, opened: ExitStack) -> Iterator[Event]:
    model, backend = params.get("model") or "starter", params.get("backend")
    if params.get("synthetic"):
        from engine.benchmarks import synthetic

        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="seedling-bench-")))
        model = synthetic.write(folder, None if backend == "gpt" else params["synthetic"])
    entry = models.resolve(model, backend)
    threads = params.get("threads") or hardware.threads_for_model(_size(entry.path))
    thread = opened.enter_context(ThreadPoolExecutor(1, "runtime"))
    ours = _Ours(model, backend, threads, params.get("tokens") or TOKENS, thread, cancelled)
    opened.callback(ours.close)
    peers: dict[str, Peer] = {}
    for who, open_peer in _peers(entry, ours.positions, threads).items():
        ours.check_room(len(peers) + 2)
        peers[who] = thread.submit(open_peer).result()
        opened.callback(lambda peer: thread.submit(peer.close).result(), peers[who])

    def as_peer(peer: Peer) -> Mapping[str, float]:
        last = ours.last
        return thread.submit(peer.reply, ours.prompt, last.written, cancelled).result().speeds()

    contenders: dict[str, Contender] = {OURS: ours.turn, CHOICES: partial(ours.turn, choices=True)}
    contenders |= {who: partial(as_peer, peer) for who, peer in peers.items()}
    about = {"model": ours.name, "backend": ours.backend, "threads": threads, "context": ours.positions}
    yield Started("bench chat", {**about, "who": list(contenders)})
    others = Others()
    figures = yield from turns.in_turn(contenders, params.get("rounds") or turns.ROUNDS, cancelled)
    rows: list[Measured] = list(turns.measured(figures, UNITS, beside={OURS: [*peers], CHOICES: [*peers]}))
    yield from rows
    last = ours.last
    yield from turns.ending(rows, others, **about, prompt_tokens=last.prompt, written_tokens=last.written)


def _size(path: Path) -> int:
    from engine.library.facts import weight_bytes

    return path.stat().st_size if path.is_file() else weight_bytes(path)


def _peers(entry: models.ModelEntry, positions: int, threads: int) -> dict[str, Callable[[], Peer]]:
    """Whom this model is measured beside, each to be opened."""
    if entry.backend == "gpt":
        from engine.benchmarks.gpt_loop import GPTLoop

        return {BARE: lambda: GPTLoop(entry.path, positions)}
    from engine.benchmarks.llama_loops import BareLoop, HighLevel
    from engine.runtime.gguf_header import read_header

    kinds: dict[str, Callable[[Path, int, int], Peer]] = {BARE: BareLoop}
    if not read_header(entry.path).start:  # the class opens no GGUF inside another file
        kinds |= {HIGH_LEVEL: HighLevel, LOGPROBS: partial(HighLevel, choices=ALTERNATIVES)}
    return {who: partial(kind, entry.path, positions, threads) for who, kind in kinds.items()}


def _first(runtime: Runtime, text: str, count: int) -> str:
    """So many tokens of a text."""
    return b"".join(map(runtime.piece, runtime.tokenize(text, special=False)[:count])).decode("utf-8", "replace")


class _Watched:
    """A runtime that remembers the ids it was asked to go on from."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime, self.prompt = runtime, list[int]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._runtime, name)

    def generate(self, ids: Sequence[int], *rest: Any) -> Iterator[Token]:
        self.prompt = list(ids)
        return self._runtime.generate(ids, *rest)


class _Ours:
    """The chat as window and command line use it: a conversation in, text out. `turn` is one reply."""

    def __init__(
        self,
        model: str | Path,
        backend: str | None,
        threads: int,
        tokens: int,
        thread: ThreadPoolExecutor,
        cancelled: threading.Event,
    ) -> None:
        """Raises EngineError as `open_runtime` does."""
        options: dict[str, Any] = {"context": POSITIONS, "threads": threads}
        if models.resolve(model, backend).backend == "llama":
            options |= {"flash_attention": True, "cache_type": "f16"}
        runtime = thread.submit(partial(open_runtime, model, backend, **options)).result()
        self._watched, self._thread, self._cancelled = _Watched(runtime), thread, cancelled
        self._backend = LocalBackend(cast(Runtime, self._watched), thread)
        self.name, self.positions, self.backend = runtime.info.name, runtime.info.context, runtime.info.backend
        story = resource("check.txt").read_text(encoding="utf-8")
        asked = thread.submit(_first, runtime, f"Tell me how this story goes on: {story}", PROMPT).result()
        self._messages = [Message("user", asked)]
        self._options = ChatOptions(Sampling(temperature=0), tokens)
        self.last = Reply(0, 0, 0.0, 0.0)

    @property
    def prompt(self) -> list[int]:
        return self._watched.prompt

    def turn(self, choices: bool = False) -> Mapping[str, float]:
        """Raises EngineError `reply_too_short`, and CancelledError."""
        self._forget()
        options = replace(self._options, choices=choices)
        *_, end = self._backend.stream(self._messages, options, self._cancelled)
        assert isinstance(end, Finished)
        if end.reason == "cancelled":
            raise CancelledError
        stats = end.stats
        written = stats["output_tokens"] + (end.reason == "stop")
        if written < 2:
            raise EngineError("reply_too_short", name=self.name, count=written)
        before = stats["first_token_seconds"] - stats["prompt_seconds"]
        read = stats["prompt_tokens"] - stats["cached_tokens"]
        self.last = Reply(read, written, stats["prompt_seconds"], stats["output_seconds"], before)
        return self.last.speeds()

    def _forget(self) -> None:
        """Evaluate a token that the prompt does not begin with: of what was read before, nothing is known any more."""
        if self.prompt:
            other = (self.prompt[0] + 1) % self._watched.info.vocabulary
            self._thread.submit(self._watched.evaluate, [other]).result()

    def check_room(self, copies: int) -> None:
        """Raises EngineError `memory_share` where so many of this model do not fit beside one another."""
        if self._watched.memory is not None:
            check_memory(f"{copies} times {self.name}", copies * self._watched.memory[0].total, 95)

    def close(self) -> None:
        self._backend.close()
