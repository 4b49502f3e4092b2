"""What a reply is doing until it ends, and how that is said."""

from __future__ import annotations

from enum import Enum, auto

from PySide6.QtCore import QCoreApplication


class Phase(Enum):
    """From the request to the end, in this order; a reply that has its model at hand leaves some out."""

    WAITING = auto()  # for another reply
    LOADING = auto()  # the model
    READING = auto()  # the prompt
    THINKING = auto()  # read, and not a word yet
    WRITING = auto()
    STOPPING = auto()  # asked to, and not over yet


def phase_words(phase: Phase, percent: int = 0) -> str:
    """One short line; nothing where the words of the reply say enough."""
    translate = QCoreApplication.translate
    match phase:
        case Phase.WAITING:
            return translate("phase", "Waiting for another reply to end…")
        case Phase.LOADING:
            return translate("phase", "Loading the model… {percent} %").format(percent=percent)
        case Phase.READING:
            return translate("phase", "Reading… {percent} %").format(percent=percent)
        case Phase.THINKING:
            return translate("phase", "Thinking…")
        case Phase.STOPPING:
            return translate("phase", "Stopping…")
        case Phase.WRITING:
            return ""
