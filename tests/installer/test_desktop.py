"""What makes the program known to a desktop, and the package that carries it."""

from __future__ import annotations

import configparser
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from installer import elf, icons, sizes
from installer.linux import deb

linux = pytest.mark.skipif(sys.platform != "linux", reason="of Linux")


def entry() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(deb.HERE / "seedling.desktop", encoding="utf-8")
    return parser["Desktop Entry"]


def test_the_menu_entry_opens_models_datasets_and_addresses() -> None:
    kinds = entry()["MimeType"].split(";")
    assert {"application/x-gguf", "application/x-ndjson", "application/vnd.apache.parquet"} <= set(kinds)
    assert "x-scheme-handler/seedling" in kinds
    assert entry()["Exec"].split() == ["seedling-window", "%u"]
    assert not {"text/plain", "text/csv", "application/json"} & set(kinds)  # they stay with editors and spreadsheets


@linux
@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="desktop-file-utils is not installed")
def test_the_menu_entry_is_as_freedesktop_wants_it() -> None:
    done = subprocess.run(
        ["desktop-file-validate", str(deb.HERE / "seedling.desktop")], capture_output=True, check=True
    )
    assert done.stdout == b""


def test_kinds_of_files_that_the_entry_names_and_no_system_has_are_described() -> None:
    space = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
    described = ElementTree.parse(deb.HERE / "seedling-mime.xml").getroot()
    globs = {
        kind.attrib["type"]: [glob.attrib["pattern"] for glob in kind.findall("m:glob", space)]
        for kind in described.findall("m:mime-type", space)
    }
    assert globs["application/x-gguf"] == ["*.gguf"]
    assert "*.jsonl" in globs["application/x-ndjson"]
    assert set(globs) <= set(entry()["MimeType"].split(";"))


def test_the_package_names_the_maintainer_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEEDLING_MAINTAINER", raising=False)
    assert deb.maintainer() == "Unreleased build <nobody@localhost>"
    monkeypatch.setenv("SEEDLING_MAINTAINER", "")  # a variable of the workflow that is not set
    assert deb.maintainer() == deb.NOBODY
    monkeypatch.setenv("SEEDLING_MAINTAINER", "Ada Löwe <ada@example.org>")
    assert deb.maintainer() == "Ada Löwe <ada@example.org>"


@pytest.mark.parametrize("given", ["Ada", "ada@example.org", "Ada <ada>", "Ada <a@b.c>\nDepends: x", "<a@b.c>"])
def test_a_maintainer_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("SEEDLING_MAINTAINER", given)
    with pytest.raises(SystemExit, match="Name <address>"):
        deb.maintainer()


def test_the_control_file_has_the_maintainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEDLING_MAINTAINER", "Ada Löwe <ada@example.org>")
    monkeypatch.setattr(deb, "TREE", tmp_path)
    monkeypatch.setattr(deb, "depends", lambda: ["libc6 (>= 2.35)"])
    deb.control()
    lines = (tmp_path / "DEBIAN" / "control").read_text(encoding="utf-8").splitlines()
    assert "Maintainer: Ada Löwe <ada@example.org>" in lines


def test_the_icon_is_drawn_at_the_size_asked_for(qtbot: object) -> None:
    for side in (16, 256):
        image = icons.png(side)
        assert image[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", image[16:24]) == (side, side)


def test_the_icons_of_windows_and_macos_hold_pngs(qtbot: object) -> None:
    ico, icns = icons.ico(), icons.icns()
    assert struct.unpack("<HHH", ico[:6]) == (0, 1, len(icons._ICO_SIDES))
    size, place = struct.unpack("<II", ico[6 + 8 : 6 + 16])
    assert ico[place : place + size] == icons.png(icons._ICO_SIDES[0])
    assert icns[:4] == b"icns"
    assert struct.unpack(">I", icns[4:8])[0] == len(icns)
    assert icns[8:12] == b"icp4"


@linux
@pytest.mark.skipif(shutil.which("dpkg-deb") is None or shutil.which("objdump") is None, reason="Debian's tools lack")
def test_the_same_collection_gives_the_same_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: object, capfd: pytest.CaptureFixture[str]
) -> None:
    collection = tmp_path / "dist" / "seedling"
    (collection / "_internal").mkdir(parents=True)
    shutil.copy("/bin/true", collection / "seedling")
    (collection / "seedling-window").symlink_to("seedling")
    for name, place in {"COLLECTION": collection, "TREE": tmp_path / "deb", "DIST": tmp_path / "dist"}.items():
        monkeypatch.setattr(deb, name, place)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    monkeypatch.setattr("sys.argv", ["deb", "--compress", "none"])
    packages = []
    for _ in range(2):
        assert deb.main() == 0
        packages.append(next((tmp_path / "dist").glob("*.deb")).read_bytes())
    assert packages[0] == packages[1]
    package = next((tmp_path / "dist").glob("*.deb"))
    listed = subprocess.run(["dpkg-deb", "-c", str(package)], capture_output=True, text=True, check=True).stdout
    for line in (
        "./opt/seedling/seedling-window -> seedling",
        "./usr/bin/seedling -> /opt/seedling/seedling",
        "./usr/share/icons/hicolor/48x48/apps/seedling.png",
        "./usr/share/mime/packages/seedling.xml",
    ):
        assert line in listed
    assert "root/root" in listed
    asked = subprocess.run(["dpkg-deb", "-f", str(package), "Depends"], capture_output=True, text=True, check=True)
    assert "libxcb-cursor0" in asked.stdout
    assert "libc6 (>= 2." in asked.stdout


@linux
@pytest.mark.skipif(shutil.which("objdump") is None, reason="binutils is not installed")
def test_what_a_program_asks_of_the_system_is_read_from_it(tmp_path: Path) -> None:
    shutil.copy(sys.executable, tmp_path / "python")
    (tmp_path / "text").write_text("no program")
    (found,) = elf.binaries(tmp_path)
    assert "libc.so.6" in found.needed
    assert found.glibc >= (2, 2)
    assert "libc.so.6" in elf.from_outside([found], tmp_path)
    (tmp_path / "libc.so.6").touch()
    assert "libc.so.6" not in elf.from_outside([found], tmp_path)


def test_parts_are_weighed_with_the_libraries_they_brought(tmp_path: Path) -> None:
    for name, size in {"numpy/a.so": 10, "numpy.libs/b.so": 5, "torch/c.so": 30}.items():
        path = tmp_path / "_internal" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
    (tmp_path / "seedling").write_bytes(bytes(7))
    (tmp_path / "seedling-window").symlink_to("seedling")
    assert sizes.weigh(tmp_path) == {"numpy": 15, "torch": 30, "seedling": 7}
