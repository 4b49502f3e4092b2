"""What a model takes and whether that fits, from headers alone."""

from dataclasses import replace
from pathlib import Path

import pytest
from gguf_files import GGUF

from engine import hardware
from engine.hardware import Memory
from engine.library import memory_fit
from engine.library.memory_fit import (
    LOGITS_ROWS,
    Need,
    largest_context,
    needed,
    needed_on_gpu,
    rough,
    suggested_gpu_layers,
    verdict,
)
from engine.runtime.gguf_header import GGUFHeader, GGUFTensor, read_header

GB = 10**9
WIDTH, INNER, BLOCKS, VOCABULARY, CONTEXT = 64, 256, 3, 512, 8192


@pytest.fixture(scope="module")
def header(tmp_path_factory: pytest.TempPathFactory) -> GGUFHeader:
    return written(tmp_path_factory.mktemp("models") / "m.gguf", "Q8_0")


def written(path: Path, kind: str, **changed: object) -> GGUFHeader:
    """A llama of three blocks with eight heads of queries and four of keys and values."""
    block = {"attn_q": (WIDTH, 64), "attn_k": (WIDTH, 32), "attn_v": (WIDTH, 32), "attn_output": (64, WIDTH),
             "ffn_gate": (WIDTH, INNER), "ffn_up": (WIDTH, INNER), "ffn_down": (INNER, WIDTH)}  # fmt: skip
    shapes = {f"blk.{n}.{name}.weight": shape for n in range(BLOCKS) for name, shape in block.items()}
    shapes |= {"token_embd.weight": (WIDTH, VOCABULARY), "output.weight": (WIDTH, VOCABULARY)}
    bytes_of = {"Q8_0": 34, "Q4_0": 18}[kind]
    gguf = GGUF(tensors=[(name, s, kind, bytes(s[0] * s[1] // 32 * bytes_of)) for name, s in shapes.items()])
    gguf.set("general.architecture", "text", "llama").set("tokenizer.ggml.tokens", "texts", ["a"] * VOCABULARY)
    numbers = {"block_count": BLOCKS, "embedding_length": WIDTH, "context_length": CONTEXT}
    for name, value in (numbers | {"attention.head_count": 8, "attention.head_count_kv": 4} | changed).items():
        gguf.set(f"llama.{name}", "u32", value)
    return read_header(gguf.write(path))


# --- the parts -------------------------------------------------------------------------------------------------------


def test_each_part_of_a_need(header: GGUFHeader) -> None:
    need = needed(header, context=1000)
    assert need.weights == need.mapped == sum(tensor.size for tensor in header.tensors.values())
    assert need.cache == BLOCKS * 1024 * 2 * (32 + 32)
    assert need.compute == 4 * 512 * (3 * INNER + 4 * WIDTH) + 2 * 512 * 1024 + 512 * 36 * INNER // 32
    assert need.overhead == needed(header, context=1).overhead
    assert need.total == need.weights + need.cache + need.compute + need.overhead


def test_a_context_beyond_the_trained_one_takes_no_more(header: GGUFHeader) -> None:
    assert needed(header, context=10 * CONTEXT) == needed(header, context=CONTEXT)


def test_scores_are_kept_whole_without_flash_attention(header: GGUFHeader) -> None:
    at = {cells: needed(header, context=cells, flash_attention=False).compute for cells in (4096, 8192)}
    scores, mask, copy = 8 * 4, 4, 8 * 2  # for each cell and token: of each head, and in float16 for the product
    assert at[8192] - at[4096] == 4096 * 512 * (scores + mask + copy)


def test_a_large_vocabulary_is_paid_for_by_the_rows_asked_for_at_once(header: GGUFHeader) -> None:
    output = GGUFTensor("output.weight", (WIDTH, 200_000), "Q8_0", 0, WIDTH * 200_000 // 32 * 34)
    large = replace(header, tensors=header.tensors | {"output.weight": output})
    logits = 4 * (LOGITS_ROWS * 200_000 + 2 * 512 * WIDTH)
    assert needed(large, context=512).compute == logits + 512 * 36 * INNER // 32


def test_windows_have_a_mask_of_their_own(tmp_path: Path, header: GGUFHeader) -> None:
    windowed = written(tmp_path / "m.gguf", "Q8_0", **{"attention.sliding_window": 128})
    more = needed(windowed, context=4096).compute - needed(header, context=4096).compute
    assert more == 2 * 512 * 4096


def test_a_draft_model_shares_the_process(header: GGUFHeader) -> None:
    alone, both = needed(header, context=512), needed(header, context=512, draft=header)
    assert (both.weights, both.cache, both.compute, both.mapped) == (
        2 * alone.weights, 2 * alone.cache, 2 * alone.compute, 2 * alone.mapped,
    )  # fmt: skip
    assert alone.overhead < both.overhead < alone.overhead + 10**6


def test_rearranged_weights_are_not_read_from_the_file_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = written(tmp_path / "m.gguf", "Q4_0")
    embedding = header.tensors["token_embd.weight"].size
    monkeypatch.setattr(hardware, "processor_flags", lambda: {"avx2"})
    need = needed(header, context=512)
    assert need.mapped == embedding
    assert need.weights == sum(tensor.size for tensor in header.tensors.values())
    assert needed(header, context=512, mmap=False) == Need(need.weights, need.cache, need.compute, need.overhead, 0)
    monkeypatch.setattr(hardware, "processor_flags", lambda: {"sse2"})
    assert needed(header, context=512).mapped == need.weights


@pytest.mark.parametrize(
    ("flags", "machine", "some", "none"),
    [
        ({"avx2"}, "x86_64", "Q4_K", "Q8_0"),
        ({"avx2", "avx512f"}, "x86_64", "Q2_K", "Q6_K"),
        ({"asimddp"}, "aarch64", "Q8_0", "Q2_K"),
        (None, "arm64", "Q6_K", "Q2_K"),
        (None, "AMD64", "Q4_0", "Q2_K"),
    ],
)
def test_what_processors_rearrange(
    monkeypatch: pytest.MonkeyPatch, flags: set[str] | None, machine: str, some: str, none: str
) -> None:
    monkeypatch.setattr(hardware, "processor_flags", lambda: flags)
    monkeypatch.setattr(memory_fit.platform, "machine", lambda: machine)
    assert some in memory_fit.rearranged_types()
    assert none not in memory_fit.rearranged_types()


# --- verdicts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("need", "free", "freed", "expected"),
    [
        (Need(8 * GB, GB, 0, 0, 8 * GB), 10 * GB, 0, "fits"),
        (Need(8 * GB, GB, 0, 0, 8 * GB), 9 * GB, 0, "slow"),  # nearly everything
        (Need(8 * GB, GB, 0, 0, 8 * GB), 9 * GB, GB, "fits"),  # with what unloading gives back
        (Need(8 * GB, GB, 0, 0, 8 * GB), 5 * GB, 0, "slow"),  # half of the weights stay in the file
        (Need(8 * GB, GB, 0, 0, 8 * GB), 5 * GB - 1, 0, "too_large"),
        (Need(8 * GB, GB, 0, 0, 0), 9 * GB - 1, 0, "too_large"),  # nothing can be taken back
        (Need(8 * GB, GB, 0, 0, 0), 1 * GB, 99 * GB, "slow"),  # never more than the machine has
    ],
)
def test_a_verdict(need: Need, free: int, freed: int, expected: str) -> None:
    assert verdict(need, Memory(9 * GB if freed > GB else 16 * GB, free), freed) == expected


def test_the_largest_context_fits_and_the_next_does_not(header: GGUFHeader) -> None:
    for wanted in range(256, CONTEXT, 256):
        free = -(-needed(header, context=wanted).total * 10 // 9)
        assert largest_context(header, Memory(GB, free)) == wanted
        assert verdict(needed(header, context=wanted + 256), Memory(GB, free)) != "fits"
    assert largest_context(header, Memory(GB, GB)) == CONTEXT
    assert largest_context(header, Memory(GB, 1000)) == 0
    few = -(-needed(header, context=4096).total * 10 // 9)
    assert largest_context(header, Memory(GB, few), cache_type="q8_0") > 4096


def test_a_trained_context_that_is_no_round_number_is_offered_whole(tmp_path: Path) -> None:
    assert largest_context(written(tmp_path / "m.gguf", "Q8_0", context_length=1000), Memory(GB, GB)) == 1000


# --- graphics processors (as arithmetic; none was at hand) -----------------------------------------------------------


def test_every_layer_is_on_one_side(header: GGUFHeader) -> None:
    whole = needed(header, context=512)
    embedding = header.tensors["token_embd.weight"].size
    for layers in range(BLOCKS + 2):
        here = needed(header, context=512, gpu_layers=layers)
        there = needed_on_gpu(header, layers, context=512)
        assert here.weights + there.weights == whole.weights
        assert here.cache + there.cache == whole.cache
        assert there.cache == max(0, layers - 1) * whole.cache // BLOCKS
    assert needed(header, context=512, gpu_layers=-1).weights == embedding


def test_a_tied_embedding_is_on_both_sides(header: GGUFHeader, tmp_path: Path) -> None:
    tied = written(tmp_path / "m.gguf", "Q8_0")
    del tied.tensors["output.weight"]
    embedding = tied.tensors["token_embd.weight"].size
    assert needed_on_gpu(tied, 1, context=512).weights == embedding
    assert needed(tied, context=512, gpu_layers=-1).weights == embedding
    assert needed_on_gpu(tied, 0, context=512).weights == 0


def test_as_many_layers_as_fit_are_suggested(header: GGUFHeader) -> None:
    for layers in range(1, BLOCKS + 2):
        vram = -(-needed_on_gpu(header, layers, context=4096).total * 10 // 9)
        assert suggested_gpu_layers(header, vram, context=4096) == layers
        assert suggested_gpu_layers(header, vram - 2, context=4096) == layers - 1
    assert suggested_gpu_layers(header, 100 * GB, context=4096) == BLOCKS + 1
    assert suggested_gpu_layers(header, 0, context=4096) == 0


# --- without a header ------------------------------------------------------------------------------------------------


def test_a_rough_guess_grows_with_everything_it_knows() -> None:
    guess = rough(4 * GB)
    assert guess.weights == guess.mapped == 4 * GB
    assert rough(4 * GB, parameters=14 * GB).cache > guess.cache == rough(4 * GB, context=8192).cache // 2
    # Mistral 7B at q4_k_m: 32 layers, 8 heads of 128, so 128 KB for each position
    assert rough(4_400_000_000, 7_250_000_000, 4096).cache == pytest.approx(32 * 2 * 8 * 128 * 2 * 4096, rel=0.1)
