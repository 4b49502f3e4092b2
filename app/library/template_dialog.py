"""A model's chat template, edited beside a conversation as the model would get it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from app.engine_client import EngineClient, JobHandle
from app.messages import sentence
from app.settings.texts import small_label
from app.theme import em, space
from app.widgets.fitting import follow_font, lay_beside
from app.widgets.labels import plain_label
from app.widgets.scroll import Scroll
from engine.chat.messages import Message
from engine.events import Event, Failed, Finished, Model

SETTLE_MS = 250  # it is rendered once typing rests
BESIDE_EM = 46


class TemplateDialog(QDialog):
    """`saved(text | None)`: the template from now on; None for the model's own."""

    saved = Signal(object)

    def __init__(
        self, model: Model, own: str, text: str | None, client: EngineClient, parent: QWidget | None = None
    ) -> None:
        """own: the model's template, perhaps empty. text: what stands in its place, if anything does."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Chat template of “{name}”").format(name=model.name))
        self._model, self._own, self._client = model, own, client
        self._asked: JobHandle | None = None  # for the text as it is now
        self.editor, self.preview = QPlainTextEdit(), QPlainTextEdit(readOnly=True)
        self.editor.setAccessibleName(self.tr("Template"))
        self.preview.setAccessibleName(self.tr("A conversation as the model gets it"))
        for field in (self.editor, self.preview):
            field.setObjectName("code")
            field.setTabChangesFocus(True)
        self.fault = small_label()
        self.fault.setProperty("muted", False)
        self.fault.setProperty("refused", True)
        self._left, self._right = QVBoxLayout(), QVBoxLayout()
        self._left.addWidget(plain_label(self.tr("Template")))
        self._left.addWidget(self.editor, 1)
        self._right.addWidget(plain_label(self.tr("A conversation as the model gets it"), wrap=True))
        self._right.addWidget(self.preview, 1)
        self._right.addWidget(self.fault)
        content = QWidget()
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, content)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._both.addLayout(self._left, 1)
        self._both.addLayout(self._right, 1)
        buttons = QDialogButtonBox()
        self.save = buttons.addButton(self.tr("Use it"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.save.setDefault(True)
        self.own_button = buttons.addButton(self.tr("Back to the model's own"), QDialogButtonBox.ButtonRole.ResetRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.own_button.clicked.connect(lambda: self.editor.setPlainText(own))
        self._column = QVBoxLayout(self)
        self._column.addWidget(Scroll(content), 1)
        self._column.addWidget(buttons)
        self._typed = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._typed.timeout.connect(self._render)
        self.editor.textChanged.connect(self._typed.start)
        self.editor.setPlainText(own if text is None else text)
        self.accepted.connect(lambda: self.saved.emit(self.text))
        self.finished.connect(lambda _: self._end())
        follow_font(self, self._fit)
        self._render()

    @property
    def text(self) -> str | None:
        """None where it is the model's own."""
        text = self.editor.toPlainText()
        return None if not text.strip() or text == self._own else text

    def _render(self) -> None:
        conversation = [
            Message("system", self.tr("You are a helpful assistant.")),
            Message("user", self.tr("What does a seed need?")),
            Message("assistant", self.tr("Water, light and a little patience.")),
            Message("user", self.tr("And then?")),
        ]
        if self._asked is not None and not self._asked.ended:
            self._asked.cancel()
        text = self.editor.toPlainText()
        self.own_button.setEnabled(bool(self._own) and text != self._own)
        params: dict[str, Any] = {"model": self._model.path, "backend": self._model.backend, "template": text}
        params["messages"] = [message.to_json() for message in conversation]
        self._asked = handle = self._client.submit("render_template", params)
        handle.done.connect(lambda ending: self._show(handle, ending))

    def _show(self, handle: JobHandle, ending: Event) -> None:
        """The answer, unless it is one to an earlier text."""
        if handle is not self._asked:
            return
        match ending:
            case Finished("done", stats):
                self.preview.setPlainText(stats["text"])
                self._show_fault("")
            case Failed():
                self._show_fault(sentence(ending.code, ending.data))

    def _show_fault(self, text: str) -> None:
        """A template that does not work is not taken."""
        self.fault.setText(text)
        self.fault.setVisible(bool(text))
        self.save.setEnabled(not text)

    def _end(self) -> None:
        self._typed.stop()
        self._asked = None
        self.deleteLater()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        lay_beside(self._both, self, BESIDE_EM)

    def _fit(self) -> None:
        self._column.setContentsMargins(space(self, 2), space(self, 2), space(self, 2), space(self, 2))
        self._column.setSpacing(space(self, 1.5))
        self._both.setSpacing(space(self, 2))
        self._left.setSpacing(space(self, 0.6))
        self._right.setSpacing(space(self, 0.6))
        for field in (self.editor, self.preview):
            field.setMinimumHeight(em(self, 4))
            field.setMinimumWidth(em(self, 8))
        room = self.screen().availableGeometry().size()
        self.resize(min(em(self, 60), room.width() * 9 // 10), min(em(self, 36), room.height() * 9 // 10))
        self._arrange()
