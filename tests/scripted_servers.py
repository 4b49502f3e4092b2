"""A worker for the page of servers that asks nobody: what it answers follows from what it is asked with.

providers: three, `locked` wants its key, `far` cannot be reached once it is asked · scan_servers: two, one wants a key
connect: an address with `refuse` wants a key, with `gone` nobody answers, with `wait` until it is stopped; else it is
connected as `ZZ`
"""

from __future__ import annotations

import threading
import time
from typing import Any

from scripted_worker import cancelled, finish, read_requests, requests, send

ZZ = "ZZ"  # what servers say; not a word of the window
NEAR, LOCKED, FAR = "http://127.0.0.1:11434", "http://192.168.0.7:8000", "https://api.openai.com/v1"
FOUND = ("http://127.0.0.1:8080", "http://127.0.0.1:1234")
ADDRESSES = (NEAR, LOCKED, FAR, *FOUND)
MODEL = {"context": 8192, "parameters": None, "size_bytes": None, "quantization": None, "capabilities": ["chat"]}


def server(id: int, name: str, kind: str, address: str, reach: str, **details: Any) -> None:
    count = details.pop("count", 3)
    models = [{"provider": name, "id": f"qqq{number}", "leaves": False, **MODEL} for number in range(count)]
    error = details.get("error")
    known = {"models": models, "reach": reach, "key_place": "", "needs_key": False, "looked": 1_700_000_000.0}
    send(
        id,
        "Server",
        name=name,
        kind=kind,
        address=address,
        problem=ZZ if error else None,
        details={**known, **details},
    )


def providers(id: int, params: dict[str, Any]) -> None:
    names = params["names"] or ["ZZ", "locked", "far"]
    if "ZZ" in names:
        place = "keyring" if "ZZ" in params["keys"] else ""
        server(id, "ZZ", "ollama", NEAR, "machine", key_place=place)
    if "locked" in names:
        error = {"code": "provider_key_missing", "data": {"name": ZZ}}
        server(id, "locked", "vllm", LOCKED, "network", count=0, error=error, looked=0)
    if "far" in names:
        data = {"name": ZZ, "reason": ZZ}
        error = {"code": "provider_unreachable", "data": data} if params["refresh"] else None
        server(id, "far", "openai", FAR, "internet", count=1, error=error)
    finish(id, "done", servers=len(names))


def scan_servers(id: int, params: dict[str, Any]) -> None:
    server(id, "", "llama.cpp", FOUND[0], "machine")
    server(id, "", "lmstudio", FOUND[1], "machine", needs_key=True)
    finish(id, "done", servers=2)


def connect(id: int, params: dict[str, Any]) -> None:
    address = params["address"]
    while "wait" in address and id not in cancelled:
        time.sleep(0.01)
    if id in cancelled:
        finish(id, "cancelled")
    elif "gone" in address:
        send(id, "Failed", code="provider_not_found", data={"address": address}, detail="scripted")
    elif "refuse" in address and not params["key"]:
        send(id, "Failed", code="provider_key_missing", data={"name": ZZ}, detail="scripted")
    else:
        name = params["name"] or "ZZ"
        server(id, name, "compatible", address, "machine", key_place=params["key_place"])
        finish(id, "done", name=name)


def main() -> None:
    threading.Thread(target=read_requests, daemon=True).start()
    jobs = {"providers": providers, "scan_servers": scan_servers, "connect": connect}
    while True:
        request = requests.get()
        jobs[request["job"]](request["id"], request["params"])


if __name__ == "__main__":
    main()
