"""Takes what a run made elsewhere: asks where to, has it written by a worker, and says what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app import messages
from app.engine_client import EngineClient, JobHandle
from app.figures import size_text
from app.messages import Notice
from app.training.export_dialog import ExportDialog
from app.widgets.file_dialogs import choose_file, choose_folder, choose_new_file
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Metric, Progress

_GGUF = ("gguf", "ollama", "llamafile")  # what is written in a type of GGUF, which the person chooses
_TO = {"adapter": "adapter-gguf"}  # what `export` calls a use, where it does not call it the same


class Exports(QObject):
    """`said` carries a `Notice`. One export at a time."""

    said = Signal(object)

    def __init__(self, window: QWidget, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window, self._client = window, client
        self._job: JobHandle | None = None
        self.dialog: ExportDialog | None = None

    def export(self, use: str, run: Path, data: list[str]) -> None:
        """use: of `use_it.KINDS`. data: what the run learnt from, on which fewer bits are measured."""
        if self._job is not None:
            self.said.emit(Notice(self.tr("Something is being written. Try again when it is done.")))
        elif use in _GGUF:
            self._ask_for_type(use, run, data)
        else:
            self._ask_for_place(use, run, "")

    def _ask_for_type(self, use: str, run: Path, data: list[str]) -> None:
        dialog = self.dialog = ExportDialog(run.name, self._window)
        measuring: list[JobHandle] = []

        def measure() -> None:
            job = self._client.submit("quantizations", {"model": str(run), "data": data, "types": dialog.types})
            measuring.append(job)
            dialog.show_measuring(True)
            job.reported.connect(lambda event: self._show_measured(dialog, event))
            job.done.connect(lambda ending: self._measured(dialog, ending))

        def close(accepted: int) -> None:
            for job in measuring:
                job.done.disconnect()
                job.reported.disconnect()
                if not job.ended:
                    job.cancel()
            self.dialog = None
            dialog.deleteLater()
            if accepted:
                self._ask_for_place(use, run, dialog.type)

        dialog.measure_requested.connect(measure)
        dialog.finished.connect(close)
        dialog.open()

    def _show_measured(self, dialog: ExportDialog, event: Event) -> None:
        if isinstance(event, Metric):
            dialog.show_measured(event.values)

    def _measured(self, dialog: ExportDialog, ending: Event) -> None:
        dialog.show_measuring(False)
        if isinstance(ending, Failed):
            dialog.notice.show_notice(Notice(messages.sentence(ending.code, ending.data)))

    def _ask_for_place(self, use: str, run: Path, type: str) -> None:
        try:
            params = self._place(use, run, type)
        except EngineError as error:
            self.said.emit(Notice(messages.sentence(error.code, error.data)))
            return
        if params is not None:
            self._start({"model": str(run), "to": _TO.get(use, use), **params})

    def _place(self, use: str, run: Path, type: str) -> dict[str, Any] | None:
        """`out`, and what else the export must know; None where the person would rather not."""
        quantize = {"quantize": type} if type else {}
        if use in ("gguf", "adapter"):
            name = f"{run.name}-{type}.gguf" if type else f"{run.name}-adapter.gguf"
            file = choose_new_file(self._window, self.tr("Write a GGUF file"), name, self.tr("GGUF (*.gguf)"))
            return None if file is None else {"out": str(file.with_suffix(".gguf")), **quantize}
        if use == "llamafile":
            title = self.tr("Choose the llamafile program that shall run the model")
            runner = choose_file(self._window, title, self.tr("All files (*)"))
            if runner is None:
                return None
            file = choose_new_file(
                self._window, self.tr("Write a llamafile"), f"{run.name}.llamafile", self.tr("All files (*)")
            )
            return None if file is None else {"out": str(file), "runner": str(runner), **quantize}
        folder = choose_folder(self._window, self.tr("A folder to write “{name}” into").format(name=run.name))
        return None if folder is None else {"out": str(folder / f"{run.name}-{use}"), **quantize}

    def _start(self, params: Mapping[str, Any]) -> None:
        self._job = job = self._client.submit("export", dict(params))
        self.said.emit(Notice(self.tr("Writing {place}").format(place=params["out"])))
        job.reported.connect(self._progress)
        job.done.connect(self._done)

    def _progress(self, event: Event) -> None:
        if isinstance(event, Progress) and event.message:
            self.said.emit(Notice(self.tr("Writing: {what}").format(what=event.message)))

    def _done(self, ending: Event) -> None:
        self._job = None
        match ending:
            case Finished("done", stats):
                size = f" ({size_text(stats['size_bytes'])})" if stats.get("size_bytes") else ""
                self.said.emit(Notice(self.tr("It is written: {place}{size}").format(place=stats["out"], size=size)))
            case Failed():
                self.said.emit(Notice(messages.sentence(ending.code, ending.data), details=ending.detail))
