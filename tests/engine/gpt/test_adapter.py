"""Adapter folders: equal to what peft makes of them, read back, real ones read, and others refused by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from random_gpt import english_tokenizer, random_gpt
from random_lora import IDS, adapted
from safetensors.torch import load_file, save_file

from engine.errors import EngineError
from engine.gpt import adapter, hf, lora, opening
from engine.gpt.config import SHAPES
from engine.gpt.lora import LoRAConfig
from engine.gpt.model import GPT
from engine.library import forms, models

# peft asks transformers 5 for this by its older name.
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")

TARGETS = [
    ("gpt2", ("all-linear",)),
    ("gpt_neox", ("all-linear",)),
    ("phi3", ("all-linear",)),
    ("gpt2", ("c_attn",)),
    ("gpt2", ("query", "value")),
    ("gpt2", ("attn.c_proj", "up")),
    ("qwen3", ("all-linear",)),
    ("qwen3", ("q_proj", "v_proj")),
    ("qwen3", ("blocks.1.attention.query", "down")),
]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def saved(folder: Path, shape: str = "qwen3", config: LoRAConfig | None = None) -> GPT:
    """`folder/base` and `folder/adapter`; returns the model with the adapter on it."""
    config = config or LoRAConfig(rank=4, alpha=6)
    hf.save(random_gpt(shape), english_tokenizer(), folder / "base")
    model = adapted(shape, config)
    adapter.save(model, config, english_tokenizer(), str(folder / "base"), folder / "adapter")
    return model


def change(folder: Path, **fields: Any) -> None:
    path = folder / "adapter" / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def refused(folder: Path) -> EngineError:
    with pytest.raises(EngineError) as error:
        opening.open_model(folder)
    return error.value


# --- what peft makes of it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rslora", [False, True])
@pytest.mark.parametrize(("shape", "targets"), TARGETS, ids=str)
def test_peft_computes_the_same(shape: str, targets: tuple[str, ...], rslora: bool, tmp_path: Path) -> None:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    model = saved(tmp_path, shape, LoRAConfig(rank=4, alpha=6, targets=targets, rslora=rslora))
    base = AutoModelForCausalLM.from_pretrained(tmp_path / "base")
    with torch.no_grad():
        plain = base(IDS).logits
        theirs = PeftModel.from_pretrained(base, str(tmp_path / "adapter"))(IDS).logits
        ours = model(IDS)
    assert (ours - plain).abs().max() > 0.1
    assert (ours - theirs).abs().max() < 1e-4


@pytest.mark.parametrize("shape", ["gpt2", "gpt_neox", "qwen3"])
def test_what_peft_writes_is_read(shape: str, tmp_path: Path) -> None:
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    hf.save(random_gpt(shape), english_tokenizer(), tmp_path / "base")
    target = {"gpt2": ["c_attn", "c_fc"], "gpt_neox": ["query_key_value"], "qwen3": ["q_proj", "up_proj"]}[shape]
    config = LoraConfig(
        r=3, lora_alpha=5, target_modules=target, task_type="CAUSAL_LM", fan_in_fan_out=shape == "gpt2",
        use_rslora=True, layers_to_transform=[1], init_lora_weights=False,
    )  # fmt: skip
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(tmp_path / "base"), config)
    model.save_pretrained(str(tmp_path / "theirs"))
    ours, _ = opening.open_model(tmp_path / "theirs")
    with torch.no_grad():
        assert (ours(IDS) - model(IDS).logits).abs().max() < 1e-4
        assert (ours(IDS) - random_gpt(shape)(IDS)).abs().max() > 0.1


def test_a_real_adapter_is_read_as_peft_reads_it(data: Callable[..., Path], tmp_path: Path) -> None:
    """One of GPT-2 small, over random weights of its shape (with few tokens, which the adapter does not touch)."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    folder = data("gpt2-lora-adapter")
    model = random_gpt("gpt2", layers=12, width=768, heads=12)
    hf.save(model, english_tokenizer(), tmp_path / "gpt2")
    config = adapter.attach(model, folder)
    assert (config.rank, config.alpha, config.dropout, config.targets) == (16, 16, 0.05, ("c_attn",))
    theirs = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tmp_path / "gpt2"), str(folder))
    with torch.no_grad():
        assert (model(IDS) - theirs(IDS).logits).abs().max() < 1e-3
        with lora.detached(model):
            before = model(IDS)
        assert (model(IDS) - before).abs().max() > 0.01


# --- the folder ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "targets"), TARGETS, ids=str)
def test_read_back_it_computes_the_same(shape: str, targets: tuple[str, ...], tmp_path: Path) -> None:
    model = saved(tmp_path, shape, LoRAConfig(rank=4, alpha=6.5, dropout=0.1, targets=targets))
    merged, tokenizer = opening.open_model(tmp_path / "adapter")
    assert (merged(IDS) - model(IDS)).abs().max() < 1e-4
    assert tokenizer.encode("a b c") == english_tokenizer().encode("a b c")
    config = adapter.read_config(tmp_path / "adapter")
    assert (config.rank, config.alpha, config.dropout, config.rslora) == (4, 6.5, 0.1, False)


@pytest.mark.parametrize("shape", SHAPES)
def test_saving_what_was_read_writes_the_same_bytes(shape: str, tmp_path: Path) -> None:
    saved(tmp_path, shape)
    model = random_gpt(shape)
    config = adapter.attach(model, tmp_path / "adapter")
    adapter.save(model, config, english_tokenizer(), str(tmp_path / "base"), tmp_path / "again")
    for file in sorted((tmp_path / "adapter").iterdir()):
        if file.name != "README.md":
            assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes(), file.name


@pytest.mark.parametrize(
    ("shape", "targets", "written"),
    [
        ("gpt2", ("all-linear",), ["c_attn", "c_proj", "c_fc"]),
        ("gpt2", ("output",), ["attn.c_proj"]),
        ("gpt2", ("query",), ["c_attn"]),
        ("qwen3", ("query", "gate"), ["q_proj", "gate_proj"]),
        ("qwen3", ("blocks.1.attention.query",), ["1.self_attn.q_proj"]),
    ],
)
def test_the_targets_are_as_short_as_they_may_be(
    shape: str, targets: tuple[str, ...], written: list[str], tmp_path: Path
) -> None:
    saved(tmp_path, shape, LoRAConfig(rank=2, targets=targets))
    config = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert config["target_modules"] == written
    assert config["fan_in_fan_out"] is (shape == "gpt2")


def test_an_older_adapter_is_replaced_and_other_files_stay(tmp_path: Path) -> None:
    model = saved(tmp_path)
    config = LoRAConfig(rank=4, alpha=6)
    adapter.save(model, config, english_tokenizer(), "other", tmp_path / "adapter", card="# Mine\n")
    assert (tmp_path / "adapter" / "README.md").read_text() == "# Mine\n"
    (tmp_path / "adapter" / "diary.txt").write_text("Dear diary")
    with pytest.raises(EngineError) as error:
        adapter.save(model, config, english_tokenizer(), "other", tmp_path / "adapter")
    assert error.value.code == "folder_in_use"
    with pytest.raises(EngineError) as error:
        adapter.save(model, config, english_tokenizer(), "other", tmp_path / "base")
    assert error.value.code == "folder_in_use"


def test_a_model_folder_is_loaded_as_it_is(tmp_path: Path) -> None:
    saved(tmp_path)
    model, _ = opening.open_model(tmp_path / "base")
    assert torch.equal(model(IDS), random_gpt("qwen3")(IDS))


def test_without_a_tokenizer_of_its_own_it_has_that_of_its_model(tmp_path: Path) -> None:
    saved(tmp_path)
    (tmp_path / "adapter" / "tokenizer.json").unlink()
    _, tokenizer = opening.open_model(tmp_path / "adapter")
    assert tokenizer.encode("a b c") == english_tokenizer().encode("a b c")


# --- its model -------------------------------------------------------------------------------------------------------


def test_the_model_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path)
    monkeypatch.chdir("/")
    assert forms.base_of(tmp_path / "adapter") == tmp_path / "base"
    change(tmp_path, base_model_name_or_path="someone/base")  # a folder of the repository's name beside the adapter
    assert forms.base_of(tmp_path / "adapter") == tmp_path / "base"
    (tmp_path / "base").rename(tmp_path / "elsewhere")
    error = refused(tmp_path / "adapter")
    assert error.code == "adapter_base"
    assert "someone/base" in str(error)
    models.add(tmp_path / "elsewhere", "base")
    assert forms.base_of(tmp_path / "adapter") == tmp_path / "elsewhere"
    change(tmp_path, base_model_name_or_path="starter")
    assert forms.base_of(tmp_path / "adapter").name == "starter"


@pytest.mark.parametrize("name", [None, "", 7, "..", "/", "../base", "nowhere/at-all"])
def test_a_model_that_cannot_be_found(name: Any, tmp_path: Path) -> None:
    saved(tmp_path)
    change(tmp_path, base_model_name_or_path=name)
    (tmp_path / "base").rename(tmp_path / "elsewhere")
    assert refused(tmp_path / "adapter").code == "adapter_base"


@pytest.mark.parametrize("name", ["\\\\server\\share\\model", "//server/share/model"])
def test_a_share_is_not_opened(name: str, tmp_path: Path) -> None:
    saved(tmp_path)
    change(tmp_path, base_model_name_or_path=name)
    assert refused(tmp_path / "adapter").code == "network_path"


def test_the_library_opens_and_describes_it(tmp_path: Path) -> None:
    saved(tmp_path)
    entry = models.resolve(tmp_path / "adapter")
    assert (entry.kind, entry.backend, entry.problem) == ("adapter", "gpt", None)
    models.add(tmp_path / "adapter", "mine")
    assert models.resolve("mine").path == tmp_path / "adapter"
    found, base = models.describe(models.resolve("mine")), models.describe(models.resolve(tmp_path / "base"))
    assert found["parameters"] == base["parameters"]
    assert found["size_bytes"] == base["size_bytes"] + (tmp_path / "adapter" / adapter.WEIGHTS).stat().st_size
    (tmp_path / "base").rename(tmp_path / "elsewhere")
    assert "not on this computer" in str(next(e for e in models.entries() if e.name == "mine").problem)


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("peft_type", "IA3"),
        ("use_dora", True),
        ("modules_to_save", ["lm_head"]),
        ("rank_pattern", {"q_proj": 8}),
        ("alpha_pattern", {"q_proj": 8}),
        ("bias", "all"),
        ("lora_bias", True),
        ("layer_replication", [[0, 1]]),
        ("trainable_token_indices", [3]),
        ("target_parameters", ["experts"]),
        ("use_qalora", True),
        ("init_lora_weights", "pissa"),
        ("something_new", {"yes": 1}),
    ],
)
def test_what_ours_do_not_have_is_refused_by_name(field: str, value: Any, tmp_path: Path) -> None:
    saved(tmp_path)
    change(tmp_path, **{field: value})
    error = refused(tmp_path / "adapter")
    assert (error.code, error.data["field"]) == ("adapter_unsupported", field)


@pytest.mark.parametrize(
    ("field", "value"), [("r", 0), ("r", "8"), ("lora_alpha", -1), ("lora_dropout", 1.5), ("lora_alpha", [3])]
)
def test_settings_that_mean_nothing(field: str, value: Any, tmp_path: Path) -> None:
    saved(tmp_path)
    change(tmp_path, **{field: value})
    error = refused(tmp_path / "adapter")
    assert (error.code, error.data["field"]) == ("bad_config", field)
    assert "adapter_config.json" in error.data["place"]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00"])
def test_a_configuration_that_is_no_json_object(text: str, tmp_path: Path) -> None:
    saved(tmp_path)
    (tmp_path / "adapter" / "adapter_config.json").write_text(text)
    assert refused(tmp_path / "adapter").code == "bad_json"


def replaced(tensors: dict[str, torch.Tensor], what: str) -> dict[str, torch.Tensor]:
    first, second, *_ = tensors
    if what == "half missing":
        return {name: tensor for name, tensor in tensors.items() if name != first}
    if what == "unknown module":
        return {name.replace("q_proj", "x_proj"): tensor for name, tensor in tensors.items()}
    if what == "no prefix":
        return {name.removeprefix("base_model."): tensor for name, tensor in tensors.items()}
    if what == "further tensor":
        return tensors | {"base_model.model.lm_head.weight": torch.zeros(3, 3)}
    if what == "embedding":
        return tensors | {"base_model.model.model.embed_tokens.lora_embedding_A": torch.zeros(4, 3)}
    if what == "other rank":
        return tensors | {first: tensors[first][:2].contiguous(), second: tensors[second][:, :2].contiguous()}
    if what == "other size":
        return tensors | {first: tensors[first][:, :-1].contiguous()}
    assert what == "nothing"
    return {}


@pytest.mark.parametrize(
    "what",
    ["half missing", "unknown module", "no prefix", "further tensor", "embedding", "other rank", "other size"],
)
def test_tensors_that_do_not_fit_are_named(what: str, tmp_path: Path) -> None:
    saved(tmp_path)
    path = tmp_path / "adapter" / adapter.WEIGHTS
    save_file(replaced(load_file(path), what), path)
    error = refused(tmp_path / "adapter")
    assert error.code == "adapter_tensor"
    assert error.data["tensor"]


def test_no_tensors_and_no_numbers(tmp_path: Path) -> None:
    saved(tmp_path)
    path = tmp_path / "adapter" / adapter.WEIGHTS
    tensors = load_file(path)
    save_file({}, path)
    assert refused(tmp_path / "adapter").code == "bad_weights"
    save_file({name: torch.full_like(tensor, torch.inf) for name, tensor in tensors.items()}, path)
    assert refused(tmp_path / "adapter").code == "bad_weights"
    path.write_bytes(b"\xff" * 100)
    assert refused(tmp_path / "adapter").code == "bad_weights"


def test_weights_that_are_not_there_or_pickled(tmp_path: Path) -> None:
    saved(tmp_path)
    (tmp_path / "adapter" / adapter.WEIGHTS).rename(tmp_path / "adapter" / "adapter_model.bin")
    assert refused(tmp_path / "adapter").code == "pickled_weights"
    (tmp_path / "adapter" / "adapter_model.bin").unlink()
    assert refused(tmp_path / "adapter").code == "missing_file"


def test_an_adapter_of_another_family(tmp_path: Path) -> None:
    saved(tmp_path, "gpt2")
    hf.save(random_gpt("qwen3"), english_tokenizer(), tmp_path / "base")
    assert "qwen3 has no matrix of this name" in str(refused(tmp_path / "adapter"))
