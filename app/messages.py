"""The engine's errors and advice for a person: the sentence in their language, and the buttons that would help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QCoreApplication

from app.phrases import filled
from engine.errors import MESSAGES, EngineError
from engine.events import Failed
from engine.training.advice import TEXTS


class Remedy(Enum):
    """What a button under an error does."""

    RETRY = "retry"
    CHOOSE_MODEL = "choose_model"
    ADJUST = "adjust"  # open the side panel
    MODEL_SETTINGS = "model_settings"
    NEW_CHAT = "new_chat"
    COPY = "copy"  # the technical detail
    COPY_MODEL = "copy_model"
    ENTER_KEY = "enter_key"  # of the model's server or API
    SHOW_SERVERS = "show_servers"  # those that are connected
    START_AS_USUAL = "start_as_usual"  # do what a safe start left out
    OPEN_LAST_CHAT = "open_last_chat"
    SHOW_DAMAGED = "show_damaged"  # the folder of a damaged file
    SHOW_BACKUPS = "show_backups"
    REPORT = "report"  # collect what helps to mend it
    SHOW_UPDATE = "show_update"  # what the newer version brings


@dataclass(frozen=True)
class Notice:
    """A sentence for a bar or a card, with its buttons; `details` is what Copy details copies.

    calm: its buttons are an offer, and nothing has gone wrong. passing: it holds until the reply goes on.
    """

    text: str
    remedies: tuple[Remedy, ...] = ()
    details: str = ""
    calm: bool = False
    passing: bool = False


_REMEDIES: dict[str, tuple[Remedy, ...]] = {
    "bug": (Remedy.RETRY, Remedy.REPORT),
    "adapter_not_loaded": (Remedy.MODEL_SETTINGS, Remedy.CHOOSE_MODEL),
    "bad_option": (Remedy.MODEL_SETTINGS,),
    "cache_unfit": (Remedy.MODEL_SETTINGS, Remedy.CHOOSE_MODEL),
    "context_overflow": (Remedy.ADJUST, Remedy.NEW_CHAT),
    "disk_full": (Remedy.RETRY,),
    "draft_model_missing": (Remedy.MODEL_SETTINGS,),
    "draft_unlike": (Remedy.MODEL_SETTINGS, Remedy.CHOOSE_MODEL),
    "driver_too_old": (Remedy.RETRY, Remedy.MODEL_SETTINGS, Remedy.CHOOSE_MODEL),
    "flash_attention_needed": (Remedy.MODEL_SETTINGS,),
    "gguf_broken": (Remedy.CHOOSE_MODEL,),
    "gpu_failed": (Remedy.RETRY, Remedy.MODEL_SETTINGS, Remedy.CHOOSE_MODEL),
    "gpu_out_of_memory": (Remedy.MODEL_SETTINGS, Remedy.CHOOSE_MODEL),
    "key_variable_empty": (Remedy.ENTER_KEY, Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "keyring_failed": (Remedy.RETRY, Remedy.ENTER_KEY, Remedy.CHOOSE_MODEL),
    "keyring_none": (Remedy.ENTER_KEY, Remedy.CHOOSE_MODEL),
    "keyring_silent": (Remedy.RETRY, Remedy.ENTER_KEY, Remedy.CHOOSE_MODEL),
    "memory_share": (Remedy.CHOOSE_MODEL, Remedy.ADJUST),
    "message_too_long": (Remedy.NEW_CHAT,),
    "missing_library": (Remedy.RETRY,),
    "model_not_loaded": (Remedy.CHOOSE_MODEL,),
    "no_context": (Remedy.ADJUST, Remedy.CHOOSE_MODEL),
    "no_gpu": (Remedy.MODEL_SETTINGS,),
    "not_lockable": (Remedy.MODEL_SETTINGS,),
    "option_of_llama": (Remedy.MODEL_SETTINGS,),
    "out_of_memory": (Remedy.CHOOSE_MODEL, Remedy.ADJUST),
    "provider_bad_address": (Remedy.SHOW_SERVERS,),
    "provider_bad_name": (Remedy.SHOW_SERVERS,),
    "provider_bad_request": (Remedy.ADJUST, Remedy.CHOOSE_MODEL, Remedy.RETRY),
    "provider_busy": (Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "provider_cannot_continue": (Remedy.CHOOSE_MODEL,),
    "provider_certificate": (Remedy.RETRY, Remedy.SHOW_SERVERS, Remedy.CHOOSE_MODEL),
    "provider_context": (Remedy.ADJUST, Remedy.NEW_CHAT, Remedy.CHOOSE_MODEL),
    "provider_credit": (Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "provider_cut": (Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "provider_embeds": (Remedy.CHOOSE_MODEL,),
    "provider_exists": (Remedy.SHOW_SERVERS,),
    "provider_forbidden": (Remedy.ENTER_KEY, Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "provider_key_missing": (Remedy.ENTER_KEY, Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "provider_key_wrong": (Remedy.ENTER_KEY, Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "provider_limit": (Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "provider_loading": (Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "provider_model_gone": (Remedy.CHOOSE_MODEL, Remedy.RETRY, Remedy.SHOW_SERVERS),
    "provider_not_found": (Remedy.SHOW_SERVERS, Remedy.RETRY),
    "provider_option": (Remedy.ADJUST, Remedy.CHOOSE_MODEL),
    "provider_plain": (Remedy.SHOW_SERVERS, Remedy.CHOOSE_MODEL),
    "provider_redirect": (Remedy.SHOW_SERVERS, Remedy.CHOOSE_MODEL),
    "provider_refused": (Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "provider_stays": (Remedy.CHOOSE_MODEL, Remedy.SHOW_SERVERS),
    "provider_strange": (Remedy.RETRY, Remedy.SHOW_SERVERS, Remedy.CHOOSE_MODEL),
    "provider_too_long": (Remedy.NEW_CHAT, Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "provider_too_much": (Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "provider_unknown": (Remedy.SHOW_SERVERS, Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "provider_unreachable": (Remedy.RETRY, Remedy.SHOW_SERVERS, Remedy.CHOOSE_MODEL),
    "speculation_unfit": (Remedy.MODEL_SETTINGS,),
    "store_full": (Remedy.RETRY,),
    "unknown_architecture": (Remedy.CHOOSE_MODEL,),
    "unknown_tokenizer": (Remedy.CHOOSE_MODEL,),
    "updated_while_open": (),  # no button helps: it is closed as ever
    "vault_closed": (Remedy.ENTER_KEY, Remedy.RETRY, Remedy.CHOOSE_MODEL),
    "vault_damaged": (Remedy.ENTER_KEY, Remedy.CHOOSE_MODEL),
    "worker_died": (Remedy.RETRY, Remedy.CHOOSE_MODEL, Remedy.REPORT),
    "worker_keeps_dying": (Remedy.CHOOSE_MODEL, Remedy.RETRY, Remedy.REPORT),
    "worker_not_started": (Remedy.RETRY,),
    "worker_out_of_memory": (Remedy.CHOOSE_MODEL, Remedy.ADJUST, Remedy.RETRY),
}
# Any other failure concerns the model, its file or its template.
_OTHERWISE = (Remedy.RETRY, Remedy.CHOOSE_MODEL)


def sentence(code: str, data: Mapping[str, object]) -> str:
    """The error as one line of text in the person's language; a value that is missing shows as nothing."""
    parts = [filled(part, data) for part in MESSAGES.get(code, MESSAGES["bug"]) if part]
    return " ".join(" ".join(parts).split())


def advice(code: str, data: Mapping[str, object], step: int | None = None) -> tuple[str, str]:
    """What is to know of a training, and what to do about it, in the person's language."""
    sentence, remedy = (filled(part, {**data, "step": step}) for part in TEXTS[code])
    return sentence, remedy


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
        Remedy.MODEL_SETTINGS: translate("messages", "Settings of the model"),
        Remedy.NEW_CHAT: translate("messages", "New chat"),
        Remedy.COPY: translate("messages", "Copy details"),
        Remedy.COPY_MODEL: translate("messages", "Copy into the library"),
        Remedy.ENTER_KEY: translate("messages", "Enter the key"),
        Remedy.SHOW_SERVERS: translate("messages", "Show servers"),
        Remedy.START_AS_USUAL: translate("messages", "Start as usual"),
        Remedy.OPEN_LAST_CHAT: translate("messages", "Open the last chat"),
        Remedy.SHOW_DAMAGED: translate("messages", "Show the file"),
        Remedy.REPORT: translate("messages", "Report a problem…"),
        Remedy.SHOW_BACKUPS: translate("messages", "Put a backup back instead"),
        Remedy.SHOW_UPDATE: translate("messages", "What changed"),
    }[remedy]
