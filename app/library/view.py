"""The models on this computer: a list to look through, the chosen one beside it, and what they take of the disk."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.chat.load import Load
from app.library.detail import ModelDetail
from app.library.found import FoundModels
from app.library.model_actions import TAKE_AWAY, first, further, menu_of
from app.library.models_list import ModelsList
from app.library.rows import ORDERS, FilteredModels, ModelRows
from app.settings.rows import ChoiceBox
from app.settings.texts import Title
from app.theme import em, space
from app.widgets.buttons import asking_button
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from app.widgets.notice_bar import NoticeBar
from app.widgets.scroll import Scroll
from engine.events import Model

BESIDE_EM = 58  # from this width on the chosen model stands beside the list, else in its place
DETAIL_EM = 27
FOOT_EM = 13  # below this height the room is the list's, unless something is being done with a file


class LocalModels(QWidget):
    """`wanted(ModelAction, Model)`; `chosen(Model | None)`; the others are of the buttons above and below the list."""

    wanted = Signal(object, object)
    chosen = Signal(object)
    add_file_requested = Signal()
    add_folder_requested = Signal()
    scan_requested = Signal()
    move_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = ModelRows(self)
        self.models = FilteredModels(self.rows, self)
        self.list, self.detail = ModelsList(self.models), ModelDetail()
        self.found, self.foot = FoundModels(), Foot()
        self._opened = False  # in a narrow window: the chosen model stands in the list's place
        self.filter = QLineEdit(placeholderText=self.tr("Look for a model"), clearButtonEnabled=True)
        self.filter.setAccessibleName(self.tr("Look for a model"))
        self.order = ChoiceBox()
        self.order.setAccessibleName(self.tr("Sorted by"))
        for id in ORDERS:
            self.order.addItem(order_name(id), id)
        self.add = asking_button(self.tr("Add…"))
        self.add.clicked.connect(self._open_adding)
        self._nothing = plain_label(muted=True, wrap=True)
        self._build()
        self._connect()
        follow_font(self, self._fit)

    def take(self, model: Model) -> None:
        """A model that is there, or news of it."""
        self.rows.take(model)
        if self.detail.model is not None and self.detail.model.name == model.name:
            self.detail.show_model(model, self.rows.load_of(model))
        self._say_nothing()

    def keep(self, names: set[str]) -> None:
        """Only these are there."""
        self.rows.keep(names)
        self._say_nothing()
        self._choose_first()

    def show_load(self, load: Load) -> None:
        self.rows.show_load(load)
        if self.detail.model is not None:
            self.detail.show_load(self.rows.load_of(self.detail.model))

    def select(self, name: str) -> None:
        """Bring a model into view, whatever was looked for."""
        index = self.models.mapFromSource(self.rows.index_of(name))
        if not index.isValid() and self.rows.index_of(name).isValid():
            self.filter.clear()
            self.models.look_for("")
            index = self.models.mapFromSource(self.rows.index_of(name))
        if index.isValid():
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def look_for(self, text: str) -> None:
        """Those with these words, in the place of all."""
        self.show_list()
        self.show_models()
        self.filter.setText(text)

    def rename(self, name: str) -> None:
        """Edit the name of a model in its row."""
        self.show_list()
        self.select(name)
        self.list.edit(self.list.currentIndex())

    def show_list(self) -> None:
        """In a narrow window: in the place of the chosen model."""
        self._opened = False
        self._fit()

    def show_models(self) -> None:
        self._stack.setCurrentWidget(self._body)

    def show_found(self) -> None:
        """What other programs have, in the place of the list."""
        self._stack.setCurrentWidget(self.found)

    def open_settings(self) -> None:
        """Of the chosen model."""
        self._open()
        self.detail.settings.button.setChecked(True)

    # --- what the person does -----------------------------------------------------------------------------------------

    def _look_for(self, text: str) -> None:
        self.models.look_for(text)
        self._say_nothing()
        self._choose_first()

    def _show_chosen(self, model: Model | None) -> None:
        self.detail.show_model(model, self.rows.load_of(model) if model is not None else Load())
        self.chosen.emit(model)

    def _choose_first(self) -> None:
        if not self.list.currentIndex().isValid() and self.models.rowCount():
            self.list.setCurrentIndex(self.models.index(0, 0))

    def _open(self) -> None:
        self._opened = True
        self._fit()
        if not self._beside:
            self.detail.back.setFocus()

    def _close(self) -> None:
        self.show_list()
        self.list.setFocus()

    def _open_menu(self, model: Model, place: QPoint) -> None:
        actions = [*first(model, self.rows.load_of(model)), *further(model)]
        menu_of(self, actions, lambda action: self.wanted.emit(action, model)).popup(place)

    def _remove(self, model: Model) -> None:
        if (last := further(model)[-1]) in TAKE_AWAY:
            self.wanted.emit(last, model)

    def _open_adding(self) -> None:
        menu = menu_of(self, (), lambda _: None)
        menu.addAction(self.tr("A model file…")).triggered.connect(lambda: self.add_file_requested.emit())
        menu.addAction(self.tr("A model folder…")).triggered.connect(lambda: self.add_folder_requested.emit())
        menu.addSeparator()
        menu.addAction(self.tr("What other programs have…")).triggered.connect(lambda: self.scan_requested.emit())
        menu.popup(self.add.mapToGlobal(QPoint(0, self.add.height())))

    # --- how it looks -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.notice = NoticeBar()
        self._tools = FlowLayout()
        for widget in (self.filter, self.order, self.add):
            self._tools.addWidget(widget)
        column = QWidget()
        self._left = QVBoxLayout(column)
        self._left.addLayout(self._tools)
        self._left.addWidget(self._nothing)
        self._left.addWidget(self.list, 1)
        self._right = QVBoxLayout()
        self._right.addWidget(self.detail, 1)
        self.right = QFrame()
        self.right.setObjectName("panel")
        self.right.setLayout(self._right)
        self._both = QHBoxLayout()
        self.left = Scroll(column)  # what stands above the list leaves it some room, whatever the size of the text
        self._both.addWidget(self.left, 1)
        self._beside_list = QVBoxLayout()
        self._beside_list.addWidget(self.right)
        self._both.addLayout(self._beside_list)
        self._body = QWidget()
        self._body.setLayout(self._both)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        self._stack.setMinimumHeight(1)  # a notice with its buttons comes first where room is short
        self._stack.addWidget(self._body)
        self._stack.addWidget(self.found)
        self._notices = QVBoxLayout()
        self._notices.addWidget(self.notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._notices)
        layout.addWidget(self._stack, 1)
        layout.addWidget(self.foot)

    def _connect(self) -> None:
        self.filter.textChanged.connect(self._look_for)
        self.order.currentIndexChanged.connect(lambda _: self.models.sort_by(self.order.currentData()))
        self.list.chosen.connect(self._show_chosen)
        self.list.opened.connect(lambda _: self._open())
        self.list.menu_requested.connect(self._open_menu)
        self.list.delete_pressed.connect(self._remove)
        self.detail.wanted.connect(self.wanted)
        self.detail.back.clicked.connect(self._close)
        self.foot.move_requested.connect(self.move_requested)
        self.foot.task_changed.connect(self._fit)
        self.foot.stop_requested.connect(self.stop_requested)

    def _say_nothing(self) -> None:
        """Where there are no rows, why."""
        found = self.models.rowCount() > 0
        self._nothing.setText("" if found else self.tr("No model has these words."))
        self._nothing.setVisible(not found and bool(self.filter.text()))

    @property
    def _beside(self) -> bool:
        return self.width() >= em(self, BESIDE_EM)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        beside = self._beside
        self.left.setVisible(beside or not self._opened)
        self.right.setVisible(beside or self._opened)
        self.detail.back.setVisible(not beside)
        if beside:
            self.right.setFixedWidth(min(em(self, 38), max(em(self, DETAIL_EM), self.width() * 2 // 5)))
        else:
            self.right.setMinimumWidth(0)
            self.right.setMaximumWidth(16_777_215)
        self._both.setStretch(0, 1 if beside or not self._opened else 0)
        self._both.setStretch(1, 0 if beside or not self._opened else 1)
        self._both.setSpacing(0)
        self._left.setContentsMargins(space(self, 2), 0, space(self, 1 if beside else 2), space(self))
        self._left.setSpacing(space(self))
        self._right.setContentsMargins(0, space(self, 1), 0, 0)
        if beside or self._opened:
            self._beside_list.setContentsMargins(space(self, 1 if beside else 2), 0, space(self, 2), space(self, 2))
        else:
            self._beside_list.setContentsMargins(0, 0, 0, 0)
        self._right.setSpacing(0)
        self._notices.setContentsMargins(space(self, 2), 0, space(self, 2), 0)
        self._tools.setSpacing(space(self))
        self.filter.setMinimumWidth(em(self, 9))
        self.list.setMinimumHeight(em(self, 6))
        self.foot.setVisible(self.height() >= em(self, FOOT_EM) or bool(self.foot.task))


class Foot(QFrame):
    """What the models take of the disk and where ours lie; while something is done with a file, how far it is."""

    task_changed = Signal()  # there is one now, or none any more
    move_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("foot")
        self._usage, self._task = Title(""), Title("")
        self._usage.setProperty("muted", True)
        self.move_button = asking_button(self.tr("Move…"))
        self.move_button.setAccessibleDescription(self.tr("Another place for the folder of the models."))
        self.move_button.clicked.connect(self.move_requested)
        self.stop = QPushButton(self.tr("Stop"))
        self.stop.clicked.connect(self.stop_requested)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._task_line, self._line = FlowLayout(), FlowLayout()
        self._task_line.addWidget(self._task)
        self._task_line.addWidget(self.stop)
        self._line.addWidget(self._usage)
        self._line.addWidget(self.move_button)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._bar)
        self._column.addLayout(self._task_line)
        self._column.addLayout(self._line)
        self._used = self._folder = ""
        follow_font(self, self._fit)
        self.show_task("")

    def show_usage(self, text: str, place: str) -> None:
        """place: the folder of those that Seedling fetched, shown where there is room."""
        self._used, self._folder = text, place
        self._fit()

    def show_task(self, text: str, done: int = 0, total: int = 0) -> None:
        """What is being done, and how much of it; empty: nothing."""
        began_or_ended = bool(text) is not bool(self.task)
        self._task.setText(text)
        self._bar.setRange(0, 1000 if total else 0)
        self._bar.setValue(1000 * done // total if total else 0)
        for widget in (self._task, self._bar, self.stop):
            widget.setVisible(bool(text))
        if began_or_ended:
            self.task_changed.emit()

    @property
    def task(self) -> str:
        return self._task.text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wide = self.width() >= em(self, BESIDE_EM)
        self._usage.setText(" ".join((self._used, self._folder) if wide else (self._used,)))
        self._column.setContentsMargins(space(self, 3), space(self), space(self, 3), space(self))
        self._column.setSpacing(space(self))
        self._line.setSpacing(space(self, 2))
        self._task_line.setSpacing(space(self, 2))


def order_name(order: str) -> str:
    translate = QCoreApplication.translate
    return {
        "name": translate("library", "By name"),
        "size": translate("library", "Largest first"),
        "parameters": translate("library", "Most parameters first"),
        "origin": translate("library", "By where they come from"),
    }[order]
