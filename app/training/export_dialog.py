"""In how many bits a model is written: what each choice is good for, and, measured on one's own text, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.figures import size_text
from app.settings.texts import small_label
from app.theme import em, space
from app.widgets.choices import Cards
from app.widgets.fitting import follow_font
from app.widgets.notice_bar import NoticeBar
from app.widgets.scroll import Scroll


class ExportDialog(QDialog):
    """`type` is the one chosen. `measure_requested`: what each of `types` costs on the text that was learnt."""

    measure_requested = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Write “{name}” as GGUF").format(name=name))
        self.notice = NoticeBar()
        self._cards = Cards()
        self._sentences = {
            "q8_0": (self.tr("8 bits"), self.tr("As good as the whole in nearly everything. The usual choice.")),
            "q4_k_m": (self.tr("4 bits"), self.tr("Half of that again; large models bear it well, small ones less.")),
            "f16": (self.tr("16 bits"), self.tr("The whole model, to be made smaller elsewhere.")),
        }
        self._cards.set_choices([(type, *texts) for type, texts in self._sentences.items()])
        self.measure = QPushButton(self.tr("Measure on what it learnt from"))
        self.measure.clicked.connect(self.measure_requested)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._bar.setRange(0, 0)
        self._explained = small_label(self.tr("Worse: how much more its words surprise it than in 16 bits."))
        self._explained.hide()
        buttons = QDialogButtonBox()
        write = buttons.addButton(self.tr("Write…"), QDialogButtonBox.ButtonRole.AcceptRole)
        write.setAccessibleName(self.tr("Write…"))
        write.setDefault(True)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        content = QWidget()
        self._inner = QVBoxLayout(content)
        self._inner.setContentsMargins(0, 0, 0, 0)
        for widget in (self.notice, self._cards, self._explained, self._bar, self.measure):
            self._inner.addWidget(widget)
        self._inner.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.addWidget(Scroll(content), 1)
        self._column.addWidget(buttons)
        self.show_measuring(False)
        follow_font(self, self._fit)

    @property
    def type(self) -> str:
        return self._cards.choice

    @property
    def types(self) -> list[str]:
        return list(self._sentences)

    def show_measuring(self, measuring: bool) -> None:
        self._bar.setVisible(measuring)
        self.measure.setEnabled(not measuring)

    def show_measured(self, values: Mapping[str, Any]) -> None:
        """values: of a Metric of the job `quantizations`."""
        type = str(values["type"])
        if type not in self._sentences:
            return
        title, sentence = self._sentences[type]
        worse = QLocale().toString(100 * values["worse"], "f", 2)
        facts = self.tr("{size}, {worse} % worse").format(size=size_text(values["size_bytes"]), worse=worse)
        self._cards.set_texts(type, f"{title}  ·  {facts}", sentence)
        self._explained.show()

    def _fit(self) -> None:
        self._inner.setSpacing(space(self))
        self._column.setSpacing(space(self, 1.5))
        self._column.setContentsMargins(space(self, 2), space(self, 2), space(self, 2), space(self, 2))
        room = self.screen().availableGeometry().size()
        self.resize(min(em(self, 30), room.width()), min(em(self, 26), room.height()))
