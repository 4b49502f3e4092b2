"""A chat through the real worker leaves no word of it under the home, not even when it fails."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from engine.processes import helper_command

CANARY = "canary7f3a9"


def ask(worker: subprocess.Popen[bytes], job: str, **params: Any) -> dict[str, Any]:
    """The last event of a job."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(json.dumps({"id": 1, "job": job, "params": params}).encode() + b"\n")
    worker.stdin.flush()
    while (event := json.loads(worker.stdout.readline()))["event"] not in ("Finished", "Failed"):
        pass
    return dict(event)


@pytest.mark.parametrize("level", ["normal", "detailed"])
def test_prompts_and_replies_stay_out_of_the_logs(tiny_model: Path, home: Path, level: str) -> None:
    (home / "settings.json").write_text(json.dumps({"log_level": level}))
    pipe = subprocess.PIPE
    with subprocess.Popen(helper_command("worker"), stdin=pipe, stdout=pipe, stderr=pipe) as worker:
        loaded = ask(worker, "load", model=str(tiny_model))
        assert loaded["reason"] == "loaded"
        message = {"role": "user", "content": f"Say {CANARY}."}
        options = {"temperature": 0, "max_tokens": 8}
        assert ask(worker, "chat", messages=[message], options=options)["reason"] in ("length", "stop")
        ends = [
            ask(worker, "chat", messages=[{"role": CANARY, "content": CANARY}]),
            ask(worker, "chat", messages=CANARY, options=options),
            ask(worker, "chat", messages=[{"role": "user", "content": CANARY * 1000}], options=options),
            ask(worker, "chat", messages=[message], options={CANARY: CANARY}),
        ]
        assert [event["event"] for event in ends] == ["Failed"] * 4
        assert ask(worker, "chat", messages=[message], options=options)["event"] == "Finished"
        _, said = worker.communicate(timeout=10)
    assert CANARY.encode() not in said
    found = [path for path in home.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert found == []
