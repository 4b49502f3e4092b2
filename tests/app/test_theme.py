"""The look: everything can be read, focus is always seen, sizes and colours follow the settings at any time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QIcon, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSlider,
    QSpinBox,
    QTabBar,
    QTableWidget,
    QToolButton,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app import theme
from app.chat import typeset
from app.chat.highlight import ROLES
from app.palettes import CONTRAST_DARK, CONTRAST_LIGHT, DARK, LIGHT, Colours, palette_of
from app.stylesheet import RING, TEXT_ROLES, style_sheet
from app.theme import Theme
from app.widgets import motion
from app.widgets.buttons import IconButton
from engine import paths
from engine.settings import OPTIONS, Settings

THEMES = {"light": LIGHT, "dark": DARK, "contrast light": CONTRAST_LIGHT, "contrast dark": CONTRAST_DARK}
BACKGROUNDS = ("window", "sidebar", "field", "hover", "selected")


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def look(qapp: QApplication, settings: Settings) -> Iterator[Theme]:
    """A theme, after which the application looks as before."""
    font, palette = qapp.font(), qapp.palette()
    yield Theme(qapp, settings)
    qapp.setStyleSheet("")
    qapp.setFont(font)
    qapp.setPalette(palette)


def ratio(front: str, back: str) -> float:
    return typeset.contrast(QColor(front), QColor(back))


# --- colours ---------------------------------------------------------------------------------------------------------


def test_the_ratio_is_that_of_the_standard() -> None:
    assert ratio("#000000", "#ffffff") == pytest.approx(21)
    assert ratio("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)  # the well-known grey that just fails


@pytest.mark.parametrize("back", BACKGROUNDS)
@pytest.mark.parametrize("front", ["text", "muted", "accent", "danger"])
@pytest.mark.parametrize("name", THEMES)
def test_text_can_be_read(name: str, front: str, back: str) -> None:
    colours = THEMES[name]
    assert ratio(getattr(colours, front), getattr(colours, back)) >= (7 if name.startswith("contrast") else 4.5)


@pytest.mark.parametrize("name", THEMES)
def test_what_stands_on_the_accent_can_be_read(name: str) -> None:
    colours = THEMES[name]
    assert ratio(colours.on_accent, colours.accent) >= (7 if name.startswith("contrast") else 4.5)


@pytest.mark.parametrize("back", ["window", "sidebar", "field"])
@pytest.mark.parametrize("front", ["outline", "accent", "disabled"])
@pytest.mark.parametrize("name", THEMES)
def test_edges_rings_and_what_is_disabled_can_be_seen(name: str, front: str, back: str) -> None:
    colours = THEMES[name]
    assert ratio(getattr(colours, front), getattr(colours, back)) >= 3


@pytest.mark.parametrize("name", THEMES)
def test_the_transcript_can_be_read(name: str) -> None:
    least = 7 if name.startswith("contrast") else 4.5
    shown = typeset.Colours.of(palette_of(THEMES[name]))
    window, box = QColor(THEMES[name].window), shown.box
    assert set(shown.roles) == set(ROLES)
    weak = {role: typeset.contrast(colour, box) for role, colour in shown.roles.items()}
    weak |= {"text on a listing": typeset.contrast(shown.text, box)}
    weak |= {"muted": typeset.contrast(shown.muted, window), "link": typeset.contrast(shown.link, window)}
    weak |= {"text in a bubble": typeset.contrast(shown.text, shown.bubble)}
    assert {what: found for what, found in weak.items() if found < least} == {}


def test_every_token_is_a_colour_and_none_is_left_in_the_sheet() -> None:
    for colours in THEMES.values():
        assert all(re.fullmatch("#[0-9a-f]{6}", value) for value in colours._asdict().values())
        sheet = style_sheet(colours, 16, 10, ["Mono"])
        assert re.findall(r"@\w+@", sheet) == []
        literal = set(re.findall("#[0-9a-f]{6}", sheet)) - set(colours._asdict().values())
        assert literal == set()


def test_each_choice_has_its_colours(look: Theme, qapp: QApplication) -> None:
    found = {}
    for choice in theme.CHOICES:
        look.choose(choice)
        found[choice] = qapp.palette().color(QPalette.ColorRole.Window).name()
    assert theme.CHOICES == ("system", "light", "dark", "contrast")
    assert (found["light"], found["dark"]) == (LIGHT.window, DARK.window)
    assert qapp.palette().color(QPalette.ColorRole.WindowText).name() in (CONTRAST_LIGHT.text, CONTRAST_DARK.text)


def test_choices_are_kept_in_the_settings(look: Theme, settings: Settings) -> None:
    look.choose("contrast")
    look.set_font_percent(150)
    assert (settings.text("theme"), settings.number("font_percent")) == ("contrast", 150)


# --- sizes -----------------------------------------------------------------------------------------------------------


def test_text_sizes_never_add_up(look: Theme, qapp: QApplication) -> None:
    usual = qapp.font().pointSizeF()
    for percent in (200, 300, 150, 150, 100, 300, 100):
        look.set_font_percent(percent)
        assert qapp.font().pointSizeF() == pytest.approx(usual * percent / 100)


def test_the_size_of_the_settings_holds_from_the_start(qapp: QApplication, look: Theme, settings: Settings) -> None:
    usual = qapp.font().pointSizeF()
    settings.set("font_percent", 250)
    later = Theme(qapp, settings)
    assert qapp.font().pointSizeF() == pytest.approx(usual * 2.5)
    later.set_font_percent(100)
    assert qapp.font().pointSizeF() == pytest.approx(usual)


def test_a_widget_that_is_shown_grows(look: Theme, qtbot: QtBot) -> None:
    button = QPushButton("Text")
    qtbot.addWidget(button)
    button.show()
    before = button.sizeHint().height()
    look.set_font_percent(200)
    assert button.sizeHint().height() == pytest.approx(2 * before, abs=6)


def test_steps_of_the_rhythm_follow_the_font(look: Theme, qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    line = QFontMetricsF(widget.font()).height()
    assert theme.space(widget) == round(line / 2)
    assert theme.space(widget, 4) == theme.em(widget, 2) == round(2 * line)


@pytest.mark.parametrize("percent", [100, 200])
def test_roles_of_text_have_their_sizes(look: Theme, qapp: QApplication, qtbot: QtBot, percent: int) -> None:
    labels = {}
    for role in TEXT_ROLES:
        label = labels[role] = QLabel("Text")
        qtbot.addWidget(label)
        theme.set_text_role(label, role)
        label.show()
    look.set_font_percent(percent)
    for role, share in {"title": 1.6, "heading": 1.2, "body": 1, "small": 0.87, "code": 1}.items():
        assert labels[role].font().pointSizeF() == pytest.approx(qapp.font().pointSizeF() * share, abs=0.01)
    assert QFontInfo(labels["code"].font()).fixedPitch()
    assert not QFontInfo(labels["body"].font()).fixedPitch()


def test_a_role_that_there_is_not_is_refused(look: Theme, qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    with pytest.raises(KeyError):
        theme.set_text_role(label, "huge")


def test_a_line_of_ordinary_text_has_the_characters_it_was_measured_for(look: Theme, qapp: QApplication) -> None:
    text = "She opened the window in the morning and the whole garden was full of birds that had come back."
    characters = theme.measure(qapp.font(), 70) / (QFontMetricsF(qapp.font()).horizontalAdvance(text) / len(text))
    assert 66 < characters < 74


# --- focus -----------------------------------------------------------------------------------------------------------


def list_of_two() -> QListWidget:
    widget = QListWidget()
    widget.addItems(["one", "two"])
    return widget


def table() -> QTableWidget:
    return QTableWidget(2, 2)


def tree() -> QTreeWidget:
    return QTreeWidget()


def combo() -> QComboBox:
    widget = QComboBox()
    widget.addItems(["one", "two"])
    return widget


def tabs() -> QTabBar:
    widget = QTabBar()
    widget.addTab("One")
    widget.addTab("Two")
    return widget


def default() -> QPushButton:
    button = QPushButton("Text")
    button.setDefault(True)
    return button


FOCUSABLE: dict[str, Callable[[], QWidget]] = {
    "push button": lambda: QPushButton("Text"),
    "tool button": lambda: QToolButton(text="Text"),
    "icon button": lambda: IconButton("search", "Search"),
    "line": QLineEdit,
    "lines": QPlainTextEdit,
    "keys": QKeySequenceEdit,
    "spin box": QSpinBox,
    "decimals": QDoubleSpinBox,
    "combo box": combo,
    "check box": lambda: QCheckBox("Text"),
    "radio button": lambda: QRadioButton("Text"),
    "slider": lambda: QSlider(Qt.Orientation.Horizontal),
    "list": list_of_two,
    "table": table,
    "tree": tree,
    "tabs": tabs,
}


def accented(image: QImage, accent: QColor) -> int:
    return sum(
        image.pixelColor(x, y).rgb() == accent.rgb() for x in range(image.width()) for y in range(image.height())
    )


@pytest.mark.parametrize("choice", ["light", "dark", "contrast"])
@pytest.mark.parametrize("kind", FOCUSABLE)
def test_focus_is_seen(look: Theme, qapp: QApplication, qtbot: QtBot, kind: str, choice: str) -> None:
    look.choose(choice)
    widget, other = FOCUSABLE[kind](), QPushButton("Other")
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(widget)
    column.addWidget(other)
    window.resize(300, 200)
    window.show()
    window.activateWindow()
    qtbot.wait_until(window.isActiveWindow)
    accent = qapp.palette().color(QPalette.ColorRole.Highlight)

    def look_at(focused: QWidget) -> tuple[int, QSize]:
        focused.setFocus(Qt.FocusReason.TabFocusReason)
        proxied = focused.focusProxy() or focused
        qtbot.wait_until(proxied.hasFocus)
        return accented(widget.grab().toImage(), accent), widget.sizeHint()

    without, size = look_at(other)
    with_focus, same_size = look_at(widget)
    assert same_size == size
    assert with_focus - without >= RING * min(widget.width(), widget.height())


def test_focus_of_the_default_button_is_seen(look: Theme, qapp: QApplication, qtbot: QtBot) -> None:
    look.choose("light")
    button = default()
    qtbot.addWidget(button)
    button.show()
    before = accented(button.grab().toImage(), QColor(LIGHT.text))
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.wait_until(button.hasFocus)
    assert accented(button.grab().toImage(), QColor(LIGHT.text)) - before > RING * button.height()


def test_the_chosen_line_of_a_menu_is_filled(look: Theme, qapp: QApplication, qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    menu.addAction("One")
    menu.addAction("Two")
    menu.popup(menu.pos())
    accent = qapp.palette().color(QPalette.ColorRole.Highlight)
    assert accented(menu.grab().toImage(), accent) == 0
    QTest.keyClick(menu, Qt.Key.Key_Down)
    row = menu.actionGeometry(menu.actions()[0])
    assert accented(menu.grab().toImage(), accent) > row.width() * row.height() / 2
    menu.close()


def test_number_fields_show_their_number_and_a_clear_edge(look: Theme, qapp: QApplication, qtbot: QtBot) -> None:
    look.choose("dark")
    field = QDoubleSpinBox()
    qtbot.addWidget(field)
    field.setValue(0.8)
    field.resize(field.sizeHint())
    field.show()
    image = field.grab().toImage()
    middle = image.height() // 2
    assert image.pixelColor(0, middle).name() == DARK.outline
    assert image.pixelColor(2, middle).name() == DARK.field
    edit = field.lineEdit()
    assert edit.width() >= edit.fontMetrics().horizontalAdvance(field.text())


def test_a_scroll_area_has_the_colour_of_what_it_lies_on(look: Theme, qapp: QApplication, qtbot: QtBot) -> None:
    look.choose("dark")
    window = QWidget()
    qtbot.addWidget(window)
    area = QScrollArea(widgetResizable=True)
    area.setWidget(QWidget())
    QVBoxLayout(window).addWidget(area)
    window.show()
    assert window.grab().toImage().pixelColor(40, 30).name() == DARK.window


# --- drawings --------------------------------------------------------------------------------------------------------


def drawn(image: QImage) -> set[str]:
    """Colours of the pixels that are fully covered."""
    colours = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {colour.name() for colour in colours if colour.alpha() == 255}


def test_every_drawing_can_be_drawn(qapp: QApplication) -> None:
    names = [path.stem for path in paths.resource("icons").glob("*.svg")]
    assert len(names) > 50
    empty = [
        name for name in names if drawn(theme.icon(name, QColor("#ff0000")).pixmap(48, 48).toImage()) != {"#ff0000"}
    ]
    assert empty == []


def test_every_drawing_that_is_named_is_there() -> None:
    sources = [path.read_text() for path in (paths.resource("..") / "app").rglob("*.py")]
    called = re.compile(r'(?:IconButton|Drawing|(?<![\w.])icon|set_drawing)\(\s*"([a-z0-9-]+)"')
    named = {name for source in sources for name in called.findall(source)}
    assert {"search", "plus", "seedling", "circle-alert"} <= named
    assert [name for name in named if not (paths.resource("icons") / f"{name}.svg").exists()] == []


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0, 3.0])
def test_a_drawing_is_sharp_at_every_scale(qapp: QApplication, scale: float) -> None:
    """Drawn for its size, an edge is one pixel of a mixed colour; a smaller drawing made larger has many."""
    icon = theme.icon("square", QColor("#000000"))
    pixmap = icon.pixmap(QSize(20, 20), scale)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (20 * scale, scale)
    image = pixmap.toImage()
    row = [image.pixelColor(x, image.height() // 2).alpha() for x in range(image.width())]
    mixed = sum(0 < alpha < 255 for alpha in row)
    assert max(row) > 200
    assert mixed <= 8


def test_what_cannot_be_used_is_drawn_fainter(qapp: QApplication) -> None:
    icon = theme.icon("square", QColor("#000000"))
    usual = icon.pixmap(QSize(48, 48), 1.0, QIcon.Mode.Normal).toImage()
    faint = icon.pixmap(QSize(48, 48), 1.0, QIcon.Mode.Disabled).toImage()
    strongest = [max(i.pixelColor(x, 24).alpha() for x in range(48)) for i in (usual, faint)]
    assert strongest[0] == 255
    assert 80 < strongest[1] < 150
    chosen = theme.icon("square", QColor("#000000"), QColor("#0000ff")).pixmap(QSize(48, 48), 1.0, QIcon.Mode.Disabled)
    assert drawn(chosen.toImage()) == {"#0000ff"}


def test_a_full_disk_costs_only_the_colour(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    icon = theme.icon("search", QColor("#123456"))
    assert not icon.pixmap(24, 24).isNull()
    assert "no space left" in caplog.text


# --- motion ----------------------------------------------------------------------------------------------------------


def test_motion_follows_the_settings(look: Theme, settings: Settings, qapp: QApplication) -> None:
    assert motion.allowed()
    settings.set("motion", False)
    look.apply()
    assert not motion.allowed()


def test_the_settings_know_what_the_theme_needs() -> None:
    assert OPTIONS["theme"].choices == theme.CHOICES
    assert (OPTIONS["font_percent"].default, OPTIONS["motion"].default) == (100, True)


def test_tokens_are_told_apart() -> None:
    for colours in THEMES.values():
        assert isinstance(colours, Colours)
        assert colours.hover != colours.window
        assert colours.selected != colours.window
