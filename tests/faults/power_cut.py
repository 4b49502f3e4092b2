"""What a power cut leaves: the changes that disk.c put down, of which those that were not flushed may be lost.

A file's bytes are safe once it was flushed; a name, once its folder was. Of the bytes that are not, each write is kept,
lost, torn at a sector or zeros; of the names, what was done up to some moment is kept, as a file system with a journal
does.
"""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_ENTRY = struct.Struct("<cQqIII")  # as in disk.c
_SECTOR = 512
# What becomes of (bytes, names) that were not flushed.
POLICIES = (("lost", "lost"), ("lost", "kept"), ("kept", "lost"), ("chance", "kept"), ("chance", "chance"))


@dataclass(frozen=True)
class Change:
    """kind: of what disk.c knows, `n` for a note. data: of a write. first, second: paths, or the note's text."""

    kind: str
    inode: int
    at: int
    data: bytes
    first: str
    second: str


def read(record: Path) -> list[Change]:
    changes, content, at = [], record.read_bytes(), 0
    while at < len(content):
        kind, inode, offset, size, *lengths = _ENTRY.unpack_from(content, at)
        at += _ENTRY.size
        texts = []
        for length in lengths:
            texts.append(os.fsdecode(content[at : at + length]))
            at += length
        changes.append(Change(kind.decode(), inode, offset, content[at : at + size], *texts))
        at += size
    return changes


@dataclass
class File:
    """flushed: bytes that are safe. since: writes (at, data) and sizes (size, None) after that. moment: of the last
    change before it all, in ns.
    """

    flushed: bytes = b""
    mode: int = 0o644
    moment: int = 0
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def flush(self) -> None:
        self.flushed, self.since = self.after("kept", random.Random(0)), []

    def after(self, policy: str, chance: random.Random, kept: float = 1) -> bytes:
        """The bytes by a policy. kept: by chance, the share of writes that are."""
        image = bytearray(self.flushed)
        for at, data in self.since:
            fate = policy
            if policy == "chance":
                fate = "kept" if chance.random() < kept else chance.choice(["lost", "torn", "zeros"])
            if fate == "lost":
                continue
            if data is None:
                image[at:] = bytes(max(at - len(image), 0))
                continue
            if fate == "torn":
                data = data[: chance.randrange(len(data) // _SECTOR + 1) * _SECTOR]
            image.extend(bytes(max(at - len(image), 0)))
            image[at : at + len(data)] = data
            if fate == "zeros":  # where nothing was before: room was found, and the bytes did not get there
                begin = max(at, len(self.flushed))
                image[begin : at + len(data)] = bytes(max(at + len(data) - begin, 0))
        return bytes(image)


@dataclass
class Folder:
    """begun: what its names were at first; now: what they are."""

    begun: dict[str, Node] = field(default_factory=dict)
    now: dict[str, Node] = field(default_factory=dict)


Node = File | Folder | str  # a str is a link


@dataclass
class Step:
    """Names given and taken in one go; `safe` once one of the folders was flushed."""

    names: list[tuple[Folder, str, Node | None]]
    safe: bool = False


class Disk:
    """A folder as it was, and then all that was done to it. lies: it says that it flushed, and did not."""

    def __init__(self, root: Path, lies: bool = False) -> None:
        self._root, self._lies = root, lies
        self._files: dict[int, File] = {}
        self._steps: list[Step] = []
        self._top = self._found(root)

    def do(self, change: Change) -> None:
        match change.kind:
            case "w":
                self._file(change).since.append((change.at, change.data))
            case "t":
                self._file(change).since.append((change.at, None))
            case "s":
                self._flush(change)
            case "c":
                self._files[change.inode] = made = File()
                self._name((change.first, made))
            case "d":
                self._name((change.first, Folder()))
            case "y":
                self._name((change.first, change.second))
            case "l":
                self._name((change.first, self._files[change.inode]))
            case "u":
                self._name((change.first, None))
            case "r":
                self._name((change.second, self._node(change.first)), (change.first, None))
            case "x":
                first, second = self._node(change.first), self._node(change.second)
                self._name((change.second, first), (change.first, second))
            case "o" if change.inode in self._files:
                self._see(change.first, self._files[change.inode])

    def leave(self, place: Path, policy: tuple[str, str], chance: random.Random) -> None:
        """Make the folder at `place` as a power cut would leave it now."""
        kept = {"lost": 0, "kept": len(self._steps)}.get(policy[1], chance.randrange(len(self._steps) + 1))
        names: dict[int, dict[str, Node]] = {}
        for number, step in enumerate(self._steps):
            if step.safe or number < kept:
                for folder, name, node in step.names:
                    of = names.setdefault(id(folder), dict(folder.begun))
                    if node is None:
                        of.pop(name, None)
                    else:
                        of[name] = node
        share = chance.choice([0.5, 0.9])
        _make(self._top, place, names, lambda file: file.after(policy[0], chance, share))

    def _found(self, path: Path) -> Folder:
        nodes: dict[str, Node] = {}
        for entry in os.scandir(path):
            if entry.is_symlink():
                nodes[entry.name] = os.readlink(entry.path)
            elif entry.is_dir():
                nodes[entry.name] = self._found(Path(entry.path))
            else:
                status = entry.stat()
                known = File(Path(entry.path).read_bytes(), status.st_mode & 0o7777, status.st_mtime_ns)
                nodes[entry.name] = self._files.setdefault(entry.inode(), known)
        return Folder(nodes, dict(nodes))

    def _file(self, change: Change) -> File:
        return self._files.setdefault(change.inode, File())  # one without a name is nobody's until it is linked

    def _flush(self, change: Change) -> None:
        if self._lies:
            return
        if change.inode in self._files:
            self._files[change.inode].flush()
        elif change.first:
            folder = self._node(change.first)
            for step in self._steps:
                step.safe |= any(of is folder for of, _, _ in step.names)

    def _name(self, *names: tuple[str, Node | None]) -> None:
        step = Step([])
        for path, node in names:
            folder, name = self._split(path)
            step.names.append((folder, name, node))
            if node is None:
                folder.now.pop(name, None)
            else:
                folder.now[name] = node
        self._steps.append(step)

    def _see(self, path: str, file: File) -> None:
        """A file is seen under a name that nobody gave it: it was renamed in its folder."""
        folder, name = self._split(path)
        if folder.now.get(name) is not file:
            old = next(other for other, node in folder.now.items() if node is file)
            self._name((path, file), (f"{path.rpartition('/')[0]}/{old}", None))

    def _split(self, path: str) -> tuple[Folder, str]:
        *parts, name = Path(path).relative_to(self._root).parts
        folder = self._top
        for part in parts:
            inner = folder.now[part]
            assert isinstance(inner, Folder), path
            folder = inner
        return folder, name

    def _node(self, path: str) -> Node:
        if Path(path) == self._root:
            return self._top
        folder, name = self._split(path)
        return folder.now[name]


def _make(folder: Folder, place: Path, names: dict[int, dict[str, Node]], content: Callable[[File], bytes]) -> None:
    place.mkdir()
    for name, node in names.get(id(folder), folder.begun).items():
        match node:
            case Folder():
                _make(node, place / name, names, content)
            case File():
                (place / name).write_bytes(content(node))
                (place / name).chmod(node.mode)
                if node.moment:
                    os.utime(place / name, ns=(node.moment, node.moment))
            case str():
                (place / name).symlink_to(node)
