"""What pages are made of, had ahead while nobody waits for it: first their modules, then their larger parts.

A page is still made when it is first wanted (`wiring.py`), and then takes the parts that are there. So the first click
on it need not load seventy modules and make all its widgets at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from importlib import import_module
from time import monotonic
from typing import Any, TypeVar, cast

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from app.slices import Slices

log = logging.getLogger(__name__)

AFTER_MS = 3000  # from the start
QUIET_S = 2.0  # since a reply was written: another may follow at once
_PAUSE_MS = 20  # between two slices
# Each in a slice of its own: leaves first, so that none takes long. The last one of a page has its PARTS.
_MODULES = {
    "training": (
        "engine.training.run",
        "app.training.home",
        "app.training.dataset_card",
        "app.training.prepare",
        "app.training.watch.view",
        "app.training.page",
        "app.training.uses",
        "app.training.controller",
        "app.training.wiring",
    ),
    "models": (
        "app.library.page",
        "app.library.controller",
        "app.discover.view",
        "app.discover.controller",
        "app.providers.view",
        "app.providers.controller",
        "app.library.wiring",
    ),
    "settings": ("app.settings.page", "app.settings.controller", "app.settings.wiring"),
}

Part = TypeVar("Part", bound=QWidget)


class Ahead(QObject):
    """place: the parent of pages. busy: whether a person waits for something that is to be painted as it comes."""

    def __init__(self, place: QWidget, busy: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._place, self._busy, self._quiet_from = place, busy, 0.0
        self._parts: dict[Callable[[QWidget], Any], QWidget] = {}
        self._taken = set[Callable[[QWidget], Any]]()
        self._slices = Slices(self._all(), self, _PAUSE_MS)

    def start(self) -> None:
        QTimer.singleShot(AFTER_MS, self, self._slices.start)

    def stop(self) -> None:
        self._slices.stop()

    def part(self, kind: Callable[[QWidget], Part]) -> Part:
        """The one that was made ahead, or a new one."""
        self._taken.add(kind)
        made = self._parts.pop(kind, None)
        return kind(self._place) if made is None else cast(Part, made)

    def get(self, page: str) -> Generator[None, None, None]:
        """Have all that this page is made of, unless it is made already. One that fails is told when it is wanted."""
        try:
            yield from self._get(page)
        except Exception:
            log.exception("the page %s could not be had ahead", page)

    def _all(self) -> Generator[None, None, None]:
        for page in _MODULES:
            yield from self._not_busy()
            for _ in self.get(page):
                yield
                yield from self._not_busy()

    def _not_busy(self) -> Generator[None, None, None]:
        while (busy := self._busy()) or monotonic() < self._quiet_from:
            if busy:
                self._quiet_from = monotonic() + QUIET_S
            yield

    def _get(self, page: str) -> Generator[None, None, None]:
        for module in _MODULES[page]:
            wiring = import_module(module)
            yield
        for kind in wiring.PARTS:
            if kind not in self._taken:
                self._taken.add(kind)
                part = self._parts[kind] = kind(self._place)
                yield
                yield from getattr(part, "in_slices", tuple)()
