"""How one model is opened: a row for each setting, what it is by itself, and the way back to that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.library.setting_rows import ActionRow, AdaptersRow, ChoiceRow, NumberRow, SettingRow
from app.theme import space
from app.widgets.buttons import asking_button
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from engine.library.model_settings import OF_GPT
from engine.runtime.base import CACHE_TYPES, SPECULATIONS

_LARGEST_CONTEXT = 1 << 24
_MOST_LAYERS = 10_000


class ModelSettingsForm(QWidget):
    """`changed(name, value)`: the person wants this value of `ModelSettings`; None for automatic.

    `draft_requested`, `adapter_requested`: another model is to be chosen. `template_requested`: it is to be edited.
    `take_requested`, `give_requested`: settings of, or for, another model.
    """

    changed = Signal(str, object)
    draft_requested = Signal()
    adapter_requested = Signal()
    template_requested = Signal()
    take_requested = Signal()
    give_requested = Signal()
    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.adapters = AdaptersRow()
        self.adapters.add_requested.connect(self.adapter_requested)
        self.draft, self.template = ActionRow("draft_model"), ActionRow("template")
        self.draft.wanted.connect(self.draft_requested)
        self.template.wanted.connect(self.template_requested)
        self.rows: dict[str, SettingRow] = {
            "context": NumberRow("context", 0, _LARGEST_CONTEXT, step=1024, automatic=0),
            "gpu_layers": NumberRow("gpu_layers", -2, _MOST_LAYERS, automatic=-2),
            "threads": NumberRow("threads", 0, 1024, automatic=0),
            "batch": NumberRow("batch", 0, 65536, step=64, automatic=0),
            "flash_attention": ChoiceRow("flash_attention", (None, True, False)),
            "cache_type": ChoiceRow("cache_type", (None, *CACHE_TYPES)),
            "mmap": ChoiceRow("mmap", (None, True, False)),
            "mlock": ChoiceRow("mlock", (None, True, False)),
            "speculation": ChoiceRow("speculation", (None, *SPECULATIONS)),
            "draft_model": self.draft,
            "adapters": self.adapters,
            "template": self.template,
        }
        self._buttons = FlowLayout()
        self.take = asking_button(self.tr("Take those of another model…"))
        self.give = asking_button(self.tr("Give these to another model…"))
        self.reset = QPushButton(self.tr("Reset all"))
        self.take.clicked.connect(self.take_requested)
        self.give.clicked.connect(self.give_requested)
        self.reset.clicked.connect(self.reset_requested)
        for button in (self.take, self.give, self.reset):
            self._buttons.addWidget(button)
        self._column = QVBoxLayout(self)
        for row in self.rows.values():
            row.changed.connect(self.changed)
            self._column.addWidget(row)
        self._column.addLayout(self._buttons)
        follow_font(self, self._fit)
        self.show_settings({}, "llama")

    def show_settings(self, values: Mapping[str, Any], backend: str) -> None:
        """values: fields of `ModelSettings`."""
        for name, row in self.rows.items():
            row.show_value(values.get(name))
            row.setVisible(backend == "llama" or name in OF_GPT)
        self.draft.setVisible(backend == "llama" and values.get("speculation") == "draft")
        changed = any(value is not None for value in values.values())
        self.give.setEnabled(changed)
        self.reset.setEnabled(changed)

    def _fit(self) -> None:
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(space(self, 0.6))
        self._buttons.setSpacing(space(self))
