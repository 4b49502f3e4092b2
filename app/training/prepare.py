"""Before a training: the card of what was dropped, the questions, what to look out for, all settings, and Start."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.theme import em, space
from app.training.dataset_card import DatasetCard
from app.training.foot import Foot
from app.training.questions import Questions
from app.training.recipe_form import RecipeForm
from app.training.risks import Risks
from app.widgets.fitting import follow_font, lay_beside
from app.widgets.scroll import Scroll
from app.widgets.unfold import Unfold

BESIDE_EM = 58  # from this width on the questions stand beside the card, else below it
WIDEST_EM = 130


class Prepare(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.card, self.questions, self.risks, self.foot = DatasetCard(), Questions(), Risks(), Foot()
        self.settings = Unfold(self.tr("All settings"), RecipeForm)
        self._asked = QWidget()
        self._questions = QVBoxLayout(self._asked)
        self._questions.setContentsMargins(0, 0, 0, 0)
        self._questions.addWidget(self.questions)
        self._questions.addWidget(self.risks)
        self._questions.addStretch(1)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._both.addWidget(self.card, 3)
        self._both.addWidget(self._asked, 2)
        self._middle = QWidget()
        self._column = QVBoxLayout(self._middle)
        self._column.addLayout(self._both)
        self._column.addWidget(self.settings)
        self._column.addStretch(1)
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self._middle, 1000)
        row.addStretch(1)
        self.area = Scroll(content)
        self.area.installEventFilter(self)
        self.area.setMinimumHeight(1)  # the foot comes first where room is short
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.foot)
        follow_font(self, self._fit)
        self.show_questions(False)

    @property
    def form(self) -> RecipeForm | None:
        """All settings, once they were unfolded."""
        content = self.settings.content
        return content if isinstance(content, RecipeForm) else None

    def show_questions(self, shown: bool) -> None:
        """There is something to ask, because it is known what the data is."""
        self._asked.setVisible(shown)
        self._fit()
        self.settings.setVisible(shown)
        self.foot.setVisible(shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:  # of what is seen at once, which also the foot changes
            self._fit()
        return False

    def _fit(self) -> None:
        beside = lay_beside(self._both, self.area, BESIDE_EM)
        self._both.setSpacing(space(self, 3))
        self._column.setContentsMargins(space(self, 2), space(self), space(self, 2), space(self, 3))
        self._column.setSpacing(space(self, 2))
        self._questions.setSpacing(space(self, 2))
        self._middle.setMaximumWidth(em(self, WIDEST_EM))
        tall = beside and self.card.shows_rows  # else it is as high as what it says
        self.card.setMinimumHeight(max(em(self, 30), self.area.height() - space(self, 9)) if tall else 0)
