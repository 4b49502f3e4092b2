"""A worker for the page that finds models, which asks nobody: what it answers follows from the words it is asked with.

hub_search: three repositories and more behind them; `nothing`: none; `broken`: a failure; `wait`: until it is stopped
hub_repo: quantizations and a card; gated without a token where the name ends in `gated`, empty where in `empty`
download: as far as half, then until it is stopped where a file's name begins with `slow`; a failure where with `q2`
"""

from __future__ import annotations

import threading
import time
from typing import Any

from scripted_worker import cancelled, finish, read_requests, requests, send

ZZ = "ZZ"  # what the hub says; not a word of the window
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
QUANTIZATIONS = ("q2_k", "q3_k_m", "q4_k_m", "q5_k_m", "q6_k", "q8_0", "f16", "f32")


def hub_search(id: int, params: dict[str, Any]) -> None:
    words = params["text"]
    while words == "wait" and id not in cancelled:
        time.sleep(0.01)
    if words == "broken":
        send(id, "Failed", code="hub_unreachable", data={"host": ZZ, "reason": ZZ}, detail="scripted")
        return
    found = () if words == "nothing" else (f"{ZZ}/one", f"{ZZ}/gated", f"{ZZ}/empty")
    for repo in found if id not in cancelled else ():
        send(id, "HubRepo", repo=repo, details={**FOUND, "kind": params["kind"], "gated": repo.endswith("gated")})
    finish(id, "done", found=len(found), more=bool(found) and not params["skip"])


def hub_repo(id: int, params: dict[str, Any]) -> None:
    repo, kind = params["repo"], params["kind"]
    gated, empty = repo.endswith("gated") and not params["token"], repo.endswith("empty")
    details: dict[str, Any] = {**FOUND, "kind": kind, "revision": "a" * 40, "card": CARD, "recommended": "q4_k_m.gguf"}
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
        details["files"].append(choice("gguf", "slow.gguf", 10**9, "q1"))
    send(id, "HubRepo", repo=repo, details=details)
    finish(id, "done")


def choice(kind: str, name: str, size: int, quantization: str | None = None) -> dict[str, Any]:
    fit = None if kind == "data" else "fits" if size < 5 * 10**9 else "slow" if size < 7 * 10**9 else "too_large"
    return {"kind": kind, "name": name, "files": [name], "size": size, "quantization": quantization, "sha256": None} | {
        "parts": 1,
        "problem": None,
        "memory": None,
        "fit": fit,
        "exact": False,
    }


def download(id: int, params: dict[str, Any]) -> None:
    name = params["files"][0]
    send(id, "Progress", done=0, total=4_000_000_000, unit="bytes", message=name)
    send(id, "Progress", done=2_000_000_000, total=4_000_000_000, unit="bytes", message=name)
    while name.startswith("slow") and id not in cancelled:
        time.sleep(0.01)
    if id in cancelled:
        finish(id, "cancelled")
    elif name.startswith("q2"):
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
