"""A worker for About Seedling, which asks nobody: what a look finds stands in SEEDLING_HOME/updates.script.

update_check: `newer`, `newest`, `elsewhere` (a newer one without a file for this computer), `wait` until it is stopped,
else the failure with that code. update_download: half, then until it is stopped for a name that begins with `slow`;
a failure for one that begins with `wrong`; else all of it. probe: what llama.cpp says of itself.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import Any

from scripted_worker import cancelled, finish, read_requests, requests, send

ZZ = "ZZ"
SIZE = 300_000_000
CHANGES = "## ZZ\n\n- ZZ **ZZ**\n- <b>ZZ</b> ![ZZ](https://example.org/x.png)\n"


def update_check(id: int, params: dict[str, Any]) -> None:
    script = Path(os.environ["SEEDLING_HOME"], "updates.script")
    what = script.read_text() if script.exists() else "newer"
    while what == "wait" and id not in cancelled:
        time.sleep(0.01)
    if what == "wait":
        finish(id, "cancelled")
    elif what in ("newer", "newest", "elsewhere"):
        names = ("ZZ.deb", "slow.AppImage", "wrong.tar.gz") if what == "newer" else ()
        told = {
            "here": "0.1.0",
            "version": "9.0.0",
            "newer": what != "newest",
            "date": "2026-11-28",
            "changes": CHANGES,
        }
        told |= {"platform": ZZ, "folder": f"/{ZZ}", "packages": [{"name": name, "size": SIZE} for name in names]}
        finish(id, "done", **told)
    else:
        send(id, "Failed", code=what, data={"host": ZZ, "reason": ZZ, "address": ZZ, "date": ZZ}, detail="scripted")


def update_download(id: int, params: dict[str, Any]) -> None:
    name = params["file"]
    if name.startswith("wrong"):
        send(id, "Failed", code="download_wrong", data={"file": name, "repo": ZZ, "times": 3}, detail="scripted")
        return
    send(id, "Progress", done=SIZE // 2, total=SIZE, unit="bytes", message=name)
    while name.startswith("slow") and id not in cancelled:
        time.sleep(0.01)
    if id in cancelled:
        finish(id, "cancelled")
    else:
        finish(id, "done", path=f"/{ZZ}/{name}", bytes=SIZE, sha256="0" * 64, version="9.0.0")


def probe(id: int, params: dict[str, Any]) -> None:
    finish(id, "done", text="ZZ: CPU : SSE3 = 1 | AVX2 = 1", offload=False)


def main() -> None:
    threading.Thread(target=read_requests, daemon=True).start()
    jobs = {"update_check": update_check, "update_download": update_download, "probe": probe}
    while True:
        request = requests.get()
        jobs[request["job"]](request["id"], request["params"])


if __name__ == "__main__":
    main()
