"""Tokenizers that come with models: opened, equal to their own libraries and to llama.cpp, and kept as they came."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tokenizers
import torch
from any_text import any_text, has_unicode_16
from random_gpt import random_gpt

from engine.errors import EngineError
from engine.gpt.gguf import write_gguf
from engine.gpt.gguf_tokenizer import model_name, read_tokenizer
from engine.gpt.tokenizer import Tokenizer
from engine.runtime.gguf_header import read_header
from engine.runtime.llama_vocabulary import Vocabulary, tokenize_only

SEPARATOR = "\n__ggml_vocab_test__\n"
VOCABULARIES = ("gpt-2", "llama-spm", "phi-3", "starcoder")
FOLDERS = ("tokenizer-gpt2", "tokenizer-mistral-7b-v0.2", "tokenizer-tiny-bpe-2000", "llama2-tokenizer")

Data = Callable[..., Path]


def texts(count: int) -> Iterator[str]:
    """Texts from every corner of Unicode 15, as llama.cpp knows no later one."""
    return (text for seed in range(count) if not has_unicode_16(text := any_text(seed)))


def in_llama_cpp(tokenizer: Tokenizer, folder: Path, name: str = "") -> Vocabulary:
    """llama.cpp's idea of a tokenizer, from the file we write of it."""
    model = random_gpt("qwen3", vocabulary=tokenizer.vocabulary + 2, width=32, layers=1, heads=1)
    path = folder / "vocabulary.gguf"
    write_gguf(model, tokenizer, path, "q8_0", {"name": name})
    return tokenize_only(path)


def strips_as_llama_cpp(tokenizer: Tokenizer, text: str) -> bool:
    """Whether a text shows no difference in what a token takes behind it: any white space here, ASCII's there."""
    strips = "|".join(re.escape(token.content) for token in tokenizer.added.values() if token.rstrip)
    return not strips or re.search(rf"({strips})[ \t-\r]*[^\S \t-\r]", text) is None


def edited(source: Path, folder: Path, edit: Callable[[dict[str, Any]], None]) -> Path:
    """A folder with a changed copy of a tokenizer.json, of which only the first 2,000 merges are kept."""
    data = json.loads((source / "tokenizer.json").read_text(encoding="utf-8"))
    model, added = data["model"], {token["content"] for token in data["added_tokens"]}
    merges = [merge if isinstance(merge, list) else merge.split(" ") for merge in model["merges"]]
    made = added | {"".join(merge) for merge in merges[:2000]}
    kept = [token for token in model["vocab"] if len(token) == 1 or token.startswith("<0x") or token in made]
    known = set(kept)
    model["vocab"] = {token: id for id, token in enumerate(kept)}
    model["merges"] = [merge for merge in merges if known.issuperset(merge) and "".join(merge) in known]
    for token in data["added_tokens"]:
        token["id"] = model["vocab"][token["content"]]
    edit(data)
    (folder / "tokenizer.json").write_text(json.dumps(data), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def loaded() -> dict[str, Tokenizer]:
    return {}


@pytest.fixture
def tokenizer_of(loaded: dict[str, Tokenizer], data: Data) -> Callable[[str], Tokenizer]:
    """The tokenizer of a folder or a vocabulary file, opened once: they are large."""

    def open_(name: str) -> Tokenizer:
        if name not in loaded and name in VOCABULARIES:
            loaded[name] = read_tokenizer(read_header(data(f"gguf-vocab/ggml-vocab-{name}.gguf")))
        elif name not in loaded:
            loaded[name] = Tokenizer.load(data(name))
        return loaded[name]

    return open_


# --- opened ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "pattern", "begin", "end", "adds_begin", "space"),
    [
        ("tokenizer-gpt2", "gpt-2", 50256, 50256, False, False),
        ("tokenizer-tiny-bpe-2000", "llama-bpe", -1, -1, False, False),
        ("tokenizer-mistral-7b-v0.2", "default", 1, 2, True, True),
        ("llama2-tokenizer", "default", 1, 2, True, True),
    ],
)
def test_what_a_folder_says(
    tokenizer_of: Callable[[str], Tokenizer],
    name: str, pattern: str, begin: int, end: int, adds_begin: bool, space: bool,
) -> None:  # fmt: skip
    tokenizer = tokenizer_of(name)
    assert (tokenizer.pattern, tokenizer.begin_id, tokenizer.end_id) == (pattern, begin, end)
    assert (tokenizer.adds_begin, tokenizer.space_prefix) == (adds_begin, space)
    assert tokenizer.byte_level == (pattern != "default")
    assert tokenizer.turn_start_id == -1
    assert tokenizer.end_ids == {end, tokenizer.turn_end_id} - {-1}


def test_phi_3_ends_its_turns_in_its_own_way(tokenizer_of: Callable[[str], Tokenizer]) -> None:
    tokenizer = tokenizer_of("phi-3")
    assert tokenizer.piece(tokenizer.turn_end_id) == b"<|end|>"
    assert tokenizer.end_ids == {tokenizer.end_id, tokenizer.turn_end_id}
    assert str(tokenizer.template).startswith("{{ bos_token }}")


@pytest.mark.parametrize("name", FOLDERS)
def test_texts_come_back_unchanged(tokenizer_of: Callable[[str], Tokenizer], name: str) -> None:
    tokenizer = tokenizer_of(name)
    for text in (*texts(60), "", " ", "  two spaces", "\n", "\x00", "▁ ▁", "🧑\u200d🚀"):
        if tokenizer.space_prefix and "▁" in text:
            continue  # SentencePiece writes spaces so, and cannot tell the two apart
        assert tokenizer.decode(tokenizer.encode(text)) == text
        pieces = b"".join(map(tokenizer.piece, tokenizer.encode(text))).decode()
        assert pieces == (" " if tokenizer.space_prefix and text else "") + text


@pytest.mark.parametrize("name", ["tokenizer-mistral-7b-v0.2", "tokenizer-tiny-bpe-2000"])
def test_a_long_text_is_cut_where_nothing_is_joined(
    name: str, data: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = Tokenizer.load(edited(data(name), tmp_path, lambda data: None))
    text = data("raw-classics/the-verdict.txt").read_text(encoding="utf-8")[:5000]
    whole = tokenizers.Tokenizer.from_str(tokenizer._plain.to_str()).encode(text, add_special_tokens=False).ids
    monkeypatch.setattr("engine.gpt.tokenizer._BLOCK", 100)
    assert tokenizer._cuttable
    assert tokenizer.encode(text) == whole


def test_ends_come_from_wherever_a_folder_names_them(data: Data, tmp_path: Path) -> None:
    shutil.copy(data("tokenizer-tiny-bpe-2000/tiny_bpe_tokenizer.json"), tmp_path / "tokenizer.json")
    (tmp_path / "tokenizer_config.json").write_text('{"eos_token": "<|endoftext|>", "bos_token": null}')
    (tmp_path / "generation_config.json").write_text('{"eos_token_id": [5, 7, 99999, true], "bos_token_id": 3}')
    tokenizer = Tokenizer.load(tmp_path)
    assert (tokenizer.end_id, tokenizer.turn_start_id, tokenizer.turn_end_id) == (2000, 2001, 2002)
    assert tokenizer.end_ids == {2000, 2002, 5, 7}
    assert tokenizer.begin_id == -1  # a number alone often repeats the end
    (tmp_path / "tokenizer_config.json").unlink()
    assert Tokenizer.load(tmp_path).begin_id == 3
    (tmp_path / "special_tokens_map.json").write_text('{"bos_token": {"content": "<|im_start|>"}}')
    assert Tokenizer.load(tmp_path).begin_id == 2001


def test_an_explicit_word_against_a_beginning_counts(data: Data, tmp_path: Path) -> None:
    folder = edited(data("tokenizer-mistral-7b-v0.2"), tmp_path, lambda data: None)
    for settings, adds in (({}, True), ({"add_bos_token": False}, False), ({"add_bos_token": True}, True)):
        (folder / "tokenizer_config.json").write_text(json.dumps({"bos_token": "<s>", **settings}))
        assert Tokenizer.load(folder).adds_begin is adds
    edited(data("tokenizer-mistral-7b-v0.2"), tmp_path, lambda data: data.update(post_processor=None))
    assert Tokenizer.load(folder).adds_begin  # where the library's form says nothing


# --- the same ids as elsewhere ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tokenizer-gpt2", "tokenizer-mistral-7b-v0.2"])
def test_the_ids_are_those_of_transformers(name: str, tokenizer_of: Callable[[str], Tokenizer], data: Data) -> None:
    from transformers import PreTrainedTokenizerFast

    theirs = PreTrainedTokenizerFast.from_pretrained(data(name))
    tokenizer = tokenizer_of(name)
    for text in texts(60):
        assert tokenizer.encode(text, special=True) == theirs.encode(text, add_special_tokens=False)
    begin = [tokenizer.begin_id] if tokenizer.adds_begin else []
    assert begin + tokenizer.encode("Hello") == theirs.encode("Hello")


@pytest.mark.parametrize("name", VOCABULARIES)
def test_the_ids_are_those_llama_cpp_published(name: str, tokenizer_of: Callable[[str], Tokenizer], data: Data) -> None:
    path = data(f"gguf-vocab/ggml-vocab-{name}.gguf")
    asked = path.with_name(path.name + ".inp").read_text(encoding="utf-8").split(SEPARATOR)
    given = path.with_name(path.name + ".out").read_text(encoding="utf-8").split("\n")
    tokenizer = tokenizer_of(name)
    for text, ids in zip(asked, given[: len(asked)], strict=True):
        assert tokenizer.encode(text) == [int(id) for id in ids.split()], text


@pytest.mark.trial(sample=40, full=3000)
@pytest.mark.parametrize("name", [*FOLDERS, *VOCABULARIES])
def test_the_ids_are_those_of_llama_cpp(
    name: str, trials: range, tokenizer_of: Callable[[str], Tokenizer], tmp_path: Path
) -> None:
    tokenizer = tokenizer_of(name)
    theirs = in_llama_cpp(tokenizer, tmp_path, name)
    for text in texts(len(trials)):
        assert tokenizer.encode(text, special=False) == theirs.tokenize(text, special=False), text
        if strips_as_llama_cpp(tokenizer, text):
            assert tokenizer.encode(text, special=True) == theirs.tokenize(text, special=True), text
    assert [theirs.piece(id) for id in range(tokenizer.vocabulary)] == list(
        map(tokenizer.piece, range(tokenizer.vocabulary))
    )
    assert theirs.adds_bos == tokenizer.adds_begin


def test_what_a_token_takes_behind_it_is_any_white_space(tokenizer_of: Callable[[str], Tokenizer]) -> None:
    """As in the model's own library; llama.cpp would leave what ASCII does not have."""
    phi = tokenizer_of("phi-3")
    assert phi.encode("</s> \u2029a", special=True) == phi.encode("</s>a", special=True)
    assert [strips_as_llama_cpp(phi, text) for text in ("</s> \u2029a", "</s> a", "<s>\u2029a")] == [False, True, True]


@pytest.mark.parametrize("name", VOCABULARIES)
def test_a_vocabulary_file_is_read_as_llama_cpp_reads_it(
    name: str, tokenizer_of: Callable[[str], Tokenizer], data: Data
) -> None:
    tokenizer, theirs = tokenizer_of(name), tokenize_only(data(f"gguf-vocab/ggml-vocab-{name}.gguf"))
    for text in texts(39):  # from the fortieth on there are runs, which we part for llama.cpp's sake
        for special in (False, True):
            assert tokenizer.encode(text, special) == theirs.tokenize(text, special), text
    assert all(theirs.piece(id) == tokenizer.piece(id) for id in range(tokenizer.vocabulary))


def _gemma(data: dict[str, Any]) -> None:
    """No space before a text, none left to part it at, and words of white space that are found as a whole."""
    data["normalizer"] = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    split = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}
    data["pre_tokenizer"] = split
    data["decoder"]["decoders"].pop()
    for text in ("▁▁", "▁▁▁", "\n\n", "<table>"):
        id = data["model"]["vocab"].setdefault(text, len(data["model"]["vocab"]))
        data["added_tokens"].append(data["added_tokens"][0] | {"id": id, "content": text, "special": False})
    data["model"]["merges"] += [["▁", "▁"], ["▁", "▁▁"], ["▁▁", "▁"]]


def _gemma_without_merges(data: dict[str, Any]) -> None:
    _gemma(data)
    del data["model"]["merges"][-3:]


def _metaspace(data: dict[str, Any]) -> None:
    """The newer form of the same."""
    data["normalizer"] = None
    data["pre_tokenizer"] = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False}


@pytest.mark.parametrize("edit", [_gemma, _metaspace])
def test_other_forms_of_sentencepiece(edit: Callable[[dict[str, Any]], None], data: Data, tmp_path: Path) -> None:
    tokenizer = Tokenizer.load(edited(data("tokenizer-mistral-7b-v0.2"), tmp_path, edit))
    assert tokenizer.pattern == "default"
    assert tokenizer.space_prefix == (edit is _metaspace)
    theirs = in_llama_cpp(tokenizer, tmp_path)
    for text in (*texts(60), "a  b   c\n\n\nd<table>x"):
        if edit is _metaspace and text.startswith((" ", "▁")):
            continue  # which gets no second space there
        assert tokenizer.encode(text) == theirs.tokenize(text), text


def test_a_smollm_splits_digits_first(data: Data, tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
        steps = [{"type": "Digits", "individual_digits": True}, byte_level]
        data["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": steps}

    tokenizer = Tokenizer.load(edited(data("tokenizer-gpt2"), tmp_path, edit))
    assert tokenizer.pattern == "smollm"
    theirs = in_llama_cpp(tokenizer, tmp_path)
    for text in (*texts(60), "in 2024, 3.14e10 ½ Ⅷ ٣"):
        assert tokenizer.encode(text) == theirs.tokenize(text), text


def test_whole_words_are_taken_only_where_llama_cpp_does(data: Data, tmp_path: Path) -> None:
    """OLMo 2 splits as Llama 3 does but merges every word."""
    folder = edited(data("tokenizer-tiny-bpe-2000"), tmp_path, lambda data: data["model"].update(ignore_merges=False))
    tokenizer = Tokenizer.load(folder)
    assert tokenizer.pattern == "dbrx"
    theirs = in_llama_cpp(tokenizer, tmp_path)
    for text in texts(39):
        assert tokenizer.encode(text) == theirs.tokenize(text), text
    edited(data("tokenizer-gpt2"), tmp_path, lambda data: data["model"].update(ignore_merges=True))
    assert Tokenizer.load(tmp_path).pattern == ""


# --- refused for GGUF ------------------------------------------------------------------------------------------------


def _drop_a_merge(data: dict[str, Any]) -> None:
    del data["model"]["merges"][1000]


def _part_merges(data: dict[str, Any]) -> None:
    merges = data["model"]["merges"]
    second = next(i for i in range(1, len(merges)) if "".join(merges[i]) == "".join(merges[i - 1]))
    merges.append(merges.pop(second))


def _own_normalizer(data: dict[str, Any]) -> None:
    data["normalizer"] = {"type": "NFKC"}


def _strip(data: dict[str, Any]) -> None:
    data["added_tokens"][2]["rstrip"] = True


def test_a_changed_tokenizer_is_not_refused_for_the_change(data: Data, tmp_path: Path) -> None:
    in_llama_cpp(Tokenizer.load(edited(data("tokenizer-mistral-7b-v0.2"), tmp_path, lambda data: None)), tmp_path)


@pytest.mark.parametrize("edit", [_drop_a_merge, _part_merges, _own_normalizer, _strip, _gemma_without_merges])
def test_what_llama_cpp_would_split_otherwise_is_refused(
    edit: Callable[[dict[str, Any]], None], data: Data, tmp_path: Path
) -> None:
    tokenizer = Tokenizer.load(edited(data("tokenizer-mistral-7b-v0.2"), tmp_path, edit))
    assert tokenizer.encode("It still works.")
    with pytest.raises(EngineError) as caught:
        in_llama_cpp(tokenizer, tmp_path)
    assert caught.value.code == "gguf_pattern"


def test_only_a_phi_3_is_called_one(tokenizer_of: Callable[[str], Tokenizer]) -> None:
    """llama.cpp goes by the name: with it, tokens take the white space behind them."""
    phi3, mistral = tokenizer_of("phi-3"), tokenizer_of("tokenizer-mistral-7b-v0.2")
    assert model_name("mine", phi3) == "mine (phi-3)"
    assert model_name("Phi-3-mini", phi3) == "Phi-3-mini"
    assert model_name("like phi3, but not", mistral) == "like phi 3, but not"


# --- kept ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tokenizer-gpt2", "tokenizer-mistral-7b-v0.2"])
def test_the_files_are_kept_byte_for_byte(name: str, data: Data, tmp_path: Path) -> None:
    source = data(name)
    Tokenizer.load(source).save(tmp_path, context=7)
    for file in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        assert (tmp_path / file).read_bytes() == (source / file).read_bytes()
    assert not (tmp_path / "chat_template.jinja").exists()  # it stands in the settings


def test_a_template_that_was_replaced_is_written_and_nothing_else_changes(data: Data, tmp_path: Path) -> None:
    source = data("tokenizer-mistral-7b-v0.2")
    tokenizer = Tokenizer.load(source)
    tokenizer.template = "{{ messages }}"
    tokenizer.save(tmp_path)
    before, after = (json.loads((folder / "tokenizer_config.json").read_text()) for folder in (source, tmp_path))
    assert after == before | {"chat_template": "{{ messages }}"}
    assert Tokenizer.load(tmp_path).template == "{{ messages }}"
    assert (tmp_path / "tokenizer.json").read_bytes() == (source / "tokenizer.json").read_bytes()


def test_a_converted_tokenizer_is_saved_as_one_that_transformers_reads(data: Data, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = Tokenizer.load(data("llama2-tokenizer"))
    tokenizer.save(tmp_path)
    theirs = AutoTokenizer.from_pretrained(tmp_path)
    again = Tokenizer.load(tmp_path)
    for text in texts(30):
        assert theirs.encode(text, add_special_tokens=False) == tokenizer.encode(text, special=True)
        assert again.encode(text) == tokenizer.encode(text)
    assert theirs.encode("Hello") == [1, *tokenizer.encode("Hello")]
    assert (theirs.bos_token, theirs.eos_token) == ("<s>", "</s>")
    assert (again.begin_id, again.end_id, again.adds_begin) == (1, 2, True)
