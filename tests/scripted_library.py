"""A worker for the page of models that knows those of `tests/app/conftest.py`, and does what it is told by names.

library: the models, `gone` broken · memory: fits; too large for `slow`; unknown for `refuse`
scan: two models of other programs, one of them broken · verify: good; changed for `slow`; for ever for `hang`
copy_model: refused, since the disk is full
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from scripted_worker import cancelled, finish, read_requests, requests, send

ZZ = "ZZ"  # what files say; not a word of the window
NAMES = ("starter", "slow", "refuse", "crash", "hang", "gone")
NEED = {"weights": 3_000_000, "cache": 1_000_000, "compute": 500_000, "overhead": 100_000, "total": 4_600_000}


def model(id: int, name: str, path: str, **fields: Any) -> None:
    details = {"parameters": 8_400_000, "quantization": "QQQ", "size_bytes": 9_200_000, "context": 2048}
    details |= {"licence": ZZ, "architecture": ZZ, "vocabulary": 4096, "template": True, "badges": ["chat", "tools"]}
    details |= fields.pop("details", {})
    event = {"kind": "gguf", "backend": "llama", "bundled": False, "problem": None, **fields}
    send(id, "Model", name=name, path=path, details=details, **event)


def library(id: int, params: dict[str, Any]) -> None:
    for name in NAMES:
        bundled = name == "starter"
        details: dict[str, Any] = {"origin": "bundled" if bundled else "added", "freed_bytes": None}
        if name == "slow":
            lineage = {"parent": "starter", "data": [ZZ], "run": ZZ}
            details |= {"origin": "copied", "freed_bytes": 9_200_000, "lineage": lineage}
        problem = "its file is missing." if name == "gone" else None
        if problem:
            details |= {"error": {"code": "model_gone", "data": {"place": ZZ}, "remedy": ""}}
        model(id, name, f"/models/{name}.gguf", bundled=bundled, problem=problem, details=details)
    finish(id, "done", models=len(NAMES), disk_bytes=55_000_000, freed_bytes=9_200_000, disk_free=10**9)


def memory(id: int, params: dict[str, Any]) -> None:
    name = Path(params["model"]).stem
    if name == "refuse":
        send(id, "Failed", code="not_found", data={"place": ZZ}, detail="scripted")
        return
    verdict = "too_large" if name == "slow" else "fits"
    finish(
        id,
        "done",
        need=NEED,
        verdict=verdict,
        context=params["options"].get("context", 2048),
        available=4_000_000 if name == "slow" else 16_000_000_000,
        largest_context=2048,
        gpu_layers={ZZ: 12},
        gpu_verdicts={ZZ: "slow"},
    )


def scan(id: int, params: dict[str, Any]) -> None:
    model(id, ZZ, f"/{ZZ}/one.gguf", details={"store": "ollama", "size_bytes": 4_000_000_000})
    model(id, "QQQ", f"/{ZZ}/two.gguf", problem=f"{ZZ} {ZZ}.", details={"store": "lmstudio"})
    finish(id, "done", models=2)


def verify(id: int, params: dict[str, Any]) -> None:
    send(id, "Progress", done=1, total=2, unit="bytes", message="")
    while params["model"] == "hang" and id not in cancelled:
        time.sleep(0.01)
    if id in cancelled:
        finish(id, "cancelled")
    else:
        verdict = "changed" if params["model"] == "slow" else "good"
        finish(id, "done", verdict=verdict, sha256="f00d", files=[{"name": ZZ, "sha256": "f00d", "verdict": verdict}])


def render_template(id: int, params: dict[str, Any]) -> None:
    if params["template"].startswith("{%"):
        send(id, "Failed", code="template_broken", data={"reason": ZZ}, detail="scripted")
    else:
        finish(id, "done", text=params["template"], cut=False)


def copy_model(id: int, params: dict[str, Any]) -> None:
    send(id, "Failed", code="disk_full", data={"place": ZZ}, detail="scripted")


def main() -> None:
    threading.Thread(target=read_requests, daemon=True).start()
    jobs = {"library": library, "memory": memory, "scan": scan, "verify": verify, "copy_model": copy_model}
    jobs["render_template"] = render_template
    while True:
        request = requests.get()
        jobs[request["job"]](request["id"], request["params"])


if __name__ == "__main__":
    main()
