"""One row, to be read: as a conversation, or as the tokens a model gets, with those marked that it learns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QFont, QPalette, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QVBoxLayout, QWidget

from app.figures import number
from app.theme import space
from app.widgets.choices import Segments
from app.widgets.fitting import follow_font
from app.widgets.focus_ring import FocusRing
from app.widgets.labels import plain_label
from engine.events import TokenSample


class RowDetail(QWidget):
    """`show_row` at once; `show_tokens` when a worker has counted them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: dict[str, Any] | None = None
        self._tokens: Sequence[TokenSample] = ()
        self.ways = Segments(
            (
                (
                    "tokens",
                    self.tr("What it learns"),
                    self.tr("Marked is what the model learns to write; it only reads the rest."),
                ),
                ("said", self.tr("What it says"), self.tr("As it stands in the file.")),
            )
        )
        self.ways.choose("tokens")
        self.ways.chosen.connect(lambda _: self._write())
        self.text = QTextEdit(readOnly=True, acceptRichText=False)
        self.text.setObjectName("row")
        self.text.setAccessibleName(self.tr("The row"))
        self.text.setTabChangesFocus(True)
        FocusRing(self.text)
        self._facts = plain_label(muted=True, wrap=True)
        self._facts.setProperty("role", "small")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.ways)
        self._column.addWidget(self.text, 1)
        self._column.addWidget(self._facts)
        follow_font(self, lambda: self._column.setSpacing(space(self, 0.8)))

    def show_row(self, row: dict[str, Any] | None) -> None:
        self._row, self._tokens = row, ()
        self._write()

    def show_tokens(self, samples: Sequence[TokenSample]) -> None:
        """Of the row that is shown."""
        self._tokens = samples
        self._write()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and hasattr(self, "text"):
            self._write()

    def _write(self) -> None:
        self.text.clear()
        self._facts.clear()
        if self._row is None:
            return
        cursor = self.text.textCursor()
        if self._tokens and self.ways.choice == "tokens":
            self._write_tokens(cursor)
        else:
            self._write_said(cursor, self._row)
        self.text.moveCursor(QTextCursor.MoveOperation.Start)
        if cut := self._row.get("cut"):
            self._say(self.tr("{count} characters more are not shown.").format(count=number(cut)))
        self._facts.setVisible(bool(self._facts.text()))

    def _write_tokens(self, cursor: QTextCursor) -> None:
        plain, learnt, heading = self._formats()
        for place, sample in enumerate(self._tokens):
            if place:
                cursor.insertText("\n\n", plain)
            if sample.name:
                cursor.insertText(f"{side_name(sample.name)}\n", heading)
            for segment in sample.segments:
                cursor.insertText(segment["text"], learnt if segment["trained"] else plain)
            if sample.refused:
                self._say(self.tr("This row is left out: {reason}.").format(reason=sample.refused))
            else:
                text = self.tr("{trained} of {count} tokens are learnt.")
                self._say(text.format(trained=number(sample.trained), count=number(sample.tokens)))

    def _write_said(self, cursor: QTextCursor, row: dict[str, Any]) -> None:
        _, _, heading = self._formats()
        usual = QTextCharFormat()
        usual.setForeground(self.palette().text())
        for place, (title, text) in enumerate(said(row)):
            if place:
                cursor.insertText("\n\n", usual)
            if title:
                cursor.insertText(f"{title}\n", heading)
            cursor.insertText(text, usual)

    def _say(self, text: str) -> None:
        self._facts.setText(" ".join(part for part in (self._facts.text(), text) if part))

    def _formats(self) -> tuple[QTextCharFormat, QTextCharFormat, QTextCharFormat]:
        """Of what is only read, of what is learnt, and of headings."""
        colours, role = self.palette(), QPalette.ColorRole
        plain, learnt, heading = QTextCharFormat(), QTextCharFormat(), QTextCharFormat()
        plain.setForeground(colours.color(role.PlaceholderText))
        learnt.setForeground(colours.color(role.Text))
        learnt.setBackground(colours.color(role.Light))
        learnt.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
        learnt.setUnderlineColor(colours.color(role.Highlight))
        heading.setForeground(colours.color(role.Text))
        heading.setFontWeight(QFont.Weight.DemiBold)
        return plain, learnt, heading


def said(row: dict[str, Any]) -> list[tuple[str, str]]:
    """A heading (perhaps empty) and a text for each part of a row."""
    match row["kind"]:
        case "conversation":
            return _messages(row["messages"])
        case "preference":
            parts = _messages(row["prompt"])
            for side in ("chosen", "rejected"):
                parts += [(side_name(side), text) for _, text in _messages(row[side])]
            return parts
        case "labelled":
            return [("", row["text"]), (QCoreApplication.translate("training", "The label"), row["label"])]
        case "choice":
            marks = ("✓" if place == row["answer"] else "·" for place in range(len(row["choices"])))
            choices = "\n".join(f"{mark} {choice}" for mark, choice in zip(marks, row["choices"], strict=True))
            return [("", row["question"]), ("", choices)]
        case _:
            return [("", row["text"])]


def _messages(messages: Sequence[dict[str, str]]) -> list[tuple[str, str]]:
    translate = QCoreApplication.translate
    names = {
        "user": translate("training", "The person"),
        "assistant": translate("training", "The model"),
        "system": translate("training", "System prompt"),
    }
    return [(names.get(message["role"], message["role"]), message["content"]) for message in messages]


def side_name(name: str) -> str:
    """Of a sequence: `chosen` and `rejected` of a preference; a label names itself."""
    translate = QCoreApplication.translate
    names = {
        "chosen": translate("training", "The better reply"),
        "rejected": translate("training", "The worse reply"),
    }
    return names.get(name, name)
