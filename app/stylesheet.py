"""What the palette cannot say: rounding, padding, focus rings and the parts of controls.

Widgets of ours are named by `objectName`, labels have the properties `role` and `muted`. The one sign of focus is a
ring of RING pixels in the accent colour; where a control has a thinner edge, its padding or margin gives way, so that
nothing moves. In menus and in lists that drop down, the chosen line is filled with the accent instead.
"""

from __future__ import annotations

import re

from PySide6.QtGui import QColor

from app.drawings import drawing
from app.palettes import Colours

RING = 2  # pixels
# Sizes of text as shares of the body's; code has the body's.
TEXT_ROLES = {"title": 1.6, "heading": 1.2, "body": 1.0, "small": 0.87, "code": 1.0}

# Lengths in line heights, as `@name@` in the sheet.
_LENGTHS = {
    "t": 0.12,
    "q": 0.2,
    "g": 0.25,
    "s": 0.3,
    "r": 0.4,
    "m": 0.6,
    "l": 0.8,
    "h": 1.0,
    "n": 1.15,
    "e": 2,
}
_DRAWINGS = {  # name in the sheet: drawing, colour
    "down": ("chevron-down", "muted"),
    "down_off": ("chevron-down", "disabled"),
    "right": ("chevron-right", "muted"),
    "plus": ("plus", "muted"),
    "plus_off": ("plus", "disabled"),
    "minus": ("minus", "muted"),
    "minus_off": ("minus", "disabled"),
    "clear": ("x", "muted"),
    "check": ("check", "text"),
    "check_chosen": ("check", "on_accent"),
    "switch_on": ("switch-on", "accent"),
    "switch_off": ("switch-off", "outline"),
    "switch_on_dead": ("switch-on", "disabled"),
    "switch_off_dead": ("switch-off", "disabled"),
    "radio_on": ("radio-on", "accent"),
    "radio_off": ("circle", "outline"),
    "radio_on_dead": ("radio-on", "disabled"),
    "radio_off_dead": ("circle", "disabled"),
    "box_on": ("square-check", "accent"),
    "box_off": ("square", "outline"),
}


def style_sheet(colours: Colours, line: float, points: float, code_families: list[str]) -> str:
    """The sheet for an application font of `points` whose lines are `line` pixels high."""
    values = colours._asdict() | {name: str(round(line * share)) for name, share in _LENGTHS.items()}
    values |= {f"{name}_ring": str(max(0, round(line * _LENGTHS[name]) - RING + 1)) for name in ("s", "m", "l")}
    groove, over = round(line * _LENGTHS["g"]), round(line * 0.38)  # a slider's; its knob reaches over at both sides
    knob = groove + 2 * over
    values |= {"knob": str(knob), "knob_over": str(over), "knob_radius": str(knob // 2)}
    values |= {"ring": str(RING), "code_families": ", ".join(f'"{family}"' for family in code_families)}
    values |= {f"text_{role}": f"{points * share:.2f}" for role, share in TEXT_ROLES.items()}
    values |= {f"draw_{k}": drawing(name, QColor(getattr(colours, colour))) for k, (name, colour) in _DRAWINGS.items()}
    return re.sub("@([a-z_]+)@", lambda name: values[name[1]], _SHEET)


_TEXT = """
* { dialogbuttonbox-buttons-have-icons: 0; }
QToolTip { color: @text@; background: @field@; border: 1px solid @border@; padding: @s@px; }
QLabel[role="title"] { font-size: @text_title@pt; font-weight: 600; }
QLabel[role="heading"] { font-size: @text_heading@pt; font-weight: 600; }
QLabel[role="body"] { font-size: @text_body@pt; }
QLabel[role="small"] { font-size: @text_small@pt; }
QLabel[role="code"] { font-size: @text_code@pt; font-family: @code_families@; }
QLabel[muted="true"] { color: @muted@; }
QLabel:disabled { color: @disabled@; }
"""

_BUTTONS = """
QToolButton { border: @ring@px solid transparent; border-radius: @r@px; padding: @q@px; background: transparent; }
QToolButton:hover, QToolButton:checked { background: @hover@; }
QToolButton:pressed { background: @selected@; }
QToolButton:disabled { color: @disabled@; }
QToolButton:focus { border-color: @accent@; }
QToolButton::menu-indicator { image: none; }
QPushButton { border: 1px solid @border@; border-radius: @r@px; padding: @s@px @m@px; background: @field@; }
QPushButton:hover { background: @hover@; }
QPushButton:pressed { background: @selected@; }
QPushButton:disabled { color: @disabled@; background: transparent; }
QPushButton:default { background: @accent@; color: @on_accent@; border-color: @accent@; }
QPushButton:default:disabled { background: @hover@; color: @disabled@; border-color: @border@; }
QPushButton:focus { border: @ring@px solid @accent@; padding: @s_ring@px @m_ring@px; }
QPushButton:default:focus { border-color: @text@; }
QCheckBox, QRadioButton, QGroupBox::title { spacing: @m@px; }
QCheckBox, QRadioButton { border: @ring@px solid transparent; border-radius: @r@px; padding: @q@px; }
QCheckBox:focus, QRadioButton:focus { border-color: @accent@; }
QCheckBox:disabled, QRadioButton:disabled { color: @disabled@; }
QCheckBox::indicator { width: @e@px; height: @n@px; image: url(@draw_switch_off@); }
QCheckBox::indicator:checked { image: url(@draw_switch_on@); }
QCheckBox::indicator:disabled { image: url(@draw_switch_off_dead@); }
QCheckBox::indicator:checked:disabled { image: url(@draw_switch_on_dead@); }
QCheckBox#box::indicator { width: @n@px; height: @n@px; image: url(@draw_box_off@); }
QCheckBox#box::indicator:checked { image: url(@draw_box_on@); }
QRadioButton::indicator { width: @n@px; height: @n@px; image: url(@draw_radio_off@); }
QRadioButton::indicator:checked { image: url(@draw_radio_on@); }
QRadioButton::indicator:disabled { image: url(@draw_radio_off_dead@); }
QRadioButton::indicator:checked:disabled { image: url(@draw_radio_on_dead@); }
"""

_FIELDS = """
QLineEdit, QPlainTextEdit, QTextEdit#field, QTextEdit#row, QAbstractSpinBox, QComboBox, QKeySequenceEdit QLineEdit {
    border: 1px solid @outline@; border-radius: @r@px; padding: @s@px; background: @field@; color: @text@;
    placeholder-text-color: @muted@; lineedit-clear-button-icon: url(@draw_clear@);
    selection-background-color: @accent@; selection-color: @on_accent@; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit#field:focus, QAbstractSpinBox:focus, QComboBox:focus, QComboBox:on {
    border: @ring@px solid @accent@; padding: @s_ring@px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {
    color: @disabled@; border-color: @border@; background: transparent; }
QLineEdit[readOnly="true"] { background: transparent; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit, QAbstractItemView QLineEdit {
    border: none; border-radius: 0; padding: 0; background: transparent; }
QAbstractItemView QLineEdit { background: @field@; padding: 0 @q@px; }
QLineEdit QToolButton { border: none; padding: 0; }
QAbstractSpinBox { qproperty-alignment: AlignCenter; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border; width: @n@px; height: @n@px;
    border: none; border-radius: @q@px; background: transparent; margin: @ring@px; }
QAbstractSpinBox::up-button { subcontrol-position: center right; }
QAbstractSpinBox::down-button { subcontrol-position: center left; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: @hover@; }
QAbstractSpinBox::up-button:pressed, QAbstractSpinBox::down-button:pressed { background: @selected@; }
QAbstractSpinBox::up-arrow { image: url(@draw_plus@); width: @l@px; height: @l@px; }
QAbstractSpinBox::down-arrow { image: url(@draw_minus@); width: @l@px; height: @l@px; }
QAbstractSpinBox::up-arrow:disabled, QAbstractSpinBox::up-arrow:off { image: url(@draw_plus_off@); }
QAbstractSpinBox::down-arrow:disabled, QAbstractSpinBox::down-arrow:off { image: url(@draw_minus_off@); }
QComboBox { padding-left: @m@px; padding-right: @e@px; }
QComboBox:focus, QComboBox:on { padding-left: @m@px; padding-right: @e@px; }
QComboBox:hover:!editable { background: @hover@; }
QComboBox::drop-down { subcontrol-origin: border; subcontrol-position: center right; width: @e@px; border: none; }
QComboBox::down-arrow { image: url(@draw_down@); width: @l@px; height: @l@px; }
QComboBox::down-arrow:disabled { image: url(@draw_down_off@); }
QComboBox QAbstractItemView { background: @field@; border: 1px solid @border@; padding: @q@px; outline: none; }
QSlider { border: @ring@px solid transparent; border-radius: @r@px; }
QSlider:focus { border-color: @accent@; }
QSlider:horizontal { min-height: @n@px; }
QSlider:vertical { min-width: @n@px; }
QSlider::groove { background: @outline@; border-radius: @t@px; }
QSlider::groove:horizontal { height: @g@px; }
QSlider::groove:vertical { width: @g@px; }
QSlider::sub-page:horizontal, QSlider::add-page:vertical { background: @accent@; border-radius: @t@px; }
QSlider::sub-page:disabled, QSlider::add-page:disabled { background: @disabled@; }
QSlider::handle { background: @accent@; border-radius: @knob_radius@px; }
QSlider::handle:horizontal { width: @knob@px; margin: -@knob_over@px 0; }
QSlider::handle:vertical { height: @knob@px; margin: 0 -@knob_over@px; }
QSlider::handle:disabled { background: @disabled@; }
QProgressBar { background: @hover@; border: none; border-radius: @q@px; min-height: @h@px;
    color: @text@; text-align: center; }
QProgressBar[textVisible="false"] { min-height: @r@px; max-height: @r@px; }
QProgressBar::chunk { background: @accent@; border-radius: @q@px; }
QProgressBar[textVisible="true"]::chunk { background: @selected@; border-bottom: @ring@px solid @accent@; }
"""

_LISTS = """
QAbstractItemView { background: @field@; alternate-background-color: @sidebar@; border: 1px solid @outline@;
    border-radius: @r@px; outline: none; gridline-color: @border@; }
QAbstractItemView:focus { border: @ring@px solid @accent@; }
QAbstractItemView::item { padding: @q@px; border: @ring@px solid transparent; border-radius: @q@px; }
QListView::item, QTreeView::item { min-height: @n@px; }
QAbstractItemView::item:hover { background: @hover@; }
QAbstractItemView::item:selected { background: @selected@; color: @text@; }
QAbstractItemView::item:focus { border-color: @accent@; }
QAbstractItemView::item:disabled { color: @disabled@; }
QAbstractItemView::indicator { width: @n@px; height: @n@px; image: url(@draw_box_off@); }
QAbstractItemView::indicator:checked { image: url(@draw_box_on@); }
QTreeView::branch { border-image: none; image: none; }
QTreeView::branch:selected { background: @selected@; }
QTreeView::branch:has-children:closed { image: url(@draw_right@); }
QTreeView::branch:has-children:open { image: url(@draw_down@); }
QComboBox QAbstractItemView::item { min-height: @n@px; padding: @q@px @s@px; }
QComboBox QAbstractItemView::item:hover, QComboBox QAbstractItemView::item:selected {
    background: @accent@; color: @on_accent@; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: transparent; color: @muted@; padding: @q@px @s@px; border: none;
    border-bottom: 1px solid @border@; }
QTableCornerButton::section { background: transparent; border: none; border-bottom: 1px solid @border@; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { padding: @s@px @l@px; color: @muted@; border: @ring@px solid transparent; border-radius: @r@px;
    background: transparent; }
QTabBar::tab:hover { background: @hover@; }
QTabBar::tab:selected { background: @selected@; color: @text@; }
QTabBar::tab:selected:focus { border-color: @accent@; }
QTabWidget::pane { border: none; border-top: 1px solid @border@; }
QMenu { background: @field@; border: 1px solid @border@; padding: @q@px; }
QMenu::item { padding: @s@px @h@px @s@px @h@px; border-radius: @r@px; background: transparent; }
QMenu::item:selected { background: @accent@; color: @on_accent@; }
QMenu::item:disabled { color: @disabled@; background: transparent; }
QMenu::item:disabled:selected { background: @hover@; }
QMenu::indicator { width: @h@px; height: @h@px; left: @q@px; image: none; }
QMenu::indicator:checked { image: url(@draw_check@); }
QMenu::indicator:checked:selected { image: url(@draw_check_chosen@); }
QMenu::icon { left: @s@px; }
QMenu::right-arrow { image: url(@draw_right@); width: @l@px; height: @l@px; right: @q@px; }
QMenu::separator { height: 1px; background: @border@; margin: @q@px @s@px; }
"""

_FRAMES = """
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: @m@px; }
QScrollBar:horizontal { height: @m@px; }
QScrollBar::handle { background: @outline@; border-radius: @t@px; margin: 1px; }
QScrollBar::handle:vertical { min-height: @e@px; }
QScrollBar::handle:horizontal { min-width: @e@px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: @muted@; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QGroupBox { border: 1px solid @border@; border-radius: @m@px; margin-top: @n@px; padding: @m@px; }
QGroupBox::title { subcontrol-origin: margin; subcontrol-position: top left; left: @m@px; color: @muted@; }
QSplitter::handle { background: @border@; }
QSplitter::handle:hover { background: @accent@; }
"""

_OURS = """
#sidebar, #sidePanel { background: @sidebar@; }
#sections { background: transparent; border: @ring@px solid transparent; }
#sections:focus { border-color: @accent@; }
#sidebar QListView { background: @sidebar@; border: none; border-radius: 0; }
#sidebar QLineEdit { background: @window@; }
#newChat { text-align: left; font-weight: 600; }
#transcript, QTextBrowser { border: none; border-radius: 0; background: @window@; }
#composer { background: @field@; border: 1px solid @outline@; border-radius: @l@px; margin: 1px; }
#composer:focus { border: @ring@px solid @accent@; margin: 0; }
#composer QPlainTextEdit { background: transparent; border: none; padding: 0; }
#send { background: @accent@; border-radius: @m@px; }
#send:hover { background: @accent@; }
#send:disabled { background: @hover@; }
#send:focus { border-color: @text@; }
#palette { background: @field@; border: 1px solid @border@; border-radius: @m@px; }
#palette QListView { background: transparent; border: none; }
#notice { background: @field@; border: 1px solid @border@; border-radius: @m@px; }
#findBar { background: @sidebar@; border-bottom: 1px solid @border@; }
#suggestion { text-align: left; background: @field@; border: 1px solid @border@; border-radius: @m@px;
    padding: @m@px @l@px; }
#suggestion:hover { background: @hover@; border-color: @outline@; }
#suggestion:focus { border: @ring@px solid @accent@; padding: @m_ring@px @l_ring@px; }
#runs { background: transparent; border: @ring@px solid transparent; }
#runs:focus { border-color: @accent@; }
#panel { background: @field@; border: 1px solid @border@; border-radius: @m@px; }
#card { background: @field@; border: 1px solid @border@; border-radius: @m@px; padding: 0; }
#card:hover { background: @hover@; border-color: @outline@; }
#card:checked { background: @selected@; border-color: @accent@; }
#card:focus { border: @ring@px solid @accent@; padding: 0; }
#segment { border-color: @outline@; }
#segment:checked { background: @selected@; border-color: @accent@; font-weight: 600; }
#segment:focus { border: @ring@px solid @accent@; }
#dropZone { border: @ring@px dashed @outline@; border-radius: @l@px; background: @sidebar@; }
#dropVeil { border: @ring@px dashed @accent@; border-radius: @l@px; background: @selected@; }
#unfold { border: @ring@px solid transparent; background: transparent; text-align: left; font-weight: 600;
    padding: @s@px; }
#unfold:hover { background: @hover@; }
#unfold:focus { border-color: @accent@; }
QPlainTextEdit#code { font-family: @code_families@; }
#repositoryCard { background: transparent; }
#foot { background: @sidebar@; border-top: 1px solid @border@; }
#badge { border: 1px solid @outline@; border-radius: @s@px; color: @muted@; }
#badge[leaves="true"] { border-color: @accent@; color: @accent@; }
QLabel[refused="true"] { color: @danger@; }
"""

_SHEET = _TEXT + _BUTTONS + _FIELDS + _LISTS + _FRAMES + _OURS
