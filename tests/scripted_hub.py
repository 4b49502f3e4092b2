"""A worker for the page that finds models, which asks nobody: what it answers follows from the words it is asked with.

hub_search: three repositories and more behind them; `nothing`: none; `broken`: a failure; `wait`: until it is stopped
hub_repo: quantizations and a card; of GATED without a token its terms, of EMPTY nothing
download: as far as half, then until it is stopped where a file's name begins with `slow`; a failure where with `qqq2`
"""

from __future__ import annotations

import threading
import time
from typing import Any

from scripted_worker import cancelled, finish, read_requests, requests, send

ZZ = "ZZ"  # what the hub says; not a word of the window
OPEN, GATED, EMPTY = f"{ZZ}/{ZZ}", f"{ZZ}/QQQ", f"{ZZ}/qqqq"
FOUND = {
    "kind": "model",
    "downloads": 12_300,
    "likes": 45,
    "licence": ZZ,
    "gated": "",
    "parameters": 8_400_000_000,
    "architecture": ZZ,
    "context": 4096,
    "fit": "slow",
}
CARD = "# ZZ\n\n<p align='center'><img src='//host/share/x.png'></p>\n\nZZ **ZZ** [ZZ](https://example.org/ZZ)\n\n```\nZZ\n```\n"
QUANTIZATIONS = tuple(f"qqq{number}" for number in range(2, 10))


def hub_search(id: int, params: dict[str, Any]) -> None:
    words = params["text"]
    while words == "wait" and id not in cancelled:
        time.sleep(0.01)
    if words == "broken":
        send(id, "Failed", code="hub_unreachable", data={"host": ZZ, "reason": ZZ}, detail="scripted")
        return
    found = () if words == "nothing" else (OPEN, GATED, EMPTY)
    for repo in found if id not in cancelled else ():
        send(id, "HubRepo", repo=repo, details={**FOUND, "kind": params["kind"], "gated": repo == GATED})
    finish(id, "done", found=len(found), more=bool(found) and not params["skip"])


def hub_repo(id: int, params: dict[str, Any]) -> None:
    repo, kind = params["repo"], params["kind"]
    gated, empty = repo == GATED and not params["token"], repo == EMPTY
    details: dict[str, Any] = {**FOUND, "kind": kind, "revision": "a" * 40, "card": CARD, "recommended": "qqq4.gguf"}
    details |= {"access": "token" if gated else "open", "gate": None, "problem": None, "files": []}
    if gated:
        details["gate"] = {"code": "repo_gated", "data": {"repo": ZZ, "address": ZZ, "host": ZZ}}
    if empty:
        details["problem"] = {"code": "repo_no_weights", "data": {"repo": ZZ}}
    elif kind == "dataset":
        details["files"] = [choice("data", "slow.jsonl", 5_000_000)]
    else:
        sizes = enumerate(QUANTIZATIONS, 1)
        details["files"] = [choice("gguf", f"{name}.gguf", place * 10**9, name) for place, name in sizes]
        details["files"].append(choice("gguf", "slow.gguf", 10**9, "qqq1"))
    send(id, "HubRepo", repo=repo, details=details)
    finish(id, "done")


def choice(kind: str, name: str, size: int, quantization: str | None = None) -> dict[str, Any]:
    fit = None if kind == "data" else "fits" if size < 5 * 10**9 else "slow" if size < 7 * 10**9 else "too_large"
    return {"kind": kind, "name": name, "files": [name], "size": size, "quantization": quantization, "sha256": None} | {
        "parts": 1,
        "problem": None,
        "memory": None,
        "fit": fit,
        "gpu_fits": {},
        "exact": False,
    }


def download(id: int, params: dict[str, Any]) -> None:
    name = params["files"][0]
    send(id, "Progress", done=0, total=4_000_000_000, unit="bytes", message=name)
    send(id, "Progress", done=2_000_000_000, total=4_000_000_000, unit="bytes", message=name)
    if name.startswith("slow quiet"):
        send(id, "Waiting")
    while name.startswith("slow") and id not in cancelled:
        time.sleep(0.01)
    if id in cancelled:
        finish(id, "cancelled")
    elif name.startswith("qqq2"):
        send(id, "Failed", code="download_no_room", data={"repo": ZZ, "place": ZZ, "needed": ZZ, "free": ZZ}, detail="")
    else:
        finish(id, "done", paths=[f"/{ZZ}/{name}"], bytes=4_000_000_000, model="starter")


def main() -> None:
    threading.Thread(target=read_requests, daemon=True).start()
    jobs = {"hub_search": hub_search, "hub_repo": hub_repo, "download": download}
    while True:
        request = requests.get()
        jobs[request["job"]](request["id"], request["params"])


if __name__ == "__main__":
    main()
