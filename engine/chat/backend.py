"""Chat backends: a source of replies. The local one is a chat template and a runtime; another asks a provider."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from time import perf_counter, sleep
from types import MappingProxyType
from typing import Any, Protocol

from engine.chat.keeping import Keeping
from engine.chat.messages import Asked, ChatOptions, Message, as_message
from engine.chat.prompt import build_prompt, open_reply, opens_thought, plain_text
from engine.chat.templates import TemplateRenderer
from engine.chat.thinking import ThoughtSplitter
from engine.chat.writing import Said, Writing
from engine.errors import EngineError
from engine.events import Event, Finished, Log, Progress, TextDelta, TokenChoice
from engine.library import model_settings, models
from engine.library.memory_fit import Need
from engine.phrases import joined, phrase
from engine.runtime.base import ALTERNATIVES, CacheReason, Runtime, RuntimeInfo, Token, open_runtime

Emit = Callable[[Event], None]

_TOGETHER = 0.004  # seconds

_DEFAULTS = ChatOptions()
# After these the template is not tried again: the next message would wait as long for nothing.
_HOPELESS = ("template_too_slow", "template_too_large")


class LoadStoppedError(Exception):
    """Nobody wants the model any more that was being loaded."""


class ChatBackend(Protocol):
    """A source of replies. Yields events in order and ends with exactly one `Finished`."""

    info: RuntimeInfo
    memory: tuple[Need, int] | None  # as `Runtime.memory`
    remote: dict[str, Any] | None  # of a provider's model what there is to know beside `info`; see `RemoteBackend`

    def stream(
        self,
        messages: Sequence[Message | dict[str, Any]],
        options: ChatOptions = _DEFAULTS,
        cancelled: threading.Event | None = None,
        asked: Asked | None = None,
    ) -> Iterator[Event]:
        """The reply to a conversation. Trouble is raised as EngineError; closing the iterator cancels.

        asked: in which chat of the store; what a model has made of that may then be kept on disk.
        """

    def set_adapters(self, pairs: Sequence[tuple[str | Path, float]]) -> None:
        """Lay these adapters over the model and no others, as `Runtime.set_adapters` does. Raises EngineError."""

    def close(self) -> None:
        """Free the model. Closing twice does nothing."""


def open_backend(model: str | Path, backend: str | None = None, **options: Any) -> ChatBackend:
    """Open a model for chatting; `model`, `backend` and `options` as in `open_with_progress`."""
    opening = open_with_progress(model, backend, **options)
    while True:
        try:
            next(opening)
        except StopIteration as done:
            opened: ChatBackend = done.value
            return opened


def open_with_progress(
    model: str | Path,
    backend: str | None = None,
    *,
    defaults: Mapping[str, Any] = MappingProxyType({}),
    template: str | None = None,
    key: str | None = None,
    cancelled: threading.Event | None = None,
    **options: Any,
) -> Generator[Event, None, ChatBackend]:
    """Open a model for chatting, yielding `Progress` in percent while it loads.

    `model`, `backend` and `options` are those of `open_runtime`, whose errors it raises. What is kept for the model in
    the library (`ModelSettings`) comes before `defaults`, and what is given here before both; None is automatic.
    template: Jinja text in the place of the model's own. cancelled: once it is set, the next share that is told loaded
    raises LoadStoppedError. Of a provider's model nothing is loaded and nothing kept: it takes `key`, what its provider
    lets in, and of the rest only `context`; it raises EngineError `provider_…`.
    """
    found = models.find(model, backend)
    if found.remote and backend in (None, models.REMOTE):
        from engine.providers.remote_backend import open_remote

        return open_remote(found.name, key, {"template": template, **options})
    kept = _kept(model, backend)
    kept_template = kept.pop("template", None)
    chosen = {**defaults, **kept, **options}
    thread = _runtime_thread()
    opened: list[Runtime] = []

    def load(emit: Emit) -> None:
        opened.append(open_runtime(model, backend, **{"on_load": _percent_to(emit, cancelled), **chosen}))

    try:
        yield from _relay(thread, load)
        return LocalBackend(opened[0], thread, kept_template if template is None else template)
    except BaseException:
        for runtime in opened:  # nobody waits for it any more
            thread.submit(runtime.close)
        thread.shutdown()
        raise


def _kept(model: str | Path, backend: str | None) -> dict[str, Any]:
    """The options kept for a model of the library, called by its name or by its path."""
    entry = models.resolve(model, backend)
    places = {entry.path: entry.name} if entry.bundled else {}
    places |= {listed.path: listed.name for listed in models.entries() if listed.backend == entry.backend}
    return model_settings.load(places[entry.path]).options(entry.backend) if entry.path in places else {}


class LocalBackend:
    """A model on this machine. One thread of its own does all that touches the runtime."""

    remote: dict[str, Any] | None = None

    def __init__(self, runtime: Runtime, thread: ThreadPoolExecutor | None = None, template: str | None = None) -> None:
        """template: in the place of the model's own, unless it is blank."""
        own = runtime.info.template
        self._template = template if template and not template.isspace() else own
        self.info = replace(runtime.info, template=self._template)
        self.memory = runtime.memory
        self._runtime = runtime
        self._thread = thread or _runtime_thread()
        self._keeping = Keeping(runtime, self._thread)
        self._renderer = TemplateRenderer()
        self._text_of = cache(lambda id: runtime.piece(id).decode("utf-8", "replace"))
        self._closed = False

    def stream(
        self,
        messages: Sequence[Message | dict[str, Any]],
        options: ChatOptions = _DEFAULTS,
        cancelled: threading.Event | None = None,
        asked: Asked | None = None,
    ) -> Iterator[Event]:
        """Yields `Progress` while a long prompt is evaluated, `ThinkingDelta`s and `TextDelta`s, with `options.choices`
        also `TokenChoice`s (see `Writing`), `Log` warnings, and one `Finished`.

        A reply that is continued comes from where its content ends; `tokens` of the stats are then all of its ids.
        Raises EngineError `context_overflow` rather than leaving anything out, `empty_prompt`, and `usage` where
        there is no reply to continue.
        """
        stop = cancelled or threading.Event()
        conversation = [as_message(message) for message in messages]
        if options.continue_final_message and (not conversation or conversation[-1].role != "assistant"):
            raise EngineError("usage", reason="only a reply can be continued")
        return _relay(self._thread, lambda emit: self._answer(conversation, options, stop, asked, emit), stop.set)

    def set_adapters(self, pairs: Sequence[tuple[str | Path, float]]) -> None:
        self._thread.submit(self._runtime.set_adapters, pairs).result()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._keeping.close()
            self._thread.submit(self._runtime.close).result()
            self._thread.shutdown()
            self._renderer.close()

    def _answer(
        self, messages: list[Message], options: ChatOptions, cancelled: threading.Event, asked: Asked | None, emit: Emit
    ) -> None:
        started = perf_counter()
        begun: list[int] = []  # what is already written of the reply
        reply = messages.pop() if options.continue_final_message else None
        prompt = self._prompt(messages, emit)
        inside = opens_thought(self._runtime, prompt, messages)
        text_of = self._text_of if options.choices else None
        writing = Writing(ThoughtSplitter(inside), text_of)
        if reply is not None:
            begun, written, split = open_reply(self._runtime, reply, inside)
            writing = Writing(split, text_of)
            _emit_all(emit, [TextDelta(writing.begin(written)[len(reply.content) :])])
            prompt += begun
        room = self.info.context - len(prompt)
        if room < 1:
            raise EngineError("context_overflow", asked=len(prompt) + 1, context=self.info.context)
        limit = room if options.max_tokens is None else min(room, options.max_tokens)
        ids: list[int] = []
        reason, stop, first, thoughts = "length", None, None, 0
        void = self._keeping.before(asked, prompt, self._template, cancelled)
        evaluating = perf_counter()
        with closing(_tokens(self._runtime, prompt, options, cancelled, emit)) as tokens:
            for token in tokens:
                first = first or perf_counter()
                if token.end:
                    reason, stop = "stop", token.piece.decode("utf-8", "replace")
                    break
                ids.append(token.id)
                thoughts += writing.thinking
                _emit_all(emit, writing.add(token))
                if len(ids) >= limit:
                    break
            else:
                reason = "cancelled" if cancelled.is_set() else "length"
        ended = perf_counter()
        _emit_all(emit, writing.close())
        emit(
            Finished(
                reason,
                {
                    "prompt_tokens": len(prompt),
                    "cached_tokens": self._runtime.reused,
                    "cache_reason": self._cache_reason(messages, void),
                    "output_tokens": len(ids),
                    "thinking_tokens": thoughts,
                    "drafted_tokens": self._runtime.drafted,
                    "accepted_tokens": self._runtime.accepted,
                    "prompt_seconds": (first or ended) - evaluating,
                    "output_seconds": ended - (first or ended),
                    "first_token_seconds": None if first is None else first - started,
                    "stop": stop,
                    "tokens": begun + ids,
                    "model": self.info.fingerprint,
                },
            )
        )
        self._keeping.after(len(prompt) - self._runtime.reused, (first or ended) - evaluating)

    def _cache_reason(self, messages: list[Message], void: CacheReason | None) -> CacheReason | None:
        """The runtime's, which knows nothing of who has read this conversation before it was opened. void: why what
        was kept of it on disk is of no use.
        """
        reason = self._runtime.cache_reason
        if reason is not None and void is not None:
            return void
        replies = [message for message in messages if message.tokens is not None]
        others = any(reply.model != self.info.fingerprint for reply in replies)
        return "model" if reason == "first" and others else reason

    def _prompt(self, messages: list[Message], emit: Emit) -> list[int]:
        if self._template is not None:
            try:
                return build_prompt(self._runtime, self._render, messages)
            except EngineError as error:
                if not error.code.startswith("template_"):
                    raise
                plain = phrase("The model gets the conversation as plain text.")
                emit(Log("warning", joined([str(error), plain])))
                if error.code in _HOPELESS:
                    self._template = None
        return build_prompt(self._runtime, plain_text, messages)

    def _render(self, messages: Sequence[Message]) -> str:
        assert self._template is not None
        bos, eos = self.info.bos_token, self.info.eos_token
        return self._renderer.render(self._template, messages, bos_token=bos, eos_token=eos)


def _runtime_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "runtime")


def _relay(
    thread: ThreadPoolExecutor, work: Callable[[Emit], None], abandon: Callable[[], None] = lambda: None
) -> Iterator[Event]:
    """Do `work` on the thread, yielding what it emits as it comes; what it raises is raised here.

    When the iterator is closed early, `abandon` is called and the thread waited for: it is free again afterwards.
    """
    events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
    future = thread.submit(work, events.put)
    future.add_done_callback(lambda _: events.put(None))
    try:
        yield from _arriving(events)
    except GeneratorExit:
        abandon()
        wait([future])
        raise
    future.result()


def _arriving(events: queue.SimpleQueue[Event | None]) -> Iterator[Event]:
    """What is put there until a None: the first at once, and what follows it quickly together, some ms later.

    To be woken for each token of a small model took a fifteenth of its time.
    """
    while True:
        event = events.get()
        looked = perf_counter()
        while event is not None:
            yield event
            if events.empty():
                break
            event = events.get()
        else:
            return
        sleep(max(0.0, looked + _TOGETHER - perf_counter()))


def _tokens(
    runtime: Runtime, prompt: list[int], options: ChatOptions, cancelled: threading.Event, emit: Emit
) -> Generator[Token, None, None]:
    """What the runtime generates, with a `Progress` after each chunk of a prompt that has several."""
    chunks = -1

    def progress(done: int, total: int) -> None:
        nonlocal chunks
        chunks += 1  # the first report comes before the first chunk
        if chunks > 1 or (chunks == 1 and done < total):
            emit(Progress(done, total, "tokens"))

    choices = ALTERNATIVES if options.choices else 0
    yield from runtime.generate(prompt, options.sampling, cancelled, progress, choices)


def _emit_all(emit: Emit, events: Sequence[Said]) -> None:
    for event in events:
        if isinstance(event, TokenChoice) or event.text:
            emit(event)


def _percent_to(emit: Emit, cancelled: threading.Event | None) -> Callable[[float], None]:
    """A callback for the share loaded, 0 to 1, that emits each percent once, and stops a load that is cancelled."""
    shown = -1

    def on_load(share: float) -> None:
        nonlocal shown
        if cancelled is not None and cancelled.is_set():
            raise LoadStoppedError
        percent = int(100 * share)
        if percent > shown:
            shown = percent
            emit(Progress(percent, 100, "percent"))

    return on_load
