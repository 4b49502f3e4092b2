"""What can be done with a model: once for the buttons beside it, the menu of its row, and whoever does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.chat.load import Load, LoadState
from app.library import texts
from engine.events import Model


class ModelAction(Enum):
    CHAT = "chat"
    CLASSIFY = "classify"
    LOAD = "load"
    STOP_LOADING = "stop_loading"
    EJECT = "eject"
    TRAIN = "train"
    RENAME = "rename"
    VERIFY = "verify"
    COPY = "copy"
    DOWNLOAD_AGAIN = "download_again"
    SHOW_FOLDER = "show_folder"
    FIND_FILE = "find_file"
    ADD_BASE = "add_base"
    CHANGE_SETTINGS = "change_settings"
    DELETE = "delete"
    REMOVE = "remove"
    SHOW_SERVER = "show_server"


_NOT_OURS_ALONE = ("copied", "downloaded", "trained", "bundled")
# What helps where a model cannot be opened, by the error's code.
_CURES = {
    "model_gone": (ModelAction.FIND_FILE,),
    "gguf_part_missing": (ModelAction.SHOW_FOLDER,),
    "adapter_base": (ModelAction.ADD_BASE,),
    "missing_file": (ModelAction.SHOW_FOLDER,),
    "empty_file": (ModelAction.VERIFY,),
    "gguf_broken": (ModelAction.VERIFY,),
    "bad_weights": (ModelAction.VERIFY,),
}
# What takes a model away; it stands apart.
TAKE_AWAY = (ModelAction.DELETE, ModelAction.REMOVE)


def can_chat(model: Model) -> bool:
    return texts.writes(model.kind, model.details) and not model.problem


def first(model: Model, load: Load) -> list[ModelAction]:
    """What one mostly wants, as buttons."""
    if model.problem:
        return []
    found = []
    if model.kind == "classifier":
        return [ModelAction.CLASSIFY] if texts.origin_of(model) == "trained" else []
    if model.kind == texts.REMOTE:
        return [ModelAction.CHAT] if can_chat(model) else []
    if can_chat(model):
        found.append(ModelAction.CHAT)
        found.append(
            {
                LoadState.LOADING: ModelAction.STOP_LOADING,
                LoadState.LOADED: ModelAction.EJECT,
            }.get(load.state, ModelAction.LOAD)
        )
        found.append(ModelAction.TRAIN)
    return found


def further(model: Model) -> list[ModelAction]:
    """The rest, in a menu. A model of a server has no files here, and is its server's to name."""
    if model.kind == texts.REMOTE:
        return [ModelAction.SHOW_SERVER]
    found = [ModelAction.SHOW_FOLDER]
    if not model.problem:
        found.append(ModelAction.VERIFY)
        if texts.origin_of(model) not in _NOT_OURS_ALONE:
            found.append(ModelAction.COPY)
    if model.details.get("source"):
        found.append(ModelAction.DOWNLOAD_AGAIN)
    if not model.bundled:
        found = [ModelAction.RENAME, *found, _away(model)]
    return found


def cures(model: Model, load: Load) -> list[ModelAction]:
    """What helps a model that cannot be opened, or could not be loaded."""
    if model.kind == texts.REMOTE:
        return [ModelAction.SHOW_SERVER] if model.problem or load.problem else []
    if not model.problem:
        return [ModelAction.LOAD, ModelAction.CHANGE_SETTINGS] if load.problem else []
    code = str((model.details.get("error") or {}).get("code") or "")
    again = [ModelAction.DOWNLOAD_AGAIN] if model.details.get("source") else []
    return [*again, *_CURES.get(code, ()), *(() if model.bundled else (_away(model),))]


def _away(model: Model) -> ModelAction:
    return ModelAction.REMOVE if model.details.get("freed_bytes") is None else ModelAction.DELETE


def label(action: ModelAction) -> str:
    translate = QCoreApplication.translate
    return {
        ModelAction.CHAT: translate("library", "Chat"),
        ModelAction.CLASSIFY: translate("library", "Label texts…"),
        ModelAction.LOAD: translate("library", "Load"),
        ModelAction.STOP_LOADING: translate("library", "Stop loading"),
        ModelAction.EJECT: translate("library", "Eject"),
        ModelAction.TRAIN: translate("library", "Train on top of it"),
        ModelAction.RENAME: translate("library", "Rename"),
        ModelAction.VERIFY: translate("library", "Check its file"),
        ModelAction.COPY: translate("library", "Copy into the library"),
        ModelAction.DOWNLOAD_AGAIN: translate("library", "Download again"),
        ModelAction.SHOW_FOLDER: translate("library", "Show in its folder"),
        ModelAction.FIND_FILE: translate("library", "Find its file…"),
        ModelAction.ADD_BASE: translate("library", "Add its model…"),
        ModelAction.CHANGE_SETTINGS: translate("library", "Change its settings"),
        ModelAction.DELETE: translate("library", "Delete…"),
        ModelAction.REMOVE: translate("library", "Remove from the list"),
        ModelAction.SHOW_SERVER: translate("library", "Show its server"),
    }[action]


def menu_of(parent: QWidget, actions: Sequence[ModelAction], do: Callable[[ModelAction], object]) -> QMenu:
    """A menu that is gone once it is closed; what takes the model away stands apart."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for action in actions:
        if action in TAKE_AWAY:
            menu.addSeparator()
        menu.addAction(label(action)).triggered.connect(partial(_do, do, action))
    return menu


def _do(do: Callable[[ModelAction], object], action: ModelAction, _: bool = False) -> None:
    do(action)
