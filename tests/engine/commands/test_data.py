"""`seedling data inspect` on real files, read by people and by programs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Seedling = Callable[..., subprocess.CompletedProcess[str]]
Events = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    rows = [{"instruction": f"Say {n}.", "output": f"It is {n}.", "id": 10 + i} for i, n in enumerate([1, 2, 3, 1])]
    path = tmp_path / "talks.jsonl"
    path.write_text("\n".join([*map(json.dumps, rows), '{"instruction": "x"', '{"instruction": "x", "output": ""}']))
    return path


def test_people_read_a_table(seedling: Seedling, talks: Path) -> None:
    done = seedling("data", "inspect", talks)
    assert done.returncode == 0, done.stderr
    for words in (
        "Format      Alpaca (conversation)", "97%: it has `instruction` and `output`", "prompt    instruction",
        "Not read    id", "user: Say 1.", "assistant: It is 1.", "6: 4 read, 2 rejected", "Duplicates  1",
        "talks.jsonl, line 5, was left out: not valid JSON", "first talks.jsonl, line 4",
    ):  # fmt: skip
        assert words in done.stdout
    assert "{" not in done.stdout


def test_programs_read_events(events: Events, talks: Path, tmp_path: Path) -> None:
    held = tmp_path / "held.csv"
    held.write_text("question,answer\nSay 2.,It is 2.\nSay 9.,It is 9.\n")
    _, started, *samples, _, finished = events("data", "inspect", talks, "--evaluation", held)
    assert started["data"]["kind"] == "conversation"
    assert started["data"]["detected"]["columns"] == {"prompt": "instruction", "response": "output"}
    assert samples[0]["text"] == "user: Say 1.\nassistant: It is 1."
    report = finished["stats"]["report"]
    assert (report["rows"], report["read"], report["rejected"], report["empty_answers"]) == (6, 4, 2, 1)
    assert (report["duplicates"], report["also_in_evaluation"]) == (1, 1)
    assert [row["line"] for row in report["rejections"]] == [5, 6]
    assert list(report["sha256"]) == [str(talks)]


def test_people_see_what_a_model_would_learn(seedling: Seedling, talks: Path, tiny_model: Path) -> None:
    done = seedling("data", "inspect", talks, "--model", tiny_model, "--max-length", "5")
    assert done.returncode == 0, done.stderr
    assert "<|im_start|>user\nSay 1.<|im_end|>\n<|im_start|>assistant\n⟦It is 1.<|im_end|>⟧" in done.stdout
    for words in ("Row 1: ", "tokens learnt", "Lengths     ", "Too long    100.0% of the rows"):
        assert words in done.stdout
    assert "Counted" not in done.stdout, "all rows are few enough"


def test_programs_see_it_in_parts(events: Events, talks: Path, tiny_model: Path) -> None:
    _, _, first, *_, finished = events("data", "inspect", talks, "-m", tiny_model, "--train-on", "all", "--all")
    assert first["event"] == "TokenSample"
    assert [part["text"] for part in first["segments"] if part["trained"]] == ["Say 1.<|im_end|>", "It is 1.<|im_end|>"]
    found = finished["stats"]["lengths"]
    assert (found["exact"], found["rows"], found["measured"], found["refused"]) == (True, 4, 4, 0)
    assert found["total"] == 4 * first["tokens"]


def test_a_model_of_any_kind_shows_it(events: Events, talks: Path, tiny_model: Path, tmp_path: Path) -> None:
    events("export", tiny_model, tmp_path / "tiny.gguf", "--to", "gguf")
    run = tmp_path / "run"
    run.mkdir()
    (run / "model").symlink_to(tiny_model)
    shown = [
        [event for event in events("data", "inspect", talks, "-m", model) if event["event"] == "TokenSample"]
        for model in (tiny_model, tmp_path / "tiny.gguf", run)
    ]
    assert shown[0] == shown[1] == shown[2]
    assert len(shown[0]) == 3


def test_it_asks_and_takes_the_answer(seedling: Seedling, events: Events, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps({"left": f"a {n}", "right": f"b {n}"}) for n in range(5)))
    done = seedling("data", "inspect", path)
    assert done.returncode == 0
    assert "its columns are left, right" in done.stdout
    assert "Answer with --as KIND or --map ROLE=COLUMN." in done.stdout
    asked = events("data", "inspect", path)[-1]
    assert (asked["reason"], asked["stats"]["detected"]["kind"]) == ("asked", None)
    answered = events("data", "inspect", path, "--map", "prompt=left", "--map", "response=right")[-1]
    assert (answered["reason"], answered["stats"]["kind"], answered["stats"]["report"]["read"]) == (
        "done",
        "conversation",
        5,
    )


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["none.jsonl"], "none.jsonl"),
        (["--map", "prompt", "none.jsonl"], "ROLE=COLUMN"),
        (["a.pdf"], "not read as data"),
    ],
)
def test_mistakes_are_one_sentence(seedling: Seedling, arguments: list[str], word: str) -> None:
    done = seedling("data", "inspect", *arguments)
    assert done.returncode in (1, 2)
    assert word in done.stderr
    assert done.stderr.count("\n") == 1
