"""Replies being written: loads the model, asks it, keeps every word in the store. Knows nothing of widgets.

Replies are written one after another, whatever chat they belong to, and go on when another chat is shown.
"""

from __future__ import annotations

import logging
from collections import deque
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app import messages
from app.background import Background
from app.chat.footer import with_earlier
from app.chat.model_picker import Load, LoadState
from app.chat.parameters import Parameters
from app.chat.phase import Phase
from app.engine_client import EngineClient, JobHandle
from engine.chat.messages import Message
from engine.chat.store import StoredMessage
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Log, Progress, TextDelta
from engine.library import models
from engine.library.models import ModelEntry

log = logging.getLogger(__name__)

KEEP_EVERY_MS = 1000

Wanted = tuple[str, str, int | None]  # path, backend, context: what a worker must have loaded


@dataclass(eq=False)
class Reply:
    """A reply asked for: a new one, another version of the one it stands `beside`, or the rest of a stored one.

    `message` is its row in the store. Of a reply that `continues`, `history` ends with what is there of it.
    """

    chat: int
    model: str  # by its name in the library
    parameters: Parameters
    history: list[Message]
    beside: int | None = None
    continues: StoredMessage | None = None
    message: int = 0
    parts: list[str] = field(default_factory=list)  # what has come, piece by piece
    phase: Phase = Phase.WAITING
    percent: int = 0  # of the phase
    state: str = "streaming"
    stats: dict[str, Any] = field(default_factory=dict)
    failure: Failed | None = None
    wanted: Wanted | None = None
    entry: ModelEntry | None = None  # the model itself, where it is none of the library
    stopped: bool = False
    abandoned: bool = False  # its chat is gone: nothing more of it is stored

    @property
    def text(self) -> str:
        begun = self.history[-1].content if self.continues is not None else ""
        return "".join([begun, *self.parts])


class Keeper(Protocol):
    """Where replies are written to: the store, or what does as it does."""

    def add_message(
        self,
        chat: int,
        message: Message,
        state: str = "done",
        stats: dict[str, Any] | None = None,
        beside: int | None = None,
    ) -> Future[int]: ...

    def update_message(
        self, id: int, message: Message, state: str = "done", stats: dict[str, Any] | None = None
    ) -> Future[None]: ...

    def delete_message(self, id: int) -> Future[None]: ...


class Replies(QObject):
    """The queue of replies and the model that is loaded."""

    refused = Signal(object, object)  # Reply, EngineError: no such model, or no row in the store; nothing was asked
    began = Signal(object)  # Reply: its row exists
    phase_changed = Signal(object)  # Reply: its phase, or the percent of it
    grew = Signal(object, str)
    warned = Signal(object, str)
    ended = Signal(object)
    not_kept = Signal(object)  # EngineError: the store could not write the reply
    load_changed = Signal(object, int)  # LoadState, percent
    load_failed = Signal(object)  # Failed: of a load that no reply waits for

    def __init__(
        self, client: EngineClient, store: Keeper, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._client, self._store, self._background = client, store, background
        self._open: dict[int, Reply] = {}  # by chat, from the request to the end
        self._queue: deque[Reply] = deque()  # those that wait for their turn
        self._active: Reply | None = None
        self._handle: JobHandle | None = None  # the load or the chat that runs
        self._loaded: Wanted | None = None
        self._wish: Wanted | None = None  # what to load when there is nothing else to do
        self.load = Load()
        self._keeping = False
        self._kept = 0  # parts of the active reply that are stored
        self._closed = False
        self._load_options: dict[str, Any] = {}
        self._opened_with: dict[str, Any] = {}  # of these, the model that is loaded or being loaded
        self._keep_timer = QTimer(self, interval=KEEP_EVERY_MS)
        self._keep_timer.timeout.connect(self._keep)
        client.worker_gone.connect(self._forget_model)
        self.load_changed.connect(self._pass_on_load)

    # --- what is asked --------------------------------------------------------------------------------------

    def request(self, reply: Reply) -> None:
        """Find the model, store the reply's row, then have it written as soon as those before it are done."""

        def found(entry: ModelEntry) -> None:
            reply.wanted = str(entry.path), entry.backend, reply.parameters.context
            if (old := reply.continues) is not None:
                row = self._store.update_message(old.id, old.message, "streaming", old.stats)
                self._background.when_done(row, lambda _: self._admit(reply, old.id), refused)
                return
            new = self._store.add_message(reply.chat, Message("assistant", ""), "streaming", beside=reply.beside)
            self._background.when_done(new, lambda id: self._admit(reply, id), refused)

        def refused(error: EngineError) -> None:
            del self._open[reply.chat]
            self.refused.emit(reply, error)

        self._open[reply.chat] = reply
        self._background.run(lambda: reply.entry or _find(reply.model), found, refused)

    def of(self, chat: int | None) -> Reply | None:
        """The reply of this chat that is being written, or will be."""
        return None if chat is None else self._open.get(chat)

    def stop(self, chat: int | None) -> None:
        """Stop the reply of this chat; where there is none, stop loading a model that no reply waits for."""
        reply = self.of(chat)
        if reply is self._active:  # or both are None
            self._wish = None
            if self._handle is not None:
                self._handle.cancel()
                if reply is not None:
                    self._enter(reply, Phase.STOPPING)
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
        """Load a model before it is needed: now, or as soon as nothing else is going on."""
        self._wish = (str(entry.path), entry.backend, context)
        self._next()

    def reload(self, entry: ModelEntry, context: int | None) -> None:
        """Load a model whether it is loaded or not, where nothing else is going on."""
        if self._handle is None:
            self._load((str(entry.path), entry.backend, context))

    def set_load_options(self, options: dict[str, Any]) -> None:
        """What models are opened with besides their context; one loaded otherwise is opened again when it is needed."""
        self._load_options = options

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
            if reply.abandoned or not reply.message:
                continue
            if reply.parts:
                self._store.update_message(reply.message, Message("assistant", reply.text), "interrupted", None)
            else:
                self._take_back(reply)
        self._queue.clear()

    # --- one after another ----------------------------------------------------------------------------------

    def _admit(self, reply: Reply, message: int) -> None:
        reply.message = message
        self.began.emit(reply)
        if reply.stopped:
            self._end(reply, Finished("cancelled"))
            return
        self._queue.append(reply)
        if self._handle is not None and self._active is None:  # a model that was chosen is being loaded
            self._enter(reply, Phase.LOADING, self.load.percent)
        self._next()

    def _next(self) -> None:
        if self._handle is not None or self._closed:
            return
        if not self._queue:
            wish, self._wish = self._wish, None
            if wish is not None and wish != self._loaded:
                self._load(wish)
            return
        self._active = reply = self._queue.popleft()
        assert reply.wanted is not None
        if reply.wanted == self._loaded and self._opened_with == self._load_options:
            self._ask(reply)
        else:
            self._load(reply.wanted)

    def _load(self, wanted: Wanted) -> None:
        path, backend, context = wanted
        self._opened_with = self._load_options
        options = self._load_options | ({} if context is None else {"context": context})
        self._loaded = None
        self._handle = self._client.submit("load", {"model": path, "backend": backend, "options": options})
        self._handle.reported.connect(self._loading)
        self._handle.done.connect(lambda ending: self._load_ended(wanted, ending))
        self._set_load(Load(LoadState.LOADING, path))

    def _loading(self, event: Event) -> None:
        if isinstance(event, Progress) and event.total:
            self._set_load(replace(self.load, percent=min(100, 100 * event.done // event.total)))

    def _pass_on_load(self, state: LoadState, percent: int) -> None:
        """The reply that is next waits for the model; where there is none, all that come meanwhile do."""
        if state is LoadState.LOADING:
            for reply in [self._active] if self._active is not None else self._queue:
                self._enter(reply, Phase.LOADING, percent)

    def _enter(self, reply: Reply, phase: Phase, percent: int = 0) -> None:
        """Say what the reply does now; after stopping comes only the end."""
        if reply.phase is not Phase.STOPPING and (reply.phase, reply.percent) != (phase, percent):
            reply.phase, reply.percent = phase, percent
            self.phase_changed.emit(reply)

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
        if reply.continues is not None:
            options["continue_final_message"] = True
        conversation = [message.to_json() for message in [*system, *reply.history]]
        self._kept = 0
        self._keep_timer.start()
        self._enter(reply, Phase.THINKING)
        self._handle = self._client.submit("chat", {"messages": conversation, "options": options})
        self._handle.reported.connect(self._said)
        self._handle.done.connect(lambda ending: self._answered(reply, ending))

    def _said(self, event: Event) -> None:
        reply = self._active
        if reply is None or self._closed:
            return
        match event:
            case TextDelta(text):
                self._enter(reply, Phase.WRITING)
                reply.parts.append(text)
                self.grew.emit(reply, text)
            case Progress(done, total) if done < total:
                self._enter(reply, Phase.READING, 100 * done // total)
            case Progress():
                self._enter(reply, Phase.THINKING)
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
        if reply is self._active:
            self._active = None
        if reply.abandoned:
            self._finish(reply)
        elif reply.parts or reply.state == "done":
            self._store_ending(reply)
            self._finish(reply)
        else:
            self._undo(reply)
        self._next()

    def _finish(self, reply: Reply) -> None:
        del self._open[reply.chat]
        self.ended.emit(reply)

    def _store_ending(self, reply: Reply) -> None:
        tokens, model = reply.stats.pop("tokens", None), reply.stats.pop("model", None)
        if reply.continues is not None:
            reply.stats = with_earlier(reply.stats, reply.continues.stats)
        message = Message("assistant", reply.text, None if tokens is None else tuple(tokens), model)
        self._watch(self._store.update_message(reply.message, message, reply.state, reply.stats))

    def _undo(self, reply: Reply) -> None:
        """Nothing was said: it is over when the store holds what it held before."""

        def report(error: EngineError) -> None:
            self.not_kept.emit(error)
            self._finish(reply)

        self._background.when_done(self._take_back(reply), lambda _: self._finish(reply), report)

    def _take_back(self, reply: Reply) -> Future[None]:
        """Have the store as it was before a reply that has not said anything."""
        if (old := reply.continues) is not None:
            return self._store.update_message(old.id, old.message, old.state, old.stats)
        return self._store.delete_message(reply.message)

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
