"""A worker and the replies it writes: loads the model that each of them wants, and asks it, one after another.

A model that a provider has is connected rather than loaded: the key goes along with the job, and is kept nowhere.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from app import messages
from app.background import Background
from app.chat.load import Load, LoadState
from app.chat.phase import Phase
from app.chat.reply import Reply, Wanted
from app.engine_client import EngineClient, JobHandle
from engine.chat.messages import Message
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Log, Progress, TextDelta, ThinkingDelta
from engine.library.models import REMOTE
from engine.providers import base


class Lane(QObject):
    """`ended(Reply, Event)`: the `Finished` or `Failed` that ended it. All else as of `Replies`."""

    phase_changed = Signal(object)
    grew = Signal(object, str)
    thought = Signal(object, str)
    warned = Signal(object, str)
    held_up = Signal(object, str)
    ended = Signal(object, object)
    load_changed = Signal(object, int)
    load_failed = Signal(object)

    def __init__(
        self, client: EngineClient, background: Background, parent: QObject | None = None, of_store: bool = False
    ) -> None:
        """of_store: its chats are those of the store, so that a worker may keep on disk what it has made of them."""
        super().__init__(parent)
        self._client, self._background, self._of_store = client, background, of_store
        self._queue: deque[Reply] = deque()  # those that wait for their turn
        self.active: Reply | None = None
        self._handle: JobHandle | None = None  # the load or the chat that runs
        self._key_for: Wanted | None = None  # the model whose key is being looked for
        self._loaded: Wanted | None = None
        self.offers: frozenset[str] | None = None  # of the loaded model, where a provider has it
        self._wish: Wanted | None = None  # what to load when there is nothing else to do
        self.load = Load()
        self._closed = False
        self._load_options: dict[str, Any] = {}
        self._opened_with: dict[str, Any] = {}  # of these, the model that is loaded or being loaded
        self._outdated = False  # it is to be opened otherwise by now
        client.worker_gone.connect(self._forget_model)
        client.lost.connect(self.load_failed)
        self.load_changed.connect(self._pass_on_load)

    # --- what is asked --------------------------------------------------------------------------------------

    def add(self, reply: Reply) -> None:
        """Have it written when those before it are done."""
        self._queue.append(reply)
        if self._busy and self.active is None:  # a model that was chosen is being loaded
            self._enter(reply, Phase.LOADING, self.load.percent)
        self._next()

    def stop(self, reply: Reply) -> bool:
        """Stop this reply; False where it is none of this lane's yet."""
        if reply is self.active:
            self._enter(reply, Phase.STOPPING)
            self._cancel()
        elif reply in self._queue:
            self._queue.remove(reply)
            self.ended.emit(reply, Finished("cancelled"))
        else:
            return False
        return True

    def stop_loading(self) -> None:
        """Stop loading a model that no reply waits for."""
        if self.active is None:
            self._cancel()

    def preload(self, wanted: Wanted) -> None:
        self._wish = wanted
        self._next()

    def reload(self, wanted: Wanted) -> None:
        if not self._busy:
            self._load(wanted)

    def set_load_options(self, options: dict[str, Any]) -> None:
        self._load_options = options

    def reopen(self, address: str) -> None:
        if self.load.path == address:
            self._outdated = True

    def adapt(self, address: str, adapters: Sequence[tuple[str, float]]) -> None:
        if self._loaded is not None and self._loaded[0] == address:
            handle = self._client.submit("adapt", {"adapters": [list(pair) for pair in adapters]})
            handle.done.connect(lambda ending: self.load_failed.emit(ending) if isinstance(ending, Failed) else None)

    def unload(self) -> None:
        self._client.stop_worker()

    def forgive(self) -> None:
        self._client.forgive()

    def close(self) -> None:
        self._closed = True
        self._queue.clear()

    # --- one after another ----------------------------------------------------------------------------------

    @property
    def _busy(self) -> bool:
        return self._handle is not None or self._key_for is not None

    def _cancel(self) -> None:
        self._wish = None
        if self._handle is not None:
            self._handle.cancel()
        elif (wanted := self._key_for) is not None:
            self._key_for = None  # what is found is not waited for
            self._load_ended(wanted, Finished("cancelled"))

    def _next(self) -> None:
        if self._busy or self._closed:
            return
        if not self._queue:
            wish, self._wish = self._wish, None
            if wish is not None and (wish != self._loaded or self._outdated):
                self._load(wish)
            return
        self.active = reply = self._queue.popleft()
        assert reply.wanted is not None
        if reply.wanted == self._loaded and self._opened_with == self._load_options and not self._outdated:
            self._ask(reply)
        else:
            self._load(reply.wanted)

    def _load(self, wanted: Wanted) -> None:
        self._opened_with, self._outdated = self._load_options, False
        self._loaded = None
        address, backend, _ = wanted
        if backend == REMOTE:
            self._key_for = wanted
            found, missing = partial(self._take_key, wanted), partial(self._miss_key, wanted)
            self._background.run(partial(_key_of, address), found, missing)
        else:
            self._submit_load(wanted, {"defaults": self._load_options})
        self._set_load(Load(LoadState.LOADING, address))

    def _take_key(self, wanted: Wanted, key: str | None) -> None:
        if self._key_for is wanted and not self._closed:
            self._key_for = None
            self._submit_load(wanted, {"key": key})

    def _miss_key(self, wanted: Wanted, error: EngineError) -> None:
        if self._key_for is wanted:
            self._key_for = None
            self._load_ended(wanted, Failed(error.code, error.data, error.detail))

    def _submit_load(self, wanted: Wanted, more: dict[str, Any]) -> None:
        address, backend, context = wanted
        options = {} if context is None else {"context": context}
        self._handle = self._client.submit("load", {"model": address, "backend": backend, "options": options, **more})
        self._handle.reported.connect(self._loading)
        self._handle.done.connect(lambda ending: self._load_ended(wanted, ending))

    def _loading(self, event: Event) -> None:
        if isinstance(event, Progress) and event.total:
            self._set_load(self.load._replace(percent=min(100, 100 * event.done // event.total)))

    def _pass_on_load(self, state: LoadState, percent: int) -> None:
        """The reply that is next waits for the model; where there is none, all that come meanwhile do."""
        if state is LoadState.LOADING:
            for reply in [self.active] if self.active is not None else self._queue:
                self._enter(reply, _waits_for_model(reply), percent)

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
            self.offers = _offers(ending.stats)
            self._set_load(_loaded(wanted, ending.stats))
        else:
            self._set_load(Load())
        if self._closed:
            return
        reply = self.active
        if reply is not None and loaded and reply.phase is not Phase.STOPPING:
            self._ask(reply)
        elif reply is not None:  # stopped, maybe when the model was just loaded, or failed
            self._end(reply, Finished("cancelled") if loaded else ending)
        else:
            if isinstance(ending, Failed):
                self.load_failed.emit(ending)
            self._next()

    def _ask(self, reply: Reply) -> None:
        system = [Message("system", reply.parameters.system)] if reply.parameters.system.strip() else []
        options = reply.parameters.options(self.offers)
        if reply.continues is not None:
            options["continue_final_message"] = True
        conversation = [message.to_json() for message in [*system, *reply.history]]
        self._enter(reply, Phase.THINKING)
        place = {"chat": reply.chat, "asked": time.time()} if self._of_store else {}
        self._handle = self._client.submit("chat", {"messages": conversation, "options": options, **place})
        self._handle.reported.connect(self._said)
        self._handle.done.connect(lambda ending: self._answered(reply, ending))

    def _said(self, event: Event) -> None:
        reply = self.active
        if reply is None or self._closed:
            return
        match event:
            case TextDelta(text):
                reply.say(text)
                self._enter(reply, Phase.WRITING)
                self.grew.emit(reply, text)
            case ThinkingDelta(text):
                reply.think(text)
                self._enter(reply, Phase.THINKING)
                self.thought.emit(reply, text)
            case Progress(done, total) if done < total:
                self._enter(reply, Phase.READING, 100 * done // total)
            case Progress():
                self._enter(reply, Phase.THINKING)
            case Log("wait", text):
                self.held_up.emit(reply, text)
            case Log("warning" | "error", text):
                self.warned.emit(reply, text)

    def _answered(self, reply: Reply, ending: Event) -> None:
        self._handle = None
        if not self._closed:
            self._end(reply, ending)

    def _end(self, reply: Reply, ending: Event) -> None:
        self.active = None
        self.ended.emit(reply, ending)
        self._next()

    def _forget_model(self) -> None:
        self._loaded = None
        self._set_load(Load())

    def _set_load(self, load: Load) -> None:
        self.load = load
        self.load_changed.emit(load.state, load.percent)


def _waits_for_model(reply: Reply) -> Phase:
    """A provider has its models at hand, as far as anyone can say: to be connected takes no per cent."""
    return Phase.THINKING if reply.wanted is not None and reply.wanted[1] == REMOTE else Phase.LOADING


def _loaded(wanted: Wanted, stats: dict[str, Any]) -> Load:
    """What it takes here is said of a model that is here."""
    if wanted[1] == REMOTE:
        return Load(LoadState.LOADED, wanted[0])
    memory, taken = stats.get("memory") or {}, stats.get("memory_bytes")
    foreseen, measured = memory.get("predicted"), memory.get("measured")
    return Load(LoadState.LOADED, wanted[0], memory_bytes=taken, foreseen=foreseen, measured=measured)


def _offers(stats: dict[str, Any]) -> frozenset[str] | None:
    remote = stats.get("remote")
    return frozenset(map(str, remote.get("offers") or ())) if isinstance(remote, dict) else None


def _key_of(model: str) -> str | None:
    """The key of the provider that has this model; its keyring may be slow to answer. Raises EngineError."""
    from engine.providers import provider_keys, provider_list  # what opens keyrings is for those who have keys

    provider, _ = base.names(model) or ("", "")
    return provider_keys.key(provider_list.find(provider).provider)
