"""Asks two models the same and shows what each answers: two workers, or one after another where memory is short."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app import messages
from app.background import Background
from app.chat.footer import figures, outcome
from app.chat.history import to_prompt
from app.chat.load import LoadState
from app.chat.parameters import Parameters
from app.chat.phase import Phase
from app.chat.replies import Replies
from app.chat.reply import Reply
from app.engine_client import EngineClient
from app.figures import size_text
from app.messages import Notice, Remedy
from app.training.beside.kept import Kept
from app.training.beside.view import BesideView, Column
from app.training.uses import Uses, name_of, run_of
from app.widgets.links import ask_and_open
from engine import hardware
from engine.chat.messages import Message
from engine.errors import EngineError
from engine.events import Failed
from engine.library import models
from engine.library.models import ModelEntry
from engine.runtime.base import Sampling
from engine.settings import runtime_options
from engine.training import runs
from engine.training.runs import RunInfo
from engine.training.side_by_side import fit_together

LONGEST = 512  # tokens of an answer: a model that has hardly learnt finds no end
SHORT_OF_MEMORY = ("out_of_memory", "worker_out_of_memory")


@dataclass(frozen=True)
class Side:
    """A model by its place, or by the checkpoint of a run, of which one is made first."""

    name: str
    model: Path | None = None
    checkpoint: Path | None = None


@dataclass
class _Voice:
    """One column, the model that speaks there, and who has it write."""

    column: Column
    replies: Replies
    side: Side
    chat: int
    entry: ModelEntry | None = None


class Beside(QObject):
    """`opened(name)`: of the run it was asked for at; the view shall be seen. `said` carries a `Notice`.

    `keep_requested(entry, name, parameters, messages)`: one side is to become a chat. clients: a worker for each side.
    """

    opened = Signal(str)
    said = Signal(object)
    keep_requested = Signal(object, str, object, object)

    def __init__(
        self,
        view: BesideView,
        uses: Uses,
        clients: Sequence[EngineClient],
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._uses, self._background, self._clients = view, uses, background, clients
        self._kept = Kept()
        self._chats = count(1)
        self._writers = [Replies(client, self._kept, background, self) for client in clients]
        self._voices: list[_Voice] = []
        self._options: dict[str, Any] = {}
        self._parameters = Parameters()
        self.in_turn = False
        self._listen()

    @property
    def writing(self) -> bool:
        return any(writer.of(voice.chat) is not None for voice in self._voices for writer in self._writers)

    # --- who speaks ---------------------------------------------------------------------------------------------------

    def open_checkpoints(self, checkpoints: Sequence[Path]) -> None:
        """Two of one run."""
        self.open([Side(name_of(each), checkpoint=each) for each in checkpoints])
        self.opened.emit(run_of(checkpoints[0]).name)

    def open_with_parent(self, place: Path) -> None:
        """The model it all began from beside what has become of it. place: a run, or a checkpoint of one."""
        checkpoint = place if place.parent.name == "checkpoints" else None
        run = run_of(checkpoint) if checkpoint is not None else place

        def begin(info: RunInfo) -> None:
            if info.parent is not None:
                parent = Side(info.parent_name or Path(info.parent).name, Path(info.parent))
                child = Side(name_of(place), checkpoint=place) if checkpoint else Side(run.name, run / "model")
                self.open([parent, child])
                self.opened.emit(run.name)

        def failed(error: EngineError) -> None:
            self.said.emit(Notice(messages.sentence(error.code, error.data)))

        self._background.run(lambda: runs.run_info(run), begin, failed)

    def open(self, sides: Sequence[Side]) -> None:
        """Begin a conversation with two models."""
        self.leave()
        view = self._view
        view.notice.clear()
        view.composer.setEnabled(False)
        view.composer.set_streaming(False)
        self.in_turn = False
        self._voices = [
            _Voice(column, writer, side, next(self._chats))
            for column, writer, side in zip(view.columns, self._writers, sides, strict=True)
        ]
        self._clear()
        for voice in self._voices:
            voice.column.show_name(voice.side.name)
            voice.column.show_standing(self.tr("Getting ready…"))
            self._find(voice)

    def leave(self) -> None:
        """Nobody looks any more: what is being written ends, and memory is given back."""
        self._abandon()
        self._voices = []
        for writer in self._writers:
            writer.stop(None)  # loading
        self._rest()
        self._kept.clear()

    def close(self) -> None:
        for writer in self._writers:
            writer.close()
        for client in self._clients:
            client.close()

    def _abandon(self) -> None:
        for voice in self._voices:
            for writer in self._writers:
                writer.abandon(voice.chat)

    def _rest(self) -> None:
        """Give back the memory of workers that have nothing to do here any more, once they are idle."""
        for writer in self._writers if not self._voices else self._writers[1:] if self.in_turn else ():
            writer.unload()

    def _find(self, voice: _Voice) -> None:
        def resolve(place: Path) -> None:
            self._background.run(lambda: models.resolve(place), found, refused)

        def found(entry: ModelEntry) -> None:
            voice.entry = entry
            voice.column.show_standing("")
            if voice in self._voices and all(each.entry for each in self._voices):
                self._measure()

        def refused(error: EngineError | Failed) -> None:
            if voice in self._voices:
                voice.column.show_standing("")
                self._say(voice, Notice(messages.sentence(error.code, error.data)))

        if voice.side.checkpoint is not None:
            self._uses.prepare(voice.side.checkpoint, resolve, refused)
        elif voice.side.model is not None:
            resolve(voice.side.model)

    def _measure(self) -> None:
        """Both at once, or one after another? Then have them loaded."""
        voices = list(self._voices)
        entries = [voice.entry for voice in voices if voice.entry is not None]

        def measured(found: tuple[bool, dict[str, Any]]) -> None:
            if voices != self._voices:
                return
            together, self._options = found
            if not together:
                self._take_turns()
            self._share_cores()
            self._view.composer.setEnabled(True)
            self._view.composer.field.setFocus()
            for voice in voices[: 1 if self.in_turn else 2]:
                assert voice.entry is not None
                voice.replies.preload(voice.entry, None)

        def unknown(error: EngineError) -> None:
            self._view.notice.show_notice(Notice(messages.sentence(error.code, error.data)))

        self._background.run(lambda: (fit_together(entries), runtime_options()), measured, unknown)

    def _take_turns(self) -> None:
        """One worker for both: each model is loaded when it is its turn."""
        self.in_turn = True
        for voice in self._voices:
            voice.replies = self._writers[0]
        self._rest()
        self._share_cores()
        text = self.tr("There is not enough memory for both at once, so they answer one after another.")
        self._view.notice.show_notice(Notice(text))

    def _share_cores(self) -> None:
        """Two that compute at once have half of the cores each."""
        threads = int(self._options.get("threads") or hardware.threads_for("chat"))
        share = {} if self.in_turn else {"threads": max(1, threads // 2)}
        for writer in self._writers:
            writer.set_load_options(self._options | share)

    # --- what is said -------------------------------------------------------------------------------------------------

    def send(self) -> None:
        if self.writing or not self._voices:
            return
        text = self._view.composer.take()
        if self._view.likeliest.isChecked():
            sampling = Sampling(temperature=0)
        else:
            sampling = Sampling(seed=random.randrange(2**31))
        self._parameters = Parameters(sampling=sampling, max_tokens=LONGEST)
        self._view.show_seed(sampling.seed)
        for voice in self._voices:
            message = self._kept.add_message(voice.chat, Message("user", text)).result()
            voice.column.transcript.add_message(message, "user", text)
            self._ask(voice)
        self._show_writing()

    def _ask(self, voice: _Voice) -> None:
        """Have it answer what has been said on its side."""
        voice.column.transcript.show_failure(None)
        history = to_prompt(stored.message for stored in self._kept.messages(voice.chat))
        voice.replies.forgive()
        voice.replies.request(Reply(voice.chat, voice.side.name, self._parameters, history, entry=voice.entry))

    def stop(self) -> None:
        for voice in self._voices:
            for writer in self._writers:
                if writer.of(voice.chat) is not None:
                    writer.stop(voice.chat)

    def start_over(self) -> None:
        """Both forget what was said."""
        self._abandon()
        for voice in self._voices:
            voice.chat = next(self._chats)
        self._clear()
        self._show_writing()

    def _clear(self) -> None:
        self._kept.clear()
        self._view.show_seed(None)
        for column in self._view.columns:
            column.transcript.clear()
            column.transcript.show_failure(None)
            column.keep.setEnabled(False)

    def _keep(self, column: Column) -> None:
        voice = next((voice for voice in self._voices if voice.column is column), None)
        if voice is not None and voice.entry is not None and not self.writing:
            said = self._kept.messages(voice.chat)
            parameters = replace(self._parameters, sampling=replace(self._parameters.sampling, seed=None))
            self.keep_requested.emit(voice.entry, voice.side.name, parameters, said)

    def _show_writing(self) -> None:
        writing = self.writing
        self._view.composer.set_streaming(writing)
        self._view.again.setEnabled(any(self._kept.messages(voice.chat) for voice in self._voices))
        for voice in self._voices:
            voice.column.keep.setEnabled(not writing and bool(self._kept.messages(voice.chat)))

    # --- what is answered ---------------------------------------------------------------------------------------------

    def _voice(self, reply: Reply) -> _Voice | None:
        """Whose reply it is; None where nobody looks at it any more."""
        return next((voice for voice in self._voices if voice.chat == reply.chat), None)

    def _began(self, reply: Reply) -> None:
        if voice := self._voice(reply):
            voice.column.transcript.begin_message(reply.message, "assistant")
            voice.column.transcript.set_phase(reply.phase, reply.percent)

    def _phase_changed(self, reply: Reply) -> None:
        voice = self._voice(reply)
        if voice is not None and voice.column.transcript.streaming is not None:
            voice.column.transcript.set_phase(reply.phase, reply.percent)
            if reply.phase is Phase.STOPPING:
                self._view.composer.set_stopping()

    def _grew(self, reply: Reply, text: str) -> None:
        if voice := self._voice(reply):
            voice.column.transcript.append(text)

    def _thought(self, reply: Reply, text: str) -> None:
        if voice := self._voice(reply):
            voice.column.transcript.think(text)

    def _ended(self, reply: Reply) -> None:
        self._rest()
        voice = self._voice(reply)
        if voice is None:
            return
        transcript = voice.column.transcript
        if reply.began or reply.state == "done":
            transcript.end_message(figures(reply.stats), outcome(reply.state, reply.stats))
        else:
            transcript.remove_from(reply.message)
        if reply.failure is not None:
            self._failed(voice, reply.failure, said=reply.began)
        self._show_writing()

    def _failed(self, voice: _Voice, failure: Failed, said: bool) -> None:
        if failure.code in SHORT_OF_MEMORY and not self.in_turn and not said:
            self._take_turns()
            self._ask(voice)
        else:
            self._say(voice, replace(messages.notice(failure), remedies=(Remedy.RETRY,)))

    def _refused(self, reply: Reply, error: EngineError) -> None:
        if voice := self._voice(reply):
            self._say(voice, Notice(messages.sentence(error.code, error.data)))
            self._show_writing()

    def _say(self, voice: _Voice, notice: Notice) -> None:
        voice.column.transcript.show_failure(notice)

    def _load_changed(self, writer: Replies) -> None:
        """Say at each model how it stands with its loading; where both take turns, at most one is loaded."""
        self._rest()
        load = writer.load
        for voice in self._voices:
            if voice.replies is not writer or voice.entry is None:
                continue
            here = voice.entry.address == load.path
            if here and load.state is LoadState.LOADING:
                text = self.tr("loading, {percent} %").format(percent=load.percent)
            elif here and load.state is LoadState.LOADED and load.memory_bytes:
                text = self.tr("{size} of memory").format(size=size_text(load.memory_bytes))
            else:
                text = ""
            voice.column.show_standing(text)

    def _load_failed(self, writer: Replies, failure: Failed) -> None:
        """Before anything was asked."""
        for voice in self._voices:
            if voice.replies is writer:
                if failure.code in SHORT_OF_MEMORY and not self.in_turn:
                    self._take_turns()
                else:
                    self._say(voice, Notice(messages.sentence(failure.code, failure.data)))
                return

    # --- wiring -------------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        view = self._view
        view.composer.send_requested.connect(self.send)
        view.composer.stop_requested.connect(self.stop)
        view.again_requested.connect(self.start_over)
        for column in view.columns:
            column.keep_requested.connect(partial(self._keep, column))
            column.transcript.link_activated.connect(lambda address: ask_and_open(view, address))
            column.transcript.remedy_chosen.connect(partial(self._try_again, column))
        for writer in self._writers:
            writer.began.connect(self._began)
            writer.phase_changed.connect(self._phase_changed)
            writer.grew.connect(self._grew)
            writer.thought.connect(self._thought)
            writer.ended.connect(self._ended)
            writer.refused.connect(self._refused)
            writer.load_changed.connect(lambda *_, writer=writer: self._load_changed(writer))
            writer.load_failed.connect(partial(self._load_failed, writer))

    def _try_again(self, column: Column, remedy: Remedy) -> None:
        for voice in self._voices:
            if voice.column is column and remedy is Remedy.RETRY and voice.replies.of(voice.chat) is None:
                self._ask(voice)
                self._show_writing()
