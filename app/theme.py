"""How Seedling looks: light, dark and high contrast, one accent, sizes that follow the font.

Lengths are told in line heights (`em`) or steps of the rhythm (`space`) of a widget's own font, so that everything
grows with it; `app.widgets.fitting` keeps them right when the font changes while the window is open.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QStyleHints
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app import fonts
from app.drawings import icon as icon
from app.palettes import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT, Colours, palette_of
from app.stylesheet import TEXT_ROLES, style_sheet
from engine.settings import OPTIONS, Settings

_SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
MOTION: Final = "motion"  # property of the application: whether the person wants movement
_STYLE, _STYLED = "Fusion", "styled"
CHOICES: Final = OPTIONS["theme"].choices
# Letters about as often as in European languages; a font's own average counts every sign alike and is far too wide.
_ORDINARY = "The little fox went through the wood and looked for something to eat, but snow lay everywhere. "


def styled_application(arguments: list[str]) -> QApplication:
    """The application, in its style from the start: to set one later has Python make all the enumerations of QStyle."""
    application = QApplication([*arguments, "-style", _STYLE])
    application.setProperty(_STYLED, True)
    return application


class Theme(QObject):
    """Dresses the application as the settings say, and again when the system changes where they leave it to that."""

    def __init__(self, application: QApplication, settings: Settings) -> None:
        super().__init__()
        self._application, self._settings = application, settings
        fonts.load()
        fonts.dress(application)
        self._font = application.font()  # before any of our sizes, so that they never add up
        self._points = QFontInfo(self._font).pointSizeF()  # also where the system says it in pixels
        self._hints = application.styleHints()
        if not application.property(_STYLED):
            application.setStyle(_STYLE)
        self._hints.colorSchemeChanged.connect(self._dress)
        if hasattr(self._hints, "accessibility"):  # from Qt 6.10
            self._accessibility = self._hints.accessibility()
            self._accessibility.contrastPreferenceChanged.connect(self._dress)
        self.apply()

    def apply(self) -> None:
        """Look as the options `theme`, `font_percent` and `motion` say now."""
        self._application.setProperty(MOTION, bool(self._settings.flag("motion")))
        choice = self._settings.text("theme")
        # native title bars and dialogs follow this
        self._hints.setColorScheme(_SCHEMES.get(choice, Qt.ColorScheme.Unknown))
        font = QFont(self._font)
        font.setPointSizeF(self._points * (self._settings.number("font_percent") or 100) / 100)
        if font != self._application.font():
            self._application.setFont(font)
        self._dress()

    def choose(self, choice: str) -> None:
        self._settings.set("theme", choice)
        self.apply()

    def set_font_percent(self, percent: int) -> None:
        """Text in this many per cent of the system's size."""
        self._settings.set("font_percent", percent)
        self.apply()

    def _colours(self) -> Colours:
        choice = self._settings.text("theme")
        dark = _SCHEMES.get(choice, self._hints.colorScheme()) is Qt.ColorScheme.Dark
        if choice == "contrast" or (choice == "system" and _wants_contrast(self._hints)):
            return CONTRAST_DARK if dark else CONTRAST_LIGHT
        return DARK if dark else LIGHT

    def _dress(self) -> None:
        colours, font = self._colours(), self._application.font()
        sheet = style_sheet(colours, QFontMetricsF(font).height(), font.pointSizeF(), fonts.code_families())
        if sheet != self._application.styleSheet():
            self._application.setPalette(palette_of(colours))
            self._application.setStyleSheet(sheet)


def em(widget: QWidget, count: float = 1.0) -> int:
    """A length of `count` line heights of the widget's font, in pixels."""
    return round(QFontMetricsF(widget.font()).height() * count)


def space(widget: QWidget, steps: float = 1.0) -> int:
    """A length of `steps` of the rhythm, half a line each: 8 pixels where a line has 16."""
    return em(widget, steps / 2)


def measure(font: QFont, characters: int) -> float:
    """The width of a line of so many characters of ordinary text, in pixels."""
    return QFontMetricsF(font).horizontalAdvance(_ORDINARY) / len(_ORDINARY) * characters


def set_text_role(label: QLabel, role: str) -> None:
    """Show a label as `title`, `heading`, `body`, `small` or `code`. Raises KeyError for another role."""
    if role not in TEXT_ROLES:
        raise KeyError(role)
    label.setProperty("role", role)
    if label.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):  # else it has yet to be
        label.style().polish(label)


def _wants_contrast(hints: QStyleHints) -> bool:
    if not hasattr(hints, "accessibility"):
        return False
    return bool(hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast)
