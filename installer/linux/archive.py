"""The portable archive: dist/seedling and a page that says how it is used.

    python -m installer.linux.archive     writes dist/seedling-VERSION-linux-x86_64.tar.gz

Names in order, no owner, times of `SOURCE_DATE_EPOCH` or of the last commit: the same collection, the same bytes.
"""

from __future__ import annotations

import gzip
import os
import sys
import tarfile

from installer.linux.deb import COLLECTION, HERE, ROOT, last_commit, version


def main() -> int:
    moment = int(os.environ.get("SOURCE_DATE_EPOCH", last_commit()))
    name = f"seedling-{version()}"
    target = ROOT / "dist" / f"{name}-linux-x86_64.tar.gz"

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        member.mtime = moment
        return member

    with target.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
            archive.add(HERE / "README-portable.txt", f"{name}/README.txt", filter=plain)
            archive.add(COLLECTION, name, filter=plain)  # a folder's entries are taken in the order of their names
    print(f"{target}  {target.stat().st_size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
