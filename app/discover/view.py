"""Looking for models and datasets: what we recommend here, or what the hub finds; one of them beside the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QLineEdit, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.discover.downloads_view import DownloadsView
from app.discover.offers import Offer, OfferRows
from app.discover.offers_list import OffersList
from app.discover.repository_view import RepositoryView
from app.settings.rows import ChoiceBox
from app.settings.texts import small_label
from app.theme import em, set_text_role, space
from app.widgets.buttons import IconButton
from app.widgets.choices import Segments
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.hint import Hint
from app.widgets.labels import plain_label
from app.widgets.notice_bar import NoticeBar
from app.widgets.scroll import Scroll
from engine.library import catalogue

BESIDE_EM = 58  # from this width on the chosen one stands beside the list, else in its place
DETAIL_EM = 27
SIZES = (1, 4, 8, 14, 32)  # billions of parameters that one may ask for at most


@dataclass(frozen=True)
class Query:
    """What is asked of the hub. largest: parameters; None is any."""

    text: str
    kind: str = "model"
    licence: str = ""
    largest: int | None = None
    sort: str = "downloads"
    fits: bool = False


class DiscoverView(QWidget):
    """`search_requested(Query)`: ask the hub. `words_changed(str)`: of the field, while they are typed.
    `opened(Offer)`: say more of this one.
    """

    search_requested = Signal(object)
    words_changed = Signal(str)
    kind_chosen = Signal(str)
    opened = Signal(object)
    more_requested = Signal()
    switch_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = OfferRows(self)
        self.list, self.repository, self.downloads = OffersList(self.rows), RepositoryView(), DownloadsView()
        self.notice = NoticeBar()
        self._opened = False  # in a narrow window: the chosen one stands in the list's place
        self.field = QLineEdit(placeholderText=self.tr("Look for a model"), clearButtonEnabled=True)
        self.field.setAccessibleName(self.tr("Look for a model"))
        self.search = QPushButton(self.tr("Search"))
        self.kinds = Segments(
            (("model", self.tr("Models"), ""), ("dataset", self.tr("Datasets"), "")),
            wide=False,
        )
        self.kinds.choose("model")
        self.licence, self.largest, self.sort = ChoiceBox(), ChoiceBox(), ChoiceBox()
        self.fits = QCheckBox(self.tr("Only what fits"))
        self.heading, self._about = plain_label(wrap=True), small_label()
        set_text_role(self.heading, "heading")
        self.busy = QProgressBar(textVisible=False)
        self.busy.setRange(0, 0)
        self.busy.setAccessibleName(self.tr("Asking the hub"))
        self.stays = Hint("lock")
        self.switch = self.stays.add_button(self.tr("Show the switch"))
        self.problem = Hint("triangle-alert")
        self.again = self.problem.add_button(self.tr("Try again"))
        self.more = QPushButton(self.tr("Show more"))
        self._fill_filters()
        self._build()
        self._connect()
        follow_font(self, self._fit)
        self.show_busy(False)

    @property
    def query(self) -> Query:
        return Query(
            self.field.text().strip(),
            self.kinds.choice,
            self.licence.currentData() or "",
            self.largest.currentData() or None,
            self.sort.currentData() or "downloads",
            self.fits.isChecked() and self.kinds.choice == "model",
        )

    def show_offers(self, offers: Sequence[Offer], heading: str, about: str = "") -> None:
        self.rows.show(offers)
        self.heading.setText(heading)
        self._about.setText(about)
        self._about.setVisible(bool(about))
        self.more.hide()
        self.problem.show_text("")
        self._close()

    def show_busy(self, busy: bool) -> None:
        self.busy.setVisible(busy)

    def show_stays(self, stays: bool) -> None:
        """Whether nothing may leave this computer, and so the hub is not asked."""
        text = self.tr("“Nothing leaves this computer” is on: the hub is not asked, and nothing is fetched.")
        self.stays.show_text(text if stays else "")

    def show_problem(self, text: str) -> None:
        self.problem.show_text(text)

    def show_searching(self, searching: bool) -> None:
        """Whether what is seen was found by the hub: only that can be filtered."""
        for widget in (self.licence, self.largest, self.sort, self.fits):
            widget.setVisible(searching)
        models = self.kinds.choice == "model"
        self.largest.setVisible(searching and models)
        self.fits.setVisible(searching and models)

    def introduce(self, offer: Offer) -> None:
        """Show one that was not chosen here, without asking for more of it."""
        self._opened = True
        self._fit()
        self.repository.show_offer(offer)
        self.repository.show_unasked()

    # --- what the person does -----------------------------------------------------------------------------------------

    def _ask(self) -> None:
        self.search_requested.emit(self.query)

    def _refine(self) -> None:
        if self.licence.isVisibleTo(self):
            self._ask()

    def _choose_kind(self, kind: str) -> None:
        words = self.tr("Look for a model") if kind == "model" else self.tr("Look for a dataset")
        self.field.setPlaceholderText(words)
        self.field.setAccessibleName(words)
        self.kind_chosen.emit(kind)

    def _open(self, offer: Offer) -> None:
        self._opened = True
        self._fit()
        if not self._beside:
            self.back.setFocus()
        self.opened.emit(offer)

    def _close(self) -> None:
        self._opened = False
        self._fit()

    # --- how it looks -------------------------------------------------------------------------------------------------

    def _fill_filters(self) -> None:
        self.licence.setAccessibleName(self.tr("Licence"))
        self.licence.addItem(self.tr("Any licence"), "")
        for licence, name in catalogue.LICENCES.items():
            self.licence.addItem(name, licence)
        self.largest.setAccessibleName(self.tr("Parameters"))
        self.largest.addItem(self.tr("Any size"), 0)
        for billions in SIZES:
            self.largest.addItem(self.tr("Up to {count}B").format(count=billions), billions * 10**9)
        self.sort.setAccessibleName(self.tr("Sorted by"))
        self.sort.addItem(self.tr("Most downloaded"), "downloads")
        self.sort.addItem(self.tr("Most liked"), "likes")
        self.sort.addItem(self.tr("Newest"), "updated")

    def _build(self) -> None:
        self._tools, self._filters = FlowLayout(), FlowLayout()
        for tool in (self.kinds, self.field, self.search):
            self._tools.addWidget(tool)
        for part in (self.licence, self.largest, self.sort, self.fits):
            self._filters.addWidget(part)
        content = QWidget()
        self._left = QVBoxLayout(content)
        self._left.addLayout(self._tools)
        self._left.addLayout(self._filters)
        for above in (self.stays, self.heading, self._about, self.busy, self.problem):
            self._left.addWidget(above)
        self._left.addWidget(self.list, 1)
        self._left.addWidget(self.more)
        self.left = Scroll(content)  # where large letters leave the list no room
        back = "chevron-right" if self.isRightToLeft() else "chevron-left"
        self.back = IconButton(back, self.tr("Back to what was found"))
        self._right = QVBoxLayout()
        self._right.addWidget(self.back)
        self._right.addWidget(self.repository, 1)
        self.right = QFrame()
        self.right.setObjectName("panel")
        self.right.setLayout(self._right)
        self._both = QHBoxLayout()
        self._both.addWidget(self.left, 1)
        self._both.addWidget(self.right)
        self._notices = QVBoxLayout()
        self._notices.addWidget(self.notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._notices)
        layout.addLayout(self._both, 1)
        layout.addWidget(self.downloads)

    def _connect(self) -> None:
        self.field.textChanged.connect(self.words_changed)
        self.field.returnPressed.connect(self._ask)
        self.search.clicked.connect(self._ask)
        self.again.clicked.connect(self._ask)
        self.more.clicked.connect(self.more_requested)
        self.switch.clicked.connect(self.switch_requested)
        self.kinds.chosen.connect(self._choose_kind)
        for box in (self.licence, self.largest, self.sort):
            box.activated.connect(lambda _: self._refine())
        self.fits.toggled.connect(lambda _: self._refine())
        self.list.opened.connect(self._open)
        self.back.clicked.connect(self._close)

    @property
    def _beside(self) -> bool:
        return self.width() >= em(self, BESIDE_EM)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        beside = self._beside
        self.left.setVisible(beside or not self._opened)
        self.right.setVisible(beside or self._opened)
        self.back.setVisible(not beside)
        if beside:
            self.right.setFixedWidth(min(em(self, 36), max(em(self, DETAIL_EM), self.width() * 2 // 5)))
        else:
            self.right.setMinimumWidth(0)
            self.right.setMaximumWidth(16_777_215)
        self._both.setStretch(1, 0 if beside else 1)
        self._both.setSpacing(0)
        self._left.setContentsMargins(space(self, 2), 0, space(self, 1 if beside else 2), 0)
        self._left.setSpacing(space(self))
        self._right.setContentsMargins(space(self, 1), 0, 0, 0)
        self._right.setSpacing(0)
        self._notices.setContentsMargins(space(self, 2), 0, space(self, 2), 0)
        self._tools.setSpacing(space(self))
        self._filters.setSpacing(space(self))
        self.field.setMinimumWidth(em(self, 9))
        self.list.setMinimumHeight(em(self, 6))
