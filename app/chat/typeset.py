"""Puts lines into a QTextDocument: formats, spacing, colours.

The document is flat: every line is a block (a table is a frame between two), and what a block is stands in its format,
where painting, copying and finding read it. Text only ever goes in through `insertText`; nothing is read as HTML.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QIcon,
    QPalette,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTableFormat,
)

from app import fonts
from app.chat.highlight import ROLES
from app.chat.inline import CODE, EMPHASIS, STRIKE, STRONG, Run
from app.chat.markdown import APART, BELOW, SAME, Line
from app.theme import icon, measure

COPY_SCHEME, THOUGHT_SCHEME = "copy-code", "thought"  # addresses of our own; a model's has one of inline.SAFE_SCHEMES
FOOTER_INDENT = 1.5  # em, for a drawing or a dot before the words
_COLUMN_CHARACTERS = 80
# Hebrew, Arabic, South and East Asian scripts have no italics: typefaces leave their letters out of the slanted cuts.
_UPRIGHT = re.compile("[\u0590-\u0dff\u0e00-\u0fff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
CLEAR, CLEAREST = 4.5, 7.0  # contrast of text (WCAG 2.2, AA and AAA)
_HIGH_CONTRAST = 20.0  # between text and background, in a theme that wants it highest
_LINE_HEIGHT, _CODE_LINE_HEIGHT = 125, 112  # per cent
_CELL_SPACE = 4  # characters around the text of a cell
_HEADING_SIZES = {1: 2, 2: 1, 3: 1}  # steps of QTextFormat.FontSizeAdjustment: 1.5, 1.2
_CHROME = ("code-title", "footer", "end", "filler", "thought", "thinking")  # seen, but no part of what was said


class Property(IntEnum):
    """What is kept in a block's format besides its looks."""

    # str: Line.kind, or "label", "footer", "end", "cell", "filler"; of what was thought "thought" and "thinking"
    KIND = QTextFormat.Property.UserProperty + 1
    PATH = KIND + 1  # str: Line.path
    SEPARATOR = KIND + 2  # str: what stands between the block before and this one in plain text
    MARKER = KIND + 3  # int: characters of the bullet or number, which a tab follows
    BUBBLE = KIND + 4  # bool: said by the person
    COPY = KIND + 5  # int: number of the listing that this code-title begins
    ICON = KIND + 6  # str: name of the drawing before a footer


def kind_of(block: QTextBlock) -> str:
    return str(block.blockFormat().property(Property.KIND) or "")


def is_chrome(block: QTextBlock) -> bool:
    return kind_of(block) in _CHROME


@dataclass(frozen=True)
class Colours:
    """All from the palette, so light, dark and high contrast need nothing of their own."""

    text: QColor
    muted: QColor
    link: QColor
    bubble: QColor
    box: QColor
    border: QColor
    roles: dict[str, QColor]

    @classmethod
    def of(cls, palette: QPalette) -> Colours:
        base = palette.color(QPalette.ColorRole.Base)
        text = palette.color(QPalette.ColorRole.Text)
        box = mix(base, text, 0.06)
        clear = CLEAREST if contrast(base, text) > _HIGH_CONTRAST else CLEAR
        hues = {"keyword": 285, "string": 115, "number": 30, "name": 215, "builtin": 190, "removed": 0, "added": 130}
        roles = {
            role: readable(QColor.fromHslF(hues[role] / 360, 0.65, 0.5), box, text, clear)
            for role in ROLES
            if role in hues
        }
        return cls(
            text=text,
            muted=readable(mix(base, text, 0.5), base, text, clear),
            link=readable(palette.color(QPalette.ColorRole.Link), base, text, clear),
            bubble=mix(base, palette.color(QPalette.ColorRole.Highlight), 0.13),
            box=box,
            border=mix(base, text, 0.22),
            roles=roles | {"comment": readable(mix(base, text, 0.5), box, text, clear)},
        )


def mix(first: QColor, second: QColor, share: float) -> QColor:
    """The first colour with `share` of the second."""
    return QColor.fromRgbF(*(a + (b - a) * share for a, b in zip(_rgb(first), _rgb(second), strict=True)))


def _rgb(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()


def contrast(first: QColor, second: QColor) -> float:
    """Contrast ratio, 1 to 21 (WCAG 2.2)."""

    def luminance(colour: QColor) -> float:
        parts = [c / 12.92 if c <= 0.04045 else math.pow((c + 0.055) / 1.055, 2.4) for c in _rgb(colour)]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable(colour: QColor, background: QColor, text: QColor, ratio: float = CLEAR) -> QColor:
    """The colour, moved towards that of the text until it stands out from the background."""
    for step in range(20):
        candidate = mix(colour, text, step / 20)
        if contrast(candidate, background) >= ratio:
            return candidate
    return text


class Typesetter:
    """Formats for one font and palette. Sizes are in em, the width of a capital M's square: the font's height."""

    def __init__(self, document: QTextDocument, font: QFont, palette: QPalette) -> None:
        metrics = QFontMetricsF(font)
        self.em = metrics.height() / 1.2
        self.indent = 1.9 * self.em
        self.column = measure(font, _COLUMN_CHARACTERS)
        self.colours = Colours.of(palette)
        self._families = fonts.code_families()
        self._characters: dict[tuple[Any, ...], QTextCharFormat] = {}
        self._blocks: dict[tuple[Any, ...], QTextBlockFormat] = {}
        self._icons: dict[str, QIcon] = {}
        self._listings = 0
        self._copy = QCoreApplication.translate("Transcript", "Copy")
        document.setDefaultFont(font)
        document.setDocumentMargin(self.em)
        document.setIndentWidth(self.indent)
        options = document.defaultTextOption()
        options.setTabStopDistance(self.indent)  # a tab leads from a bullet to its text
        document.setDefaultTextOption(options)

    def icon(self, name: str) -> QIcon:
        if name not in self._icons:
            self._icons[name] = icon(name, self.colours.muted)
        return self._icons[name]

    # --- lines -------------------------------------------------------------------------------------------------------

    def insert(self, cursor: QTextCursor, line: Line, before: Line | None, bubble: bool = False) -> None:
        """Write the line after the block that the cursor is at the end of; leave the cursor at the line's end."""
        if line.kind == "table":
            self._insert_table(cursor, line, before)
            return
        block, character = self.block_format(line, before, bubble), self._character(line.kind, line.level, Run(""))
        if line.kind == "code-title":
            self._listings += 1
            block = QTextBlockFormat(block)
            block.setProperty(Property.COPY, self._listings)
        cursor.insertBlock(block, character)
        if line.marker:
            cursor.insertText(f"{line.marker}\t", self._character("marker", 0, Run("")))
        self.insert_runs(cursor, line)
        if line.kind == "code-title":
            if line.runs:
                cursor.insertText("  ·  ", character)
            link = QTextCharFormat(self._character(line.kind, 0, Run("", link=COPY_SCHEME)))
            link.setAnchorHref(f"{COPY_SCHEME}:{self._listings}")
            cursor.insertText(self._copy, link)

    def insert_runs(self, cursor: QTextCursor, line: Line, start: int = 0, offset: int = 0) -> None:
        """The text of a line, from character `offset` of its run `start`."""
        for run in line.runs[start:]:
            cursor.insertText(run.text[offset:], self._character(line.kind, line.level, run))
            offset = 0

    def _insert_table(self, cursor: QTextCursor, line: Line, before: Line | None) -> None:
        size = (len(line.rows), len(line.columns))
        table = cursor.insertTable(*size, self._table(line, before))
        for row, cells in enumerate(line.rows):
            heading = row == 0 and line.join != BELOW
            for column, align in enumerate(line.columns):
                cell = table.cellAt(row, column).firstCursorPosition()
                between = "\t" if column else "\n" if row or line.join == BELOW else "\n\n"
                cell.setBlockFormat(self._cell(align.align, between))
                for run in cells[column] if column < len(cells) else ():
                    run = run._replace(style=run.style | STRONG) if heading else run
                    cell.insertText(run.text, self._character("text", 0, run))
        cursor.setPosition(table.lastPosition() + 1)
        cursor.setBlockFormat(self.block_format(Line("filler"), None, False))
        cursor.setBlockCharFormat(self._character("filler", 0, Run("")))

    # --- formats -----------------------------------------------------------------------------------------------------

    def block_format(self, line: Line, before: Line | None, bubble: bool) -> QTextBlockFormat:
        above = _Neighbour.of(before)
        key = (line.kind, line.path, len(line.marker), line.level, line.join, bool(line.runs), above, bubble)
        if (known := self._blocks.get(key)) is not None:
            return known
        block = self._blocks[key] = QTextBlockFormat()
        block.setIndent(len(line.path))
        height = _CODE_LINE_HEIGHT if line.kind == "code" else _LINE_HEIGHT
        block.setLineHeight(height, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        if line.kind == "filler" or (line.kind == "footer" and not line.runs):
            block.setLineHeight(0.3 * self.em, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        gap, separator = _gap(line, above)
        block.setTopMargin(gap * self.em)
        block.setProperty(Property.KIND, line.kind)
        block.setProperty(Property.PATH, line.path)
        block.setProperty(Property.SEPARATOR, separator)
        if bubble:
            block.setProperty(Property.BUBBLE, True)
        if line.marker:
            block.setTextIndent(-self.indent)
            block.setProperty(Property.MARKER, len(line.marker))
        if line.kind in ("code", "code-title"):
            block.setLeftMargin(0.7 * self.em)
            block.setRightMargin(0.7 * self.em)
            block.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        if line.kind == "heading":
            block.setHeadingLevel(line.level)
        if line.kind in ("label", "footer", "thought"):  # the window's own words stand where its language begins
            block.setLayoutDirection(QGuiApplication.layoutDirection())
        if line.kind == "footer" and line.level:
            block.setLeftMargin(FOOTER_INDENT * self.em)
        return block

    def _character(self, kind: str, level: int, run: Run) -> QTextCharFormat:
        upright = bool(run.style & EMPHASIS and _UPRIGHT.search(run.text))
        key = (kind, level, upright, *run[1:])
        if (known := self._characters.get(key)) is not None:
            return known
        text = QTextCharFormat()
        if not run.link:  # addresses are many and need not be kept
            self._characters[key] = text
        if kind == "code" or run.style & CODE:
            text.setFontFamilies(self._families)
            text.setFontFixedPitch(True)
        if run.style & CODE:
            text.setBackground(QBrush(self.colours.box))
        if upright:
            text.setFontWeight(QFont.Weight.Medium)
        elif run.style & EMPHASIS:
            text.setFontItalic(True)
        if run.style & STRONG or kind in ("heading", "label"):
            text.setFontWeight(QFont.Weight.DemiBold)
        if run.style & STRIKE:
            text.setFontStrikeOut(True)
        if kind == "heading":
            text.setProperty(QTextFormat.Property.FontSizeAdjustment, _HEADING_SIZES.get(level, 0))
        if kind in ("footer", "code-title", "label", "filler", "thought", "thinking"):
            text.setProperty(QTextFormat.Property.FontSizeAdjustment, -1)
        if kind in ("footer", "code-title", "label", "marker", "thought", "thinking"):
            text.setForeground(self.colours.muted)
        if run.role:
            text.setForeground(self.colours.roles[run.role])
        if run.link:
            text.setAnchor(True)
            text.setAnchorHref(run.link)
            text.setFontUnderline(kind != "thought" and run.link != COPY_SCHEME)
            if kind != "thought":
                text.setForeground(self.colours.link)
        return text

    def _cell(self, align: str, between: str) -> QTextBlockFormat:
        key = ("cell", align, between)
        if (known := self._blocks.get(key)) is not None:
            return known
        block = self._blocks[key] = QTextBlockFormat()
        sides = {"right": Qt.AlignmentFlag.AlignRight, "center": Qt.AlignmentFlag.AlignHCenter}
        block.setAlignment(sides.get(align, Qt.AlignmentFlag.AlignLeading))
        block.setProperty(Property.KIND, "cell")
        block.setProperty(Property.SEPARATOR, between)
        return block

    def _table(self, line: Line, before: Line | None) -> QTextTableFormat:
        """A long table is several, one below the other; shares of the width keep their columns in line."""
        table = QTextTableFormat()
        total = sum(column.width + _CELL_SPACE for column in line.columns)
        table.setWidth(QTextLength(QTextLength.Type.PercentageLength, min(100, 100 * total / _COLUMN_CHARACTERS)))
        shares = (100 * (column.width + _CELL_SPACE) / total for column in line.columns)
        table.setColumnWidthConstraints([QTextLength(QTextLength.Type.PercentageLength, share) for share in shares])
        table.setBorder(1)
        table.setBorderCollapse(True)
        table.setBorderBrush(QBrush(self.colours.border))
        table.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        table.setCellPadding(0.35 * self.em)
        table.setCellSpacing(0)
        if line.join != BELOW:
            table.setHeaderRowCount(1)
            table.setTopMargin(_gap(line, _Neighbour.of(before))[0] * self.em)
        table.setLeftMargin(len(line.path) * self.indent)
        return table


@dataclass(frozen=True)
class _Neighbour:
    """What the space above a line depends on."""

    kind: str = ""
    path: str = ""

    @classmethod
    def of(cls, line: Line | None) -> _Neighbour:
        return cls(line.kind, line.path) if line is not None else cls()


def _gap(line: Line, above: _Neighbour) -> tuple[float, str]:
    """Space above a line (em), and what separates it from the line above in plain text."""
    if line.join == SAME:
        return 0, ""
    if line.join != APART or line.kind == "filler":
        return 0, "\n"
    match above.kind, line.kind:
        case _, "label":
            return 2.2, "\n\n"  # the bar of actions fits in between
        case _, "footer":
            return (0.9 if above.kind in ("code", "code-title") else 0.3), "\n"
        case _, "end":
            return 1.2, "\n"
        case "thought", "text":
            return 0.5, "\n"
        case (("label" | "thought"), _):
            return (0.9 if line.kind == "code-title" else 0.2), "\n"
        case _, "code-title":
            return 1.0, "\n\n"
        case (("code" | "code-title"), _):
            return 1.0, "\n\n"
        case _, "heading":
            return (1.1 if line.level < 3 else 0.8), "\n\n"
        case _ if "l" in line.path and "l" in above.path:
            return 0.25, "\n"
    return 0.6, "\n\n"
