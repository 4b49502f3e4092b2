"""What must hold of every widget, whatever the window shows: nothing clipped, nameless or untranslated.

Each check takes a widget and returns one line for each fault below it, so a test says `assert clipped(widget) == []`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, QTranslator
from PySide6.QtGui import QAccessible, QAccessibleInterface, QFontMetrics
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QGroupBox,
    QLabel,
    QLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollBar,
    QSizeGrip,
    QSplitterHandle,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QTabBar,
    QTableView,
    QToolButton,
    QTreeView,
    QWidget,
)

SCALES = (100, 150, 200, 300)  # percent


@contextmanager
def text_size(application: QApplication, percent: int) -> Iterator[None]:
    """Windows made within have text of this size."""
    usual = application.font()
    font = application.font()
    font.setPointSizeF(usual.pointSizeF() * percent / 100)
    application.setFont(font)
    try:
        yield
    finally:
        application.setFont(usual)


def named(widget: QWidget) -> str:
    """A widget as a fault names it."""
    return f"{type(widget).__name__} {widget.objectName() or widget.accessibleName()!r}"


def shown(widget: QWidget) -> Iterator[QWidget]:
    """The widget, and all below it that can be seen or scrolled to."""
    if widget.isVisible():
        yield widget
        for child in widget.children():
            if isinstance(child, QWidget) and not child.isWindow():
                yield from shown(child)


# --- clipped text ----------------------------------------------------------------------------------------------------


def clipped(widget: QWidget) -> list[str]:
    """Texts that have no room, and widgets that reach out of their parents or over one another.

    A text that is shortened on purpose ends in "…", and its widget says all of it by tooltip or accessible name.
    """
    faults = []
    for each in shown(widget):
        faults += [f"{named(each)}: {fault}" for fault in (*_text_faults(each), *_place_faults(each))]
    return faults


def _text_faults(widget: QWidget) -> Iterator[str]:
    metrics = widget.fontMetrics()
    match widget:
        case QLabel() if widget.text():
            yield from _label_faults(widget)
        case QCheckBox() | QRadioButton() | QPushButton() | QToolButton():
            yield from _button_faults(widget)
        case QComboBox():
            option = QStyleOptionComboBox()
            widget.initStyleOption(option)
            part = QStyle.SubControl.SC_ComboBoxEditField
            field = widget.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, widget)
            yield from _too_wide(widget.currentText(), metrics, field.size())
        case QAbstractSpinBox():
            field = widget.lineEdit()
            yield from _too_wide(field.text(), metrics, _line_room(field))
        case QLineEdit() if not isinstance(widget.parent(), QAbstractSpinBox) and not widget.text():
            yield from _too_wide(widget.placeholderText(), metrics, _line_room(widget))
        case QPlainTextEdit() if not widget.toPlainText():
            margin = round(2 * widget.document().documentMargin())
            room = widget.viewport().size() - QSize(margin, margin)
            yield from _wrapped_faults(widget.placeholderText(), metrics, room)
        case QTabBar():
            for number in range(widget.count()):
                room = widget.tabRect(number).intersected(widget.rect()).size()
                yield from _too_wide(widget.tabText(number), metrics, room)
        case QGroupBox():
            yield from _too_wide(widget.title(), metrics, widget.size())
        case QMenu():
            room = widget.contentsRect().width()
            for action in widget.actions():
                if action.text() and widget.sizeHint().width() > widget.width():
                    yield f"{action.text()!r} needs {widget.sizeHint().width()}, has {room}"
            if widget.width() > widget.screen().geometry().width():
                yield f"is wider ({widget.width()}) than the screen"


def _label_faults(label: QLabel) -> Iterator[str]:
    margin = 2 * label.margin() + max(label.indent(), 0)
    room = label.contentsRect().size() - QSize(margin, margin)
    if label.wordWrap():
        yield from _wrapped_faults(label.text(), label.fontMetrics(), room)
    else:
        yield from _too_wide(label.text(), label.fontMetrics(), room)


def _button_faults(button: QCheckBox | QRadioButton | QPushButton | QToolButton) -> Iterator[str]:
    """Squeezed below what Qt needs for its icon, text and padding."""
    if not button.text():
        return
    if isinstance(button, QToolButton) and button.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonIconOnly:
        return
    kind = next(kind for kind in (QCheckBox, QRadioButton, QPushButton, QToolButton) if isinstance(button, kind))
    needed = kind.sizeHint(button)  # Qt's own, for the text it has now
    if needed.width() > button.width() or needed.height() > button.height() + 1:
        yield f"{button.text()!r} needs {_size(needed)}, has {_size(button.size())}"
    if "…" in button.text() and not button.accessibleName() and not button.toolTip():
        yield f"{button.text()!r} is shortened, and nothing says the rest"


def _line_room(line: QLineEdit) -> QSize:
    option = QStyleOptionFrame()
    line.initStyleOption(option)
    room = line.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, line).size()
    margins = line.textMargins()
    return QSize(room.width() - margins.left() - margins.right(), room.height())


def _too_wide(text: str, metrics: QFontMetrics, room: QSize) -> Iterator[str]:
    size = metrics.size(0, text)
    if size.width() > room.width() or metrics.tightBoundingRect(text).height() > room.height():
        yield f"{text!r} needs {_size(size)}, has {_size(room)}"


def _wrapped_faults(text: str, metrics: QFontMetrics, room: QSize) -> Iterator[str]:
    flags = Qt.TextFlag.TextWordWrap
    size = metrics.boundingRect(QRect(0, 0, max(room.width(), 1), 1 << 20), flags, text).size()
    if size.width() > room.width() or size.height() > room.height() + 1:
        yield f"{text!r} needs {_size(size)}, has {_size(room)}"


def _size(size: QSize) -> str:
    return f"{size.width()}x{size.height()}"


# --- place -----------------------------------------------------------------------------------------------------------


def _place_faults(widget: QWidget) -> Iterator[str]:
    """Children that reach out of this widget, or lie over one another although a layout places them."""
    if isinstance(widget, QAbstractSpinBox | QComboBox | QLineEdit | QScrollBar | QMenu):
        return  # their parts are placed by Qt
    if _scrolls(widget):
        return  # what is beyond its edge can be scrolled to
    children = [child for child in widget.children() if isinstance(child, QWidget) and _counts(child)]
    for child in children:
        if not widget.rect().contains(child.geometry()):
            yield f"{named(child)} at {child.geometry().getRect()} reaches out of {widget.rect().getRect()}"
    layout = widget.layout()
    placed = [child for child in children if layout is not None and _is_placed(layout, child)]
    for number, one in enumerate(placed):
        for other in placed[number + 1 :]:
            if one.geometry().intersects(other.geometry()):
                yield f"{named(one)} lies over {named(other)}"


def _scrolls(widget: QWidget) -> bool:
    area = widget.parent()
    return isinstance(area, QAbstractScrollArea) and widget is area.viewport()


def _counts(child: QWidget) -> bool:
    return child.isVisible() and not child.isWindow() and not isinstance(child, QSplitterHandle | QSizeGrip)


def _is_placed(layout: Any, child: QWidget) -> bool:
    return any(each.indexOf(child) >= 0 for each in (layout, *layout.findChildren(QLayout)))


# --- for eyes, ears and keyboards ------------------------------------------------------------------------------------

_ROLES: tuple[tuple[type[QWidget], QAccessible.Role], ...] = (
    (QCheckBox, QAccessible.Role.CheckBox),
    (QRadioButton, QAccessible.Role.RadioButton),
    (QComboBox, QAccessible.Role.ComboBox),
    (QAbstractSpinBox, QAccessible.Role.SpinBox),
    (QLineEdit, QAccessible.Role.EditableText),
    (QPlainTextEdit, QAccessible.Role.EditableText),
    (QTableView, QAccessible.Role.Table),
    (QTreeView, QAccessible.Role.Tree),
    (QAbstractItemView, QAccessible.Role.List),
    (QMenu, QAccessible.Role.PopupMenu),
)
_ITEM_ROLES = (QAccessible.Role.ListItem, QAccessible.Role.TreeItem, QAccessible.Role.Cell)  # a cell may be empty
_BUTTON_ROLES = (QAccessible.Role.Button, QAccessible.Role.CheckBox, QAccessible.Role.ButtonMenu)


def interfaces(interface: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """Everything below that a screen reader can reach."""
    yield interface
    for number in range(interface.childCount()):
        child = interface.child(number)
        if child is not None and child.isValid() and not child.state().invisible:
            yield from interfaces(child)


def nameless(widget: QWidget) -> list[str]:
    """What a screen reader would reach and could not name, or would call what it is not."""
    faults = []
    for each in interfaces(QAccessible.queryAccessibleInterface(widget)):
        state, role, behind = each.state(), each.role(), each.object()
        if not state.focusable or role in _ITEM_ROLES:
            continue
        name = each.text(QAccessible.Text.Name).strip()
        if isinstance(behind, QWidget) and (behind.isWindow() or not is_reached(behind)):
            continue
        if not name:
            faults.append(f"{behind or role} has no name")
        if isinstance(behind, QWidget) and not _role_fits(behind, role):
            faults.append(f"{named(behind)} is called {role.name}")
    return faults


def is_reached(widget: QWidget) -> bool:
    """Whether the keyboard can be in it."""
    inner = isinstance(widget.parent(), QAbstractSpinBox | QComboBox)  # parts of Qt's own
    focusable = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return focusable and widget.isEnabled() and widget.isVisible() and widget.focusProxy() is None and not inner


def _role_fits(widget: QWidget, role: QAccessible.Role) -> bool:
    expected = next((role for kind, role in _ROLES if isinstance(widget, kind)), None)
    if expected is not None:
        return role is expected
    return role in _BUTTON_ROLES if isinstance(widget, QAbstractButton) else role is not QAccessible.Role.NoRole


def tab_order(window: QWidget, press: Any) -> list[QWidget]:
    """The widgets Tab leads through, from where the keyboard is, until it comes back; `press(widget)` presses Tab."""
    visited: list[QWidget] = []
    while (here := QApplication.focusWidget()) is not None and here not in visited and len(visited) < 500:
        visited.append(here)
        press(here)
        if QApplication.focusWidget() is here:
            break  # a trap
    return visited


# --- translation -----------------------------------------------------------------------------------------------------


class Brackets(QTranslator):
    """Translates every text into itself in brackets, as «New chat»."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        return f"«{text}»"


_WORD = re.compile(r"[^\W\d_]{2}")  # a letter alone is a key, whose modifiers Qt translates


def untranslated(widget: QWidget, data: tuple[str, ...] = ()) -> list[str]:
    """Texts below the widget that did not come through the translator; `data`: what people and files named."""
    faults = []
    for each in shown(widget):
        for kind, text in _texts(each):
            rest = text
            while (inner := re.sub(r"«[^«»]*»", "", rest)) != rest:
                rest = inner
            for known in (*data, "Seedling"):
                rest = rest.replace(known, "")
            if _WORD.search(rest):
                faults.append(f"{named(each)}: {kind} {text!r}")
    return faults


def _texts(widget: QWidget) -> Iterator[tuple[str, str]]:
    yield "tooltip", widget.toolTip()
    yield "accessible name", widget.accessibleName()
    yield "accessible description", widget.accessibleDescription()
    if widget.isWindow():
        yield "title", widget.windowTitle()
    match widget:
        case QLabel():
            yield "text", widget.text()
        case QAbstractButton() if "…" not in widget.text() or not widget.accessibleName():  # else that has all of it
            yield "text", widget.text()
        case QLineEdit():
            yield "placeholder", widget.placeholderText()
        case QPlainTextEdit():
            yield "placeholder", widget.placeholderText()
        case QAbstractSpinBox():
            yield "special value", widget.property("specialValueText") or ""
        case QGroupBox():
            yield "title", widget.title()
        case QComboBox():
            for number in range(widget.count()):
                yield "item", widget.itemText(number)
        case QTabBar():
            for number in range(widget.count()):
                yield "tab", widget.tabText(number)
        case QMenu():
            for action in widget.actions():
                text = action.text()
                cut = text.endswith("…") and text.count("«") == text.count("»") + 1
                yield "entry", f"{text}»" if cut else text  # what ends the translated text is beyond the edge
        case QAbstractItemView() if (model := widget.model()) is not None:
            for row in range(model.rowCount()):
                for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
                    yield "row", str(model.index(row, 0).data(role) or "")
