"""Names a hub gives, before anything is made on the disk under them.

A name is good when it means the same file, inside its repository's folder, on Linux, Windows and macOS alike.
Everything else is refused as a whole: a file that one system would put elsewhere is put nowhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from engine.errors import EngineError
from engine.phrases import Phrase, phrase
from engine.runtime.gguf_header import shown

_LONGEST_PART = 255  # bytes; what ext4, APFS and NTFS allow for one name
_LONGEST_NAME = 1000
_REPO = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_BLOB = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_FORBIDDEN = re.compile(r'[<>"|?*]')  # Windows; a colon and a backslash have sentences of their own
_DEVICES = re.compile(r"CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³]")
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # show a name reversed


def check_repo(repo: str) -> None:
    """A repository's name, `organisation/name` or `name`. Raises EngineError `repo_name`."""
    parts = repo.split("/")
    good = len(parts) <= 2 and all(_REPO.fullmatch(part) for part in parts)
    if not good or "--" in repo or ".." in repo or repo.lower().endswith(".git"):
        raise EngineError("repo_name", name=shown(repo))


def check_revision(revision: str) -> None:
    """A branch, a tag or a commit; it becomes a name under `refs`. Raises EngineError `hostile_name`."""
    check_file(revision)


def is_commit(text: object) -> bool:
    return isinstance(text, str) and _COMMIT.fullmatch(text) is not None


def is_blob(text: object) -> bool:
    """Whether this is the hash the hub names content by: sha1 of git for small files, sha256 for large ones."""
    return isinstance(text, str) and _BLOB.fullmatch(text) is not None


def check_files(names: Iterable[str]) -> None:
    """Names of files that are to lie in one folder. Raises EngineError `hostile_name`, naming the first that cannot."""
    whole: dict[str, str] = {}  # as a file system sees it that cares for neither case nor composition -> as it is
    folders: dict[str, str] = {}
    for name in names:
        check_file(name)
        key = _folded(name)
        other = whole.setdefault(key, name)
        if other != name:
            raise _hostile(name, phrase("which many computers cannot tell from {file}", file=shown(other)))
        parents = key.split("/")[:-1]
        for depth in range(1, len(parents) + 1):
            folders.setdefault("/".join(parents[:depth]), name)
    for key, name in whole.items():
        if key in folders:
            raise _hostile(name, phrase("where {file} needs a folder", file=shown(folders[key])))


def check_file(name: str) -> None:
    """One name, with `/` between its folders. Raises EngineError `hostile_name`."""
    if (reason := _reason(name)) is not None:
        raise _hostile(name, reason)


def _reason(name: str) -> Phrase | None:
    """What is wrong with a name, as the end of a sentence about it; None where nothing is."""
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return phrase("which is not text")
    if any(unicodedata.category(letter) == "Cc" or letter in _TURNING for letter in name):
        return phrase("whose name holds characters that cannot be seen")
    if "\\" in name:
        return phrase("whose name holds a backslash")
    if ":" in name:
        return phrase("whose name holds a colon, as drives do")
    if _FORBIDDEN.search(name):
        return phrase("whose name holds a character that Windows does not allow")
    if name.startswith("/"):
        return phrase("whose name is an absolute path")
    if length > _LONGEST_NAME:
        return phrase("whose name is too long")
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return (
                phrase("whose name leads out of its folder") if part == ".." else phrase("whose name has an empty part")
            )
        if part.endswith((".", " ")) or part.startswith(" "):
            return phrase("whose name begins or ends with a space or a dot, which Windows leaves out")
        if _DEVICES.fullmatch(part.split(".")[0].rstrip(" ").upper()):
            return phrase("whose name is a device on Windows")
        if len(part.encode()) > _LONGEST_PART:
            return phrase("whose name is too long")
    return None


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _hostile(name: str, reason: Phrase) -> EngineError:
    return EngineError("hostile_name", file=shown(name), reason=reason)
