"""The catalogue: every row is whole, plausible and allowed, and what is suggested fits."""

from __future__ import annotations

import json
import re

import pytest

from engine import paths
from engine.gpt.hf_names import FAMILIES
from engine.library import catalogue
from engine.library.catalogue import LICENCES, TIERS, CatalogueModel
from engine.library.download import names
from engine.library.quantization_names import BITS, part_of, quantization_of

ROWS = json.loads(paths.resource("catalogue.json").read_bytes())["models"]
KEYS = set(CatalogueModel.__dataclass_fields__)
CAPABILITIES = {"chat", "thinking", "tools", "vision", "code"}
# Repositories of the families that Seedling opens, by what their names begin with.
BASES = re.compile(r"SmolLM2|Qwen2\.5|Qwen3-|OLMo-2|Mistral-7B|phi-4$|EuroLLM|DeepSeek-R1-Distill-Qwen")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_row_is_whole_and_plausible(row: dict[str, object]) -> None:
    assert KEYS - {"active_parameters"} <= set(row) <= KEYS
    model = next(model for model in catalogue.models() if model.id == row["id"])
    assert re.fullmatch(r"[a-z0-9.-]+", model.id)
    assert model.licence in LICENCES
    for repo in (model.repo, model.base) if model.base else (model.repo,):
        names.check_repo(repo)
        assert repo.count("/") == 1
    assert 100e6 <= model.parameters <= 31e9
    assert 0 < model.active_parameters <= model.parameters
    assert model.context in {1 << power for power in range(11, 19)} | {40960}
    assert model.languages
    assert all(re.fullmatch(r"[a-z]{2}|mul", language) for language in model.languages)
    assert "chat" in model.capabilities
    assert set(model.capabilities) <= CAPABILITIES
    assert len(model.uses) < 130
    assert model.uses.endswith(".")
    assert model.base is None or BASES.search(model.base)


@pytest.mark.parametrize("model", catalogue.models(), ids=lambda model: model.id)
def test_sizes_are_what_so_many_weights_of_so_many_bits_take(model: CatalogueModel) -> None:
    sizes = list(model.about_bytes.values())
    assert sizes == sorted(sizes)
    for quantization, size in model.about_bytes.items():
        assert size == pytest.approx(model.parameters * BITS[quantization] / 8, rel=0.15)
        assert quantization_of(model.file_of(quantization)) == quantization
        names.check_file(model.file_of(quantization))


@pytest.mark.parametrize("model", catalogue.models(), ids=lambda model: model.id)
def test_what_is_recommended_leaves_room(model: CatalogueModel) -> None:
    assert set(model.recommended) == {str(tier) for tier in TIERS}
    sizes = [model.about_bytes[q] if q else 0 for q in model.recommended.values()]
    assert sizes == sorted(sizes)
    assert all(size <= 0.65 * tier * 2**30 for size, tier in zip(sizes, TIERS, strict=True))
    assert model.recommended["32"]


def test_the_catalogue_is_one_of_different_models() -> None:
    models = catalogue.models()
    assert 28 <= len(models) <= 40
    for values in ([m.id for m in models], [m.title for m in models], [m.repo for m in models]):
        assert len(set(values)) == len(values)
    assert [m.parameters for m in models] == sorted(m.parameters for m in models)
    assert catalogue.find("Qwen/Qwen3-8B") is catalogue.find("Qwen/Qwen3-8B-GGUF")
    assert catalogue.find("nobody/nothing") is None


def test_bases_are_of_families_that_seedling_opens() -> None:
    """A further family is a reason to look at the catalogue again."""
    assert set(FAMILIES) == set(
        "gpt2 llama mistral qwen2 qwen3 phi3 olmo2 gpt_neox starcoder2 gemma2 gemma3_text".split()
    )


@pytest.mark.parametrize("gib", [2, 4, 8, 12, 16, 24, 32, 64, 256])
def test_suggestions_fit_and_begin_with_what_is_quick(gib: int) -> None:
    found = catalogue.suggested(int(gib * 2**30 * 0.97))  # what a machine sold with that much shows
    assert len(found) >= 5
    assert all(choice.about_bytes <= 0.65 * gib * 2**30 for choice in found)
    quick = [choice.quick for choice in found]
    assert quick == sorted(quick, reverse=True)
    for some in (True, False):
        sizes = [choice.model.parameters for choice in found if choice.quick is some]
        assert sizes == sorted(sizes, reverse=True)


def test_more_memory_brings_larger_models() -> None:
    largest = [max(s.model.parameters for s in catalogue.suggested(gib * 2**30)) for gib in (4, 8, 16, 32)]
    assert largest == sorted(set(largest))


@pytest.mark.parametrize(
    ("name", "quantization"),
    [
        ("Qwen3-4B-Q4_K_M.gguf", "q4_k_m"),
        ("qwen2.5-7b-instruct-q4_k_m-00001-of-00002.gguf", "q4_k_m"),
        ("tinyllama-1.1b-chat-v1.0.Q4_K_M.gguf", "q4_k_m"),
        ("Qwen3.6-35B-A3B-UD-Q4_K_XL.gguf", "ud-q4_k_xl"),
        ("google_gemma-3-1b-it-Q6_K_L.gguf", "q6_k_l"),
        ("gemma-4-26B_q4_0-it.gguf", "q4_0"),
        ("gpt-oss-20b-MXFP4.gguf", "mxfp4"),
        ("BF16/Qwen3-8B-BF16-00001-of-00002.gguf", "bf16"),
        ("Phi-3-mini-4k-instruct-fp16.gguf", "f16"),
        ("Phi-3-mini-4k-instruct-q4.gguf", "q4"),
        ("model.i1-IQ3_XXS.gguf", "iq3_xxs"),
        ("Q8_0/of-q4_0-weights-F32.gguf", "f32"),
        ("model.gguf", None),
        ("Qwen3-8B.gguf", None),
        ("q8_0x.gguf", None),
    ],
)
def test_quantizations_are_read_from_names(name: str, quantization: str | None) -> None:
    assert quantization_of(name) == quantization


def test_parts_of_a_split_model() -> None:
    assert part_of("a/b-Q4_0-00002-of-00010.gguf") == ("a/b-Q4_0.gguf", 2, 10)
    assert part_of("a-00001-of-2.gguf") is None
    assert part_of("a.gguf") is None
