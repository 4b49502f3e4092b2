"""One repository: what it is, which of its files to take and whether they fit, and its card below."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.discover import texts
from app.discover.card_view import CardView
from app.discover.downloads import Transfer
from app.discover.offers import Offer
from app.discover.repository import Choice, Repository
from app.figures import number, short_count, size_text
from app.library.texts import joined
from app.settings.texts import Title, small_label
from app.theme import set_text_role, space
from app.widgets.choices import Cards
from app.widgets.fact import Fact, FactGrid
from app.widgets.fitting import follow_font
from app.widgets.flow import FlowLayout
from app.widgets.hint import Hint
from app.widgets.labels import plain_label
from app.widgets.scroll import Scroll

SHOWN = 6  # choices that are seen at first: the one that suits and its neighbours


class RepositoryView(QWidget):
    """`download_requested(Choice)`, `open_requested(Choice)`: it lies here already. `page_requested`: show its page on
    the hub, where its terms are. `retry_requested`: ask the hub again. `chosen`: another choice than before.
    """

    download_requested = Signal(object)
    open_requested = Signal(object)
    token_requested = Signal()
    retry_requested = Signal()
    page_requested = Signal()
    link_activated = Signal(str)
    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.offer: Offer | None = None
        self.repository: Repository | None = None
        self._all = False  # choices are seen
        self._chosen = 0
        self._name, self._about, self._uses = Title(""), small_label(), plain_label(wrap=True)
        self._name.setProperty("role", "heading")
        self._waiting = QProgressBar(textVisible=False)
        self._waiting.setRange(0, 0)
        self._waiting.setAccessibleName(self.tr("Asking the hub"))
        self.problem, self.gate = Hint("triangle-alert"), Hint("lock")
        self.again = self.problem.add_button(self.tr("Try again"))
        self.again.clicked.connect(self.retry_requested)
        self.unasked = Hint("globe")
        self.ask = self.unasked.add_button(self.tr("Ask the hub"))
        self.ask.clicked.connect(self.retry_requested)
        self.terms = self.gate.add_button(self.tr("Read the terms"))
        self.terms.clicked.connect(self.page_requested)
        self.token = self.gate.add_button(self.tr("Enter a token"))
        self.token.clicked.connect(self.token_requested)
        self._facts = {
            "parameters": Fact(self.tr("Parameters")),
            "context": Fact(self.tr("Context")),
            "licence": Fact(self.tr("Licence")),
            "architecture": Fact(self.tr("Architecture")),
        }
        self.facts = FactGrid(list(self._facts.values()))
        self._heading = plain_label(self.tr("Which one"))
        set_text_role(self._heading, "heading")
        self.choices = Cards()
        self.choices.chosen.connect(lambda id: self._choose(int(id)))
        self.more = QPushButton(self.tr("Show more"))
        self.more.setObjectName("unfold")
        self.more.clicked.connect(self._show_all)
        self.download = QPushButton(self.tr("Download"))
        self.download.setDefault(True)
        self.download.clicked.connect(self._act)
        self._state = small_label()
        self._card_heading = plain_label(self.tr("What its makers say"))
        set_text_role(self._card_heading, "heading")
        self.card = CardView()
        self.card.link_activated.connect(self.link_activated)
        self._build()
        follow_font(self, self._fit)
        self.show_offer(None)

    @property
    def choice(self) -> Choice | None:
        choices = self.repository.choices if self.repository else ()
        return choices[self._chosen] if self._chosen < len(choices) else None

    def show_offer(self, offer: Offer | None) -> None:
        """What the list knows of it, until the hub has said more."""
        self.offer, self.repository, self._all = offer, None, False
        self._nothing.setVisible(offer is None)
        self.area.setVisible(offer is not None)
        if offer is None:
            return
        self._name.setText(offer.name)
        self._about.setText(joined((offer.repo if offer.title else "", *offer.badges)))
        self._uses.setText(offer.uses)
        self._uses.setVisible(bool(offer.uses))
        self._show_facts(offer.parameters, offer.context, offer.licence, "")
        self._waiting.show()
        for widget in (
            self.problem,
            self.gate,
            self.unasked,
            self._heading,
            self.choices,
            self.more,
            self.download,
            self._state,
        ):
            widget.hide()
        self._show_card("")
        self.area.verticalScrollBar().setValue(0)

    def show_repository(self, repository: Repository) -> None:
        offer = self.offer
        assert offer is not None
        known = self.repository is not None and self.repository.repo == repository.repo  # only its figures are new
        self.repository = repository
        self._waiting.hide()
        self.problem.show_text(repository.problem)
        self.again.hide()
        self._show_facts(
            repository.parameters or offer.parameters,
            repository.context or offer.context,
            repository.licence or offer.licence,
            repository.architecture,
        )
        self.gate.show_text(repository.gate)
        self.token.setVisible(repository.access == "token")
        if not known:
            self._chosen = repository.recommended
            self._show_card(repository.card)
        self._show_choices()

    def show_unasked(self) -> None:
        """It was named from outside, and nobody has been asked about it."""
        self._waiting.hide()
        self.unasked.show_text(self.tr("A link has named this model. The hub is asked about it when you want that."))

    def show_problem(self, text: str, again: bool = True) -> None:
        """The hub did not answer as hoped."""
        self._waiting.hide()
        self.problem.show_text(text)
        self.again.setVisible(again)

    def show_state(self, transfer: Transfer | None) -> None:
        """How the chosen one stands."""
        choice = self.choice
        if choice is None:
            return
        running = transfer is not None and transfer.state in ("running", "waiting")
        done = transfer is not None and transfer.state == "done"
        if done:
            words = self.tr("Train on it") if choice.kind == "data" else self.tr("Chat with it")
        elif transfer is not None and transfer.state in ("paused", "failed"):
            words = self.tr("Go on downloading")
        else:
            words = self.tr("Download {size}").format(size=size_text(choice.size))
        self.download.setText(words)
        self.download.setAccessibleName(words)
        self.download.setEnabled(not running and not choice.problem and self._may)
        self._done = done
        self._state.setText(self.tr("It is on its way.") if running else self._warning(choice))
        self._state.setVisible(bool(self._state.text()))

    # --- parts --------------------------------------------------------------------------------------------------------

    @property
    def _may(self) -> bool:
        """Whether the hub would give its files to the person."""
        return self.repository is not None and self.repository.access in ("open", "granted")

    def _warning(self, choice: Choice) -> str:
        if choice.problem:
            return choice.problem
        if choice.verdict == "too_large":
            return self.tr("It takes more memory than this computer can give it.")
        if choice.verdict == "slow":
            return self.tr("It takes nearly all the memory there is, and may be slow.")
        return ""

    def _show_facts(self, parameters: int | None, context: int | None, licence: str, architecture: str) -> None:
        self._facts["parameters"].show_text(short_count(parameters) if parameters else "")
        tokens = self.tr("{count} tokens").format(count=number(context)) if context else ""
        self._facts["context"].show_text(tokens)
        self._facts["licence"].show_text(licence)
        self._facts["architecture"].show_text(architecture)
        self.facts.arrange()

    def _show_choices(self) -> None:
        assert self.repository is not None
        choices = self.repository.choices
        first = 0 if self._all else max(0, min(self._chosen - SHOWN // 2, len(choices) - SHOWN))
        shown = range(len(choices))[first:] if self._all else range(len(choices))[first : first + SHOWN]
        rows = []
        for place in shown:
            choice = choices[place]
            on_gpus = (texts.on_gpu(*each) for each in choice.on_gpus)
            said = (size_text(choice.size), texts.verdict_name(choice.verdict), *on_gpus)
            rows.append((str(place), texts.choice_name(choice.kind, choice.quantization, choice.name), joined(said)))
        self.choices.set_choices(rows)
        if choices:
            self.choices.choose(str(self._chosen))
        for widget in (self._heading, self.choices):
            widget.setVisible(len(choices) > 1)
        self.download.setVisible(bool(choices))
        left = len(choices) - len(shown)
        self.more.setText(self.tr("Show {count} more").format(count=left))
        self.more.setVisible(left > 0)

    def _show_all(self) -> None:
        self._all = True
        self._show_choices()

    def _choose(self, place: int) -> None:
        self._chosen = place
        self.chosen.emit()

    def _act(self) -> None:
        (self.open_requested if self._done else self.download_requested).emit(self.choice)

    def _show_card(self, text: str) -> None:
        self.card.show_card(text)
        for widget in (self._card_heading, self.card):
            widget.setVisible(bool(text))

    def _build(self) -> None:
        self._done = False
        self._nothing = plain_label(self.tr("Choose one to see what it is."), muted=True, wrap=True)
        self._content = QWidget()
        self._column = QVBoxLayout(self._content)
        self._head, self._buttons = QVBoxLayout(), FlowLayout()
        for widget in (self._name, self._about, self._uses):
            self._head.addWidget(widget)
        self._buttons.addWidget(self.download)
        self._column.addLayout(self._head)
        for part in (
            self._waiting,
            self.problem,
            self.unasked,
            self.gate,
            self.facts,
            self._heading,
            self.choices,
            self.more,
        ):
            self._column.addWidget(part)
        self._column.addWidget(self._state)
        self._column.addLayout(self._buttons)
        self._column.addWidget(self._card_heading)
        self._column.addWidget(self.card)
        self._column.addStretch(1)
        self.area = Scroll(self._content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._nothing)
        layout.addWidget(self.area, 1)

    def _fit(self) -> None:
        self._column.setContentsMargins(space(self, 2), space(self), space(self, 2), space(self, 3))
        self._column.setSpacing(space(self, 1.5))
        self._head.setSpacing(space(self, 0.4))
        self._nothing.setContentsMargins(space(self, 2), space(self, 2), space(self, 2), space(self, 2))
