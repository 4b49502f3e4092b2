"""The starter's card says what was measured, shows replies nobody picked, and nothing in them can change its shape."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from engine.errors import EngineError
from engine.gpt.config import GPTConfig
from engine.library.facts import licence
from engine.training import defaults
from engine.training import recipe as recipes
from tools.starter import card

HOSTILE = (
    "# Won ` <i>more</i>\n\n```\n````text\n</details>\n| a | b |\n---\n~~~\r\n[x](http://x) <b>bold</b>\n> quoted\n```"
)
KINDS = {"identity": 0.95, "where": 0.8, "story": 0.8, "unknown": 0.7}


def write_run(folder: Path, method: str, **more: Any) -> Path:
    """A run folder as training leaves it, without weights."""
    folder.mkdir(exist_ok=True)
    config = GPTConfig(
        shape="qwen3", vocabulary=300, context=64, width=32, layers=2, heads=2, kv_heads=1, head_dim=16, feed_forward=64
    )
    architecture = {key: getattr(config, key) for key in recipes.ARCHITECTURE}
    keys = {
        "method": method,
        "name": "Tiny",
        "data": "text.txt",
        "steps": 1234,
        "learning_rate": 0.0125,
        "device": "cpu",
    }
    parent = {"model": "base"} if method == "full" else architecture
    recipe = defaults.resolve(
        recipes.make({**keys, **parent}),
        defaults.Facts(9000, parent=config if method == "full" else None, threads=3),
    )
    (folder / "recipe.toml").write_text(recipes.to_toml(defaults.resolve_data(recipe, defaults.DataFacts(70))), "utf-8")
    info = {
        "state": "done",
        "config": asdict(config),
        "parameters": 23456,
        "data": {"files": [{"name": "text.txt", "sha256": "ab12"}], "tokens": 9000, "split": 8900, "items": 70}
        | {"held_back": 4},
        "versions": {"torch": "2.13.0", "seedling": "0.1.0"},
        "hardware": {"processor": "A fast one", "cores": 3, "memory": 25_000_000_000},
        "steps": 1234,
        "best_step": 1200,
        "best_val_loss": 2.9775,
        "seconds": 2451.6,
    }
    (folder / "run.json").write_text(json.dumps({**info, **more}), "utf-8")
    losses = [5.0, 4.0, 3.5, 3.0]
    lines = [
        {"step": 100 * n, "loss": loss + 0.1, "val_loss": loss, "perplexity": 7.0, "bits_per_byte": 1.1}
        for n, loss in enumerate(losses, 1)
    ]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return folder


def reply(kind: str, seed: int, prompt: str, passed: bool, backend: str = "llama", text: str = "") -> dict[str, Any]:
    said = text or f"Reply to {prompt} by {backend} with {seed}."
    reasons = [] if passed else ["not what was asked"]
    return {"backend": backend, "seed": seed, "kind": kind, "prompt": prompt, "reply": said} | {
        "passed": passed,
        "reasons": reasons,
    }


EVALUATION: dict[str, Any] = {
    "model": "starter",
    "seeds": [1, 2],
    "temperature": 0.7,
    "kinds": {
        kind: {"share": 0.875, "limit": limit, "backends": {"llama": 0.9, "gpt": 0.85}} for kind, limit in KINDS.items()
    },
    "bits_per_byte": {"model": 1.125, "ngram": 1.875, "documents": 110, "bytes": 133932},
    "replies": [reply("identity", 1, "Hello!", True), reply("where", 2, "Where is Train?", False, "gpt")],
}
EXPORT: dict[str, Any] = {
    "type": "q8_0",
    "check": {
        "parity": {
            "positions": 64,
            "max_logit_difference": 2.1e-05,
            "limit": 1e-4,
            "rounding": 0.0,
            "greedy_tokens": 256,
            "ties": [],
        },
        "likeness": {
            "positions": 1203,
            "mean_kl": 2.3e-4,
            "kl_99": 0.0021,
            "same_argmax": 0.993,
            "perplexity": 30.125,
            "file_perplexity": 30.25,
        },
    },
}


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., str]:
    """`make(evaluation, export, **run_json)`: the card of three fabricated runs; `run_json` changes the last one."""

    def card_of(evaluation: Any = EVALUATION, export: Any = EXPORT, **more: Any) -> str:
        folders = [write_run(tmp_path / "base", "pretrain"), write_run(tmp_path / "chat", "full")]
        folders.append(write_run(tmp_path / "settled", "full", **more))
        for name, value in (("evaluation.json", evaluation), ("export.json", export)):
            (tmp_path / name).write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
        out = tmp_path / "README.md"
        card.main(folders, tmp_path / "evaluation.json", tmp_path / "export.json", out)
        return out.read_text("utf-8")

    return card_of


def row(text: str, name: str) -> list[str]:
    """The cells of the table row that begins with `name`."""
    (line,) = (line for line in text.splitlines() if line.startswith(f"| {name} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def headings(text: str) -> list[str]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text.split("---\n", 2)[2])
    return [after.content for before, after in pairwise(tokens) if before.type == "heading_open"]


def shown(text: str) -> list[str]:
    """The contents of the blocks that hold replies."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text.split("---\n", 2)[2])
    return [token.content.removesuffix("\n") for token in tokens if token.type == "fence" and token.info == "text"]


# --- figures ---------------------------------------------------------------------------------------------------------


def test_the_front_matter_is_what_the_hub_reads(make: Callable[..., str]) -> None:
    lines = make().split("---\n")[1].splitlines()
    front = {key: json.loads(value) for key, _, value in (line.partition(": ") for line in lines)}
    assert front["license"] == "apache-2.0"
    assert front["language"] == ["en"]
    assert front["library_name"] == "transformers"
    assert front["pipeline_tag"] == "text-generation"
    assert {"seedling", "qwen3"} <= set(front["tags"])
    assert {"TinyStories", "FairytaleQA", "Synthetic-Persona-Chat"} <= set(front["datasets"])


def test_the_library_reads_the_licence(make: Callable[..., str], tmp_path: Path) -> None:
    make()
    assert licence(tmp_path / "README.md") == "apache-2.0"


def test_nothing_is_missing_when_everything_was_measured(make: Callable[..., str]) -> None:
    every = [reply(kind, 1, f"{kind} {passed}", passed) for kind in KINDS for passed in (True, False)]
    text = make({**EVALUATION, "replies": every})
    assert "missing" not in text.lower()


def test_what_it_is_comes_from_the_run(make: Callable[..., str]) -> None:
    assert "0.0 million parameters (23,456), grown by Seedling with Seedling on 3 CPU cores." in make()


def test_the_figures_of_a_kind(make: Callable[..., str]) -> None:
    text = make()
    assert row(text, "where")[2:] == ["0.800", "0.875", "0.900", "0.850", "yes"]
    assert row(text, "identity")[2:] == ["0.950", "0.875", "0.900", "0.850", "**no**"]


def test_a_share_at_its_limit_reaches_it(make: Callable[..., str]) -> None:
    kinds = {"where": {"share": 0.8, "limit": 0.8, "backends": {"llama": 0.8}}}
    assert row(make({**EVALUATION, "kinds": kinds}), "where")[2:] == ["0.800", "0.800", "0.800", "missing", "yes"]


def test_a_share_just_below_its_limit_does_not_reach_it(make: Callable[..., str]) -> None:
    kinds = {"where": {"share": 0.79999, "limit": 0.8}}
    assert row(make({**EVALUATION, "kinds": kinds}), "where")[-1] == "**no**"


def test_a_kind_without_figures_is_named_as_missing(make: Callable[..., str]) -> None:
    assert row(make({**EVALUATION, "kinds": {}}), "story")[2:] == ["missing"] * 5


def test_bits_per_byte_beside_those_of_the_5_gram(make: Callable[..., str]) -> None:
    text = make()
    assert "110 held-out documents (133,932 bytes): 1.125, against 1.875 of an interpolated 5-gram" in text
    assert "The model needs fewer." in text


def test_losing_against_the_5_gram_is_said(make: Callable[..., str]) -> None:
    text = make({**EVALUATION, "bits_per_byte": {"model": 2.0, "ngram": 2.0, "documents": 1, "bytes": 9}})
    assert "**The model does not need fewer.**" in text
    assert "The model needs fewer." not in text


def test_missing_bits_per_byte_are_said(make: Callable[..., str]) -> None:
    assert "Bits per byte on held-out text: missing" in make({**EVALUATION, "bits_per_byte": None})


def test_the_figures_of_the_export(make: Callable[..., str]) -> None:
    text = make()
    assert "differ from torch's by 2.1e-05 at most (limit 1.0e-04), over 64 positions" in text
    assert "256 greedy tokens are the same, 0 of them ties" in text
    assert "q8_0: KL divergence from the model 2.3e-04 on average, 2.1e-03 at the 99th percentile, over 1,203" in text
    assert "the same likeliest token in 99.3%, perplexity 30.25 instead of 30.12" in text


def test_an_export_that_was_not_checked_is_said(make: Callable[..., str]) -> None:
    text = make(export={"type": "q8_0", "check": None})
    assert "the export was not checked" in text
    assert "KL divergence" not in text


def test_a_likeness_that_was_not_measured_is_said(make: Callable[..., str]) -> None:
    check = {"parity": EXPORT["check"]["parity"], "likeness": None}
    assert "the figures of its likeness to the model are missing" in make(export={"type": "f32", "check": check})


def test_a_whole_event_is_as_good_as_its_stats(make: Callable[..., str]) -> None:
    text = make(
        {"event": "Finished", "reason": "done", "stats": EVALUATION},
        {"event": "Finished", "reason": "done", "stats": EXPORT},
    )
    assert "over 64 positions" in text
    assert row(text, "where")[3] == "0.875"


def test_recipes_of_all_runs(make: Callable[..., str]) -> None:
    text = make()
    assert row(text, "`method`")[1:] == ["pretrain", "full", "full"]
    assert row(text, "`steps`")[1:] == ["1,234"] * 3
    assert row(text, "`learning_rate`")[1:] == ["0.0125"] * 3
    assert "[base.toml](base.toml)" in text
    assert "[chat.toml](chat.toml)" in text
    assert "[settle.toml](settle.toml)" in text


def test_curves_of_all_runs(make: Callable[..., str]) -> None:
    text = make()
    assert text.count("| 300 | 3.6000 | 3.5000 | 7.00 | 1.100 |") == 3
    assert text.count("`█▅▃▁`") == 3


def test_time_and_machine(make: Callable[..., str]) -> None:
    assert row(make(), "settled")[1:] == ["41 min", "A fast one", "3", "25 GB", "torch 2.13.0, Seedling 0.1.0"]


def test_a_run_under_way_has_no_final_figures(make: Callable[..., str]) -> None:
    text = make(state="running", seconds=None)
    assert text.count("The run is not finished: its final figures are missing.") == 1
    assert row(text, "settled")[1] == "missing"


def test_every_source_stands_with_licence_and_credit(make: Callable[..., str]) -> None:
    text = make()
    assert row(text, "TinyStories")[1] == "CDLA-Sharing-1.0"
    assert "Pratham Books and African Storybook" in row(text, "Storybooks")[2]
    assert row(text, "Synthetic-Persona-Chat")[1] == "CC BY 4.0"
    assert all(name in text for name in ("Eldan", "Google Research", "CLiC", "LLMs-from-scratch", "LLaMA-Factory"))


def test_the_data_is_named_but_not_where_it_lay(make: Callable[..., str], tmp_path: Path) -> None:
    text = make()
    assert text.count("| text.txt | `ab12` |") == 3
    assert "9,000 tokens" in text
    assert "70 conversations" in text
    assert str(tmp_path) not in text


# --- samples ---------------------------------------------------------------------------------------------------------


def test_the_first_two_of_each_outcome_by_seed_then_prompt(make: Callable[..., str]) -> None:
    replies = [reply("story", seed, prompt, passed) for seed in (2, 1) for prompt in "dcba" for passed in (False, True)]
    text = make({**EVALUATION, "replies": replies[::-1]})
    assert shown(text) == ["Reply to a by llama with 1.", "Reply to b by llama with 1."] * 2
    assert "in the order of seed, then prompt" in text


def test_a_seed_goes_before_a_prompt() -> None:
    replies = [reply("story", 2, "a", True), reply("story", 10, "a", True), reply("story", 1, "z", True)]
    assert [one["seed"] for one in card.chosen(replies, "story", True)] == [1, 2]


def test_kinds_and_outcomes_are_apart() -> None:
    replies = [reply("story", 1, "a", False), reply("where", 1, "b", True), reply("story", 1, "c", True)]
    assert [one["prompt"] for one in card.chosen(replies, "story", True)] == ["c"]
    assert [one["prompt"] for one in card.chosen(replies, "story", False)] == ["a"]


def test_a_prompt_stands_once_with_llama_first() -> None:
    replies = [reply("story", 1, prompt, True, backend) for backend in ("gpt", "llama") for prompt in "ab"]
    found = card.chosen(replies, "story", True)
    assert [(one["prompt"], one["backend"]) for one in found] == [("a", "llama"), ("b", "llama")]


def test_a_kind_in_which_nothing_failed_says_so(make: Callable[..., str]) -> None:
    text = make({**EVALUATION, "replies": [reply(kind, 1, "a", True) for kind in KINDS]})
    assert text.count("No reply of this kind failed.") == 4


def test_without_replies_the_samples_are_missing(make: Callable[..., str]) -> None:
    text = make({**EVALUATION, "replies": []})
    assert text.count("Replies that failed are missing.") == 4
    assert "Missing prompts, seeds 1, 2" in text


def test_a_failed_reply_says_why(make: Callable[..., str]) -> None:
    assert "Failed (`not what was asked`), seed 2, in-house: `Where is Train?`" in make()


@pytest.mark.parametrize("place", ["reply", "prompt", "reasons"])
def test_no_reply_can_change_the_shape_of_the_card(make: Callable[..., str], place: str) -> None:
    tame, hostile = reply("story", 1, "a", False), reply("story", 1, "a", False)
    hostile[place] = [HOSTILE] if place == "reasons" else HOSTILE
    before, after = (make({**EVALUATION, "replies": [one]}) for one in (tame, hostile))
    assert headings(after) == headings(before)
    assert "story" in headings(before)
    assert len(shown(after)) == 1
    html = MarkdownIt("commonmark").enable("table").render(after.split("---\n", 2)[2])
    assert not {"<i>", "<b>"} & set(re.findall("<.>", html))
    assert 'href="http://x"' not in html


def test_a_reply_is_shown_word_for_word() -> None:
    text = 'He said:  "Hi"\n\n\n   * not a list\n\\n &amp; ``` and ```` done'
    (token,) = MarkdownIt("commonmark").parse(card.fenced(text))
    assert token.content == f"{text}\n"


def test_half_a_surrogate_pair_is_no_obstacle(make: Callable[..., str]) -> None:
    assert shown(make({**EVALUATION, "replies": [reply("story", 1, "a", True, text="\ud83d!")]})) == ["?!"]


# --- sparkline, bad input --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("values", "line"), [([], ""), ([2.0], "▁"), ([1.0, 1.0], "▁▁"), ([0.0, 7.0, 3.0], "▁█▄")])
def test_a_sparkline_runs_from_the_lowest_to_the_highest(values: list[float], line: str) -> None:
    assert card.sparkline(values) == line


@pytest.mark.parametrize(
    "wrong",
    [
        "{",
        "[]",
        {"event": "Failed", "code": "no_model"},
        {"replies": [{"kind": "story"}]},
        {"replies": [{**reply("story", 1, "a", True), "seed": "1"}]},
        {"replies": [reply("poem", 1, "a", True)]},
        {"replies": [reply("story", 1, "a", True, "cloud")]},
        {"replies": ["a reply"]},
    ],
)
def test_a_bad_evaluation_is_refused_by_name_and_writes_nothing(
    make: Callable[..., str], tmp_path: Path, wrong: Any
) -> None:
    with pytest.raises(EngineError, match=r"evaluation\.json"):
        make(wrong)
    assert not (tmp_path / "README.md").exists()


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    for name in ("evaluation.json", "export.json"):
        (tmp_path / name).write_text("{}", "utf-8")
    with pytest.raises(EngineError) as caught:
        card.main([tmp_path] * 3, tmp_path / "evaluation.json", tmp_path / "export.json", tmp_path / "README.md")
    assert caught.value.code == "not_a_run"


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"gone\.json"):
        card.main([tmp_path] * 3, tmp_path / "gone.json", tmp_path / "gone.json", tmp_path / "README.md")
