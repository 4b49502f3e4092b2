"""The composer: where a message is written. Enter sends, Shift+Enter breaks the line, Esc stops."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetricsF, QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.theme import em
from app.widgets.buttons import IconButton
from app.widgets.fitting import follow_font

if TYPE_CHECKING:
    from app.chat.edit_banner import EditBanner
    from app.keys import TextWithKeys
    from app.widgets.flow import FlowLayout

MOST_LINES = 10
# Longer texts, and lines that Qt would lay out for seconds, are kept beside the field instead of in it.
PASTE_LIMIT = 20_000
LINE_LIMIT = 4_000


class Composer(QFrame):
    """Emits `send_requested` and `stop_requested`; what was written is taken with `take`."""

    send_requested = Signal()
    stop_requested = Signal()
    edit_last_requested = Signal()  # Up, where nothing is written

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("composer")
        self._streaming = self._stopping = False
        self._text_with_keys: TextWithKeys = lambda title, _: title
        self._send_key = ""  # as this system writes it
        self._kept: str | None = None  # what was written when editing began
        self._asked = ""  # what was last to be sent
        self._pasted: list[str] = []
        self._chip_buttons: list[QPushButton] = []
        self.field = _Field(self)
        self.setFocusProxy(self.field)
        self.field.setAccessibleName(self.tr("Message"))
        self.field.setPlaceholderText(self.tr("Write a message"))
        self.button = IconButton("arrow-up", self.tr("Send"), QPalette.ColorRole.HighlightedText, self)
        self.button.setObjectName("send")

        row = QHBoxLayout()
        row.setSpacing(em(self, 0.5))
        row.addWidget(self.field, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        layout = self._column = QVBoxLayout(self)
        layout.setContentsMargins(em(self, 0.8), em(self, 0.5), em(self, 0.5), em(self, 0.5))
        layout.setSpacing(em(self, 0.3))
        layout.addLayout(row)

        self.field.enter_pressed.connect(self._send)
        self.field.up_pressed.connect(self._press_up)
        self.field.long_paste.connect(self._keep_beside)
        self.field.focus_changed.connect(self._show_focus)
        self.field.textChanged.connect(self._update_button)
        self.button.clicked.connect(self._press)
        self._label_button()
        self._update_button()

    @cached_property
    def _banner(self) -> EditBanner:
        from app.chat.edit_banner import EditBanner

        banner = EditBanner()
        banner.cancelled.connect(self.end_editing)
        self._column.insertWidget(0, banner)
        return banner

    @cached_property
    def _chips(self) -> FlowLayout:
        from app.widgets.flow import FlowLayout

        chips = FlowLayout(spacing=em(self, 0.4))
        self._column.insertLayout(self._column.count() - 1, chips)
        return chips

    def text(self) -> str:
        """What would be sent: the text written, then what was pasted beside it."""
        written = self.field.toPlainText().encode("utf-8", "replace").decode()  # no half characters
        return "\n\n".join(part for part in (written.strip(), *self._pasted) if part)

    @property
    def asked(self) -> bool:
        """Whether just what stands here was to be sent, and nobody has taken it."""
        return bool(self._asked) and self._asked == self.text()

    def take(self) -> str:
        """What was written; the composer is empty after."""
        self._asked = ""
        text = self.text()
        self.field.clear()
        self._set_pasted([])
        return text

    def restore(self, text: str) -> None:
        """Put back a text that could not be sent, or a draft, before whatever was written since."""
        if _is_long(text):
            self._set_pasted([text, *self._pasted])
        else:
            later = self.field.toPlainText()
            self.field.setPlainText(f"{text}\n{later}" if later else text)
            self.field.moveCursor(self.field.textCursor().MoveOperation.End)
        self._update_button()

    def set_streaming(self, streaming: bool) -> None:
        """Whether the button stops a reply; writing goes on meanwhile."""
        self._streaming, self._stopping = streaming, False
        self.button.set_drawing("square" if streaming else "arrow-up")
        self._label_button()
        self._update_button()

    def show_keys(self, text_with_keys: TextWithKeys) -> None:
        from app.keys import native

        self._text_with_keys, self._send_key = text_with_keys, f" ({native('Return')})"
        self._label_button()

    def _label_button(self) -> None:
        names = {(True, True): self.tr("Stopping…"), (True, False): self.tr("Stop")}
        self.button.set_label(names.get((self._streaming, self._stopping), self.tr("Send")))
        if self._stopping:
            self.button.setToolTip(self.tr("Stopping…"))
        elif self._streaming:
            self.button.setToolTip(self._text_with_keys(self.tr("Stop"), "stop"))
        else:
            self.button.setToolTip(f"{self.tr('Send')}{self._send_key}")

    def set_stopping(self) -> None:
        """The reply has been asked to stop; until it does, the button says so."""
        self._stopping = True
        self._label_button()
        self._update_button()

    @property
    def editing(self) -> bool:
        return self._kept is not None

    def begin_editing(self, text: str) -> None:
        """Have an earlier message edited; what was written so far comes back with `end_editing`."""
        self.end_editing()
        self._kept = self.take()
        self.restore(text)
        self._banner.show()
        self.field.setFocus()

    def end_editing(self) -> None:
        kept, self._kept = self._kept, None
        if kept is not None:
            self._banner.hide()
            self.take()
            self.restore(kept)

    def _press_up(self) -> None:
        if not self.text() and not self._streaming:
            self.edit_last_requested.emit()

    def _send(self) -> None:
        if not self._streaming and self.text():
            self._asked = self.text()
            self.send_requested.emit()

    def _press(self) -> None:
        if self._streaming:
            self.stop_requested.emit()
        else:
            self._send()

    def _update_button(self) -> None:
        empty = not self._pasted and self.field.document().isEmpty()
        self.button.setEnabled(not self._stopping and (self._streaming or not empty))

    def _show_focus(self) -> None:
        self.update()  # its edge is the ring

    # --- long pastes ----------------------------------------------------------------------------------------

    def _keep_beside(self, text: str) -> None:
        self._set_pasted([*self._pasted, text])

    def _set_pasted(self, pasted: list[str]) -> None:
        self._pasted = pasted
        for chip in self._chip_buttons:
            self._chips.removeWidget(chip)
            chip.deleteLater()
        self._chip_buttons.clear()
        for index, text in enumerate(pasted):
            chip = QPushButton(self.tr("{count} characters  ×").format(count=f"{len(text):,}"))
            chip.setAccessibleName(self.tr("Remove the pasted text"))
            chip.setToolTip(chip.accessibleName())
            chip.clicked.connect(lambda _, index=index: self._remove(index))
            self._chips.addWidget(chip)
            self._chip_buttons.append(chip)
        self._update_button()

    def _remove(self, index: int) -> None:
        self._set_pasted([text for position, text in enumerate(self._pasted) if position != index])
        self.field.setFocus()


class _Field(QPlainTextEdit):
    """Grows with its text up to a number of lines."""

    enter_pressed = Signal()
    up_pressed = Signal()
    long_paste = Signal(str)
    focus_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        follow_font(self, self._fit)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shifted:
            self.enter_pressed.emit()
        elif event.key() == Qt.Key.Key_Up and self.document().isEmpty():
            self.up_pressed.emit()
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:
        text = source.text().encode("utf-8", "replace").decode()
        if _is_long(text):
            self.long_paste.emit(text)
        else:
            self.insertPlainText(text)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit()

    def _fit(self) -> None:
        wanted = max(1, round(self.document().size().height()))  # a plain text document's height is in lines
        lines = min(wanted, MOST_LINES)
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAlwaysOff if wanted == lines else policy.ScrollBarAlwaysOn)
        margins = 2 * (self.document().documentMargin() + self.frameWidth())
        self.setFixedHeight(round(lines * QFontMetricsF(self.font()).lineSpacing() + margins))


def _is_long(text: str) -> bool:
    return len(text) > PASTE_LIMIT or any(len(line) > LINE_LIMIT for line in text.splitlines())
