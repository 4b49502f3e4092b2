"""Decides what the page of models does: what is on the list, what becomes of it, and what of it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox

from app import messages
from app.background import Background
from app.chat.replies import Replies
from app.engine_client import EngineClient, JobHandle
from app.library import dropped, texts
from app.library.file_work import FileWork
from app.library.known import KnownModels
from app.library.model_actions import ModelAction
from app.library.page import ModelsPage
from app.messages import Notice, Remedy
from app.widgets.file_dialogs import choose_file, choose_folder
from app.widgets.labels import plain_box
from engine.errors import EngineError
from engine.events import Event, Failed, Finished, Model
from engine.library import models, owned
from engine.library.models import ModelEntry
from engine.settings import Settings

SETTLE_MS = 120  # what a model takes is asked once the arrow keys rest


class LibraryController(QObject):
    """`changed`: other models are on the list, or are called otherwise.

    `renamed(old, new)`. `chat_requested(name)`, `train_requested(Model)`: with this model. `run_requested(folder)`: a
    training shall be seen. `classify_requested(folder)`: of the training that made a classifier. `data_dropped(paths)`:
    what was dropped is no model. `page_requested`: this page shall be seen. `storage_requested`: where folders move.
    """

    changed = Signal()
    renamed = Signal(str, str)
    chat_requested = Signal(str)
    train_requested = Signal(object)
    run_requested = Signal(object)
    classify_requested = Signal(object)
    data_dropped = Signal(list)
    page_requested = Signal()
    storage_requested = Signal()
