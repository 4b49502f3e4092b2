"""LitGPT at work in its own environment: what it computes with folders, and folders that it saved itself.

.venv-peers/bin/python tests/litgpt_child.py IDS.json FOLDER ...     (by tests/engine/gpt/test_litgpt_parity.py)

For each folder it leaves `logits.json`, and beside it, as FOLDER-saved, a model of the same shape with other weights as
LitGPT saves one after a training, with the `logits.json` of that.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import lightning
import torch
from litgpt import GPT, Config
from litgpt.utils import copy_config_files, load_checkpoint, save_config


def write_logits(model: GPT, ids: torch.Tensor, folder: Path) -> None:
    with torch.no_grad():
        (folder / "logits.json").write_text(json.dumps(model.eval()(ids).tolist()))


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    ids = torch.tensor(json.loads(Path(sys.argv[1]).read_text()))
    fabric = lightning.Fabric(devices=1, accelerator="cpu")
    for folder in map(Path, sys.argv[2:]):
        config = Config.from_file(folder / "model_config.yaml")
        model = GPT(config)
        load_checkpoint(fabric, model, folder / "lit_model.pth")
        write_logits(model, ids, folder)

        saved = folder.with_name(f"{folder.name}-saved")
        saved.mkdir()
        model = GPT(config)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.normal_(0, 0.3)
        fabric.save(saved / "lit_model.pth", {"model": model, "step_count": 7})
        save_config(config, saved)
        copy_config_files(folder, saved)
        shutil.copy(folder / "tokenizer.json", saved)
        write_logits(model, ids, saved)


if __name__ == "__main__":
    main()
