"""What is offered, as rows: models we recommend, and what the hub found. They answer to the roles of models' rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.discover import texts
from app.figures import number, short_count, size_text
from app.library.rows import Role

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Offer:
    """A repository, as far as a list knows it. Sizes in bytes; `estimated`: nobody has measured it."""

    repo: str
    kind: str = "model"  # or "dataset"
    title: str = ""
    parameters: int | None = None
    size: int | None = None
    estimated: bool = False
    quantization: str = ""  # which one is recommended for this computer
    verdict: str = ""  # "fits", "slow" or "too_large"
    licence: str = ""
    context: int | None = None
    uses: str = ""
    gated: bool = False
    downloads: int | None = None
    likes: int | None = None

    @property
    def name(self) -> str:
        return self.title or self.repo

    @property
    def figures(self) -> tuple[str, str, str]:
        """As `library.texts.figures`."""
        size = size_text(self.size) if self.size else ""
        return (
            short_count(self.parameters) if self.parameters else "",
            self.quantization.upper(),
            f"~ {size}" if size and self.estimated else size,
        )

    @property
    def badges(self) -> list[str]:
        shown = [texts.verdict_name(self.verdict)] if self.verdict in ("slow", "too_large") else []
        return [*shown, QCoreApplication.translate("discover", "terms to accept")] if self.gated else shown

    @property
    def facts(self) -> tuple[str, ...]:
        translate = QCoreApplication.translate
        known = [self.uses] if self.uses else []
        if self.title:
            known.append(self.repo)
        if self.licence:
            known.append(self.licence)
        if self.context:
            known.append(translate("library", "{count} tokens of context").format(count=number(self.context)))
        if self.downloads:
            known.append(translate("discover", "{count} downloads").format(count=short_count(self.downloads)))
        return tuple(known)


class OfferRows(QAbstractListModel):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.offers: list[Offer] = []

    def show(self, offers: Sequence[Offer]) -> None:
        self.beginResetModel()
        self.offers = list(offers)
        self.endResetModel()

    def add(self, offer: Offer) -> None:
        place = len(self.offers)
        self.beginInsertRows(QModelIndex(), place, place)
        self.offers.append(offer)
        self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self.offers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        offer = self.offers[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return offer.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return ", ".join(part for part in (offer.name, *offer.badges, *offer.figures, *offer.facts) if part)
            case Role.MODEL:
                return offer
            case Role.BADGES:
                return offer.badges
            case Role.FACTS:
                return offer.facts
            case Role.FIGURES:
                return offer.figures
        return None
