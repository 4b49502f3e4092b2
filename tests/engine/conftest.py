"""A tiny model that really is one, and the command line as another process."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.pop("PYTHONUNBUFFERED", None)  # people's programs are buffered; ours under test are, too


@pytest.fixture
def restored_loggers() -> Iterator[None]:
    """What a test has a log begin is over with it."""
    loggers = [logging.getLogger(name) for name in ("engine", "app")]
    before = [(logger.handlers, logger.level, logger.propagate) for logger in loggers]
    yield
    for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
        for handler in logger.handlers:
            handler.close()
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder: two layers, untrained, as `engine.gpt` writes it."""
    import torch

    from engine.gpt import hf
    from engine.gpt.config import GPTConfig
    from engine.gpt.model import GPT
    from engine.gpt.tokenizer import Tokenizer

    torch.set_num_threads(1)
    tokenizer = Tokenizer.train(["Once upon a time there was a small seed. It grew and grew.\n"] * 20, 320)
    config = GPTConfig(
        shape="qwen3", vocabulary=tokenizer.vocabulary, context=256, width=32, layers=2, heads=2, kv_heads=1,
        head_dim=16, feed_forward=64,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("tiny") / "seedling"
    hf.save(GPT(config, seed=0), tokenizer, folder)
    return folder


@pytest.fixture
def seedling() -> Callable[..., subprocess.CompletedProcess[str]]:
    """`seedling("models", "list")` in a process of its own."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "engine", *map(str, arguments)]
        environ = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
        return subprocess.run(command, capture_output=True, check=False, env=environ, encoding="utf-8", timeout=60)

    return run


@pytest.fixture
def events(seedling: Callable[..., subprocess.CompletedProcess[str]]) -> Callable[..., list[dict[str, Any]]]:
    """`events("models", "list")`: what the command says with `--json`, which must succeed and say nothing else."""

    def run(*arguments: str | Path) -> list[dict[str, Any]]:
        done = seedling(*arguments, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run
