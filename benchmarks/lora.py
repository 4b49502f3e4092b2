"""Training an adapter beside a model of 135 million parameters: tokens/s and peak memory, ours and TRL's with PEFT.

    python benchmarks/lora.py [--rows 2] [--steps 4] [--rounds 3] [--threads 2] [--layers 30]

The model has the shape of SmolLM2-135M and random weights, in bfloat16 as such models are published; every row has 512
tokens, all of them learnt. Ours runs as `seedling train --method lora` does, as it is (normal) and with `recompute`
(saving); TRL as its SFTTrainer does, without and with gradient checkpointing. Each runs in a process of its own, in
turn, and the medians are shown; the first step warms up and is not counted. TRL comes from `.venv-peers` where that
is (`make peers`); without it PEFT over transformers, the same model and loss without TRL's trainer, takes its place.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".venv-peers" / "bin" / "python"
TOKENS = 512
SHAPE = {"vocabulary": 49_152, "context": 2048, "width": 576, "heads": 9, "kv_heads": 3, "feed_forward": 1536}
LEARNT = {"rank": 16, "alpha": 32.0}
Tick = Callable[[], None]  # a step is done
CONTENDERS = ("ours", "ours, saving", "theirs", "theirs, saving")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("rows", 2), ("steps", 4), ("rounds", 3), ("threads", 2), ("layers", 30)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    parser.add_argument("--model", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(options)
        return
    peers = PEERS.exists()
    print(f"theirs: {'TRL' if peers else 'PEFT over transformers, without TRL: make peers for TRL itself'}")
    with tempfile.TemporaryDirectory() as folder:
        write_model(Path(folder), options.layers)
        found: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
        for _ in range(options.rounds):
            for name in CONTENDERS:  # in turn, so that what else runs meets all alike
                python = PEERS if peers and name.startswith("theirs") else Path(sys.executable)
                found[name].append(measured(python, name, folder, options))
    print(f"{'':16}{'tokens/s':>10}{'processor s':>14}{'peak MB':>10}   medians of {options.rounds}")
    for name, figures in found.items():
        speed, processor, memory = (
            statistics.median(figure[key] for figure in figures) for key in ("speed", "processor", "memory")
        )
        print(f"{name:16}{speed:10.1f}{processor:14.2f}{memory:10.0f}")


def measured(python: Path, name: str, folder: str, options: argparse.Namespace) -> dict[str, float]:
    command = [str(python), __file__, "--run", name, "--model", folder]
    command += [part for key in ("rows", "steps", "threads") for part in (f"--{key}", str(getattr(options, key)))]
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def write_model(folder: Path, layers: int) -> None:
    """The model of both sides, as a folder of Hugging Face's."""
    import torch

    from engine.gpt import hf
    from engine.gpt.config import GPTConfig
    from engine.gpt.model import GPT
    from engine.gpt.tokenizer import Tokenizer

    config = GPTConfig(shape="llama", layers=layers, head_dim=64, norm_epsilon=1e-5, **SHAPE)
    tokenizer = Tokenizer.train(["Once upon a time there was a small seed. It grew and grew.\n"] * 20, 320)
    hf.save(GPT(config, seed=0), tokenizer, folder / "model", dtype=torch.bfloat16)


# --- one contender ---------------------------------------------------------------------------------------------------


def run(options: argparse.Namespace) -> None:
    import torch

    torch.set_num_threads(options.threads)
    contender = ours if options.run.startswith("ours") else theirs
    ticks: list[tuple[float, float]] = []

    def tick() -> None:
        ticks.append((time.perf_counter(), time.process_time()))

    contender(Path(options.model) / "model", options, options.run.endswith("saving"), tick)
    seconds, used = (end - start for start, end in zip(ticks[0], ticks[options.steps], strict=True))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20)
    speed = options.steps * options.rows * TOKENS / seconds
    print(json.dumps({"speed": speed, "processor": used / options.steps, "memory": memory}))


def rows(options: argparse.Namespace) -> Any:
    import numpy as np

    return np.random.default_rng(0).integers(0, SHAPE["vocabulary"], (options.rows, TOKENS + 1))


def ours(folder: Path, options: argparse.Namespace, saving: bool, tick: Tick) -> None:
    """What the training loop does in a step of method `lora`."""
    import torch

    from engine.gpt import hf
    from engine.gpt.tokenizer import Tokenizer
    from engine.training import recipe as recipes
    from engine.training.machine import Compute
    from engine.training.methods.table import method_of
    from engine.training.optimizers import Optimizer

    keys = {"method": "lora", "data": "none", "model": str(folder), "precision": "bf16", "seed": 0}
    adapter = {"dropout": 0.0, "targets": ["all-linear"], "rslora": False} | LEARNT
    recipe = recipes.make(keys | {f"lora.{name}": value for name, value in adapter.items()})
    parent, tokenizer = hf.load(folder), Tokenizer.load(folder)
    method = method_of(recipe)
    data: Any = None  # of the run, which this method does not look at here
    model: Any = method.build(recipe, parent.config, parent, data)
    model.recompute = saving
    model.train()
    objective = method.objective(model, tokenizer, recipe, Compute(torch.device("cpu"), "bf16"), data)
    optimizer = Optimizer("adamw", model, 2e-4, 0.0, 0.95)
    ids = rows(options)
    batch = ids[:, :-1].copy(), ids[:, 1:].copy()

    for _ in range(options.steps + 1):
        optimizer.zero_gradients()
        objective.backward(batch, objective.count(batch))
        torch.nn.utils.clip_grad_norm_(optimizer.parameters, 1.0)
        optimizer.step(1.0)
        tick()


def theirs(folder: Path, options: argparse.Namespace, saving: bool, tick: Tick) -> None:
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM

    config = LoraConfig(
        r=LEARNT["rank"], lora_alpha=LEARNT["alpha"], target_modules="all-linear", task_type="CAUSAL_LM"
    )
    model = AutoModelForCausalLM.from_pretrained(folder)
    if Path(sys.executable).is_relative_to(PEERS.parent.parent):
        trl_trainer(model, config, folder, options, saving, tick)
    else:
        peft_alone(model, config, options, saving, tick)


def trl_trainer(model: Any, config: Any, folder: Path, options: argparse.Namespace, saving: bool, tick: Tick) -> None:
    from datasets import Dataset
    from transformers import AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    class Ticking(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            tick()

    steps = options.steps + 1
    data = Dataset.from_dict({"input_ids": [row[:TOKENS].tolist() for row in rows(options)] * steps})
    settings = SFTConfig(
        output_dir=str(folder.parent / "trl"),
        per_device_train_batch_size=options.rows,
        gradient_checkpointing=saving,
        max_length=TOKENS,
        max_steps=steps,
        learning_rate=2e-4,
        bf16=True,
        use_cpu=True,
        report_to=[],
        save_strategy="no",
    )
    tokenizer = AutoTokenizer.from_pretrained(folder)
    SFTTrainer(
        model, settings, train_dataset=data, processing_class=tokenizer, peft_config=config, callbacks=[Ticking()]
    ).train()


def peft_alone(model: Any, config: Any, options: argparse.Namespace, saving: bool, tick: Tick) -> None:
    import torch
    from peft import get_peft_model

    if saving:
        model.gradient_checkpointing_enable()
        model.enable_input_require_grads()
    model = get_peft_model(model, config)
    model.train()
    learnt = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=2e-4, fused=True)
    ids = torch.from_numpy(rows(options)[:, :TOKENS])

    for _ in range(options.steps + 1):
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16):
            loss = model(input_ids=ids, labels=ids, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimizer.step()
        tick()


if __name__ == "__main__":
    main()
