"""A worker for the training page that looks at data, plans and trains by a script: the stem of the data's name.

    good · ask (its columns must be named) · broken (it cannot be read) · slow (rows come until it is cancelled)
    refuse (the plan refuses `lora.rank`) · risky (the plan warns) · full (the disk is full when it starts)
    long (it trains until it is cancelled) · crash (its worker dies while it trains) · choices (nothing to train on)
    texts (running text)

Rows are written as an index has them and runs as trainings leave them, so the window reads the real thing.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from scripted_worker import cancelled, finish, read_requests, requests, send

sys.path.insert(0, str(Path(__file__).parent.parent))
from engine.training.run import held  # after its place is known

ROWS = 40
KINDS = {"choices": "choice", "texts": "text"}
ZZ = "ZZ"  # what files and engines say; not a word of the window


def index(id: int, params: dict[str, Any]) -> None:
    place = Path(params["data"][0])
    kind = params.get("kind") or KINDS.get(place.stem, "conversation")
    detected = {"format": ZZ, "kind": kind, "confidence": 0.9, "reason": ZZ, "columns": {"response": "qqqq"}}
    detected |= {"unused": ["QQQ"], "questions": []}
    send(id, "Progress", done=0, total=0, unit="rows", message=ZZ)
    if place.stem == "broken":
        send(id, "Failed", code="data_empty", data={"place": ZZ}, detail="scripted")
        return
    if place.stem == "ask" and not params.get("columns"):
        detected |= {"kind": None, "format": "", "questions": [f"{ZZ}?"]}
        send(id, "Started", job="index", data={"files": [], "kind": None, "detected": detected})
        finish(id, "asked", detected=detected)
        return
    folder = Path(os.environ["SEEDLING_HOME"]) / "indexes" / f"{place.stem}-{kind}"
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "starts.npy", np.zeros(1, np.int64))
    (folder / "rows.jsonl").write_bytes(b"")
    (folder / "rejected.jsonl").write_text(json.dumps({"file": ZZ, "line": 7, "reason": ZZ}) + "\n")
    add_rows(folder, 0, ROWS, kind)
    send(id, "Started", job="index", data={"files": [], "kind": kind, "detected": detected, "folder": str(folder)})
    count = ROWS
    while place.stem == "slow":
        add_rows(folder, count, count + ROWS, kind)
        count += ROWS
        send(id, "Progress", done=count, total=0, unit="rows", message="")
        time.sleep(0.02 if count < 10 * ROWS else 0.5)
        if id in cancelled:
            finish(id, "cancelled")
            return
    finish(id, "done", **card(params, kind, detected, folder))


def row(number: int, kind: str) -> dict[str, Any]:
    says: dict[str, Any] = {"kind": kind, "file": ZZ, "line": number + 1}
    match kind:
        case "choice":
            return says | {"question": ZZ, "choices": [ZZ, ZZ], "answer": 0}
        case "text":
            return says | {"text": f"{ZZ} {number}"}
        case "labelled":
            return says | {"text": f"{ZZ} {number}", "label": ZZ}
    return says | {"messages": [{"role": "user", "content": ZZ}, {"role": "assistant", "content": f"{ZZ} {number}"}]}


def add_rows(folder: Path, start: int, end: int, kind: str) -> None:
    lines = [json.dumps(row(number, kind)).encode() + b"\n" for number in range(start, end)]
    before = (folder / "rows.jsonl").stat().st_size
    with open(folder / "rows.jsonl", "ab") as rows, open(folder / "starts.npy", "ab") as starts:
        rows.write(b"".join(lines))
        rows.flush()
        starts.write((before + np.cumsum([len(line) for line in lines])).tobytes())


def card(params: dict[str, Any], kind: str, detected: dict[str, Any], folder: Path) -> dict[str, Any]:
    report = {"rows": ROWS + 1, "read": ROWS, "rejected": 1, "duplicates": 2, "rejections": [], "repeated": []}
    lengths = {"rows": ROWS, "measured": ROWS, "quantiles": [3, 8, 20, 30, 40], "counts": [5, 30, 4, 1]}
    lengths |= {"edges": [0, 10, 20, 30, 41], "exact": True, "too_long": 0.0, "total": 400}
    return {
        "kind": kind,
        "detected": detected,
        "folder": str(folder),
        "files": [],
        "report": report,
        "sentences": [f"{ZZ} {ZZ}."],
        "notes": [],
        "rows": ROWS,
        "rejected": 1,
        "cut": 0,
        "held_back": round(ROWS * params["held_back"]),
        "languages": [["und", 1.0]],
        "languages_measured": ROWS,
        "samples": [row(0, kind)],
        "model": params["model"],
        "lengths": lengths,
        "tokens": [token_sample(0)] if params["model"] else [],
    }


def token_sample(number: int) -> dict[str, Any]:
    segments = [{"text": f"<{ZZ}>", "trained": False}, {"text": f"learnt {number}", "trained": True}]
    return {"event": "TokenSample", "row": number, "name": "", "segments": segments, "tokens": 9, "trained": 4}


def plan(id: int, params: dict[str, Any]) -> None:
    place = Path(params["data"][0])
    asked = {name: value for name, value in params.items() if name not in ("card", "answers")}
    answers = params.get("answers", {})
    asked.setdefault("method", {"text": "continue", "new": "pretrain"}.get(answers.get("goal", ""), "lora"))
    if "model" in answers:
        asked.setdefault("model", answers["model"])
    if place.stem == "refuse" and asked.get("lora.rank", 1) != 8:
        send(id, "Failed", code="recipe_value", data={"key": "lora.rank", "reason": ZZ, "found": ZZ}, detail="")
        return
    recipe: dict[str, Any] = {
        "learning_rate": 0.001,
        "steps": 300,
        "batch_size": 16,
        "keep": "best",
        "tied": True,
        "max_length": 30,
    }
    recipe |= {"lora.rank": 16} if asked["method"] == "lora" else {}
    reasons = dict.fromkeys(recipe, f"{ZZ} {ZZ}")
    found = {"found": ZZ, "wanted": ZZ}
    risk = {"code": "little_data", "step": None, "text": ZZ, "cure": ZZ, "data": found}
    risks = [risk] if place.stem == "risky" else []
    estimate: dict[str, Any] = {"memory": 300_000_000, "seconds": 240.0, "disk": 90_000_000}
    if asked["method"] == "pretrain":
        sizes = {"layers": 4, "width": 256, "vocabulary": 2048, "max_length": 256, "accumulation": 1}
        recipe, reasons = recipe | sizes, dict.fromkeys(recipe | sizes, f"{ZZ} {ZZ}")
        count = int(answers.get("parameters") or 250_000 * answers.get("time", 20))
        estimate |= {"parameters": count, "tokens": 12_000_000, "passes": 3.2, "expected": "words"}
        estimate |= {"flops": 2.5e11, "size_bytes": 1_000_000}
    toml = "".join(f"{name} = {json.dumps(value)}\n" for name, value in asked.items() if "." not in name)
    finish(
        id, "planned", asked=asked, recipe=recipe | asked, reasons=reasons, toml=toml, risks=risks, estimate=estimate
    )


def train(id: int, params: dict[str, Any]) -> None:
    folder = Path(params["out"])
    recipe = json.loads((folder / "asked.json").read_text()) if params.get("resume") else params
    script = Path(recipe["data"][0]).stem
    send(id, "Progress", done=0, total=ROWS, unit="rows", message=ZZ)
    if script == "full":
        send(id, "Failed", code="folder_no_room", data={"place": ZZ, "free": ZZ, "needed": ZZ}, detail="scripted")
        return
    write_run(folder, recipe, "running")
    send(id, "Started", job="train", data={"run": str(folder), "steps": 4})
    with held(folder):
        reason = steps(id, folder, script)
    write_model(folder / "model")
    write_run(folder, recipe, reason)
    finish(id, reason, run=str(folder), model=str(folder / "model"), best_val_loss=1.0)


def steps(id: int, folder: Path, script: str) -> str:
    """Why they ended."""
    step = 0
    with open(folder / "metrics.jsonl", "w") as metrics:
        while step < 4 or script == "long":
            step += 1
            values = {"loss": 4.0 / min(step, 16), "lr": 1e-3, "tokens_per_second": 1000.0, "grad_norm": 1.0}
            metrics.write(json.dumps({"step": step, **values}) + "\n")
            metrics.flush()
            send(id, "Metric", step=step, values=values)
            if script == "crash":
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(0.02 if step < 20 else 0.3)
            if id in cancelled:
                return "cancelled"
    return "done"


def write_run(folder: Path, recipe: dict[str, Any], state: str) -> None:
    (folder / "checkpoints" / "step-00000002").mkdir(parents=True, exist_ok=True)
    (folder / "checkpoints" / "step-00000002" / "manifest.json").write_text("{}")
    (folder / "checkpoints" / "step-00000002" / "state.json").write_text('{"step": 2, "seconds": 1.0}')
    (folder / "asked.json").write_text(json.dumps(recipe))
    toml = f'method = "{recipe["method"]}"\nsteps = 4\ndata = {json.dumps(list(recipe["data"]))}\nmodel = "starter"\n'
    (folder / "recipe.toml").write_text(toml)
    info = {"state": state, "started": "2026-01-02 03:04:05", "parent": None, "parent_name": "starter"}
    info |= {"data": {"files": [{"name": ZZ}]}, "parameters": 1000}
    (folder / "run.json").write_text(json.dumps(info))


def write_model(folder: Path) -> None:
    """What a glance takes for a model folder."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text('{"model_type": "qwen3"}')
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")


def tokens(id: int, params: dict[str, Any]) -> None:
    for number in params["rows"]:
        sample = token_sample(number)
        send(id, sample.pop("event"), **sample)
    finish(id, "done")


def export(id: int, params: dict[str, Any]) -> None:
    send(id, "Progress", done=1, total=2, unit="", message=ZZ)
    Path(params["out"]).write_text(json.dumps(params))
    finish(id, "done", out=params["out"], size_bytes=1_000_000)


def quantizations(id: int, params: dict[str, Any]) -> None:
    for type in params["types"]:
        send(id, "Metric", step=0, values={"type": type, "size_bytes": 2_000_000, "worse": 0.0123})
    finish(id, "done", types=[])


def classify(id: int, params: dict[str, Any]) -> None:
    if "text" in params:
        finish(id, "done", labels=[ZZ, "QQQ"], probabilities={"QQQ": 0.2, ZZ: 0.8})
    else:
        Path(params["csv"]).write_text(ZZ)
        finish(id, "done", texts=3, csv=params["csv"])


def snapshot(id: int, params: dict[str, Any]) -> None:
    place = Path(params["run"]) / "snapshots" / str(params["step"])
    place.mkdir(parents=True, exist_ok=True)
    write_model(place)
    finish(id, "done", model=str(place))


def preview_tokenizer(id: int, params: dict[str, Any]) -> None:
    """Every byte is a token."""
    cut = []
    for text in params["sentences"]:
        pieces = [{"id": byte, "bytes": f"{byte:02x}"} for byte in text.encode()]
        cut.append({"text": text, "pieces": pieces})
    finish(id, "done", vocabulary=params.get("vocabulary", 256), sampled="data" in params, sentences=cut)


def main() -> None:
    threading.Thread(target=read_requests, daemon=True).start()
    jobs = {"index": index, "plan": plan, "train": train, "tokens": tokens, "export": export}
    jobs |= {"quantizations": quantizations, "classify": classify, "snapshot": snapshot}
    jobs |= {"preview_tokenizer": preview_tokenizer}
    while True:
        request = requests.get()
        jobs[request["job"]](request["id"], request["params"])


if __name__ == "__main__":
    main()
