"""What a model takes of the memory: foreseen, measured, and against what there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.chat.load import Load
from app.figures import number, size_text
from app.settings.texts import small_label
from app.theme import em, set_text_role, space
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label

PARTS = ("weights", "cache", "compute", "overhead")


class MemoryView(QWidget):
    """Filled by the job `memory`; `show_loaded` when the model is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heading = plain_label(self.tr("Memory"))
        set_text_role(heading, "heading")
        self.verdict, self._bar = plain_label(wrap=True), MemoryBar()
        self._parts, self._measured = small_label(), small_label()
        self._largest, self.layers = small_label(), small_label()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (heading, self.verdict, self._bar, self._parts, self._measured, self._largest, self.layers):
            self._column.addWidget(widget)
        follow_font(self, lambda: self._column.setSpacing(space(self, 0.6)))
        self.clear()

    @property
    def known(self) -> bool:
        """Whether it is told what the model takes."""
        return self._bar.isVisibleTo(self)

    def clear(self) -> None:
        """Nothing is known yet."""
        self.verdict.setText(self.tr("Looking at what it takes"))
        for widget in (self._bar, self._parts, self._largest, self.layers):
            widget.hide()

    def show_fit(self, stats: Mapping[str, Any]) -> None:
        """stats: of the job `memory`."""
        need = stats["need"]
        size, free = size_text(need["total"]), stats.get("available")
        text = {
            "fits": self.tr("It fits: it takes about {size} of {free}."),
            "slow": self.tr("It may be slow: it takes about {size} of {free}."),
            "too_large": self.tr("It does not fit: it takes about {size}, and {free} are there for it."),
        }[stats["verdict"]]
        self.verdict.setText(text.format(size=size, free=size_text(free or 0)))
        self.verdict.setProperty("refused", stats["verdict"] == "too_large")
        self.verdict.style().polish(self.verdict)
        parts = self.tr("Weights {weights}, context of {context} tokens {cache}, computing {compute}.")
        self._parts.setText(
            parts.format(
                weights=size_text(need["weights"]),
                context=number(stats.get("context") or 0),
                cache=size_text(need["cache"]),
                compute=size_text(need["compute"] + need["overhead"]),
            )
        )
        self._bar.show_parts([need[name] for name in PARTS], free or need["total"])
        largest = stats.get("largest_context")
        self._largest.setText(
            self.tr("The longest context that fits here: {count} tokens.").format(count=number(largest))
            if largest
            else ""
        )
        self.layers.setText("\n".join(self._on_card(stats, card) for card in stats["gpu_layers"]))
        self.layers.setVisible(bool(stats["gpu_layers"]))
        for widget in (self._bar, self._parts):
            widget.show()
        self._largest.setVisible(bool(largest))

    def _on_card(self, stats: Mapping[str, Any], card: str) -> str:
        text = {
            "fits": self.tr("It fits on {card}."),
            "slow": self.tr("{count} of its layers fit on {card}; the rest stays in main memory and is slower."),
            "too_large": self.tr("None of its layers fits on {card}."),
        }[stats["gpu_verdicts"][card]]
        return text.format(card=card, count=number(stats["gpu_layers"][card]))

    def show_unknown(self, text: str) -> None:
        """Why nothing can be said."""
        self.clear()
        self.verdict.setText(text)

    def show_loaded(self, load: Load) -> None:
        """What was measured when it was loaded, beside what was foreseen then."""
        text = ""
        if load.measured and load.foreseen:
            text = self.tr("Foreseen {foreseen}, measured {measured} when it was loaded.").format(
                foreseen=size_text(load.foreseen), measured=size_text(load.measured)
            )
        elif load.memory_bytes:
            text = self.tr("Measured: {size}.").format(size=size_text(load.memory_bytes))
        self._measured.setText(text)
        self._measured.setVisible(bool(text))


class MemoryBar(QWidget):
    """Parts beside each other against what there is. Said in words beside it."""

    _SHADES = (1.0, 0.62, 0.36, 0.2)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts, self._whole = list[int](), 1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_parts(self, parts: list[int], whole: int) -> None:
        self._parts, self._whole = parts, max(1, whole)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(em(self, 10), em(self, 0.6))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, role = QPainter(self), QPalette.ColorRole
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        over = sum(self._parts) > self._whole
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(role.Midlight))
        radius = rect.height() / 2
        painter.drawRoundedRect(rect, radius, radius)
        left, scale = 0.0, rect.width() / max(self._whole, sum(self._parts))
        for size, shade in zip(self._parts, self._SHADES, strict=True):
            colour = self.palette().color(role.BrightText if over else role.Highlight)
            colour.setAlphaF(shade)
            painter.setBrush(colour)
            part = QRectF(left, 0, size * scale, rect.height())
            left += part.width()
            if self.isRightToLeft():
                part.moveRight(rect.width() - part.left())
            painter.drawRoundedRect(part, min(radius, part.width() / 2), radius)
        if over:  # where what there is ends
            painter.setPen(QPen(self.palette().color(role.Text), 2))
            end = self._whole * scale
            end = rect.width() - end if self.isRightToLeft() else end
            painter.drawLine(round(end), 0, round(end), round(rect.height()))
