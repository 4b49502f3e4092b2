"""Where programs keep what is theirs, as a function of the environment, the platform and the home of a person."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# How the mounts of disks of other computers call themselves.
_NETWORK = ("nfs", "cifs", "smb", "afp", "webdav", "davfs", "afs", "ceph", "fuse.sshfs", "fuse.rclone", "fuse.davfs")


@dataclass(frozen=True)
class Mount:
    """A disk, or a folder of another computer."""

    point: Path
    network: bool


@dataclass(frozen=True)
class System:
    """Whose stores are looked for. platform: as `sys.platform` has it. Nothing here looks at a disk."""

    environment: Mapping[str, str]
    platform: str
    home: Path
    root: Path = Path("/")  # of what belongs to the machine, not to the person
    mounts: tuple[Mount, ...] = ()

    @classmethod
    def here(cls) -> System:
        import psutil

        mounts = [
            Mount(Path(disk.mountpoint), disk.fstype.lower().startswith(_NETWORK) or "remote" in disk.opts.split(","))
            for disk in psutil.disk_partitions(all=True)
        ]
        return cls(os.environ, sys.platform, Path.home(), mounts=tuple(mounts))

    def is_elsewhere(self, place: Path) -> bool:
        """Whether a place lies on another computer's disk, unless the home does too: then that is where they work."""
        mount = self._mount_of(place)
        return mount is not None and mount.network and mount != self._mount_of(self.home)

    def variable(self, *names: str) -> Path | None:
        """The folder that the first of these variables names which is set at all."""
        named = next((value for name in names if (value := self.environment.get(name, "").strip())), None)
        return None if named is None else self.expanded(named)

    def expanded(self, text: str) -> Path:
        """A path as people write it, `~` being this home."""
        if text == "~" or text.startswith(("~/", "~\\")):
            return self.home / text[2:]
        return Path(text)

    def settings(self) -> Path:
        """Where programs keep their settings."""
        return self._place("APPDATA", "AppData/Roaming", "Library/Application Support", "XDG_CONFIG_HOME", ".config")

    def data(self) -> Path:
        """Where programs keep large files of theirs."""
        return self._place(
            "LOCALAPPDATA", "AppData/Local", "Library/Application Support", "XDG_DATA_HOME", ".local/share"
        )

    def caches(self) -> Path:
        return self._place("LOCALAPPDATA", "AppData/Local", "Library/Caches", "XDG_CACHE_HOME", ".cache")

    def _mount_of(self, place: Path) -> Mount | None:
        around = [mount for mount in self.mounts if place.is_relative_to(mount.point)]
        return max(around, key=lambda mount: len(mount.point.parts), default=None)

    def _place(self, windows: str, windows_default: str, mac: str, linux: str, linux_default: str) -> Path:
        if self.platform == "darwin":
            return self.home / mac
        name, default = (windows, windows_default) if self.platform == "win32" else (linux, linux_default)
        return self.variable(name) or self.home / default
