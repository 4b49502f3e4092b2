"""One model: what it is, how it stands, what can be done with it, what it takes and how it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.chat.load import Load, LoadState
from app.figures import number
from app.library import texts
from app.library.lineage import Lineage
from app.library.memory_view import MemoryView
from app.library.model_actions import ModelAction, cures, first, further, label, menu_of
from app.library.settings_form import ModelSettingsForm
from app.providers import texts as servers
from app.settings.texts import Title, breakable, small_label
from app.theme import set_text_role, space
from app.widgets.buttons import IconButton
from app.widgets.drawing import Drawing
from app.widgets.fact import Fact, FactGrid
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from app.widgets.scroll import Scroll
from app.widgets.unfold import Unfold
from engine.events import Model


class ModelDetail(QWidget):
    """`wanted(ModelAction, Model)`. `settings_opened`: they are to be filled in."""

    wanted = Signal(object, object)
    settings_opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model: Model | None = None
        self._load = Load()
        self._name, self._about = Title(""), small_label()
        self._name.setProperty("role", "heading")
        self.back = IconButton(
            "chevron-right" if self.isRightToLeft() else "chevron-left", self.tr("Back to all models")
        )
        self.more = IconButton("ellipsis", self.tr("More"))
        self.more.clicked.connect(self._open_menu)
        self.problem = ProblemCard()
        self.problem.wanted.connect(self._want)
        self._buttons = dict[ModelAction, QPushButton]()
        self._flow = FlowLayout()
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Loading"))
        self._facts = {
            "parameters": Fact(self.tr("Parameters")),
            "quantization": Fact(self.tr("Quantization")),
            "size": Fact(self.tr("Size")),
            "context": Fact(self.tr("Context")),
            "architecture": Fact(self.tr("Architecture")),
            "vocabulary": Fact(self.tr("Vocabulary")),
            "licence": Fact(self.tr("Licence")),
            "template": Fact(self.tr("Chat template")),
            "origin": Fact(self.tr("From")),
            "server": Fact(self.tr("Server")),
            "price": Fact(self.tr("Price of a million tokens")),
        }
        self.facts = FactGrid(list(self._facts.values()))
        self.lineage, self.memory = Lineage(), MemoryView()
        self._place_heading, self._place = plain_label(self.tr("Where it lies")), small_label()
        self.settings = Unfold(self.tr("Settings of this model"), ModelSettingsForm)
        self.settings.unfolded.connect(lambda shown: self.settings_opened.emit() if shown else None)
        self._build()
        follow_font(self, self._fit)
        self.show_model(None, Load())

    @property
    def form(self) -> ModelSettingsForm | None:
        """None until the settings are opened first."""
        form = self.settings.content
        assert form is None or isinstance(form, ModelSettingsForm)
        return form

    def show_model(self, model: Model | None, load: Load) -> None:
        other = model is None or self.model is None or model.name != self.model.name
        self.model = model
        self._nothing.setVisible(model is None)
        self.area.setVisible(model is not None)
        if model is None:
            return
        self._name.setText(model.name)
        self._about.setText(texts.joined((texts.kind_name(model.kind), *texts.badges(model))))
        details, remote = model.details, model.kind == texts.REMOTE
        parameters, quantization, size = texts.figures(model)
        values = {
            "parameters": parameters,
            "quantization": quantization,
            "size": size,
            "context": self._tokens(details.get("context")),
            "architecture": str(details.get("architecture") or ""),
            "vocabulary": self._tokens(details.get("vocabulary")),
            "licence": str(details.get("licence") or ""),
            "template": self._template(details.get("template")),
            "origin": "" if remote else texts.origin_name(texts.origin_of(model)),
            "server": texts.origin_of(model) if remote else "",
            "price": "" if other else self._facts["price"].text(),
        }
        for name, value in values.items():
            self._facts[name].show_text(value)
        self.facts.arrange()
        self._place_heading.setText(self.tr("Where it is asked") if remote else self.tr("Where it lies"))
        self._place.setText(breakable(_asked_at(details) if remote else model.path))
        if other:
            self.memory.clear()
            self.area.verticalScrollBar().setValue(0)
        self.memory.setVisible(not model.problem and model.kind in texts.OPENED)
        self.settings.setVisible(self.memory.isVisibleTo(self._content))
        self.lineage.show_lineage(details.get("lineage") or {})
        self.show_load(load)

    def show_price(self, text: str) -> None:
        """What the model that is shown costs; empty where that is not known."""
        self._facts["price"].show_text(text)
        self.facts.arrange()

    def show_load(self, load: Load) -> None:
        """How the model that is shown stands."""
        self._load = load
        if (model := self.model) is None:
            return
        self.problem.show_problem(model.problem or load.problem, cures(model, load))
        self._bar.setVisible(load.state is LoadState.LOADING)
        self._bar.setValue(load.percent)
        self._show_buttons(first(model, load))
        self.memory.show_loaded(load)

    def button(self, action: ModelAction) -> QPushButton:
        """Raises KeyError where it is not offered."""
        return self._buttons[action]

    # --- parts --------------------------------------------------------------------------------------------------------

    def _tokens(self, count: Any) -> str:
        return self.tr("{count} tokens").format(count=number(count)) if count else ""

    def _template(self, there: Any) -> str:
        return "" if there is None else self.tr("its own") if there else self.tr("none")

    def _show_buttons(self, actions: list[ModelAction]) -> None:
        """Those that stay are left alone: one of them may be pressed, or have the keyboard."""
        if list(self._buttons) == actions:
            return
        focused = next((action for action, button in self._buttons.items() if button.hasFocus()), None)
        while item := self._flow.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self._buttons = {}
        for action in actions:
            button = QPushButton(label(action))
            button.setAccessibleName(label(action))
            button.setDefault(action is ModelAction.CHAT)
            button.clicked.connect(partial(self._want, action))
            self._flow.addWidget(button)
            button.show()
            self._buttons[action] = button
        if focused is not None and actions:
            self._buttons.get(focused, next(iter(self._buttons.values()))).setFocus()

    def _open_menu(self) -> None:
        if self.model is not None:
            corner = self.more.mapToGlobal(QPoint(0, self.more.height()))
            menu_of(self, further(self.model), self._want).popup(corner)

    def _want(self, action: ModelAction) -> None:
        if self.model is not None:
            self.wanted.emit(action, self.model)

    def _build(self) -> None:
        self._nothing = plain_label(self.tr("Choose a model to see what it is."), muted=True, wrap=True)
        self._top = QHBoxLayout()
        self._top.addWidget(self.back, 0, Qt.AlignmentFlag.AlignTop)
        self._top.addWidget(self._name, 1)
        self._top.addWidget(self.more, 0, Qt.AlignmentFlag.AlignTop)
        set_text_role(self._place_heading, "small")
        self._place_heading.setProperty("muted", True)
        self._place.setProperty("muted", False)
        self._place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lies = QVBoxLayout()
        self._lies.addWidget(self._place_heading)
        self._lies.addWidget(self._place)
        self._content = QWidget()
        self._column = QVBoxLayout(self._content)
        self._head = QVBoxLayout()
        self._head.addLayout(self._top)
        self._head.addWidget(self._about)
        self._column.addLayout(self._head)
        self._column.addWidget(self.problem)
        self._column.addWidget(self._bar)
        self._column.addLayout(self._flow)
        self._column.addWidget(self.facts)
        self._column.addLayout(self._lies)
        self._column.addWidget(self.lineage)
        self._column.addWidget(self.memory)
        self._column.addWidget(self.settings)
        self._column.addStretch(1)
        self.area = Scroll(self._content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._nothing)
        layout.addWidget(self.area, 1)

    def _fit(self) -> None:
        self._column.setContentsMargins(space(self, 2), space(self), space(self, 2), space(self, 3))
        self._column.setSpacing(space(self, 2))
        self._head.setSpacing(space(self, 0.4))
        self._top.setSpacing(space(self))
        self._flow.setSpacing(space(self))
        self._lies.setSpacing(space(self, 0.2))
        self._nothing.setContentsMargins(space(self, 2), space(self, 2), space(self, 2), space(self, 2))


def _asked_at(details: Mapping[str, Any]) -> str:
    """The address of a model's server, and how far what is written goes."""
    address = str(details.get("address") or "")
    return "\n".join((address, servers.about_reach(servers.reach_of(details), servers.host_of(address))))


class ProblemCard(QFrame):
    """Why a model cannot be opened, and the buttons that would help."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._words = plain_label(wrap=True)
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._buttons = FlowLayout()
        self._line = QHBoxLayout()
        self._line.addWidget(
            Drawing("triangle-alert", QPalette.ColorRole.BrightText, 1.2), 0, Qt.AlignmentFlag.AlignTop
        )
        self._line.addWidget(self._words, 1)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._line)
        self._column.addLayout(self._buttons)
        follow_font(self, self._fit)

    def show_problem(self, text: str, actions: list[ModelAction]) -> None:
        """Empty: there is none."""
        self.setVisible(bool(text))
        self._words.setText(breakable(text))
        while item := self._buttons.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for action in actions:
            button = QPushButton(label(action))
            button.setAccessibleName(label(action))
            button.clicked.connect(lambda _, action=action: self.wanted.emit(action))
            self._buttons.addWidget(button)
            button.show()

    def _fit(self) -> None:
        step = space(self)
        self._column.setContentsMargins(step, step, step, step)
        self._column.setSpacing(step)
        self._line.setSpacing(step)
        self._buttons.setSpacing(step)
