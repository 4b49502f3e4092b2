"""The engine's errors for a person: the sentence in their language, and the buttons that would help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QCoreApplication

from engine.errors import MESSAGES, EngineError
from engine.events import Failed


class Remedy(Enum):
    """What a button under an error does."""

    RETRY = "retry"
    CHOOSE_MODEL = "choose_model"
    ADJUST = "adjust"  # open the side panel
    NEW_CHAT = "new_chat"
    COPY = "copy"  # the technical detail
    COPY_MODEL = "copy_model"
    SHOW_FOUND = "show_found"  # models of other programs


@dataclass(frozen=True)
class Notice:
    """A sentence for a bar or a card, with its buttons; `details` is what Copy details copies.

    calm: its buttons are an offer, and nothing has gone wrong.
    """

    text: str
    remedies: tuple[Remedy, ...] = ()
    details: str = ""
    calm: bool = False


_REMEDIES: dict[str, tuple[Remedy, ...]] = {
    "bug": (Remedy.RETRY,),
    "context_overflow": (Remedy.ADJUST, Remedy.NEW_CHAT),
    "disk_full": (Remedy.RETRY,),
    "memory_share": (Remedy.CHOOSE_MODEL, Remedy.ADJUST),
    "message_too_long": (Remedy.NEW_CHAT,),
    "out_of_memory": (Remedy.CHOOSE_MODEL, Remedy.ADJUST),
    "worker_died": (Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "worker_keeps_dying": (Remedy.CHOOSE_MODEL, Remedy.RETRY),
    "worker_not_started": (Remedy.RETRY,),
    "worker_out_of_memory": (Remedy.CHOOSE_MODEL, Remedy.ADJUST, Remedy.RETRY),
}
# Any other failure concerns the model, its file or its template.
_OTHERWISE = (Remedy.RETRY, Remedy.CHOOSE_MODEL)


def sentence(code: str, data: Mapping[str, object]) -> str:
    """The error as one line of text in the person's language; a value that is missing shows as nothing."""
    message = MESSAGES.get(code, MESSAGES["bug"])
    parts = [QCoreApplication.translate("errors", part) for part in (message.sentence, message.remedy) if part]
    return " ".join(" ".join(parts).format_map(defaultdict(str, data)).split())


def notice(failure: Failed | EngineError) -> Notice:
    """What is shown for a failure."""
    remedies = _REMEDIES.get(failure.code, _OTHERWISE)
    if failure.detail:
        remedies = (*remedies, Remedy.COPY)
    return Notice(sentence(failure.code, failure.data), remedies, failure.detail)


def label(remedy: Remedy) -> str:
    translate = QCoreApplication.translate
    return {
        Remedy.RETRY: translate("messages", "Try again"),
        Remedy.CHOOSE_MODEL: translate("messages", "Choose another model"),
        Remedy.ADJUST: translate("messages", "Adjust"),
        Remedy.NEW_CHAT: translate("messages", "New chat"),
        Remedy.COPY: translate("messages", "Copy details"),
        Remedy.COPY_MODEL: translate("messages", "Copy into the library"),
        Remedy.SHOW_FOUND: translate("messages", "Show them"),
    }[remedy]
