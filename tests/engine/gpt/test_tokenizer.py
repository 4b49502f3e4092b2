"""The tokenizer: any text there and back, marks only when asked for, files of others."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.gpt.tokenizer import CHAT_TEMPLATE, END, PATTERNS, TURN_END, TURN_START, Tokenizer, read_template
from engine.phrases import Phrase

STORY = (
    "Once upon a time, there was a little seed. It's small, but it'll grow! \"We're here,\" said the rain.\n\n"
    "In 2024 the seed had 3 leaves; später waren es 17. 昔々、小さな種がありました。🌱🌱\n\tEnd.\n"
)
MARKS = (END, TURN_START, TURN_END)
every_pattern = pytest.mark.parametrize("pattern", PATTERNS)


@pytest.fixture(scope="module")
def trained() -> dict[str, Tokenizer]:
    return {pattern: Tokenizer.train([STORY * 20], 350, pattern) for pattern in PATTERNS}


# --- training ---


@every_pattern
def test_training_gives_bytes_merges_and_marks(trained: dict[str, Tokenizer], pattern: str) -> None:
    tokenizer = trained[pattern]
    assert tokenizer.vocabulary == 350
    assert tokenizer.pattern == pattern
    assert tokenizer.template == CHAT_TEMPLATE
    assert sorted(tokenizer.piece(id) for id in range(256)) == [bytes([byte]) for byte in range(256)]
    assert (tokenizer.end_id, tokenizer.turn_start_id, tokenizer.turn_end_id) == (347, 348, 349)
    assert tuple(tokenizer.piece(id).decode() for id in sorted(tokenizer.special_ids)) == MARKS
    assert len(tokenizer.merges) == 350 - 256 - 3
    for rank, merge in enumerate(tokenizer.merges):  # a merge makes the token of its rank
        assert tokenizer.token(256 + rank) == merge.replace(" ", "")
    assert len(tokenizer.encode(STORY)) < len(STORY.encode()) * 0.6


def test_training_is_a_function_of_its_texts() -> None:
    first, second = (Tokenizer.train([STORY, STORY * 3], 400) for _ in range(2))
    assert first.merges == second.merges


def test_too_little_text_gives_a_smaller_vocabulary() -> None:
    tokenizer = Tokenizer.train(["abab"], 5000)
    assert 259 < tokenizer.vocabulary < 270
    assert tokenizer.turn_end_id == tokenizer.vocabulary - 1
    assert Tokenizer.train([], 300).vocabulary == 259


def test_training_refuses_what_cannot_be() -> None:
    with pytest.raises(EngineError, match="at least 259 tokens"):
        Tokenizer.train([STORY], 258)
    with pytest.raises(EngineError, match="'llama-bpe' is not one of qwen2, gpt-2"):
        Tokenizer.train([STORY], 300, "llama-bpe")


def test_training_survives_half_surrogates() -> None:
    assert Tokenizer.train(["ab\ud800 ab ab"], 300).vocabulary > 259


# --- there and back ---


@every_pattern
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_comes_back(trained: dict[str, Tokenizer], pattern: str, text: str) -> None:
    tokenizer = trained[pattern]
    for special in (False, True):
        ids = tokenizer.encode(text, special)
        assert tokenizer.decode(ids) == text
        assert b"".join(map(tokenizer.piece, ids)) == text.encode()


@every_pattern
@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "a\0b",
        "e\u0301 vs \u00e9",
        "👩‍👩‍👧",
        "\r\n\r\n x",
        " " * 4000 + "x",
        "ab" * 5000,
        "\n" * 5000,
        "🌱" * 2000,
        "\ufeffx",
    ],
    ids=lambda text: repr(text[:6]),
)
def test_awkward_texts_come_back(trained: dict[str, Tokenizer], pattern: str, text: str) -> None:
    assert trained[pattern].decode(trained[pattern].encode(text)) == text


def test_a_million_equal_characters_take_seconds(trained: dict[str, Tokenizer]) -> None:
    start = time.monotonic()
    assert trained["qwen2"].decode(trained["qwen2"].encode("a" * 10**6)) == "a" * 10**6
    assert time.monotonic() - start < 20


def test_half_surrogates_become_replacement_characters(trained: dict[str, Tokenizer]) -> None:
    tokenizer = trained["qwen2"]
    assert tokenizer.decode(tokenizer.encode("a\ud800b")) == "a\ufffdb"
    assert tokenizer.decode(tokenizer.encode("\ud83c\udf31")) == "🌱"  # both halves are a whole


def test_bytes_that_are_no_text_decode_to_replacement_characters(trained: dict[str, Tokenizer]) -> None:
    tokenizer = trained["qwen2"]
    ids = tokenizer.encode("🐌")
    assert tokenizer.decode(tokenizer.encode("x") + ids[:1]) == "x\ufffd"


@pytest.mark.parametrize("id", [-1, 350, 10**9])
def test_ids_it_does_not_have_are_nothing(trained: dict[str, Tokenizer], id: int) -> None:
    assert trained["qwen2"].piece(id) == b""
    assert trained["qwen2"].token(id) == ""
    assert trained["qwen2"].decode([id]) == ""


# --- special tokens ---


@every_pattern
@given(parts=st.lists(st.sampled_from([*MARKS, "<|im_", "start|>", "<", "|>", "x", " ", "\n"]), max_size=8))
@settings(max_examples=200, deadline=None)
def test_marks_in_a_text_are_text_unless_asked_for(
    trained: dict[str, Tokenizer], pattern: str, parts: list[str]
) -> None:
    tokenizer, text = trained[pattern], "".join(parts)
    plain, special = tokenizer.encode(text), tokenizer.encode(text, special=True)
    assert not tokenizer.special_ids.intersection(plain)
    assert tokenizer.decode(plain) == tokenizer.decode(special) == text
    assert sum(id in tokenizer.special_ids for id in special) == sum(text.count(mark) for mark in MARKS)


def test_the_two_ways_do_not_disturb_each_other(trained: dict[str, Tokenizer]) -> None:
    tokenizer = trained["qwen2"]
    text = f"{TURN_START}user"
    assert tokenizer.encode(text, special=True)[0] == tokenizer.turn_start_id
    assert tokenizer.turn_start_id not in tokenizer.encode(text)
    assert tokenizer.encode(text, special=True)[0] == tokenizer.turn_start_id


# --- blocks: long texts are cut where the pattern cuts anyway ---


def _awkward_text(seed: int) -> str:
    chance = random.Random(seed)
    pieces = [
        "a",
        "Bc",
        " d",
        "  e",
        "'s",
        "'",
        "\n",
        "\n\n",
        " ",
        "\t",
        "1",
        "23",
        ".",
        "...",
        "é",
        "種",
        "🌱",
        "\u0301",
        " x",
        "ſ",
    ]
    return "".join(chance.choice(pieces) for _ in range(chance.randrange(300)))


@every_pattern
@pytest.mark.trial(sample=150, full=20_000)
def test_blocks_give_the_ids_of_the_whole(
    trials: range, trained: dict[str, Tokenizer], pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.gpt.tokenizer._BLOCK", 1)  # cut at every place there is
    tokenizer = trained[pattern]
    for seed in trials:
        text = _awkward_text(seed)
        for special in (False, True):
            backend = tokenizer._special if special else tokenizer._plain
            assert tokenizer.encode(text, special) == backend.encode(text, add_special_tokens=False).ids, repr(text)


def test_a_long_text_is_cut(trained: dict[str, Tokenizer], monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.gpt import tokenizer as module

    text = STORY * 2000
    blocks = list(module._blocks(text))
    assert len(blocks) > 4
    assert max(map(len, blocks)) < module._BLOCK + 100
    assert "".join(blocks) == text


# --- saving and loading ---


@every_pattern
def test_a_saved_tokenizer_is_the_same(trained: dict[str, Tokenizer], pattern: str, tmp_path: Path) -> None:
    tokenizer = trained[pattern]
    tokenizer.save(tmp_path, context=128)
    loaded = Tokenizer.load(tmp_path)
    names = ("vocabulary", "pattern", "template", "end_id", "turn_start_id", "turn_end_id", "special_ids", "merges")
    assert [getattr(loaded, name) for name in names] == [getattr(tokenizer, name) for name in names]
    assert [loaded.piece(id) for id in range(350)] == [tokenizer.piece(id) for id in range(350)]
    for special in (False, True):
        text = STORY + TURN_START
        assert loaded.encode(text, special) == tokenizer.encode(text, special)
    settings = json.loads((tmp_path / "tokenizer_config.json").read_text())
    assert settings["model_max_length"] == 128
    assert settings["eos_token"] == settings["pad_token"] == END
    assert settings["chat_template"] == (tmp_path / "chat_template.jinja").read_text() == CHAT_TEMPLATE
    special_map = json.loads((tmp_path / "special_tokens_map.json").read_text())
    assert special_map["additional_special_tokens"] == [TURN_START, TURN_END]


def _edited(tokenizer: Tokenizer, folder: Path, edit: Callable[[dict[str, Any]], None]) -> Path:
    """A tokenizer.json someone changed."""
    data = json.loads(tokenizer._plain.to_str())
    edit(data)
    path = folder / "tokenizer.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


QWEN_ORIGINAL = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


@pytest.mark.parametrize(
    ("edit", "pattern"),
    [
        (lambda split, bytes_, data: None, "qwen2"),
        (lambda split, bytes_, data: split["pattern"].update(Regex=QWEN_ORIGINAL), "qwen2"),
        (lambda split, bytes_, data: data.update(normalizer={"type": "NFC"}), "qwen2"),
        (lambda split, bytes_, data: data.update(normalizer={"type": "Lowercase"}), ""),
        (lambda split, bytes_, data: split["pattern"].update(Regex=r"\w+"), ""),
        (lambda split, bytes_, data: split.update(invert=True), ""),
        (lambda split, bytes_, data: split.update(behavior="Removed"), ""),
        (lambda split, bytes_, data: bytes_.update(add_prefix_space=True), ""),
        (lambda split, bytes_, data: bytes_.update(use_regex=True), ""),
        (lambda split, bytes_, data: data.update(pre_tokenizer=bytes_ | {"use_regex": True}), "gpt-2"),
        (lambda split, bytes_, data: data.update(pre_tokenizer=bytes_), ""),
    ],
)
def test_the_pattern_of_a_file_is_recognised(  # type: ignore[no-untyped-def]
    trained: dict[str, Tokenizer], tmp_path: Path, edit, pattern: str
) -> None:
    def apply(data: dict[str, Any]) -> None:
        edit(*data["pre_tokenizer"]["pretokenizers"], data)

    tokenizer = Tokenizer.from_file(_edited(trained["qwen2"], tmp_path, apply))
    assert tokenizer.pattern == pattern
    tokenizer.encode("seed")  # it works either way


def test_a_file_that_cuts_pads_or_adds_does_not(trained: dict[str, Tokenizer], tmp_path: Path) -> None:
    backend = tokenizers.Tokenizer.from_str(trained["qwen2"]._plain.to_str())
    backend.enable_truncation(3)
    backend.enable_padding(length=50)
    backend.post_processor = tokenizers.processors.TemplateProcessing(
        single=f"{END} $A", special_tokens=[(END, backend.token_to_id(END))]
    )
    backend.save(str(tmp_path / "tokenizer.json"))
    tokenizer = Tokenizer.from_file(tmp_path / "tokenizer.json")
    assert tokenizer.encode(STORY) == trained["qwen2"].encode(STORY)
    assert tokenizer.encode(STORY, special=True) == trained["qwen2"].encode(STORY)


def test_a_tokenizer_without_marks_has_none(tmp_path: Path, trained: dict[str, Tokenizer]) -> None:
    path = _edited(trained["gpt-2"], tmp_path, lambda data: data.update(added_tokens=[]))
    tokenizer = Tokenizer.from_file(path)
    assert (tokenizer.end_id, tokenizer.turn_start_id, tokenizer.turn_end_id) == (-1, -1, -1)
    assert tokenizer.decode(tokenizer.encode(END, special=True)) == END
    tokenizer.save(tmp_path / "again")
    assert Tokenizer.load(tmp_path / "again").end_id == -1


@pytest.mark.parametrize("end", ["</s>", {"content": "</s>", "lstrip": False}])
def test_the_end_token_is_the_one_the_folder_names(trained: dict[str, Tokenizer], tmp_path: Path, end: object) -> None:
    def rename(data: dict[str, Any]) -> None:
        data["added_tokens"][0]["content"] = "</s>"

    _edited(trained["qwen2"], tmp_path, rename)
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"eos_token": end}))
    assert Tokenizer.load(tmp_path).end_id == 347


# --- bad files ---


def _drop_decoder(data: dict[str, Any]) -> None:
    data["decoder"] = None


def _other_model(data: dict[str, Any]) -> None:
    data["model"] = {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}


def _text_as_id(data: dict[str, Any]) -> None:
    data["model"]["vocab"]["!"] = "0"


def _negative_id(data: dict[str, Any]) -> None:
    data["model"]["vocab"]["!"] = -1


def _wrong_added(data: dict[str, Any]) -> None:
    data["added_tokens"] = ["<|endoftext|>"]


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (_drop_decoder, "does not work on bytes"),
        (_other_model, "not a byte-pair encoding"),
        (_text_as_id, "no whole number"),
        (_negative_id, "no whole number"),
        (_wrong_added, "added tokens"),
        (lambda data: data.pop("model"), "not a byte-pair encoding"),
        (lambda data: data.update(pre_tokenizer={"type": "Zebra"}), "tokenizer.json"),
        (lambda data: data.update(pre_tokenizer=7), "tokenizer.json"),
    ],
)
def test_bad_tokenizers_are_refused_by_name(
    trained: dict[str, Tokenizer], tmp_path: Path, edit: Callable[[dict[str, Any]], None], says: str
) -> None:
    path = _edited(trained["qwen2"], tmp_path, edit)
    with pytest.raises(EngineError, match=says) as caught:
        Tokenizer.from_file(path)
    assert caught.value.code == "bad_tokenizer"
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b"{" * 100_000, b'{"model": ' * 50_000, b"7"])
def test_files_that_are_no_json_object_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tokenizer.json").write_bytes(content)
    with pytest.raises(EngineError, match=r"tokenizer\.json is not valid JSON") as caught:
        Tokenizer.load(tmp_path)
    assert caught.value.code == "bad_json"


def test_a_file_too_large_to_be_one_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.gpt.tokenizer._LARGEST_FILE", 1)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(EngineError, match="far larger"):
        Tokenizer.load(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"lacks the file tokenizer\.json"):
        Tokenizer.load(tmp_path)


def test_a_pattern_that_runs_away_ends_with_a_sentence(data: Callable[..., Path]) -> None:
    tokenizer = Tokenizer.from_file(data("malformed-models/hf/tokenizer-catastrophic-regex.json"))
    assert tokenizer.pattern == ""
    start = time.monotonic()
    with pytest.raises(EngineError, match="split pattern takes too long") as caught:
        tokenizer.encode("a" * 50 + "b")
    assert all(isinstance(caught.value.data[name], Phrase) for name in ("place", "reason"))
    assert time.monotonic() - start < 10
    assert tokenizer.decode(tokenizer.encode("hello")) == "hello"  # and it still works


# --- templates ---


def test_the_template_file_wins_over_the_settings(tmp_path: Path) -> None:
    assert read_template(tmp_path) is None
    (tmp_path / "tokenizer_config.json").write_text('{"chat_template": "from settings"}')
    assert read_template(tmp_path) == "from settings"
    (tmp_path / "chat_template.jinja").write_bytes("\ufefffrom file".encode())
    assert read_template(tmp_path) == "from file"


@pytest.mark.parametrize(
    ("stored", "template"),
    [
        ("null", None),
        ("[]", None),
        ('[{"name": "tool_use", "template": "t"}]', None),
        ('[7, {"name": ["default"], "template": "t"}]', None),
        ('[{"name": "default", "template": "d"}, {"name": "x", "template": "t"}]', "d"),
    ],
)
def test_templates_in_the_settings(tmp_path: Path, stored: str, template: str | None) -> None:
    (tmp_path / "tokenizer_config.json").write_text(f'{{"chat_template": {stored}}}')
    assert read_template(tmp_path) == template


@pytest.mark.parametrize("stored", ["42", '{"default": "x"}', '[{"name": "default", "template": 7}]', "true"])
def test_templates_that_are_no_text_are_refused(tmp_path: Path, stored: str) -> None:
    (tmp_path / "tokenizer_config.json").write_text(f'{{"chat_template": {stored}}}')
    with pytest.raises(EngineError, match=r"chat template in .*tokenizer_config\.json") as caught:
        read_template(tmp_path)
    assert caught.value.code == "bad_template"


def test_a_template_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chat_template.jinja").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(EngineError, match=r"chat_template\.jinja"):
        read_template(tmp_path)
