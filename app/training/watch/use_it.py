"""What may be done with what a run made. The page decides how; this only says what is wanted."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.theme import space
from app.widgets.buttons import asking_button
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label

# Kinds of `use_requested`; the lower ones are what `export` calls them.
KINDS = ("chat", "classify", "gguf", "hf", "adapter", "ollama", "llamafile", "vllm")


class UseIt(QWidget):
    """`use_requested(kind)`, one of `KINDS`."""

    use_requested = Signal(str)
    parent_requested = Signal()  # talk to it beside the model it began from
    repeat_requested = Signal()
    change_requested = Signal()  # repeat with one value changed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._uses = {kind: QPushButton(text) for kind, text in self._texts().items()}
        self._explanations = {
            "gguf": self.tr("One file for llama.cpp and what builds on it, also smaller in fewer bits."),
            "hf": self.tr("The folder that transformers, vLLM and others open."),
            "adapter": self.tr("What was learnt alone, without the model under it."),
            "ollama": self.tr("A GGUF with its Modelfile and the command that imports it."),
            "llamafile": self.tr("One program that runs the model; it needs the llamafile runner."),
            "vllm": self.tr("A folder for servers, and to train on with several graphics cards."),
        }
        for kind, button in self._uses.items():
            button.setAccessibleName(button.text().removesuffix("…"))
            button.setAccessibleDescription(self._explanations.get(kind, ""))
            button.setToolTip(self._explanations.get(kind, ""))
            button.clicked.connect(lambda _, kind=kind: self.use_requested.emit(kind))
        self._uses["chat"].setDefault(True)
        self._uses["classify"].setDefault(True)
        self.beside_parent = QPushButton(self.tr("Compare with its parent"))
        self.beside_parent.setToolTip(self.tr("Ask both the same, and read their answers side by side."))
        self.beside_parent.clicked.connect(self.parent_requested)
        self.repeat = QPushButton(self.tr("Repeat"))
        self.repeat.setToolTip(self.tr("The same training once more, as a new run."))
        self.change = asking_button(self.tr("Repeat with one value changed…"))
        self.repeat.clicked.connect(self.repeat_requested)
        self.change.clicked.connect(self.change_requested)
        self._here, self._elsewhere = FlowLayout(), FlowLayout()
        for button in (self._uses["chat"], self._uses["classify"], self.beside_parent, self.repeat, self.change):
            self._here.addWidget(button)
        self._elsewhere.addWidget(plain_label(self.tr("Take it elsewhere:"), muted=True))
        for kind in KINDS[2:]:
            self._elsewhere.addWidget(self._uses[kind])
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._here)
        self._column.addLayout(self._elsewhere)
        follow_font(self, self._fit)

    def show_uses(self, method: str, adapter: bool, has_parent: bool) -> None:
        """Those that make sense for what the method made; adapter: whether it is one."""
        classifier = method == "classify"
        self.beside_parent.setVisible(has_parent and not classifier)
        for kind, button in self._uses.items():
            if kind in ("chat", "gguf", "ollama", "llamafile", "vllm"):
                button.setVisible(not classifier)
            elif kind == "classify":
                button.setVisible(classifier)
            elif kind == "adapter":
                button.setVisible(adapter)

    def _texts(self) -> dict[str, str]:
        return {
            "chat": self.tr("Chat with it"),
            "classify": self.tr("Label texts with it"),
            "gguf": self.tr("GGUF file…"),
            "hf": self.tr("Model folder…"),
            "adapter": self.tr("Adapter…"),
            "ollama": self.tr("Ollama…"),
            "llamafile": self.tr("llamafile…"),
            "vllm": self.tr("Servers and several cards…"),
        }

    def _fit(self) -> None:
        for row in (self._here, self._elsewhere):
            row.setSpacing(space(self))
        self._column.setSpacing(space(self))
