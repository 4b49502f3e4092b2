"""The Debian package: dist/seedling, which PyInstaller made, under /opt, and what makes it known to the desktop.

    python -m installer.linux.deb [--compress xz|zstd|none]     writes dist/seedling_VERSION_amd64.deb

SEEDLING_MAINTAINER is whom the package names as its maintainer, as `Name <address>`; without it the package says that
nobody stands for it.
The same collection gives the same package, byte for byte: times are those of `SOURCE_DATE_EPOCH`, else of the last
commit.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from engine import desktop_libraries
from installer import elf, icons

ROOT = Path(__file__).resolve().parent.parent.parent
DIST = ROOT / "dist"
COLLECTION = DIST / "seedling"
HERE = ROOT / "installer" / "linux"
TREE = ROOT / "build" / "deb"
PROGRAMS = ("seedling", "seedling-window")
NOBODY = "Unreleased build <nobody@localhost>"
LEVELS = {"xz": ["-Zxz", "-z6"], "zstd": ["-Zzstd", "-z12"], "none": ["-Znone"]}

CONTROL = """\
Package: seedling
Version: {version}
Architecture: amd64
Maintainer: {maintainer}
Installed-Size: {size}
Depends: {depends}
Recommends: desktop-file-utils, shared-mime-info, hicolor-icon-theme, xdg-utils
Suggests: gnome-keyring | kwalletmanager
Section: science
Priority: optional
Description: chat with a language model, grow one, finetune it, ship it
 Seedling is a desktop application for the whole life of a language model on
 one person's own computer. A small model is part of it, so that it answers
 from the first minute, with no network, no account and no graphics processor.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compress", choices=LEVELS, default="xz")
    args = parser.parse_args()
    maintainer()  # refused before the work begins
    os.environ.setdefault("SOURCE_DATE_EPOCH", str(last_commit()))
    lay_out()
    control()
    target = DIST / f"seedling_{version()}_amd64.deb"
    options = ["--root-owner-group", *LEVELS[args.compress]]
    subprocess.run(["dpkg-deb", *options, "--build", str(TREE), str(target)], check=True)
    shutil.rmtree(TREE)
    print(f"{target}  {target.stat().st_size / 1e6:.0f} MB")
    return 0


def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def maintainer() -> str:
    """Raises SystemExit for what dpkg would not take for a name and an address."""
    given = os.environ.get("SEEDLING_MAINTAINER", "").strip() or NOBODY
    if not re.fullmatch(r"[^<>@\s][^<>@\r\n]* <[^<>@\s]+@[^<>@\s]+>", given):
        raise SystemExit(f"SEEDLING_MAINTAINER is {given!r}, and ought to be: Name <address>")
    return given


def last_commit() -> int:
    said = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True)
    return int(said.stdout)


def lay_out() -> None:
    """The files as they will lie in the system. The collection's are linked, not copied."""
    shutil.rmtree(TREE, ignore_errors=True)
    shutil.copytree(COLLECTION, TREE / "opt" / "seedling", symlinks=True, copy_function=os.link)
    for program in PROGRAMS:
        put(TREE / "usr" / "bin" / program).symlink_to(f"/opt/seedling/{program}")
    share = TREE / "usr" / "share"
    shutil.copyfile(HERE / "seedling.desktop", put(share / "applications" / "seedling.desktop"))
    shutil.copyfile(HERE / "seedling-mime.xml", put(share / "mime" / "packages" / "seedling.xml"))
    for side in icons.SIDES:
        put(share / "icons" / "hicolor" / f"{side}x{side}" / "apps" / "seedling.png").write_bytes(icons.png(side))
    shutil.copyfile(HERE / "copyright", put(share / "doc" / "seedling" / "copyright"))
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    put(share / "doc" / "seedling" / "changelog.gz").write_bytes(gzip.compress(changes, 9, mtime=0))


def put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def control() -> None:
    files = [path for path in sorted(TREE.rglob("*")) if path.is_file() and not path.is_symlink()]
    folder = TREE / "DEBIAN"
    folder.mkdir()
    size = sum(path.stat().st_size for path in files) // 1024
    text = CONTROL.format(version=version(), size=size, depends=", ".join(depends()), maintainer=maintainer())
    (folder / "control").write_text(text, encoding="utf-8")
    sums = [f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(TREE)}\n" for path in files]
    (folder / "md5sums").write_text("".join(sums))
    for script in ("postinst", "postrm"):
        shutil.copyfile(HERE / script, folder / script)
        (folder / script).chmod(0o755)


def depends() -> list[str]:
    """The packages whose libraries something in the collection names, and those that the window looks for."""
    found = list(elf.binaries(COLLECTION))
    major, minor = max(binary.glibc for binary in found)
    packages = {"libc6": f" (>= {major}.{minor})"}
    packages |= dict.fromkeys(
        [*desktop_libraries.GUI_LIBRARIES.values(), *desktop_libraries.XCB_LIBRARIES.values()], ""
    )
    for library, who in elf.from_outside(found, COLLECTION).items():
        if all(is_optional(path) for path in who):
            continue
        package = elf.package_of(library)
        if package is None:
            raise SystemExit(f"{library}, which {who[0].name} needs, is in no package that is installed here")
        packages.setdefault(package, "")
    return [f"{name}{bound}" for name, bound in sorted(packages.items())]


def is_optional(path: Path) -> bool:
    """A plugin that Qt does without: the look of GTK's desktops, and Wayland, which X11 stands in for."""
    return "gtk3" in path.name or "ayland" in path.name or "wayland" in str(path.parent)


if __name__ == "__main__":
    sys.exit(main())
