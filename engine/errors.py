"""Every error a person can meet, once: code, sentence, remedy.

`EngineError` carries a code and the data for the templates below. The command line prints them in
English; `app/messages.py` passes the same templates through translation. Anything that is not an
`EngineError` is a bug of ours and is reported as such (code `bug`).
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Message:
    """One clear sentence that names the place, and what to do next (may be empty)."""

    sentence: str
    remedy: str = ""


class EngineError(Exception):
    """A failure with a sentence. `data` fills the templates; `detail` is for the log."""

    def __init__(self, code: str, detail: str = "", **data: Any) -> None:
        self.code, self.data, self.detail = code, data, detail
        super().__init__(describe(code, data))


def describe(code: str, data: dict[str, Any]) -> str:
    """The English text for an error: its sentence and its remedy, on one line."""
    message = MESSAGES.get(code, MESSAGES["bug"])
    parts = (part for part in (message.sentence, message.remedy) if part)
    text = " ".join(part.format_map(_Lenient(data)) for part in parts)
    return " ".join(text.split())


def from_os_error(error: OSError) -> EngineError:
    """The operating system's complaint as one of our errors."""
    place = str(error.filename or "")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EngineError("disk_full", detail=str(error), place=place or "the disk")
    if isinstance(error, FileNotFoundError):
        return EngineError("not_found", detail=str(error), place=place)
    if isinstance(error, PermissionError):
        return EngineError("no_permission", detail=str(error), place=place)
    return EngineError("os_error", detail=str(error), place=place, reason=error.strerror or str(error))


class _Lenient(dict):  # type: ignore[type-arg]
    """Values for a template; a missing one shows as nothing rather than as a second error."""

    def __missing__(self, key: str) -> str:
        return ""


# Sorted by room, then by code. Add a code beside its neighbours; never write a sentence elsewhere.
MESSAGES: dict[str, Message] = {
    # anywhere
    "bug": Message("Something went wrong inside Seedling.", "The log has the details."),
    "cannot_read": Message("{place} cannot be read: {reason}."),
    "disk_full": Message("The disk is full: {place} could not be written.", "Free some space and try again."),
    "no_permission": Message("No permission to open {place}."),
    "not_found": Message("{place} does not exist."),
    "os_error": Message("{place}: {reason}."),
    "out_of_memory": Message("There is not enough memory for this.", "Choose a smaller model or close other programs."),
    "unknown_job": Message("The worker does not know the job {job}."),
    "usage": Message("{reason}."),
    # library
    # model folders and the in-house GPT
    # GGUF files and runtimes
    # chat: templates, backends, store
    # training and data
    # worker and command line
    # window
}
