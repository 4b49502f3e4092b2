"""What a file is, is found out or asked: over all files of the shared data, and many guises of every kind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.data.dataset import open_dataset
from engine.data.detection import Sample, detect, mapped
from engine.data.report import Report
from engine.errors import EngineError
from engine.phrases import Phrase
from tests.engine.data import dataset_variants

# Of every file of the shared data that can be read at all: its kind, None where it must be asked. By the longest
# beginning of its path that stands here.
KINDS = {
    "README.md": "text",
    "alpaca-eval/outputs/": "conversation",
    "alpaca-eval/prompts-805.jsonl": None,
    "alpaca-sample/": "conversation",
    "c4-sample/": "text",
    "chat-templates/": "conversation",
    "chatterbot/": "conversation",
    "childrens-books/": "text",
    "classic-novels/": "text",
    "commonsenseqa-mini/": "choice",
    "dolly-mini/": "conversation",
    "dpo-sample/": "preference",
    "fairytales/qa": "conversation",
    "fairytales/stories": "text",
    "gsm8k/": "conversation",
    "identity/": "conversation",
    "instruct-basic/": "conversation",
    "judge-battles/": None,
    "judge-scores/eval-example-data.json": "conversation",
    "licenses/": "text",
    "malformed-models/manifest.jsonl": None,
    "messages-sample/": "conversation",
    "mini-classification/": "labelled",
    "mmlu/": "choice",
    "mt-bench/": None,
    "persona-chat/Synthetic": None,
    "persona-chat/persona-chat.jsonl": "conversation",
    "preference-basic/": "preference",
    "question-type/": "labelled",
    "raw-classics/": "text",
    "self-instruct-seeds/": None,
    "sharegpt-dummy/": "conversation",
    "sharegpt-tools/": "conversation",
    "sms-spam/SMSSpamCollection.tsv": "labelled",
    "sms-spam/readme": "text",
    "storybooks/": "text",
    "svamp/": "conversation",
    "tinystories/": "text",
    "tokenizer-gpt2/merges.txt": "text",
    "tokenizer-tiny-bpe-2000/tiny_bpe_merges.txt": "text",
    "wiki-sample/": "text",
}  # fmt: skip
# Settings of models, lists of numbers, and files that are no data; `malformed-data` has tests of its own.
NO_DATA = (
    "config-fixtures/", "gguf", "gpt2-lora-adapter/", "judge-scores/", "llama2-tokenizer/", "malformed-models/",
    "stories260k/", "tokenizer-", "torch-checkpoints/", "SHA256SUMS", "chat-templates/", "alpaca-eval/README",
)  # fmt: skip


def test_all_files_of_the_shared_data(data: Callable[..., Path]) -> None:
    root, seen, refused = data("README.md").parent, set(), []
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        name = path.relative_to(root).as_posix()
        if name.startswith(("malformed-data/", "json-suite/")):
            continue
        expected = max((known for known in KINDS if name.startswith(known)), key=len, default=None)
        try:
            found = open_dataset(path)
        except EngineError as error:
            refused.append((name, str(error)))
            continue
        assert expected is not None, f"{name} was taken for {found}"
        assert found.kind == KINDS[expected], f"{name}: {found}"
        assert (found.kind is None) == bool(found.detected.questions)
        assert (found.detected.confidence >= 0.6) == (found.kind is not None)
        assert all(isinstance(text, Phrase) for text in (found.detected.reason, *found.detected.questions))
        seen.add(expected)
    assert seen == set(KINDS)
    for name, said in refused:
        assert name.startswith(NO_DATA), said
        assert name.rpartition("/")[2] in said


def test_many_guises(tmp_path: Path) -> None:
    count = 0
    for variant, path in dataset_variants.written(tmp_path):
        found = open_dataset(path)
        assert found.kind == variant.kind, f"{variant.name} {found.detected}"
        assert all(isinstance(text, Phrase) for text in (found.detected.reason, *found.detected.questions))
        if found.kind is not None:
            examples = list(found.examples(report := Report()))
            assert (len(examples), report.rejected) == (dataset_variants.ROWS, 0), f"{variant.name} {report.reasons}"
        count += 1
    assert count >= 120


def test_what_is_asked_is_answered_by_the_kind_or_the_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("".join(f"ham,How are you {n}\nham,Fine {n} and you\nspam,Win prize {n}\n" for n in range(20)))
    asking = open_dataset(path)
    assert asking.kind is None
    with pytest.raises(EngineError, match="Is column 1 the class") as caught:
        next(asking.examples(Report()))
    assert isinstance(caught.value.data["question"], Phrase)
    for found in (open_dataset(path, kind="labelled"), open_dataset(path, {"label": "1", "text": "2"})):
        places = list(found.examples(Report()))
        assert len(places) == 60, "the first line is a row"
        assert str(places[0][0]) == "a.csv, line 1"


def test_columns_by_hand() -> None:
    sample = Sample.of([{"a": "x", "b": "y", "c": "z", "d": "w"}] * 3)
    for mapping, kind in [
        ({"prompt": "a", "chosen": "b", "rejected": "c"}, "preference"),
        ({"prompt": "a", "response": "b"}, "conversation"),
        ({"question": "a", "answer": "b"}, "conversation"),
        ({"instruction": "a", "output": "b", "system": "c"}, "conversation"),
        ({"text": "a"}, "text"),
        ({"text": "a", "label": "b"}, "labelled"),
        ({"question": "a", "choices": "b, c", "answer": "d"}, "choice"),
        ({"messages": "a"}, "conversation"),
    ]:
        assert mapped(sample, mapping).kind == kind, mapping
    assert mapped(sample, {"text": "a"}).unused == ("b", "c", "d")


@pytest.mark.parametrize(
    ("mapping", "kind", "word"),
    [
        ({"promt": "a"}, None, "promt is no role"),
        ({"prompt": "x", "response": "b"}, None, "no column x"),
        ({"chosen": "a"}, "text", "text needs text"),
        ({"label": "a"}, None, "not the roles of one kind"),
    ],
)
def test_a_mapping_that_cannot_be(mapping: dict[str, str], kind: str | None, word: str) -> None:
    with pytest.raises(EngineError, match=word):
        mapped(Sample.of([{"a": "x", "b": "y"}]), mapping, kind)


def test_a_kind_may_be_demanded() -> None:
    sample = Sample.of([{"instruction": f"do {n}", "output": "x", "chosen": "a", "rejected": "b"} for n in range(9)])
    assert detect(sample).kind == "preference"
    assert detect(sample, "conversation").format == "Alpaca"
    asked = detect(sample, "text")
    assert asked.kind is None
    assert "none of them are running text" in asked.reason


def test_answers_that_count_from_one() -> None:
    rows = [{"question": f"{n}?", "choices": ["a", "b", "c"], "answer": 1 + n % 3} for n in range(30)]
    assert detect(Sample.of(rows)).columns["first"] == "1"
    assert "first" not in detect(Sample.of([{**row, "answer": row["answer"] - 1} for row in rows])).columns
    unclear = detect(Sample.of([{**row, "answer": 1} for row in rows]))
    assert unclear.kind is None
    assert "from 0 or from 1" in unclear.questions[0]
