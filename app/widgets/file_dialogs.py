"""File dialogs that hand out local paths only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from engine import paths

local_path = paths.local  # of what else is dropped or typed


def choose_file(parent: QWidget, title: str, pattern: str) -> Path | None:
    """The file chosen, None for none. Raises EngineError `network_path`."""
    text, _ = QFileDialog.getOpenFileName(parent, title, "", pattern)
    return local_path(text) if text else None


def choose_folder(parent: QWidget, title: str) -> Path | None:
    """The folder chosen, None for none. Raises EngineError `network_path`."""
    text = QFileDialog.getExistingDirectory(parent, title)
    return local_path(text) if text else None


def choose_new_file(parent: QWidget, title: str, name: str, pattern: str) -> Path | None:
    """Where to write a file, proposed by its name; None for nowhere. Raises EngineError `network_path`."""
    text, _ = QFileDialog.getSaveFileName(parent, title, name, pattern)
    return local_path(text) if text else None
