"""How Seedling looks: light and dark, one accent, sizes that follow the font.

Everything is said through the palette, so that a widget of ours paints with roles and never with a colour
of its own: Mid is a border, Midlight what the mouse is over, PlaceholderText secondary text,
AlternateBase the sidebar, Highlight the accent.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from PySide6.QtCore import QByteArray, QObject, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from engine import paths

_SCHEMES = {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
CHOICES = tuple(_SCHEMES)

_ICON_SIZES = (16, 24, 32, 48, 64, 96)


@dataclass(frozen=True)
class Colours:
    window: str
    sidebar: str
    field: str
    border: str
    hover: str
    text: str
    muted: str
    accent: str
    on_accent: str


LIGHT = Colours(
    window="#ffffff",
    sidebar="#f4f5f1",
    field="#ffffff",
    border="#d9ddd3",
    hover="#e8ebe4",
    text="#1d231f",
    muted="#626b65",
    accent="#2c7a4b",
    on_accent="#ffffff",
)
DARK = Colours(
    window="#1c1f1d",
    sidebar="#161817",
    field="#242826",
    border="#3a403c",
    hover="#2b302d",
    text="#e5e9e6",
    muted="#9aa49d",
    accent="#63b983",
    on_accent="#0c1a11",
)


class Theme(QObject):
    """Dresses the application as `choice` says, and again when the system changes where that is `system`."""

    def __init__(self, application: QApplication, choice: str) -> None:
        super().__init__(application)
        self._application = application
        application.setStyle(QStyleFactory.create("Fusion"))
        application.styleHints().colorSchemeChanged.connect(self._dress)
        self.choose(choice)

    def choose(self, choice: str) -> None:
        self._choice = choice
        self._application.styleHints().setColorScheme(_SCHEMES[choice])  # native title bars and dialogs follow this
        self._dress()

    def _dress(self) -> None:
        scheme = _SCHEMES[self._choice]
        if scheme is Qt.ColorScheme.Unknown:
            scheme = self._application.styleHints().colorScheme()
        colours = DARK if scheme is Qt.ColorScheme.Dark else LIGHT
        self._application.setPalette(_palette(colours))
        self._application.setStyleSheet(_style_sheet(colours, QFontMetricsF(self._application.font()).height()))


def em(widget: QWidget, count: float = 1.0) -> int:
    """A length of `count` line heights of the widget's font, in pixels."""
    return round(QFontMetricsF(widget.font()).height() * count)


def icon(name: str, colour: QColor) -> QIcon:
    """One of our drawings in `resources/icons`, in one colour."""
    drawing = (paths.resource("icons") / f"{name}.svg").read_text()
    renderer = QSvgRenderer(QByteArray(drawing.replace("currentColor", colour.name()).encode()))
    result = QIcon()
    for size in _ICON_SIZES:
        pixmap = QPixmap(QSize(size, size))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        result.addPixmap(pixmap)
    return result


def _palette(colours: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for roles, colour in (
        ((role.Window, role.Base), colours.window),
        ((role.Button, role.ToolTipBase), colours.field),
        ((role.AlternateBase,), colours.sidebar),
        ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), colours.text),
        ((role.PlaceholderText,), colours.muted),
        ((role.Mid, role.Dark), colours.border),
        ((role.Midlight, role.Light), colours.hover),
        ((role.Highlight, role.Accent, role.Link, role.LinkVisited), colours.accent),
        ((role.HighlightedText, role.BrightText), colours.on_accent),
    ):
        for each in roles:
            palette.setColor(each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(colours.muted))
    return palette


def _style_sheet(colours: Colours, em: float) -> str:
    """What the palette cannot say: rounding and padding. Widgets are named by `objectName`."""
    lengths = {"q": 0.2, "s": 0.3, "r": 0.45, "m": 0.6, "l": 0.8, "e": 2.0}
    values = asdict(colours) | {name: str(round(em * share)) for name, share in lengths.items()}
    sheet = _SHEET
    for name, value in values.items():
        sheet = sheet.replace(f"@{name}@", value)
    return sheet


_SHEET = """
* { dialogbuttonbox-buttons-have-icons: 0; }
QToolTip { color: @text@; background: @field@; border: 1px solid @border@; padding: @s@px; }
QToolButton { border: none; border-radius: @r@px; padding: @s@px; background: transparent; }
QToolButton:hover, QToolButton:checked { background: @hover@; }
QToolButton:focus { background: @hover@; }
QToolButton::menu-indicator { image: none; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: @m@px; }
QScrollBar:horizontal { height: @m@px; }
QScrollBar::handle { background: @border@; border-radius: @q@px; margin: 1px; }
QScrollBar::handle:vertical { min-height: @e@px; }
QScrollBar::handle:horizontal { min-width: @e@px; }
QScrollBar::handle:hover { background: @muted@; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
#newChat { text-align: left; }
QPushButton { border: 1px solid @border@; border-radius: @r@px; padding: @s@px @l@px; background: @field@; }
QPushButton:hover { background: @hover@; }
QPushButton:focus { border-color: @accent@; }
QPushButton:default { background: @accent@; color: @on_accent@; border-color: @accent@; }
QLineEdit, QPlainTextEdit#field {
    border: 1px solid @border@; border-radius: @r@px; padding: @s@px; background: @field@; }
QLineEdit:focus, QPlainTextEdit#field:focus { border-color: @accent@; }
QMenu { background: @field@; border: 1px solid @border@; padding: @s@px; }
QMenu::item { padding: @s@px @l@px; border-radius: @r@px; }
QMenu::item:selected { background: @hover@; color: @text@; }
QMenu::item:disabled { color: @muted@; }
QMenu::separator { height: 1px; background: @border@; margin: @s@px; }
QSplitter::handle { background: @border@; }
#sidebar, #sidePanel { background: @sidebar@; }
#sidebar QListView { background: @sidebar@; border: none; }
#sidePanel QScrollArea, #sidePanel QScrollArea > QWidget > QWidget { background: @sidebar@; border: none; }
#composer { background: @field@; border: 1px solid @border@; border-radius: @l@px; }
#composer[active="true"] { border-color: @accent@; }
#composer QPlainTextEdit { background: transparent; border: none; }
#send { background: @accent@; border-radius: @m@px; }
#send:disabled { background: @hover@; }
#notice { background: @sidebar@; border: 1px solid @border@; border-radius: @m@px; }
#findBar { background: @sidebar@; border-bottom: 1px solid @border@; }
#suggestion { text-align: left; padding: @m@px @l@px; border-radius: @m@px; }
#muted { color: @muted@; }
"""
