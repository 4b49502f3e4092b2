"""LitGPT itself runs what we export, and what it saves opens in ours: the same logits."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from random_gpt import english_tokenizer, random_gpt
from random_lora import IDS

from engine.events import Finished
from engine.gpt import hf, opening
from engine.gpt.export import export
from engine.gpt.model import GPT
from engine.jobs import JobContext

ROOT = Path(__file__).parents[3]
PEER = ROOT / ".venv-peers" / "bin" / "python"
KINDS: dict[str, dict[str, Any]] = {
    "llama": {"tied": False},
    "llama tied": {"tied": True},
    "llama stretched": {
        "rope_scaling": "llama3", "rope_factor": 8.0, "rope_low_factor": 1.0, "rope_high_factor": 4.0,
        "rope_original_context": 32,
    },
    "mistral": {"window": 8},
    "qwen2": {},
    "qwen3": {},
    "qwen3 grouped": {"kv_heads": 2},
}  # fmt: skip


def difference(model: GPT, folder: Path) -> float:
    """The largest one between a logit of LitGPT's with a folder and one of the model's."""
    with torch.no_grad():
        return float((model(IDS) - torch.tensor(json.loads((folder / "logits.json").read_text()))).abs().max())


@pytest.mark.skipif(not PEER.exists(), reason="LitGPT is not here (make peers)")
@pytest.mark.trial(sample=1, full=5)
def test_litgpt_and_we_open_each_others_models(trials: range, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    models = dict[Path, GPT]()
    for seed in trials:
        for kind, changes in KINDS.items():
            source, out = tmp_path / "source", tmp_path / f"{kind}-{seed}"
            models[out] = random_gpt(kind.split()[0], seed=seed, **changes)
            hf.save(models[out], english_tokenizer(), source)
            params = {"model": str(source), "out": str(out), "to": "litgpt"}
            *_, last = export(params, JobContext(threading.Event()))
            assert isinstance(last, Finished)
    (tmp_path / "ids.json").write_text(json.dumps(IDS.tolist()))
    command = [str(PEER), str(ROOT / "tests" / "litgpt_child.py"), str(tmp_path / "ids.json"), *map(str, models)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": ""}, check=False)
    assert done.returncode == 0, done.stderr
    for folder, model in models.items():
        saved = folder.with_name(f"{folder.name}-saved")
        assert difference(model, folder) < 1e-4, folder.name
        assert difference(opening.open_model(saved)[0], saved) < 1e-4, saved.name
        assert difference(model, saved) > 0.1, "LitGPT's own weights, not ours again"
