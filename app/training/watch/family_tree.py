"""The family tree: every model under what it came from, with how it was made, from which data, and how good it is."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QPushButton, QTreeView, QVBoxLayout, QWidget

from app.phrases import said
from app.theme import em, space
from app.training.watch.quantities import figure
from app.training.watch.run_model import when
from app.training.watch.texts import method_name
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label

if TYPE_CHECKING:  # it reads files and is called by another thread
    from engine.library.family import Family, Node

_KEY = Qt.ItemDataRole.UserRole + 1


class FamilyTree(QWidget):
    """`run_chosen(folder)`; `repeat_requested(folder)`; `delete_requested(folder, names)`: of all that came from it."""

    run_chosen = Signal(object)
    repeat_requested = Signal(object)
    delete_requested = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nodes: Family = {}
        self._model = QStandardItemModel(self)
        self.tree = _Tree()
        self.tree.setModel(self._model)
        self.tree.setAccessibleName(self.tr("Family tree"))
        self._nothing = plain_label(self.tr("Models will stand here under what they came from."), muted=True, wrap=True)
        self._about = plain_label(muted=True, wrap=True)
        self.show_button, self.repeat = QPushButton(self.tr("Show its training")), QPushButton(self.tr("Repeat"))
        self.delete = QPushButton(self.tr("Delete…"))
        self.delete.setAccessibleName(self.tr("Delete"))
        self._buttons = FlowLayout()
        for button in (self.show_button, self.repeat, self.delete):
            self._buttons.addWidget(button)
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._nothing)
        layout.addWidget(self.tree, 1)
        layout.addWidget(self._about)
        layout.addLayout(self._buttons)
        follow_font(self, self._fit)
        self.tree.selectionModel().currentChanged.connect(lambda index, _: self._describe(index))
        self.tree.activated.connect(lambda _: self._show_run())
        self.tree.delete_pressed.connect(self._delete)
        self.show_button.clicked.connect(self._show_run)
        self.repeat.clicked.connect(lambda: self.repeat_requested.emit(self._run()))
        self.delete.clicked.connect(self._delete)
        self.show_family({})

    # --- what is shown ----------------------------------------------------------------------------------------

    def show_family(self, nodes: Family) -> None:
        """As `engine.library.family.family` gives it. What was open and chosen stays so."""
        closed, current = self._closed(), self._key(self.tree.currentIndex())
        self._nodes = nodes
        self._model.clear()
        titles = (
            self.tr("Model"),
            self.tr("Made by"),
            self.tr("Learnt from"),
            self.tr("Held-out loss"),
            self.tr("When"),
        )
        self._model.setHorizontalHeaderLabels(list(titles))
        placed = set[str]()
        roots = [key for key, node in nodes.items() if not any(parent in nodes for parent in node.parents)]
        for key in [*roots, *nodes]:  # whoever is only in a circle begins a tree as well
            if key not in placed:
                self._place(key, self._model.invisibleRootItem(), (), placed)
        self._nothing.setVisible(not nodes)
        self.tree.setVisible(bool(nodes))
        self._open(closed)
        self.select(current)
        self._describe(self.tree.currentIndex())

    def select(self, key: str | None) -> None:
        """Mark the model called so, wherever it stands first."""
        index = self._find(key)
        self.tree.setCurrentIndex(index)
        if index.isValid():
            self.tree.scrollTo(index)

    def _place(self, key: str, under: QStandardItem, above: tuple[str, ...], placed: set[str]) -> None:
        """A row for the model and, below it, for all that came from it; a circle is cut where it closes."""
        node = self._nodes[key]
        placed.add(key)
        first = QStandardItem(node.name)
        first.setData(key, _KEY)
        first.setData(self._row_text(node), Qt.ItemDataRole.AccessibleTextRole)
        first.setEnabled(not node.missing)
        texts = (method_name(node.method), ", ".join(file.name for file in node.data), _score(node), _when(node))
        rest = [QStandardItem(text or "–") for text in texts]
        for item in (first, *rest):
            item.setEditable(False)
        under.appendRow([first, *rest])
        for child in node.children:
            if child in self._nodes and child not in above and child != key:
                self._place(child, first, (*above, key), placed)

    def _row_text(self, node: Node) -> str:
        """The row as a screen reader says it."""
        parts = (method_name(node.method), ", ".join(file.name for file in node.data), _score(node), _when(node))
        known = ", ".join(part for part in parts if part)
        text = self.tr("{name}: {facts}").format(name=node.name, facts=known) if known else node.name
        return self.tr("{model}, not on this computer").format(model=text) if node.missing else text

    def _describe(self, index: QModelIndex) -> None:
        """What the chosen row cannot say in its columns, and what can be done with it."""
        node = self._nodes.get(self._key(index) or "")
        run = node is not None and node.run is not None
        for button in (self.show_button, self.repeat, self.delete):
            button.setEnabled(run)
        sentences = []
        if node is not None:
            if node.problem:
                sentences.append(said(node.problem))
            if names := self._descendants(node.key):
                sentences.append(self.tr("From it came: {names}.").format(names=", ".join(names)))
            if node.needs_parent and node.parents:
                names = [self._nodes[parent].name for parent in node.parents if parent in self._nodes]
                sentences.append(self.tr("It cannot be opened without {names}.").format(names=", ".join(names)))
        self._about.setText(" ".join(sentences))
        self._about.setVisible(bool(sentences))

    # --- what is wanted ---------------------------------------------------------------------------------------

    def _run(self) -> Path | None:
        node = self._nodes.get(self._key(self.tree.currentIndex()) or "")
        return node.run.folder if node is not None and node.run is not None else None

    def _show_run(self) -> None:
        if (folder := self._run()) is not None:
            self.run_chosen.emit(folder)

    def _delete(self) -> None:
        if (folder := self._run()) is not None:
            self.delete_requested.emit(folder, self._descendants(self._key(self.tree.currentIndex()) or ""))

    def _descendants(self, key: str) -> list[str]:
        """The names of all that came from it, children first."""
        from engine.library.family import descendants

        return [node.name for node in descendants(key, self._nodes)]

    # --- rows -------------------------------------------------------------------------------------------------

    def _key(self, index: QModelIndex) -> str | None:
        found = index.siblingAtColumn(0).data(_KEY)
        return str(found) if found is not None else None

    def _rows(self, under: QModelIndex | None = None) -> list[QModelIndex]:
        """The first cell of every row, from the top."""
        parent = QModelIndex() if under is None else under
        found = []
        for number in range(self._model.rowCount(parent)):
            index = self._model.index(number, 0, parent)
            found += [index, *self._rows(index)]
        return found

    def _find(self, key: str | None) -> QModelIndex:
        return next((index for index in self._rows() if key is not None and self._key(index) == key), QModelIndex())

    def _closed(self) -> set[str | None]:
        return {self._key(index) for index in self._rows() if not self.tree.isExpanded(index)}

    def _open(self, closed: Collection[str | None]) -> None:
        for index in self._rows():
            self.tree.setExpanded(index, self._key(index) not in closed or not self._model.hasChildren(index))

    def _fit(self) -> None:
        self._layout.setSpacing(space(self))
        self._buttons.setSpacing(space(self))
        self.tree.setMinimumHeight(em(self, 6))
        self.tree.setIndentation(em(self, 1.2))


class _Tree(QTreeView):
    """Delete deletes."""

    delete_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAlternatingRowColors(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.header().setStretchLastSection(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(em(self, 30), em(self, 12))


def _score(node: Node) -> str:
    loss = node.scores.get("best_val_loss", node.scores.get("val_loss"))
    if loss is None and node.run is not None:
        loss = node.run.best
    return figure(loss) if isinstance(loss, float | int) else ""


def _when(node: Node) -> str:
    return when(node.run.started) if node.run is not None and node.run.started else ""
