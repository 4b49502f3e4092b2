"""Labels from a trained classifier: of a text that is typed, with how likely each is, and of all texts of a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QPlainTextEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app import messages
from app.engine_client import EngineClient, JobHandle
from app.figures import number, percent
from app.messages import Notice
from app.theme import em, space
from app.widgets.buttons import asking_button
from app.widgets.file_dialogs import choose_file, choose_new_file
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from app.widgets.notice_bar import NoticeBar
from app.widgets.scroll import Scroll
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Progress

SHOWN = 12  # labels, the likeliest first


class ClassifyDialog(QDialog):
    """`label_requested(text)`; `file_requested`: label all texts of a file."""

    label_requested = Signal(str)
    file_requested = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Label texts with “{name}”").format(name=name))
        self.field = QPlainTextEdit()
        self.field.setPlaceholderText(self.tr("Write or paste a text"))
        self.field.setAccessibleName(self.tr("The text to label"))
        self.field.setTabChangesFocus(True)
        self.label_button = QPushButton(self.tr("Label it"))
        self.label_button.setDefault(True)
        self.label_button.clicked.connect(lambda: self.label_requested.emit(self.field.toPlainText()))
        self.file_button = asking_button(self.tr("Label a file…"))
        self.file_button.clicked.connect(self.file_requested)
        self.notice = NoticeBar()
        self._buttons = FlowLayout()
        self._buttons.addWidget(self.label_button)
        self._buttons.addWidget(self.file_button)
        content = QWidget()
        self._found = QGridLayout(content)
        self._found.setContentsMargins(0, 0, 0, 0)
        self._found.setColumnStretch(1, 1)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.field)
        self._column.addLayout(self._buttons)
        self._column.addWidget(self.notice)
        self._column.addWidget(Scroll(content), 1)
        follow_font(self, self._fit)

    def show_labels(self, probabilities: Mapping[str, float]) -> None:
        """The likeliest first, each with a bar."""
        while item := self._found.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        ranked = sorted(probabilities.items(), key=lambda pair: -pair[1])[:SHOWN]
        for place, (label, share) in enumerate(ranked):
            bar = QProgressBar(textVisible=False)
            bar.setRange(0, 1000)
            bar.setValue(round(1000 * share))
            bar.setAccessibleName(label)
            self._found.addWidget(plain_label(label, wrap=True), place, 0)
            self._found.addWidget(bar, place, 1)
            self._found.addWidget(plain_label(percent(share)), place, 2)
        self._found.setRowStretch(len(ranked), 1)

    def _fit(self) -> None:
        self.field.setFixedHeight(em(self, 6))
        self._buttons.setSpacing(space(self))
        self._found.setSpacing(space(self))
        self._column.setSpacing(space(self, 1.5))
        self._column.setContentsMargins(space(self, 2), space(self, 2), space(self, 2), space(self, 2))
        room = self.screen().availableGeometry().size()
        self.resize(min(em(self, 34), room.width()), min(em(self, 26), room.height()))


class Classifying(QObject):
    """Opens the dialog and has a worker label; one dialog at a time."""

    def __init__(self, window: QWidget, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window, self._client = window, client
        self._job: JobHandle | None = None
        self.dialog: ClassifyDialog | None = None

    def open(self, run: Path) -> None:
        dialog = self.dialog = ClassifyDialog(run.name, self._window)
        dialog.label_requested.connect(lambda text: self._label({"model": str(run), "text": text}))
        dialog.file_requested.connect(lambda: self._label_file(run))
        dialog.finished.connect(lambda _: self._close(dialog))
        dialog.open()

    def _close(self, dialog: ClassifyDialog) -> None:
        self.dialog = None
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
        dialog.deleteLater()

    def _label_file(self, run: Path) -> None:
        assert self.dialog is not None
        try:
            kinds = self.tr("Tables and texts (*.csv *.tsv *.jsonl *.json *.parquet *.txt);;All files (*)")
            data = choose_file(self.dialog, self.tr("A file of texts to label"), kinds)
            if data is None:
                return
            name = str(data.with_name(f"{data.stem}-labels.csv"))
            out = choose_new_file(self.dialog, self.tr("Where the labels are written"), name, self.tr("CSV (*.csv)"))
        except EngineError as error:
            self.dialog.notice.show_notice(Notice(messages.sentence(error.code, error.data)))
            return
        if out is not None:
            self._label({"model": str(run), "data": str(data), "csv": str(out)})

    def _label(self, params: dict[str, Any]) -> None:
        if self._job is not None or self.dialog is None:
            return
        self.dialog.notice.clear()
        self.dialog.label_button.setEnabled(False)
        self._job = job = self._client.submit("classify", params)
        job.reported.connect(lambda event: self._hear(job, event))
        job.done.connect(lambda ending: self._end(job, ending))

    def _hear(self, job: JobHandle, event: Event) -> None:
        if job is self._job and self.dialog is not None and isinstance(event, Progress) and event.done:
            text = self.tr("{count} texts are labelled").format(count=number(event.done))
            self.dialog.notice.show_notice(Notice(text))

    def _end(self, job: JobHandle, ending: Event) -> None:
        if job is not self._job or self.dialog is None:
            return
        self._job = None
        self.dialog.label_button.setEnabled(True)
        match ending:
            case Finished("done", {"probabilities": found}):
                self.dialog.show_labels(found)
            case Finished("done", stats):
                text = self.tr("{count} texts are labelled: {place}")
                self.dialog.notice.show_notice(Notice(text.format(count=number(stats["texts"]), place=stats["csv"])))
            case Failed():
                self.dialog.notice.show_notice(Notice(messages.sentence(ending.code, ending.data)))
