"""What the proof on a bare system may delete."""

from __future__ import annotations

from pathlib import Path

import pytest
from installed import bare_system


@pytest.fixture
def systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system with a file in it, where systems are made."""
    monkeypatch.setattr(bare_system, "FOLDER", tmp_path / "build")
    (tmp_path / "build" / "system" / "root").mkdir(parents=True)
    (tmp_path / "build" / "system" / "root" / "file").write_bytes(b"mine")
    return tmp_path / "build"


def test_a_system_is_deleted_whole(systems: Path) -> None:
    bare_system.delete(systems / "system")
    assert not (systems / "system").exists()
    bare_system.delete(systems / "system")  # and again


@pytest.mark.parametrize("where", ["system", "system/root", "system/root/with a space"])
def test_what_is_mounted_is_not_deleted(systems: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    monkeypatch.setattr(bare_system, "mounted", lambda: [Path("/"), systems / where])
    with pytest.raises(OSError, match="is not deleted"):
        bare_system.delete(systems / "system")
    assert (systems / "system" / "root" / "file").exists()


def test_what_lies_elsewhere_is_not_deleted(systems: Path) -> None:
    for place in (systems, systems.parent, systems / "system" / ".." / ".." / ".." / systems.parent.name):
        with pytest.raises(OSError, match="lies elsewhere"):
            bare_system.delete(place)
    assert (systems / "system" / "root" / "file").exists()


def test_places_of_mounts_are_read_as_they_are_written() -> None:
    assert Path("/proc") in bare_system.mounted()
    assert bare_system.place_of("36 35 98:0 / /home/a\\040b\\134c rw - ext3 /dev/root rw") == Path("/home/a b\\c")
    assert bare_system.place_of("36 35 98:0 / /home/Ünï rw - ext3 /dev/root rw") == Path("/home/Ünï")
