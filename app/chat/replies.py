"""Replies being written: loads the model, asks it, keeps every word in the store. Knows nothing of widgets.

Replies are written one after another, whatever chat they belong to, and go on when another chat is shown.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app import messages
from app.background import Background
from app.chat.model_picker import Load, LoadState
from app.chat.parameters import Parameters
from app.engine_client import EngineClient, JobHandle
from engine.chat.messages import Message
from engine.chat.store import Store
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Log, Progress, TextDelta
from engine.library import models
from engine.library.models import ModelEntry

log = logging.getLogger(__name__)

KEEP_EVERY_MS = 1000

Wanted = tuple[str, str, int | None]  # path, backend, context: what a worker must have loaded


@dataclass(eq=False)
class Reply:
    """A reply asked for. `message` is its row in the store, `replaces` the row whose place it takes once it is done."""

    chat: int
    model: str  # by its name in the library
    parameters: Parameters
    history: list[Message]
    replaces: int | None = None
    message: int = 0
    parts: list[str] = field(default_factory=list)
    state: str = "streaming"
    stats: dict[str, Any] = field(default_factory=dict)
    failure: Failed | None = None
    wanted: Wanted | None = None
    stopped: bool = False
    abandoned: bool = False  # its chat is gone: nothing more of it is stored

    @property
    def text(self) -> str:
        return "".join(self.parts)


class Replies(QObject):
    """The queue of replies and the model that is loaded."""

    refused = Signal(object, object)  # Reply, EngineError: no such model, or no row in the store; nothing was asked
    began = Signal(object)  # Reply: its row exists
    reading = Signal(object, int, int)  # Reply, tokens of the prompt read, of how many
    grew = Signal(object, str)
    warned = Signal(object, str)
    ended = Signal(object)
    not_kept = Signal(object)  # EngineError: the store could not write the reply
    load_changed = Signal(object, int)  # LoadState, percent
    load_failed = Signal(object)  # Failed: of a load that no reply waits for

    def __init__(
        self, client: EngineClient, store: Store, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._client, self._store, self._background = client, store, background
        self._open: dict[int, Reply] = {}  # by chat, from the request to the end
        self._queue: deque[Reply] = deque()  # those that wait for their turn
        self._active: Reply | None = None
        self._handle: JobHandle | None = None  # the load or the chat that runs
        self._loaded: Wanted | None = None
        self.load = Load()
        self._keeping = False
        self._kept = 0  # parts of the active reply that are stored
        self._closed = False
        self._keep_timer = QTimer(self, interval=KEEP_EVERY_MS)
        self._keep_timer.timeout.connect(self._keep)
        client.worker_gone.connect(self._forget_model)

    # --- what is asked --------------------------------------------------------------------------------------

    def request(self, reply: Reply) -> None:
        """Find the model, store the reply's row, then have it written as soon as those before it are done."""

        def found(entry: ModelEntry) -> None:
            reply.wanted = str(entry.path), entry.backend, reply.parameters.context
            row = self._store.add_message(reply.chat, Message("assistant", ""), state="streaming")
            self._background.when_done(row, lambda id: self._admit(reply, id), refused)

        def refused(error: EngineError) -> None:
            del self._open[reply.chat]
            self.refused.emit(reply, error)

        self._open[reply.chat] = reply
        self._background.run(lambda: _find(reply.model), found, refused)

    def of(self, chat: int | None) -> Reply | None:
        """The reply of this chat that is being written, or will be."""
        return None if chat is None else self._open.get(chat)

    def stop(self, chat: int | None) -> None:
        """Stop the reply of this chat; where there is none, stop loading a model that no reply waits for."""
        reply = self.of(chat)
        if reply is self._active:  # or both are None
            if self._handle is not None:
                self._handle.cancel()
        elif reply is not None and reply in self._queue:
            self._queue.remove(reply)
            self._end(reply, Finished("cancelled"))
        elif reply is not None:
            reply.stopped = True

    def abandon(self, chat: int) -> None:
        """Stop the reply of a chat that is being deleted."""
        reply = self.of(chat)
        if reply is not None:
            reply.abandoned = True
            self.stop(chat)

    def preload(self, entry: ModelEntry, context: int | None) -> None:
        """Load a model before it is needed, where nothing else is going on."""
        if (str(entry.path), entry.backend, context) != self._loaded:
            self.reload(entry, context)

    def reload(self, entry: ModelEntry, context: int | None) -> None:
        """Load a model whether it is loaded or not, where nothing else is going on."""
        if self._handle is None:
            self._load((str(entry.path), entry.backend, context))

    def unload(self) -> None:
        self._client.stop_worker()

    def forgive(self) -> None:
        """The person tries again on purpose."""
        self._client.forgive()

    def close(self) -> None:
        """Keep what there is, as interrupted."""
        self._closed = True
        self._keep_timer.stop()
        for reply in self._open.values():
            if reply.message and not reply.abandoned:
                self._store.update_message(reply.message, Message("assistant", reply.text), "interrupted", None)
        self._queue.clear()

    # --- one after another ----------------------------------------------------------------------------------

    def _admit(self, reply: Reply, message: int) -> None:
        reply.message = message
        self.began.emit(reply)
        if reply.stopped:
            self._end(reply, Finished("cancelled"))
            return
        self._queue.append(reply)
        self._next()

    def _next(self) -> None:
        if self._handle is not None or self._closed or not self._queue:
            return
        self._active = reply = self._queue.popleft()
        assert reply.wanted is not None
        if reply.wanted == self._loaded:
            self._ask(reply)
        else:
            self._load(reply.wanted)

    def _load(self, wanted: Wanted) -> None:
        path, backend, context = wanted
        options = {} if context is None else {"context": context}
        self._loaded = None
        self._handle = self._client.submit("load", {"model": path, "backend": backend, "options": options})
        self._handle.reported.connect(self._loading)
        self._handle.done.connect(lambda ending: self._load_ended(wanted, ending))
        self._set_load(Load(LoadState.LOADING, path))

    def _loading(self, event: Event) -> None:
        if isinstance(event, Progress) and event.total:
            self._set_load(replace(self.load, percent=min(100, 100 * event.done // event.total)))

    def _load_ended(self, wanted: Wanted, ending: Event) -> None:
        self._handle = None
        loaded = isinstance(ending, Finished) and ending.reason != "cancelled"
        self._loaded = wanted if loaded else None
        if isinstance(ending, Failed):
            problem = messages.sentence(ending.code, ending.data)
            self._set_load(Load(LoadState.BROKEN, wanted[0], problem=problem))
        elif isinstance(ending, Finished) and loaded:
            self._set_load(Load(LoadState.LOADED, wanted[0], memory_bytes=ending.stats.get("memory_bytes")))
        else:
            self._set_load(Load())
        if self._closed:
            return
        reply = self._active
        if reply is not None and loaded:
            self._ask(reply)
        elif reply is not None:
            self._end(reply, ending)
        else:
            if isinstance(ending, Failed):
                self.load_failed.emit(ending)
            self._next()

    def _ask(self, reply: Reply) -> None:
        system = [Message("system", reply.parameters.system)] if reply.parameters.system.strip() else []
        options = {**asdict(reply.parameters.sampling), "max_tokens": reply.parameters.max_tokens}
        conversation = [message.to_json() for message in [*system, *reply.history]]
        self._kept = 0
        self._keep_timer.start()
        self._handle = self._client.submit("chat", {"messages": conversation, "options": options})
        self._handle.reported.connect(self._said)
        self._handle.done.connect(lambda ending: self._answered(reply, ending))

    def _said(self, event: Event) -> None:
        reply = self._active
        if reply is None or self._closed:
            return
        match event:
            case TextDelta(text):
                reply.parts.append(text)
                self.grew.emit(reply, text)
            case Progress(done, total):
                self.reading.emit(reply, done, total)
            case Log("warning" | "error", text):
                self.warned.emit(reply, text)

    def _answered(self, reply: Reply, ending: Event) -> None:
        self._handle = None
        self._keep_timer.stop()
        if not self._closed:
            self._end(reply, ending)

    # --- keeping --------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        """Store the words so far, unless the last time still lasts."""
        reply = self._active
        if reply is None or reply.abandoned or self._keeping or len(reply.parts) == self._kept:
            return
        self._keeping, self._kept = True, len(reply.parts)
        future = self._store.update_message(reply.message, Message("assistant", reply.text), "streaming", None)
        self._background.when_done(future, lambda _: self._keeping_done(), lambda _: self._keeping_done())

    def _keeping_done(self) -> None:
        self._keeping = False

    def _end(self, reply: Reply, ending: Event) -> None:
        if isinstance(ending, Failed):
            reply.state, reply.failure = "failed", ending
        elif isinstance(ending, Finished):
            reply.state = "cancelled" if ending.reason == "cancelled" else "done"
            reply.stats = {"reason": ending.reason, **ending.stats}
        if not reply.abandoned:
            self._store_ending(reply)
        del self._open[reply.chat]
        if reply is self._active:
            self._active = None
        self.ended.emit(reply)
        self._next()

    def _store_ending(self, reply: Reply) -> None:
        if not reply.parts and reply.state != "done":
            self._watch(self._store.delete_message(reply.message))  # nothing was said: the question stands alone
            return
        tokens, model = reply.stats.pop("tokens", None), reply.stats.pop("model", None)
        message = Message("assistant", reply.text, None if tokens is None else tuple(tokens), model)
        self._watch(self._store.update_message(reply.message, message, reply.state, reply.stats))
        if reply.replaces is not None:
            self._watch(self._store.delete_message(reply.replaces))

    def _watch(self, future: Any) -> None:
        self._background.when_done(future, lambda _: None, self._report_not_kept)

    def _report_not_kept(self, error: EngineError) -> None:
        self.not_kept.emit(error)

    def _forget_model(self) -> None:
        self._loaded = None
        self._set_load(Load())

    def _set_load(self, load: Load) -> None:
        self.load = load
        self.load_changed.emit(load.state, load.percent)


def _find(name: str) -> ModelEntry:
    """The model of that name, looked for now. Raises EngineError if it cannot be used."""
    entry = next((entry for entry in models.entries() if entry.name == name), None)
    if entry is None:
        raise EngineError("unknown_model", name=name)
    if entry.problem:
        raise EngineError("model_unusable", name=name, problem=entry.problem)
    return entry
