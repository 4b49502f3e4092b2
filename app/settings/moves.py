"""Moves of folders: asks, has them copied by a worker, switches the settings, has the old place cleared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMessageBox

from app import messages
from app.background import Background
from app.engine_client import EngineClient, JobHandle
from app.figures import size_text
from app.messages import Notice
from app.settings.rows import title_of
from app.settings.storage import Answer, FolderRow
from app.widgets.file_dialogs import choose_folder
from app.widgets.labels import plain_box
from engine import paths, relocate
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Progress
from engine.library import models
from engine.relocate import AT_START, Plan
from engine.settings import OPTIONS, Settings


class Moves(QObject):
    """`switched`: another folder is in use from now on. `said` carries a `Notice`."""

    switched = Signal(str)
    said = Signal(object)

    def __init__(
        self,
        rows: dict[str, FolderRow],
        settings: Settings,
        client: EngineClient,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._rows, self._settings, self._client, self._background = rows, settings, client, background
        self._running: dict[str, JobHandle] = {}
        for row in rows.values():
            row.change_requested.connect(self._choose)
            row.reset_requested.connect(lambda name: self.propose(name, paths.usual(name)))
            row.stop_requested.connect(self._stop)
            row.answered.connect(self._answer)

    def start(self) -> None:
        """Show every folder, and go on where the last time was cut short."""
        for name in self._rows:
            self.refresh(name)
            if name in self._settings.mapping("moved"):
                self._clear(name)

    def refresh(self, name: str) -> None:
        """Show where a folder is, how large, and what became of a move."""
        row, place = self._rows[name], relocate.place(self._settings, name)
        row.show_place(place)
        if name in self._running:
            return
        row.show_idle(bool(self._settings.text(name)))
        target = self._settings.mapping("moves").get(name)
        if target is not None and name == AT_START:
            row.show_note(self.tr("Moves to {place} when Seedling starts next.").format(place=target), Answer.GIVE_UP)
        elif target is not None:
            text = self.tr("The move to {place} was interrupted; this folder is still the one in use.")
            row.show_note(text.format(place=target), Answer.CONTINUE, Answer.GIVE_UP)
        elif relocate.missing(self._settings, name):
            text = self.tr("This folder is not there. Connect its disk and try again, or use the usual place.")
            row.show_note(text, Answer.TRY_AGAIN, Answer.USE_USUAL)
            row.amount.clear()
            return
        self._background.run(
            lambda: relocate.measure(name, place), lambda found: row.show_size(*found), lambda _: row.amount.clear()
        )

    def close(self) -> None:
        """What is copied so far is found again at the next start."""
        self._running.clear()

    # --- another place ----------------------------------------------------------------------------------------

    def _choose(self, name: str) -> None:
        try:
            chosen = choose_folder(self._rows[name], self.tr("A folder for: {name}").format(name=_title(name)))
        except EngineError as error:
            self._say_error(error)
            return
        if chosen is not None:
            self.propose(name, chosen)

    def propose(self, name: str, chosen: Path) -> None:
        """Check whether the folder can go there, then ask."""
        source = relocate.place(self._settings, name)

        def look() -> tuple[bool, Plan | EngineError]:
            usable = relocate.usable(name, chosen) and chosen.resolve() != source.resolve()
            try:
                return usable, relocate.check(name, source, relocate.target_in(name, chosen))
            except EngineError as error:
                return usable, error

        def looked(found: tuple[bool, Plan | EngineError]) -> None:
            usable, plan = found
            if isinstance(plan, Plan) or usable:
                self._ask(name, chosen if usable else None, plan)
            else:
                self._say_error(plan)

        self._background.run(look, looked, self._say_error)

    def _ask(self, name: str, usable: Path | None, plan: Plan | EngineError) -> None:
        """Move, use what is there already, or neither."""
        box = plain_box(self._rows[name], self.tr("Move a folder"), "")
        moving = using = None
        if isinstance(plan, Plan):
            text = self.tr("Move {name} ({size}) from {source} to {target}?")
            size = size_text(plan.size)
            box.setText(text.format(name=_title(name), size=size, source=plan.source, target=plan.target))
            when = self.tr("It moves when Seedling starts next; until then everything goes on as it is.")
            now = self.tr("Everything is checked after it is copied; only then the old copy is removed.")
            box.setInformativeText(when if name == AT_START else now)
            moving = box.addButton(self.tr("Move"), QMessageBox.ButtonRole.AcceptRole)
        else:
            box.setText(messages.sentence(plan.code, plan.data))
        if usable is not None:
            label = self.tr("Use {place} as it is").format(place=usable.name or usable)
            using = box.addButton(label, QMessageBox.ButtonRole.ActionRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))

        def answered() -> None:
            if isinstance(plan, Plan) and box.clickedButton() is moving:
                self.begin(name, plan.target)
            elif using is not None and usable is not None and box.clickedButton() is using:
                self.use(name, usable)

        box.finished.connect(answered)
        box.finished.connect(box.deleteLater)
        box.open()

    def begin(self, name: str, target: Path) -> None:
        """Note the move, then copy; the chats wait for the next start."""

        def noted(_: object) -> None:
            if name == AT_START:
                self.refresh(name)
            else:
                self._copy(name)

        relocate.begin(self._settings, name, target)
        self._save(noted, lambda: relocate.forget(self._settings, name))

    def use(self, name: str, place: Path) -> None:
        """Take another folder as it is, and leave the present one as it is."""
        before = self._settings.text(name)
        self._settings.set(name, "" if place == paths.usual(name) else str(place))
        self._save(lambda _: self._switched(name), lambda: self._settings.set(name, before))

    def _answer(self, name: str, answer: Answer) -> None:
        match answer:
            case Answer.CONTINUE:
                self._copy(name)
            case Answer.GIVE_UP:
                self._discard(name)
            case Answer.TRY_AGAIN:
                self.refresh(name)
            case Answer.USE_USUAL:
                self.use(name, paths.usual(name))

    # --- the steps of a move ----------------------------------------------------------------------------------

    def _copy(self, name: str) -> None:
        source, target = relocate.place(self._settings, name), self._settings.mapping("moves")[name]
        handle = self._client.submit("relocate", {"option": name, "source": str(source), "target": target})
        self._running[name] = handle
        self._rows[name].show_progress(0, 0)
        handle.reported.connect(lambda event: self._progressed(name, event))
        handle.done.connect(lambda ending: self._copied(name, ending))

    def _progressed(self, name: str, event: Event) -> None:
        if isinstance(event, Progress):
            self._rows[name].show_progress(event.done, event.total)

    def _stop(self, name: str) -> None:
        if handle := self._running.get(name):
            handle.cancel()

    def _copied(self, name: str, ending: Event) -> None:
        if self._running.pop(name, None) is None:  # the window closes
            return
        if isinstance(ending, Finished) and ending.reason == "copied":
            self._switch(name)
        else:
            if isinstance(ending, Failed):
                self.said.emit(Notice(messages.sentence(ending.code, ending.data), details=ending.detail))
            self.refresh(name)

    def _switch(self, name: str) -> None:
        """The new place counts once the settings are on the disk; the old one is touched only then."""
        before = {option: self._settings.value(option) for option in (name, "moves", "moved")}

        def back() -> None:
            for option, value in before.items():
                self._settings.set(option, value)
            self.refresh(name)

        def switched(_: object) -> None:
            self._switched(name)
            self._clear(name)

        relocate.switch(self._settings, name)
        self._save(switched, back)

    def _switched(self, name: str) -> None:
        self.refresh(name)
        self.switched.emit(name)

    def _clear(self, name: str) -> None:
        source, target = Path(self._settings.mapping("moved")[name]), relocate.place(self._settings, name)

        def listed(_: object) -> None:
            params = {"option": name, "source": str(source), "target": str(target)}
            self._client.submit("clear_moved", params).done.connect(lambda ending: self._cleared(name, source, ending))

        self._background.run(lambda: models.relocated(source, target), listed, self._say_error)

    def _cleared(self, name: str, source: Path, ending: Event) -> None:
        if isinstance(ending, Failed):  # tried again at the next start
            self.said.emit(Notice(messages.sentence(ending.code, ending.data), details=ending.detail))
        elif isinstance(ending, Finished) and ending.reason != "cancelled":
            relocate.settled(self._settings, name)
            self._save(lambda _: None, lambda: None)
            if left := ending.stats.get("left"):
                text = self.tr("Files that changed while they were moved stay in {place} ({count}).")
                self.said.emit(Notice(text.format(place=source, count=left)))

    def _discard(self, name: str) -> None:
        target = self._settings.mapping("moves")[name]
        relocate.forget(self._settings, name)

        def forgotten(_: object) -> None:
            self.refresh(name)
            self._client.submit("discard_move", {"option": name, "target": target})

        self._save(forgotten, lambda: relocate.begin(self._settings, name, Path(target)))

    def _save(self, success: Callable[[object], object], undo: Callable[[], object]) -> None:
        def failed(error: EngineError) -> None:
            undo()
            self._say_error(error)

        self._background.run(self._settings.save, success, failed)

    def _say_error(self, error: EngineError) -> None:
        self.said.emit(Notice(messages.sentence(error.code, error.data), details=error.detail))


def _title(name: str) -> str:
    return title_of(OPTIONS[name])
