"""The command palette: one field from which everything can be found and done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QFontMetrics,
    QHelpEvent,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.fuzzy import score
from app.stylesheet import RING
from app.theme import em, icon
from app.widgets.fitting import follow_font
from app.widgets.labels import plain_label

MOST_SHOWN = 60
PAUSE_MS = 120  # in typing, before other places are asked
_REMEMBERED = 8  # commands used last
_RECENT_BONUS = 4.0  # for one of them

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


@dataclass(frozen=True)
class Command:
    """Something to do. `id` tells it from every other; `detail` says what kind of thing it is, `keys` how else."""

    id: str
    title: str
    run: Callable[[], object]
    detail: str = ""
    keys: str = ""
    icon: str = ""


Source = Callable[[str], Iterable[Command]]  # what there is, quickly; only those that fit the text are shown
Answer = Callable[[Sequence[Command]], object]
LaterSource = Callable[[str, Answer], object]  # asks elsewhere; what it answers is shown as it stands, below the others


def ranked(commands: Iterable[Command], typed: str, recent: Sequence[str] = ()) -> list[Command]:
    """The commands that fit, best first; what fits alike keeps its order. `recent`: ids used lately, last one first."""
    scored: list[tuple[float, Command]] = []
    for command in commands:
        points = score(typed, command.title)
        if points is None:
            continue
        if not typed:
            points = float(len(recent) - recent.index(command.id)) if command.id in recent else 0.0
        elif command.id in recent:
            points += _RECENT_BONUS
        scored.append((points, command))
    scored.sort(key=lambda pair: -pair[0])
    return [command for _, command in scored]


class CommandPalette(QWidget):
    """Lies over its parent, with a panel in the middle; a click beside the panel, or Esc, closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._sources: Sequence[Source] = ()
        self._later: Sequence[LaterSource] = ()
        self._recent: list[str] = []
        self._found: list[Command] = []
        self._asked = 0  # which question the answers on their way belong to
        self._focus_before: QWidget | None = None
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._ask_elsewhere)
        self.field = QLineEdit(clearButtonEnabled=True)
        self.field.setPlaceholderText(self.tr("Type what to do, or a chat or model"))
        self.field.setAccessibleName(self.tr("Find anything to do"))
        self.field.textChanged.connect(self._ask)
        self.field.installEventFilter(self)
        self.model = _CommandModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(_CommandDelegate(self.list))
        self.list.setAccessibleName(self.tr("What there is"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the field has it, and moves the list's current row
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.clicked.connect(self._run)
        self.list.entered.connect(self.list.setCurrentIndex)
        self.list.selectionModel().currentChanged.connect(self._announce)
        self._nothing = plain_label(self.tr("Nothing found"), muted=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.panel = QFrame(self)
        self.panel.setObjectName("palette")
        self.panel.setAutoFillBackground(True)
        self.panel.setBackgroundRole(QPalette.ColorRole.Base)
        self.panel.setFrameShape(QFrame.Shape.StyledPanel)
        self._column = QVBoxLayout(self.panel)
        self._column.addWidget(self.field)
        self._column.addWidget(self._nothing)
        self._column.addWidget(self.list, 1)
        parent.installEventFilter(self)
        self.hide()
        follow_font(self, self._fit)

    def open(self, sources: Sequence[Source], later: Sequence[LaterSource] = ()) -> None:
        """Show what the sources have."""
        self._sources, self._later = sources, later
        if self.isHidden():
            self._focus_before = self.window().focusWidget()
        self.field.clear()
        self._fit()
        self.show()
        self.raise_()
        self.field.setFocus()
        self._ask()

    def put_away(self) -> None:
        """Close; the keyboard goes back to where it was."""
        if self.isHidden():
            return
        self._asked += 1  # nobody waits for answers any more
        self._pause.stop()
        had_focus = self.isAncestorOf(self.window().focusWidget() or self.window())
        self.hide()
        if had_focus and self._focus_before is not None:
            self._focus_before.setFocus()

    # --- what is found ------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        typed = self.field.text().strip()
        self._asked += 1
        commands = [command for source in self._sources for command in source(typed)]
        self._found = ranked(commands, typed, self._recent)
        self._show_found()
        if typed:
            self._pause.start()

    def _ask_elsewhere(self) -> None:
        for later in self._later:
            later(self.field.text().strip(), partial(self._add, self._asked))

    def _add(self, asked: int, found: Sequence[Command]) -> None:
        if asked == self._asked:  # else the answer to an older question
            known = {command.id for command in self._found[:MOST_SHOWN]}
            new = [command for command in found if command.id not in known]
            ids = {command.id for command in new}
            self._found = [command for command in self._found if command.id not in ids] + new
            self._show_found(keep=True)

    def _show_found(self, keep: bool = False) -> None:
        current = self.list.currentIndex().row() if keep else 0
        shown = self._found[:MOST_SHOWN]
        self.model.set_commands(shown)
        self._nothing.setVisible(not shown)
        self.list.setVisible(bool(shown))
        if shown:
            self.list.setCurrentIndex(self.model.index(max(0, min(current, len(shown) - 1))))

    def _announce(self, current: QModelIndex) -> None:
        """A screen reader hears the row, since the keyboard stays in the field."""
        text = current.data(Qt.ItemDataRole.AccessibleTextRole)
        if text and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.list, text))

    def _run(self, index: Index) -> None:
        command = self.model.command(index)
        if command is None:
            return
        self._recent = [command.id, *(id for id in self._recent if id != command.id)][:_REMEMBERED]
        self.put_away()
        command.run()

    # --- keys, mouse and place ----------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() is QEvent.Type.Resize:
            self._fit()
        if watched is self.field:
            if event.type() is QEvent.Type.FocusOut and not self.isHidden() and self.window().isActiveWindow():
                self.put_away()  # the keyboard went elsewhere on purpose, and stays there
            if isinstance(event, QKeyEvent) and event.key() in self._moves():
                if event.type() is QEvent.Type.ShortcutOverride:
                    event.accept()  # the window's own use of this key has to wait
                    return True
                if event.type() is QEvent.Type.KeyPress:
                    self._moves()[Qt.Key(event.key())]()
                    return True
        return super().eventFilter(watched, event)

    def _moves(self) -> dict[int, Callable[[], object]]:
        page = max(1, self.list.viewport().height() // max(1, self.list.sizeHintForRow(0)) - 1)
        return {
            Qt.Key.Key_Down: lambda: self._move(1, around=True),
            Qt.Key.Key_Up: lambda: self._move(-1, around=True),
            Qt.Key.Key_Tab: lambda: self._move(1, around=True),
            Qt.Key.Key_Backtab: lambda: self._move(-1, around=True),
            Qt.Key.Key_PageDown: lambda: self._move(page),
            Qt.Key.Key_PageUp: lambda: self._move(-page),
            Qt.Key.Key_Return: lambda: self._run(self.list.currentIndex()),
            Qt.Key.Key_Enter: lambda: self._run(self.list.currentIndex()),
            Qt.Key.Key_Escape: self.put_away,
        }

    def _move(self, step: int, around: bool = False) -> None:
        count = self.model.rowCount()
        if count:
            row = self.list.currentIndex().row() + step
            row = row % count if around else max(0, min(row, count - 1))
            self.list.setCurrentIndex(self.model.index(row))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self.panel.geometry().contains(event.position().toPoint()):
            self.put_away()

    def _fit(self) -> None:
        """Over the whole parent; the panel in the upper middle, as wide as a line of text, as high as there is room."""
        room, gap = self._over.rect(), em(self, 0.5)
        self._column.setContentsMargins(gap, gap, gap, gap)
        self._column.setSpacing(gap)
        self.setGeometry(room)
        margin = min(em(self, 2), room.width() // 20)
        width = min(em(self, 38), room.width() - 2 * margin)
        height = min(em(self, 28), room.height() - 2 * margin)
        self.panel.setGeometry(
            (room.width() - width) // 2, min(margin * 2, (room.height() - height) // 2), width, height
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        veil = QColor(self.palette().color(QPalette.ColorRole.Window))
        veil.setAlphaF(0.6)
        QPainter(self).fillRect(event.rect(), veil)


class _CommandModel(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._commands: list[Command] = []

    def set_commands(self, commands: list[Command]) -> None:
        self.beginResetModel()
        self._commands = commands
        self.endResetModel()

    def command(self, index: Index) -> Command | None:
        return self._commands[index.row()] if index.isValid() else None

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._commands)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        command = self.command(index)
        if command is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return command.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (command.title, command.detail, command.keys) if part)
        return None


class _CommandDelegate(QStyledItemDelegate):
    """Icon and title, then what kind of thing it is and its keys, where the title leaves room for them."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._icons: dict[tuple[str, str], QIcon] = {}  # by name and colour: drawing one takes longer than a row

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, round(option.fontMetrics.height() * 1.9))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, _CommandModel)
        command = model.command(index)
        assert command is not None
        palette: QPalette = option.palette
        rect: QRect = option.rect
        metrics: QFontMetrics = option.fontMetrics
        muted, unit = palette.color(QPalette.ColorRole.PlaceholderText), metrics.height()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), RING))
            painter.setBrush(palette.color(QPalette.ColorRole.Light))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), unit * 0.4, unit * 0.4)
        room = rect.adjusted(round(unit * 0.5), 0, -round(unit * 0.5), 0)
        if command.icon:
            place = QRect(room.left(), room.center().y() - unit // 2, unit, unit)
            self._icon(command.icon, muted).paint(painter, QStyle.visualRect(option.direction, rect, place))
        room.setLeft(room.left() + round(unit * 1.5))
        title = metrics.elidedText(command.title, Qt.TextElideMode.ElideRight, room.width())
        left = metrics.horizontalAdvance(title) + unit
        leading = QStyle.visualAlignment(option.direction, Qt.AlignmentFlag.AlignLeft)
        alignment = int(leading | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute)
        for text in (command.keys, command.detail):
            width = metrics.horizontalAdvance(text)
            if text and left + width > room.width():
                break
            if text:
                place = QRect(room.right() - width, room.top(), width + 1, room.height())
                painter.setPen(muted)
                painter.drawText(QStyle.visualRect(option.direction, rect, place), alignment, text)
                room.setRight(place.left() - unit)
        painter.setPen(palette.color(QPalette.ColorRole.Text))
        painter.drawText(QStyle.visualRect(option.direction, rect, room), alignment, title)
        painter.restore()

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        return False  # a tooltip would look for markup in titles

    def _icon(self, name: str, colour: QColor) -> QIcon:
        key = name, colour.name()
        if key not in self._icons:
            self._icons[key] = icon(name, colour)
        return self._icons[key]
