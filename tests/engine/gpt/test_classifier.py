"""Classifiers: transformers reads them to the same logits, they come back whole, and nothing else passes for one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from random_gpt import english_tokenizer, random_gpt
from safetensors.torch import load_file

from engine.errors import EngineError
from engine.gpt import hf
from engine.gpt.classifier import Classifier
from engine.gpt.hf_names import FAMILIES
from engine.gpt.model import GPT

LABELS = ("ham", "spam", 'a "third"')
KINDS = {
    **{shape: {"shape": shape} for shape in FAMILIES},
    "untied": {"shape": "qwen3", "tied": False},
    "biases": {"shape": "gpt2", "qkv_bias": True},
}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def classifier(**kind: Any) -> Classifier:
    found = Classifier(random_gpt(**kind), LABELS)
    with torch.no_grad():
        found.score.weight.normal_(0, 0.5, generator=torch.Generator().manual_seed(3))
    return found.eval()


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    """Texts of several lengths, padded on the right with the token that ends a text."""
    tokenizer = english_tokenizer()
    rows = [tokenizer.encode(text) for text in ("Hello", "A seed grows into a tree.", "Once upon a time")]
    longest = max(map(len, rows))
    ids = torch.tensor([row + [tokenizer.end_id] * (longest - len(row)) for row in rows])
    return ids, torch.tensor([len(row) - 1 for row in rows])


def test_all_classes_are_equally_likely_at_first() -> None:
    assert not Classifier(random_gpt("qwen3"), LABELS)(*batch()).any()


@every_kind
def test_transformers_gives_the_same_logits(kind: dict[str, Any], tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    ours = classifier(**kind)
    ours.save(english_tokenizer(), tmp_path / "model", "card")
    theirs, about = AutoModelForSequenceClassification.from_pretrained(tmp_path / "model", output_loading_info=True)
    assert not any(about.values())
    assert theirs.config.id2label == dict(enumerate(LABELS))
    assert theirs.config.label2id == {label: number for number, label in enumerate(LABELS)}
    ids, last = batch()
    torch.testing.assert_close(ours(ids, last), theirs.eval()(ids).logits, atol=1e-4, rtol=0)


@every_kind
def test_it_comes_back_whole(kind: dict[str, Any], tmp_path: Path) -> None:
    ours = classifier(**kind)
    ours.save(english_tokenizer(), tmp_path / "model", "card")
    again = Classifier.load(tmp_path / "model")
    assert again.labels == LABELS
    found = ours.state_dict()
    assert all(torch.equal(found[name], tensor) for name, tensor in again.state_dict().items())
    assert torch.equal(again(*batch()), ours(*batch()))


def test_it_comes_in_several_files(tmp_path: Path) -> None:
    ours = classifier(shape="qwen3")
    head = hf.Head({"score.weight": ours.score.weight}, {"architectures": ["Qwen3ForSequenceClassification"]})
    hf.save(ours.body, english_tokenizer(), tmp_path / "model", shard_bytes=50_000, head=head)
    index = json.loads((tmp_path / "model" / "model.safetensors.index.json").read_text())
    assert torch.equal(
        load_file(tmp_path / "model" / index["weight_map"]["score.weight"])["score.weight"], ours.score.weight
    )


def test_a_classifier_is_not_taken_for_a_writer_nor_the_reverse(tmp_path: Path) -> None:
    classifier(shape="gpt2").save(english_tokenizer(), tmp_path / "classifier", "card")
    hf.save(random_gpt("gpt2"), english_tokenizer(), tmp_path / "writer")
    with pytest.raises(EngineError, match="writes no text"):
        GPT.load(tmp_path / "classifier")
    with pytest.raises(EngineError, match="not a classifier"):
        Classifier.load(tmp_path / "writer")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("id2label", None, "bad_config"),
        ("id2label", {}, "bad_config"),
        ("id2label", {"0": "ham", "2": "spam"}, "bad_config"),
        ("id2label", {"0": "ham", "1": 7}, "bad_config"),
        ("id2label", {"0": "ham", "1": "spam"}, "tensor_mismatch"),
        ("model_type", "bert", "unknown_family"),
    ],
)
def test_a_folder_that_contradicts_itself_is_refused(field: str, value: Any, code: str, tmp_path: Path) -> None:
    classifier(shape="gpt2").save(english_tokenizer(), tmp_path / "model", "card")
    path = tmp_path / "model" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    with pytest.raises(EngineError) as caught:
        Classifier.load(tmp_path / "model")
    assert caught.value.code == code
