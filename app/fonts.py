"""The typefaces that come with Seedling: Inter for words, JetBrains Mono for code; the system's for other scripts."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import cache

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from engine import paths

log = logging.getLogger(__name__)

WORDS, CODE = "Inter", "JetBrains Mono"


@cache
def load() -> None:
    """Make them known to Qt, once. For a file that is missing or cannot be read the system's typeface stands in."""
    for path in sorted(paths.resource("fonts").glob("*.[ot]tf")):
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            log.warning("the typeface %s cannot be used", path.name)


def dress(application: QApplication) -> None:
    """Write the window in Inter, at the system's size."""
    font = QFont(application.font())
    font.setFamilies(_first(WORDS, font.families()))
    application.setFont(font)


def code_families() -> list[str]:
    """Families for code, the best first."""
    return _first(CODE, QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families())


def _first(family: str, others: Iterable[str]) -> list[str]:
    return [family, *(other for other in others if other != family)]
