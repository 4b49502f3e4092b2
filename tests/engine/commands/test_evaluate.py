"""`seedling evaluate`, as people and as programs see it."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.commands import evaluate
from engine.errors import EngineError
from engine.evaluation.jobs import usable_backends
from engine.events import Finished
from engine.library.models import resolve

Seedling = Callable[..., subprocess.CompletedProcess[str]]
Events = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text("Once upon a time there was a small seed.\n<|endoftext|>\nIt grew and grew.", "utf-8")
    return path


# --- card ------------------------------------------------------------------------------------------------------------


def test_the_card_of_the_starter(events: Events, tmp_path: Path) -> None:
    """The sixty prompts asked once, for real, on the quicker backend; the figures are those of the replies."""
    out = tmp_path / "card.json"
    said = events("evaluate", "starter", "--task", "card", "--backend", "llama", "--seeds", "1", "--out", out)
    kinds = Counter(event["event"] for event in said)
    assert (kinds["Started"], kinds["Sample"], kinds["Finished"]) == (1, 60, 1)
    stats = said[-1]["stats"]
    assert json.loads(out.read_text(encoding="utf-8")) == stats
    assert set(stats) == {"model", "seeds", "temperature", "kinds", "bits_per_byte", "replies"}
    assert (stats["model"], stats["seeds"], stats["temperature"]) == ("starter", [1], 0.7)
    assert stats["bits_per_byte"] is None  # that is measured on the in-house model
    samples = [event["text"] for event in said if event["event"] == "Sample"]
    assert [reply["reply"] for reply in stats["replies"]] == samples
    for kind in ("identity", "where", "story", "unknown"):
        replies = [reply for reply in stats["replies"] if reply["kind"] == kind]
        share = sum(reply["passed"] for reply in replies) / 15
        found = stats["kinds"][kind]
        assert len(replies) == 15
        assert found["share"] == found["backends"]["llama"] == pytest.approx(share)
        assert found["met"] == (share >= found["limit"])
    keys = {"backend", "seed", "kind", "prompt", "reply", "passed", "reasons"}
    assert all(set(reply) == keys and reply["passed"] == (not reply["reasons"]) for reply in stats["replies"])


STATS = {
    "model": "starter",
    "seeds": [1, 2],
    "temperature": 0.7,
    "kinds": {"where": {"share": 0.75, "limit": 0.8, "met": False, "backends": {"llama": 1.0, "gpt": 0.5}}},
    "bits_per_byte": {"model": 0.9, "ngram": 1.1, "documents": 2, "bytes": 1500},
    "replies": [{"backend": name, "passed": passed} for name, passed in (("llama", True), ("gpt", False))],
}


def test_people_read_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    evaluate.show(Finished("done", STATS))
    heads, where, failed, bits = capsys.readouterr().out.splitlines()
    assert heads.split() == ["share", "limit", "llama", "gpt"]
    assert where.split() == ["where", "0.750", "0.80", "missed", "1.000", "0.500"]
    assert failed == "1 of 2 replies failed (temperature 0.7, seeds 1, 2)."
    assert bits == "Held out: 0.9000 bits per byte, below the 1.1000 of a 5-gram model (2 documents, 1,500 bytes)."


def test_the_table_does_not_flatter(capsys: pytest.CaptureFixture[str]) -> None:
    evaluate.show(Finished("done", {**STATS, "bits_per_byte": {**STATS["bits_per_byte"], "ngram": 0.9}}))  # type: ignore[dict-item]
    assert "not below the 0.9000" in capsys.readouterr().out


def test_nothing_is_written_when_it_fails(seedling: Seedling, tmp_path: Path) -> None:
    out = tmp_path / "card.json"
    done = seedling("evaluate", "no-such-model", "--task", "card", "--out", out)
    assert done.returncode == 1
    assert "no-such-model" in done.stderr
    assert not out.exists()


# --- perplexity ------------------------------------------------------------------------------------------------------


def test_perplexity_of_a_file(events: Events, tiny_model: Path, text: Path) -> None:
    said = events("evaluate", tiny_model, "--task", "perplexity", "--data", text)
    assert [said[0]["event"], said[-1]["event"]] == ["Started", "Finished"]
    assert list(said[-1]["stats"]["backends"]) == ["gpt"]  # a folder opens on one backend
    found = said[-1]["stats"]["backends"]["gpt"]
    assert (found["documents"], found["bytes"]) == (2, 40 + 17)
    assert 200 < found["perplexity"] < 500  # of some 300 tokens, untrained
    assert found["bits_per_byte"] > 1


def test_people_read_perplexity_for_each_backend(seedling: Seedling, text: Path) -> None:
    done = seedling("evaluate", "starter", "--task", "perplexity", "--data", text)
    assert (done.returncode, done.stderr) == (0, "")
    heads, *rows = done.stdout.splitlines()
    assert heads.split() == ["bits", "per", "byte", "perplexity", "tokens", "bytes"]
    figures = {row.split()[0]: [float(part.replace(",", "")) for part in row.split()[1:]] for row in rows}
    assert set(figures) == {"llama", "gpt"}
    assert figures["llama"] == pytest.approx(figures["gpt"], rel=0.02)  # q8_0 against float32
    assert 0.1 < figures["gpt"][0] < 3


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "Name the text to measure: --data FILE"),
        (("--data", "no-such-file.txt"), 1, "no-such-file.txt"),
        (("--data", "no-such-file.pdf"), 1, "no-such-file.pdf"),
    ],
)
def test_perplexity_of_nothing(
    seedling: Seedling, tiny_model: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = seedling("evaluate", tiny_model, "--task", "perplexity", *arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("wrong", [("--seeds", "0"), ("--seeds", "x"), ("--task", "poetry"), ("--backend", "cloud")])
def test_wrong_options_are_refused(seedling: Seedling, wrong: tuple[str, str]) -> None:
    done = seedling("evaluate", "starter", "--task", "card", *wrong)
    assert done.returncode == 2
    assert wrong[0] in done.stderr


# --- backends --------------------------------------------------------------------------------------------------------


def test_a_model_is_opened_by_whatever_can(tiny_model: Path) -> None:
    gguf = str(resolve("starter").path)
    assert usable_backends("starter", None) == ["llama", "gpt"]
    assert usable_backends("starter", "gpt") == ["gpt"]
    assert usable_backends(str(tiny_model), None) == ["gpt"]
    assert usable_backends(gguf, None) == ["llama"]


@pytest.mark.parametrize("asked", ["both", "llama"])
def test_a_backend_that_was_named_must_open_it(tiny_model: Path, asked: str) -> None:
    with pytest.raises(EngineError) as refused:
        usable_backends(str(tiny_model), asked)
    assert refused.value.code == "folder_needs_gpt"


def test_a_model_that_no_backend_opens_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as refused:
        usable_backends(str(tmp_path), None)
    assert refused.value.code == "folder_without_config"
