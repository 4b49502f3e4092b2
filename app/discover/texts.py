"""What verdicts and states of downloads are called, and durations as people say them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def verdict_name(verdict: str) -> str:
    translate = QCoreApplication.translate
    return {
        "fits": translate("discover", "fits"),
        "slow": translate("discover", "may be slow"),
        "too_large": translate("discover", "will not fit"),
    }.get(verdict, "")
