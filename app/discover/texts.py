"""What verdicts and states of downloads are called, and durations as people say them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from app.figures import size_text


def verdict_name(verdict: str) -> str:
    translate = QCoreApplication.translate
    return {
        "fits": translate("discover", "fits"),
        "slow": translate("discover", "may be slow"),
        "too_large": translate("discover", "will not fit"),
    }.get(verdict, "")


def on_gpu(card: str, verdict: str) -> str:
    translate = QCoreApplication.translate
    text = {
        "fits": translate("discover", "fits on {card}"),
        "slow": translate("discover", "fits in part on {card}"),
        "too_large": translate("discover", "no room on {card}"),
    }.get(verdict, "")
    return text.format(card=card)


def choice_name(kind: str, quantization: str, name: str) -> str:
    """What one of several things to download is called: its quantization, else what it is, else its file."""
    if kind == "gguf" and quantization:
        return quantization
    translate = QCoreApplication.translate
    forms = {"folder": translate("discover", "Model folder, to train on"), "adapter": translate("discover", "Adapter")}
    return forms.get(kind, name)


def remaining(seconds: float) -> str:
    """`about 3 min left`."""
    translate = QCoreApplication.translate
    if seconds < 90:
        return translate("discover", "{count} s left").format(count=max(1, round(seconds)))
    if seconds < 5400:
        return translate("discover", "about {count} min left").format(count=round(seconds / 60))
    return translate("discover", "about {count} h left").format(count=QLocale().toString(seconds / 3600, "f", 1))


def progress(done: int, total: int) -> str:
    if not total:
        return size_text(done)
    return QCoreApplication.translate("discover", "{done} of {total}").format(
        done=size_text(done), total=size_text(total)
    )


def speed(bytes_per_second: float) -> str:
    return QCoreApplication.translate("discover", "{size}/s").format(size=size_text(round(bytes_per_second)))
