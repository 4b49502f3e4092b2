"""Downloads below what is looked for: one row each, with how far it is and what can be done with it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.discover import texts
from app.discover.downloads import Transfer
from app.library.texts import joined
from app.settings.texts import small_label
from app.theme import em, space
from app.widgets.buttons import IconButton
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label
from app.widgets.scroll import Scroll

MOST_ROWS = 3  # seen at once, or what has room in a quarter of the window; more scroll


class DownloadsView(QFrame):
    """All of them carry the key of a transfer. `open_requested`: what was downloaded, a `Transfer`."""

    pause_requested = Signal(object)
    resume_requested = Signal(object)
    remove_requested = Signal(object)
    open_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("foot")
        self._rows = dict[Any, DownloadRow]()
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._area = Scroll(content)
        self._content = content
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area)
        follow_font(self, self._fit)
        self._fit()

    def take(self, transfer: Transfer) -> None:
        key = transfer.wanted.key
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = DownloadRow()
            row.pause_requested.connect(lambda: self.pause_requested.emit(key))
            row.resume_requested.connect(lambda: self.resume_requested.emit(key))
            row.remove_requested.connect(lambda: self.remove_requested.emit(key))
            row.open_requested.connect(self.open_requested)
            self._column.insertWidget(0, row)
        row.show_transfer(transfer)
        self._fit()

    def remove(self, key: Any) -> None:
        if (row := self._rows.pop(key, None)) is not None:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._fit()

    def row(self, key: Any) -> DownloadRow:
        """Raises KeyError where there is none."""
        return self._rows[key]

    def _fit(self) -> None:
        self._column.setContentsMargins(space(self, 2), space(self), space(self, 2), space(self))
        self._column.setSpacing(space(self))
        self.setVisible(bool(self._rows))
        wanted = self._content.sizeHint().height()
        self._area.setFixedHeight(min(wanted, em(self, 3.6) * MOST_ROWS, self.window().height() // 4))


class DownloadRow(QWidget):
    pause_requested = Signal()
    resume_requested = Signal()
    remove_requested = Signal()
    open_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._transfer: Transfer | None = None
        self._name, self.words = plain_label(), small_label()
        self._name.setMinimumWidth(1)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 1000)
        self.pause = IconButton("circle-pause", self.tr("Pause"))
        self.resume = IconButton("play", self.tr("Go on"))
        self.open = IconButton("message-square", self.tr("Chat with it"))
        self.remove = IconButton("x", self.tr("Take it off the list"))
        self.pause.clicked.connect(self.pause_requested)
        self.resume.clicked.connect(self.resume_requested)
        self.remove.clicked.connect(self.remove_requested)
        self.open.clicked.connect(lambda: self.open_requested.emit(self._transfer))
        self._lines = QVBoxLayout()
        self._lines.addWidget(self._name)
        self._lines.addWidget(self._bar)
        self._lines.addWidget(self.words)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addLayout(self._lines, 1)
        for button in (self.open, self.pause, self.resume, self.remove):
            self._row.addWidget(button)
        follow_font(self, self._fit)

    def show_transfer(self, transfer: Transfer) -> None:
        self._transfer = transfer
        state, name = transfer.state, transfer.wanted.name
        self._name.setText(name)
        self._bar.setAccessibleName(self.tr("Progress of {name}").format(name=name))
        self._bar.setValue(1000 * transfer.done // transfer.total if transfer.total else 0)
        self._bar.setVisible(state in ("running", "paused", "failed") and transfer.total > 0)
        self.words.setText(joined(self._said(transfer)))
        self.words.setProperty("refused", state == "failed")
        self.words.style().polish(self.words)
        self.pause.setVisible(state in ("running", "waiting"))
        self.resume.setVisible(state in ("paused", "failed"))
        self.open.setVisible(state == "done" and (bool(transfer.model) or transfer.wanted.kind == "dataset"))
        if transfer.wanted.kind == "dataset":
            self.open.set_drawing("curve")
            self.open.set_label(self.tr("Train on it"))
        for button, action in ((self.pause, self.tr("Pause")), (self.resume, self.tr("Go on"))):
            button.setAccessibleName(f"{action}: {name}")
        self.remove.setAccessibleName(self.tr("Take {name} off the list").format(name=name))

    def _said(self, transfer: Transfer) -> list[str]:
        match transfer.state:
            case "waiting":
                return [self.tr("waits for its turn")]
            case "running" if transfer.total:
                said = [texts.progress(transfer.done, transfer.total)]
                if transfer.quiet:
                    return [*said, self.tr("waiting, nothing has come for some seconds")]
                if transfer.speed:
                    said.append(texts.speed(transfer.speed))
                if (left := transfer.seconds_left) is not None:
                    said.append(texts.remaining(left))
                return said
            case "running":
                return [self.tr("asking the hub")]
            case "paused":
                return [self.tr("paused"), texts.progress(transfer.done, transfer.total)]
            case "failed":
                return [transfer.problem]
        return [self.tr("downloaded and verified"), texts.progress(transfer.done, 0), transfer.problem]

    def _fit(self) -> None:
        self._row.setSpacing(space(self))
        self._lines.setSpacing(space(self, 0.3))
