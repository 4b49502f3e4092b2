"""Replies being written, in any chat: finds the model, keeps every word in the store. Knows nothing of widgets.

They go on when another chat is shown. Models on this machine and those of providers have a lane each, with a worker of
its own: what a provider writes waits for nothing here, and a model that is loaded stays so meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.background import Background
from app.chat.footer import with_earlier
from app.chat.lane import Lane
from app.chat.load import Load
from app.chat.reply import Reply, Wanted
from app.engine_client import EngineClient
from engine.chat.messages import Message
from engine.errors import EngineError
from engine.events import Event, Failed, Finished
from engine.library import models
from engine.library.models import REMOTE, ModelEntry
from engine.providers import base

log = logging.getLogger(__name__)

KEEP_EVERY_MS = 700  # so that all but the last second is kept, the time that writing takes included


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
        self,
        id: int,
        message: Message,
        state: str = "done",
        stats: dict[str, Any] | None = None,
        thinking: str | None = None,
    ) -> Future[None]: ...

    def delete_message(self, id: int) -> Future[None]: ...


class Replies(QObject):
    """What has to be known of replies, whoever asked for them."""

    refused = Signal(object, object)  # Reply, EngineError: no such model, or no row in the store; nothing was asked
    began = Signal(object)  # Reply: its row exists
    phase_changed = Signal(object)  # Reply: its phase, or the percent of it
    grew = Signal(object, str)
    thought = Signal(object, str)  # Reply, text: what it thinks
    warned = Signal(object, str)
    held_up = Signal(object, str)  # Reply, text: what it waits for, until it goes on
    ended = Signal(object)
    kept = Signal(object)  # Reply: all of it is in the store
    not_kept = Signal(object)  # EngineError: the store could not write the reply
    load_changed = Signal(object, int)  # LoadState, percent
    load_failed = Signal(object)  # Failed: of a load that no reply waits for, or why the model is gone meanwhile

    def __init__(
        self,
        client: EngineClient,
        store: Keeper,
        background: Background,
        parent: QObject | None = None,
        remote: EngineClient | None = None,
        of_store: bool = False,
    ) -> None:
        """remote: for models of providers; without it they share the other worker. of_store: see `Lane`."""
        super().__init__(parent)
        self._store, self._background = store, background
        self._here = Lane(client, background, self, of_store)
        self._away = Lane(remote, background, self) if remote is not None else self._here
        self._lanes = list(dict.fromkeys((self._here, self._away)))
        self._open: dict[int, Reply] = {}  # by chat, from the request to the end
        self._keeping: set[Reply] = set()  # whose words are being stored
        self._kept: dict[Reply, int] = {}  # parts and thoughts that are stored
        self._closed = False
        self._keep_timer = QTimer(self, interval=KEEP_EVERY_MS)
        self._keep_timer.timeout.connect(self._keep)
        for lane in self._lanes:
            lane.phase_changed.connect(self.phase_changed)
            lane.grew.connect(self.grew)
            lane.thought.connect(self.thought)
            lane.warned.connect(self.warned)
            lane.held_up.connect(self.held_up)
            lane.ended.connect(self._end)
            lane.load_changed.connect(self.load_changed)
            lane.load_failed.connect(self.load_failed)

    # --- what is asked --------------------------------------------------------------------------------------

    def request(self, reply: Reply) -> None:
        """Find the model, store the reply's row, then have it written as soon as those before it are done."""

        def found(entry: ModelEntry) -> None:
            reply.wanted = _wanted(entry, reply.parameters.context_for(_offers(entry, reply.offers)))
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
        if reply.entry is not None:  # at once: those asked for together are written in this order
            found(reply.entry)
        else:
            self._background.run(lambda: _find(reply.model), found, refused)

    def of(self, chat: int | None) -> Reply | None:
        """The reply of this chat that is being written, or will be."""
        return None if chat is None else self._open.get(chat)

    @property
    def writing(self) -> bool:
        """Whether there is a reply in any chat that is being written, or will be."""
        return bool(self._open)

    def stop(self, chat: int | None) -> None:
        """Stop the reply of this chat; where there is none, stop loading a model that no reply waits for."""
        reply = self.of(chat)
        if reply is None:
            for lane in self._lanes:
                lane.stop_loading()
        elif not self._lane(reply).stop(reply):
            reply.stopped = True

    def abandon(self, chat: int) -> None:
        """Stop the reply of a chat that is being deleted."""
        reply = self.of(chat)
        if reply is not None:
            reply.abandoned = True
            self.stop(chat)

    # --- models ---------------------------------------------------------------------------------------------

    @property
    def load(self) -> Load:
        """How the model on this machine stands."""
        return self._here.load

    def load_of(self, address: str) -> Load:
        """How this model stands, wherever it is; nothing where another one is loaded."""
        return next((lane.load for lane in self._lanes if lane.load.path == address), Load())

    def offers_of(self, address: str) -> frozenset[str] | None:
        """What the provider of this model heeds, where it is connected; None where that is not known."""
        return self._away.offers if self._away.load.path == address else None

    def preload(self, entry: ModelEntry, context: int | None) -> None:
        """Load a model before it is needed: now, or as soon as nothing else is going on."""
        self._lane_of(entry.backend).preload(_wanted(entry, None if entry.backend == REMOTE else context))

    def reload(self, entry: ModelEntry, context: int | None) -> None:
        """Load a model whether it is loaded or not, where nothing else is going on."""
        self._lane_of(entry.backend).reload(_wanted(entry, None if entry.backend == REMOTE else context))

    def set_load_options(self, options: dict[str, Any]) -> None:
        """What models are opened with besides their context; one loaded otherwise is opened again when it is needed."""
        self._here.set_load_options(options)

    def reopen(self, path: str) -> None:
        """The model at this path is to be opened otherwise: the next time it is needed, where it is loaded now."""
        for lane in self._lanes:
            lane.reopen(path)

    def adapt(self, path: str, adapters: Sequence[tuple[str, float]]) -> None:
        """Lay these adapters over the model at this path, and no others, without loading it again."""
        self._here.adapt(path, adapters)

    def unload(self, address: str | None = None) -> None:
        """Free the memory that the model on this machine takes, or let go of the one that is called so."""
        for lane in self._lanes if address is not None else [self._here]:
            if address is None or lane.load.path == address:
                lane.unload()

    def forgive(self) -> None:
        """The person tries again on purpose."""
        for lane in self._lanes:
            lane.forgive()

    def close(self) -> None:
        """Keep what there is, as interrupted."""
        self._closed = True
        self._keep_timer.stop()
        for lane in self._lanes:
            lane.close()
        for reply in self._open.values():
            if reply.abandoned or not reply.message:
                continue
            if reply.began:
                self._update(reply, "interrupted")
            else:
                self._take_back(reply)

    def _lane_of(self, backend: str) -> Lane:
        return self._away if backend == REMOTE else self._here

    def _lane(self, reply: Reply) -> Lane:
        return self._lane_of(reply.wanted[1] if reply.wanted is not None else "")

    # --- keeping --------------------------------------------------------------------------------------------

    def _admit(self, reply: Reply, message: int) -> None:
        reply.message = message
        self.began.emit(reply)
        if reply.stopped:
            self._end(reply, Finished("cancelled"))
        elif not self._closed:
            self._kept[reply] = 0
            self._keep_timer.start()
            self._lane(reply).add(reply)

    def _keep(self) -> None:
        """Store the words so far, unless the last time still lasts."""
        for reply, kept in self._kept.items():
            there = len(reply.parts) + len(reply.thoughts)
            if not reply.abandoned and reply not in self._keeping and there > kept:
                self._keeping.add(reply)
                self._kept[reply] = there
                done = partial(self._keeping_done, reply)
                self._background.when_done(self._update(reply, "streaming"), done, done)

    def _keeping_done(self, reply: Reply, _: object) -> None:
        self._keeping.discard(reply)

    def _end(self, reply: Reply, ending: Event) -> None:
        reply.stop_thinking()
        if isinstance(ending, Failed):
            reply.state, reply.failure = "failed", ending
        elif isinstance(ending, Finished):
            reply.state = "cancelled" if ending.reason == "cancelled" else "done"
            reply.stats = {"reason": ending.reason, **ending.stats}
        if (seconds := reply.thinking_seconds) is not None:
            reply.stats["thinking_seconds"] = seconds
        self._kept.pop(reply, None)
        if not self._kept:
            self._keep_timer.stop()
        if reply.abandoned:
            self._finish(reply)
        elif reply.began or reply.state == "done":
            self._store_ending(reply)
            self._finish(reply)
        else:
            self._undo(reply)

    def _finish(self, reply: Reply) -> None:
        del self._open[reply.chat]
        self.ended.emit(reply)

    def _store_ending(self, reply: Reply) -> None:
        tokens, model = reply.stats.pop("tokens", None), reply.stats.pop("model", None)
        _name_another(reply)
        if reply.continues is not None:
            reply.stats = with_earlier(reply.stats, reply.continues.stats)
        message = Message("assistant", reply.text, None if tokens is None else tuple(tokens), model)
        future = self._store.update_message(reply.message, message, reply.state, reply.stats, thinking=reply.thinking)
        self._background.when_done(future, lambda _: self.kept.emit(reply), self.not_kept.emit)

    def _update(self, reply: Reply, state: str) -> Future[None]:
        message = Message("assistant", reply.text)
        return self._store.update_message(reply.message, message, state, None, thinking=reply.thinking)

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


def _name_another(reply: Reply) -> None:
    """Who answered is worth a word where it is not the model that was asked."""
    answered = reply.stats.pop("answered_by", None)
    if answered and not base.is_same(reply.model.partition("/")[2], answered):
        reply.stats["answered_by"] = answered


def _wanted(entry: ModelEntry, context: int | None) -> Wanted:
    return entry.address, entry.backend, context


def _offers(entry: ModelEntry, known: frozenset[str] | None) -> frozenset[str] | None:
    return (known or frozenset()) if entry.backend == REMOTE else None


def _find(name: str) -> ModelEntry:
    """The model of that name, looked for now. Raises EngineError if it cannot be used."""
    entry = next((entry for entry in models.entries() if entry.name == name), None)
    if entry is None:
        raise EngineError("unknown_model", name=name)
    if entry.problem:
        raise EngineError("model_unusable", name=name, problem=entry.problem)
    return entry
