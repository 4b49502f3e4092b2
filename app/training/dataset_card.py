"""What was dropped: what it is and why we think so, its rows, what could not be read, lengths, languages, the split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.figures import number, percent
from app.settings.rows import NumberField
from app.settings.texts import Title, small_label
from app.theme import space
from app.training.histogram import Histogram
from app.training.mapping import ColumnMapping
from app.training.rejected import RejectedModel
from app.training.row_detail import said
from app.training.rows_view import RowsView
from app.training.texts import kind_name, languages_text, lengths_text
from app.training.tokens_view import TokensView
from app.widgets.buttons import asking_button
from app.widgets.choices import Segments
from app.widgets.fact import Fact
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.labels import plain_label
from app.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from engine.data.index import RowIndex

OPENING = 160  # characters of the data that are cut into tokens at first
SENTENCES = 4  # of the report that stand on the card; all rows left out are in their list


class DatasetCard(QFrame):
    """`mapped(kind, columns)`, `automatic_requested`: see `ColumnMapping`. `held_back_changed(share)`: of the rows."""

    mapped = Signal(str, dict)
    automatic_requested = Signal()
    held_back_changed = Signal(float)
    other_file_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.notice = NoticeBar()
        self._kind, self._why = Title(""), small_label()
        self._kind.setProperty("role", "heading")
        self.read_differently = asking_button(self.tr("Read it differently…"))
        self.read_differently.setCheckable(True)
        self.read_differently.toggled.connect(self._show_mapping)
        self.other_file = asking_button(self.tr("Choose another file…"))
        self.other_file.clicked.connect(self.other_file_requested)
        self.mapping = ColumnMapping()
        self.mapping.mapped.connect(self._map)
        self.mapping.automatic_requested.connect(self._map_automatically)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._busy = plain_label(muted=True, wrap=True)
        self._facts = {
            "rows": Fact(self.tr("Rows")),
            "rejected": Fact(self.tr("Left out")),
            "duplicates": Fact(self.tr("Repeated")),
            "languages": Fact(self.tr("Languages")),
        }
        self.held_back = HeldBack()
        self.held_back.changed.connect(self.held_back_changed)
        self._sentences = small_label()
        views = (
            ("rows", self.tr("Rows"), ""),
            ("lengths", self.tr("Lengths"), ""),
            ("rejected", self.tr("Left out"), ""),
            ("tokens", self.tr("Tokens"), ""),
        )
        self.views = Segments(views, wide=False)
        self.rows = RowsView()
        self.histogram = Histogram()
        self._lengths = small_label()
        self.rejected = RejectedModel(self)
        self.tokens = TokensView()
        self._stack = QStackedWidget()
        self._rest = QWidget()  # takes the room of the rows where there are none
        self.views.chosen.connect(lambda id: self._stack.setCurrentIndex([name for name, *_ in views].index(id)))
        self._build()
        self.views.choose("rows")
        follow_font(self, self._fit)
        self.show_busy()

    @property
    def shows_rows(self) -> bool:
        """Rather than only what is asked, or why it cannot be read."""
        return not self._stack.isHidden()

    # --- what there is to say -----------------------------------------------------------------------------------------

    def show_busy(self, rows: int = 0, total: int = 0) -> None:
        """Looking at it: so many rows by now, of perhaps so many."""
        self._bar.setRange(0, total)
        self._bar.setValue(rows)
        self._busy.setText(
            self.tr("Looking at the data: {count} rows").format(count=number(rows))
            if rows
            else self.tr("Looking at the data")
        )
        self._set_busy(True)

    def show_nothing(self) -> None:
        """Of something new nothing is known yet."""
        self.notice.clear()
        self._kind.setText(self.tr("Looking at the data"))
        self._why.clear()
        self._sentences.clear()
        self.rows.show_index(None)
        self.mapping.forget()
        self._show_parts(found=False, known=False)
        self.read_differently.setChecked(False)
        self.show_busy()

    def show_found(self, kind: str | None, detected: Mapping[str, Any], index: RowIndex | None) -> None:
        """What the files are; the rows come in while they are read."""
        self._kind.setText(kind_name(kind) if kind else self.tr("What is this?"))
        form = detected["format"]
        self._why.setText(self.tr("{format}: {reason}.").format(format=form, reason=detected["reason"]) if form else "")
        self._why.setVisible(bool(form))
        self.mapping.show_detected(detected, kind)
        self.rows.show_index(index)
        self._show_parts(found=kind is not None, known=False)
        self.read_differently.setVisible(kind is not None)
        self.mapping.setVisible(kind is None)
        if kind is None:
            self._set_busy(False)

    def show_card(self, card: Mapping[str, Any]) -> None:
        """card: as the job `index` ends."""
        self._set_busy(False)
        report = card["report"]
        self._facts["rows"].show_text(number(card["rows"]))
        self._facts["rejected"].show_text(number(card["rejected"]) if card["rejected"] else self.tr("none"))
        self._facts["duplicates"].show_text(number(report["duplicates"]) if report["duplicates"] else self.tr("none"))
        self._facts["languages"].show_text(languages_text(card["languages"]))
        self._facts["languages"].setVisible(bool(card["languages"]))
        self.held_back.show_rows(card["held_back"])
        sentences = [*card["sentences"], *card["notes"]]
        self._sentences.setText("\n".join(sentences[:SENTENCES]))
        self._sentences.setVisible(bool(sentences))
        lengths = card["lengths"]
        if lengths is not None:
            words = lengths_text(lengths)
            self.histogram.show_counts(lengths["counts"], lengths["edges"], words)
            if not lengths["exact"]:
                words += " " + self.tr("Counted on {count} rows, drawn evenly.").format(
                    count=number(lengths["measured"])
                )
            if lengths["too_long"]:
                words += " " + self.tr(
                    "{share} of the rows are longer than the model sees at once; their ends are left out."
                ).format(share=percent(lengths["too_long"]))
            self._lengths.setText(words)
        self.views.button("lengths").setVisible(lengths is not None)
        self.views.button("rejected").setVisible(bool(card["rejected"]))
        if (self.views.choice == "lengths" and lengths is None) or (
            self.views.choice == "rejected" and not card["rejected"]
        ):
            self.views.choose("rows")
            self._stack.setCurrentIndex(0)
        self.tokens.offer(_opening(card["samples"]))
        self._show_parts(found=True, known=True)
        self.rows.grow()

    def show_failed(self) -> None:
        """It cannot be read; `notice` says why."""
        self._set_busy(False)
        self._kind.setText(self.tr("This cannot be learnt from"))
        self._why.hide()
        self._show_parts(found=False, known=False)
        self.mapping.setVisible(self.mapping.knows_columns)  # perhaps they were named wrongly
        self.other_file.show()

    # --- what it is made of -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._top = FlowLayout()
        self._top.addWidget(self._kind)
        self._top.addWidget(self.read_differently)
        self._top.addWidget(self.other_file)
        self._flow = FlowLayout()
        for fact in self._facts.values():
            self._flow.addWidget(fact)
        self._flow.addWidget(self.held_back)
        lengths, rejected = QWidget(), QWidget()
        self._lengths_column = QVBoxLayout(lengths)
        self._lengths_column.setContentsMargins(0, 0, 0, 0)
        self._lengths_column.addWidget(self.histogram, 1)
        self._lengths_column.addWidget(self._lengths)
        view = QListView()
        view.setAccessibleName(self.tr("Rows that were left out"))
        view.setUniformItemSizes(True)
        view.setModel(self.rejected)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rejected_column = QVBoxLayout(rejected)
        self._rejected_column.setContentsMargins(0, 0, 0, 0)
        self._rejected_column.addWidget(view)
        for widget in (self.rows, lengths, rejected, self.tokens):
            self._stack.addWidget(widget)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._top)
        self._column.addWidget(self._why)
        self._column.addWidget(self.notice)
        self._column.addWidget(self._busy)
        self._column.addWidget(self._bar)
        self._column.addWidget(self.mapping)
        self._column.addLayout(self._flow)
        self._column.addWidget(self._sentences)
        self._column.addWidget(self.views)
        self._column.addWidget(self._stack, 1)
        self._column.addWidget(self._rest, 1)

    def _show_parts(self, found: bool, known: bool) -> None:
        """found: rows can be scrolled through; known: all there is to know is known."""
        for fact in self._facts.values():
            fact.setVisible(known)
        self.held_back.setVisible(known)
        self._sentences.setVisible(known and bool(self._sentences.text()))
        self.views.setVisible(known)
        self._stack.setVisible(found)
        self._rest.setVisible(not found)
        self.read_differently.setVisible(found)
        self.other_file.hide()
        self.mapping.setVisible(found and self.read_differently.isChecked())

    def _set_busy(self, busy: bool) -> None:
        self._bar.setVisible(busy)
        self._busy.setVisible(busy)

    def _show_mapping(self, shown: bool) -> None:
        self.mapping.setVisible(shown)

    def _map(self, kind: str, columns: dict[str, str]) -> None:
        self.read_differently.setChecked(False)
        self.mapped.emit(kind, columns)

    def _map_automatically(self) -> None:
        self.read_differently.setChecked(False)
        self.automatic_requested.emit()

    def _fit(self) -> None:
        self._column.setContentsMargins(space(self, 2), space(self, 1.5), space(self, 2), space(self, 2))
        self._column.setSpacing(space(self))
        self._top.setSpacing(space(self))
        self._flow.setSpacing(space(self, 3))
        for fact in self._facts.values():
            fact.set_height(self.held_back.field.sizeHint().height())
        self._lengths_column.setSpacing(space(self))


def _opening(samples: Sequence[dict[str, Any]]) -> str:
    """The first words of the data."""
    text = next((text for row in samples[:1] for _, text in said(row)), "")[:OPENING]
    return text.rpartition(" ")[0] or text if len(text) == OPENING else text


class HeldBack(QWidget):
    """The split: which share of the rows is kept out of the training, to check on it."""

    changed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        title = plain_label(self.tr("Held back to check on it"), muted=True)
        title.setProperty("role", "small")
        self.field = NumberField()
        self.field.setRange(1, 50)
        self.field.setSuffix(" %")
        self.field.setKeyboardTracking(False)
        self.field.setAccessibleName(self.tr("Held back to check on it"))
        self.field.lineEdit().setAccessibleName(self.tr("Held back to check on it"))
        self._rows = plain_label()
        self.field.valueChanged.connect(lambda value: self.changed.emit(value / 100))
        self._line = QHBoxLayout()
        self._line.addWidget(self.field)
        self._line.addWidget(self._rows)
        self._line.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(title)
        self._column.addLayout(self._line)
        follow_font(self, self._fit)

    def show_share(self, share: float) -> None:
        blocked = self.field.blockSignals(True)
        self.field.setValue(round(share * 100))
        self.field.blockSignals(blocked)

    def show_rows(self, count: int) -> None:
        self._rows.setText(self.tr("{count} rows").format(count=number(count)) if count != 1 else self.tr("1 row"))

    def _fit(self) -> None:
        self._column.setSpacing(space(self, 0.2))
        self._line.setSpacing(space(self))
