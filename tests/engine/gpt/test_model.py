"""The model: fast path against textbook path, cache against none, causality, dropout, initialisation."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from random_gpt import random_gpt
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from engine.errors import EngineError
from engine.gpt import model as model_module
from engine.gpt.config import GPTConfig, default_config
from engine.gpt.model import (
    GPT,
    GeGLU,
    KVCache,
    LayerNorm,
    LearnedPositions,
    RMSNorm,
    RMSNormFromOne,
    RMSNormOfHeads,
    RotaryPositions,
    ScaledEmbedding,
    SwiGLU,
    attend,
    cap,
    rope_factors,
    rope_frequencies,
    textbook_attention,
)

torch.set_num_threads(1)

GPT2 = default_config("gpt2", vocabulary=97, context=48, layers=2, width=32, heads=4)
QWEN3 = default_config("qwen3", vocabulary=97, context=48, layers=2, width=32, heads=4)
NO_NORM = nn.Identity()
CONFIGS = {
    "gpt2": GPT2,
    "gpt2 qkv bias": replace(GPT2, qkv_bias=True),
    "gpt2 untied": replace(GPT2, tied=False),
    "qwen3": QWEN3,
    "qwen3 untied": replace(QWEN3, tied=False),
    "qwen3 one kv head": replace(QWEN3, kv_heads=1),
    "qwen3 wide heads": replace(QWEN3, head_dim=24, kv_heads=4),
    "llama": default_config("llama", vocabulary=97, context=48, layers=2, width=32, heads=4),
    "gemma2": replace(
        default_config("gemma2", vocabulary=97, context=48, layers=2, width=32, heads=4),
        window=6,
        attention_softcap=1.5,
        logit_softcap=2.0,
    ),
    "gemma3": replace(
        default_config("gemma3_text", vocabulary=97, context=48, layers=7, width=32, heads=4),
        window=6,
        query_scalar=20,
    ),
    "olmo2": default_config("olmo2", vocabulary=97, context=48, layers=2, width=32, heads=4),
    "gpt_neox": default_config("gpt_neox", vocabulary=97, context=48, layers=2, width=32, heads=4),
    "starcoder2": default_config("starcoder2", vocabulary=97, context=48, layers=2, width=32, heads=4),
    "phi3": default_config("phi3", vocabulary=97, context=48, layers=2, width=32, heads=4),
    "mistral window": replace(
        default_config("mistral", vocabulary=97, context=48, layers=2, width=32, heads=4), window=6
    ),
    "qwen2": default_config("qwen2", vocabulary=97, context=48, layers=2, width=32, heads=4),
}
every_config = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)


def random_model(config: GPTConfig, seed: int = 0) -> GPT:
    """Every parameter random: the initial ones are zero in places, where a mistake would not show."""
    model = GPT(config, seed=seed).eval()
    generator = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0.0, 0.2, generator=generator)
    return model


def random_ids(config: GPTConfig, batch: int, length: int, seed: int = 0) -> Tensor:
    return torch.randint(config.vocabulary, (batch, length), generator=torch.Generator().manual_seed(seed))


# --- attention ---


@pytest.mark.parametrize("kv_heads", [1, 2, 4])
@pytest.mark.parametrize(("new", "cached"), [(1, 0), (7, 0), (1, 9), (5, 9)])
def test_fast_attention_equals_the_textbook(kv_heads: int, new: int, cached: int) -> None:
    generator = torch.Generator().manual_seed(new)
    q = torch.randn(2, 4, new, 16, generator=generator)
    k, v = torch.randn(2, 2, kv_heads, cached + new, 16, generator=generator)
    expected, weights = textbook_attention(q, k, v)
    torch.testing.assert_close(attend(q, k, v), expected, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 4, new))


@pytest.mark.parametrize(("new", "cached"), [(1, 0), (12, 0), (1, 11), (5, 7)])
@pytest.mark.parametrize("window", [1, 4, 12, 99])
def test_fast_attention_within_a_window_equals_the_textbook(window: int, new: int, cached: int) -> None:
    q = torch.randn(2, 4, new, 16)
    k, v = torch.randn(2, 2, 2, cached + new, 16)
    expected, weights = textbook_attention(q, k, v, window=window, scale=0.3)
    torch.testing.assert_close(attend(q, k, v, window=window, scale=0.3), expected, atol=1e-6, rtol=1e-5)
    seen = (weights[0, 0] > 0).sum(-1)
    assert seen.tolist() == [min(window, place + 1) for place in range(cached, cached + new)]


@pytest.mark.parametrize("window", [3, 16])
def test_only_layers_upon_layers_see_beyond_a_window(window: int) -> None:
    """What a query sees of its layer it has seen of theirs: two layers reach twice as far, less the query itself."""
    config = replace(CONFIGS["mistral window"], window=window)
    model, ids = random_model(config), random_ids(config, 1, 40)
    changed = ids.clone()
    changed[0, 0] = (ids[0, 0] + 1) % config.vocabulary
    with torch.no_grad():
        moved = (model(ids) - model(changed))[0].abs().amax(-1) > 1e-6
    assert moved.nonzero().max() == 2 * (window - 1)


def test_textbook_weights_by_hand() -> None:
    """Equal scores share the weight among the past and the present; the future has none."""
    _, weights = textbook_attention(torch.zeros(1, 1, 3, 4), torch.randn(1, 1, 3, 4), torch.randn(1, 1, 3, 4))
    torch.testing.assert_close(weights[0, 0], torch.tensor([[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3]]))
    q = k = torch.tensor([[[[2.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]]]])  # scores 4, scaled by 4 ** -0.5 to 2
    _, weights = textbook_attention(q, k, k)
    e = torch.e
    torch.testing.assert_close(weights[0, 0, 1], torch.tensor([1 / (1 + e**2), e**2 / (1 + e**2)]))


@pytest.mark.parametrize("attention", [attend, lambda q, k, v, p: textbook_attention(q, k, v, p)[0]])
def test_dropped_weights_keep_their_expectation(attention) -> None:  # type: ignore[no-untyped-def]
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 1, 1, 6, 8)
    exact = attention(q, k, v, 0.0)
    mean = torch.stack([attention(q, k, v, 0.25) for _ in range(4000)]).mean(0)
    torch.testing.assert_close(mean, exact, atol=0.05, rtol=0)


def test_surviving_weights_are_scaled() -> None:
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 1, 2, 8, 4)
    _, exact = textbook_attention(q, k, v)
    _, dropped = textbook_attention(q, k, v, 0.5)
    survivors = dropped != 0
    assert 0 < survivors.sum() < (exact != 0).sum()
    torch.testing.assert_close(dropped[survivors], exact[survivors] * 2)


@every_config
def test_the_whole_model_equals_its_textbook_form(config: GPTConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    model, ids = random_model(config), random_ids(config, 2, 20)

    def logits() -> Tensor:
        cache = KVCache(config, 2, 20)
        return torch.cat([model(ids), model(ids[:, :12], cache), model(ids[:, 12:], cache)], dim=1)

    with torch.no_grad():
        fast = logits()
        monkeypatch.setattr(model_module, "attend", lambda *arguments: textbook_attention(*arguments)[0])
        torch.testing.assert_close(fast, logits(), atol=1e-5, rtol=1e-5)


@every_config
def test_the_future_does_not_change_the_past(config: GPTConfig) -> None:
    model, ids = random_model(config), random_ids(config, 1, 16)
    changed = ids.clone()
    changed[0, 9] = (ids[0, 9] + 1) % config.vocabulary
    with torch.no_grad():
        before, after = model(ids), model(changed)
    torch.testing.assert_close(before[:, :9], after[:, :9])
    assert (before[:, 9:] - after[:, 9:]).abs().amax(-1).min() > 1e-4  # and the past does change the future


# --- positions ---


@every_config
def test_the_order_of_the_past_matters(config: GPTConfig) -> None:
    model, ids = random_model(config), random_ids(config, 1, 10)
    ids[0, :2] = torch.tensor([3, 5])
    swapped = ids.clone()
    swapped[0, :2] = torch.tensor([5, 3])
    with torch.no_grad():
        assert (model(ids)[0, -1] - model(swapped)[0, -1]).abs().max() > 1e-4


def test_rotation_by_hand_and_relative() -> None:
    rope = RotaryPositions(replace(QWEN3, head_dim=4, rope_theta=100.0))
    one = torch.tensor([1.0, 1.0, 0.0, 0.0]).view(1, 1, 1, 4)  # both pairs (i, i + 2) point along their first axis
    turned = rope.rotate(one, 3, False, NO_NORM).flatten()
    expected = torch.tensor([3.0, 0.3]), torch.tensor([3.0, 0.3])  # angles 3 * 100^0 and 3 * 100^-0.5
    torch.testing.assert_close(turned, torch.cat((expected[0].cos(), expected[1].sin())))
    q, k = torch.randn(2, 1, 1, 1, 4)
    near = (rope.rotate(q, 7, False, NO_NORM) * rope.rotate(k, 2, False, NO_NORM)).sum()
    far = (rope.rotate(q, 40, False, NO_NORM) * rope.rotate(k, 35, False, NO_NORM)).sum()
    torch.testing.assert_close(near, far)


def test_only_a_share_of_each_head_rotates() -> None:
    config = replace(CONFIGS["gpt_neox"], heads=2, kv_heads=2, head_dim=16, rotary_share=0.5)
    x = torch.randn(1, 2, 3, 16)
    turned = RotaryPositions(config).rotate(x, 5, False, NO_NORM)
    assert torch.equal(turned[..., 8:], x[..., 8:])
    whole = RotaryPositions(replace(config, heads=4, kv_heads=4, head_dim=8, rotary_share=1.0))
    torch.testing.assert_close(turned[..., :8], whole.rotate(x[..., :8], 5, False, NO_NORM))


def test_side_by_side_reads_what_neither_has_written() -> None:
    block = random_model(CONFIGS["gpt_neox"]).blocks[0]
    x, none = torch.randn(1, 4, 32), LearnedPositions(GPT2)
    attention = block.attention(block.attention_norm(x), none, 0, None, 0)
    feed_forward = block.feed_forward(block.feed_forward_norm(x))
    torch.testing.assert_close(block(x, none, 0, None, 0), x + attention + feed_forward)


def test_stretched_rotations_by_hand() -> None:
    llama = replace(
        CONFIGS["llama"], head_dim=8, rope_theta=10_000.0
    )  # turns of a pair within 2π * 100: 100, 10, 1, 0.1
    assert rope_frequencies(llama, 10_000.0).tolist() == pytest.approx([1, 0.1, 0.01, 0.001])
    linear = replace(llama, rope_scaling="linear", rope_factor=4.0)
    assert rope_factors(linear).tolist() == [4.0] * 4
    numbers = {"rope_factor": 8.0, "rope_low_factor": 5.0, "rope_high_factor": 15.0, "rope_original_context": 628}
    factors = rope_factors(replace(llama, rope_scaling="llama3", **numbers))
    half = 2 / (1 / 8 + 1)  # 10 turns lie in the middle of 5 and 15: half of the frequency, and half of an eighth
    assert factors.tolist() == pytest.approx([1, half, 8, 8], rel=1e-3)
    stretched, plain = RotaryPositions(linear), RotaryPositions(llama)
    assert torch.equal(stretched.cosine[0, 4::4], plain.cosine[0, 1:12])  # position 4 is where position 1 was


def test_layers_with_a_window_may_turn_by_a_base_of_their_own() -> None:
    config = replace(CONFIGS["gemma3"], rope_scaling="linear", rope_factor=2.0, rope_theta=1e5, local_rope_theta=100.0)
    rope, x = RotaryPositions(config), torch.randn(1, 1, 1, 8)
    for local, theta, start in ((False, 1e5, 6), (True, 100.0, 3)):  # twice as slow: at 6 is where at 3 was
        single = RotaryPositions(replace(QWEN3, rope_theta=theta))
        torch.testing.assert_close(rope.rotate(x, start, local, NO_NORM), single.rotate(x, 3, False, NO_NORM))
    assert [block.attention.local for block in GPT(config).blocks] == [True] * 5 + [False, True]
    assert [block.attention.window for block in GPT(config).blocks] == [6] * 5 + [None, 6]


def test_rotation_tables_stay_float32_when_the_model_does_not() -> None:
    model = GPT(QWEN3, seed=0)
    exact = model.positions.cosine.clone()
    model.to(torch.bfloat16)
    assert model.positions.cosine.dtype == torch.float32
    assert torch.equal(model.positions.cosine, exact)
    assert model.embedding.weight.dtype == torch.bfloat16


# --- norms ---


def test_norms_by_hand() -> None:
    x = torch.tensor([[3.0, 4.0]])
    rms = RMSNorm(2, 1e-12)
    rms.weight.data = torch.tensor([1.0, 2.0])
    torch.testing.assert_close(rms(x), torch.tensor([[3.0, 8.0]]) / 12.5**0.5)
    layer = LayerNorm(2, 1e-12)
    layer.weight.data, layer.bias.data = torch.tensor([1.0, 2.0]), torch.tensor([0.5, 0.0])
    torch.testing.assert_close(layer(x), torch.tensor([[-0.5, 2.0]]))


def test_a_norm_from_one_begins_as_the_plain_norm_and_decays_to_it() -> None:
    x = torch.randn(3, 8)
    norm, plain = RMSNormFromOne(8, 1e-6), RMSNorm(8, 1e-6)
    assert torch.equal(norm(x), plain(x))
    norm.weight.data.fill_(0.5)
    torch.testing.assert_close(norm(x), 1.5 * plain(x))


def test_a_norm_of_all_heads_by_hand() -> None:
    norm, x = RMSNormOfHeads(2, 3, 1e-12), torch.randn(5, 2, 4, 3)
    norm.weight.data = torch.arange(1.0, 7.0)
    size = x.square().sum((1, 3), keepdim=True).div(6).sqrt()
    torch.testing.assert_close(norm(x), x / size * norm.weight.view(2, 1, 3))


def test_caps_by_hand() -> None:
    torch.testing.assert_close(cap(torch.tensor([0.0, 2.0, -900.0]), 4.0), torch.tensor([0.0, 1.848469, -4.0]))
    x = torch.tensor([-5.0, 1e30])
    assert torch.equal(cap(x, torch.inf), x)
    model = random_model(CONFIGS["gemma2"])
    hidden = torch.randn(4, 32)
    raw = hidden @ model.embedding.weight.T
    assert raw.abs().max() > 2.0
    torch.testing.assert_close(model.head(hidden), 2 * torch.tanh(raw / 2))


def test_capped_attention_is_the_textbooks() -> None:
    """Scores 4 and 0 capped at 2 are 2 tanh 2 and 0."""
    q = torch.tensor([[[[0.0, 0.0], [2.0, 0.0]]]])
    k = torch.tensor([[[[2.0, 0.0], [0.0, 2.0]]]])
    _, weights = textbook_attention(q, k, k, scale=1.0, softcap=2.0)
    torch.testing.assert_close(weights[0, 0, 1, 0], torch.tensor(2 * math.tanh(2)).sigmoid())


def test_gated_feed_forward_by_hand() -> None:
    for module, gate in ((SwiGLU, F.silu), (GeGLU, lambda x: F.gelu(x, approximate="tanh"))):
        network, x = module(QWEN3), torch.randn(2, 32)
        expected = (gate(x @ network.gate.weight.T) * (x @ network.up.weight.T)) @ network.down.weight.T
        torch.testing.assert_close(network(x), expected)


def test_a_scaled_embedding_gives_a_stream_of_size_one() -> None:
    embedding = ScaledEmbedding(10, 64)
    assert torch.equal(embedding(torch.tensor([3])), embedding.weight[3:4] * 8)


@pytest.mark.parametrize("norm", [RMSNorm, RMSNormFromOne, LayerNorm])
def test_norms_compute_in_float32(norm) -> None:  # type: ignore[no-untyped-def]
    module = norm(64, 1e-6).to(torch.bfloat16)
    x = (torch.randn(4, 64, generator=torch.Generator().manual_seed(0)) * 300).to(torch.bfloat16)
    y = module(x)
    assert y.dtype == torch.bfloat16
    assert torch.equal(y, norm(64, 1e-6)(x.float()).to(torch.bfloat16))


# --- the cache ---


@every_config
@pytest.mark.parametrize("chunks", [[1] * 24, [24], [10, 1, 1, 12], [7, 9, 8]], ids=str)
def test_cached_logits_equal_plain_ones(config: GPTConfig, chunks: list[int]) -> None:
    model, ids = random_model(config), random_ids(config, 2, 24)
    cache = KVCache(config, 2, 24)
    with torch.no_grad():
        plain = model(ids)
        cached = torch.cat([model(part, cache) for part in ids.split(chunks, dim=1)], dim=1)
    assert cache.length == 24
    torch.testing.assert_close(cached, plain, atol=1e-5, rtol=1e-5)


@every_config
def test_cached_greedy_text_equals_plain_greedy_text(config: GPTConfig) -> None:
    model, cache = random_model(config, seed=3), KVCache(config, 1, config.context)
    ids = random_ids(config, 1, 5)
    with torch.no_grad():
        logits = model(ids, cache)
        while ids.size(1) < config.context:
            ids = torch.cat((ids, logits[:, -1:].argmax(-1)), dim=1)
            plain = model(ids)[:, -1:]
            logits = model(ids[:, -1:], cache)
            assert torch.equal(logits.argmax(-1), plain.argmax(-1))
            torch.testing.assert_close(logits, plain, atol=1e-5, rtol=1e-5)


@every_config
def test_a_truncated_cache_goes_on_as_if_nothing_had_followed(config: GPTConfig) -> None:
    model, ids, other = random_model(config), random_ids(config, 1, 20), random_ids(config, 1, 20, seed=9)
    cache = KVCache(config, 1, 30)
    with torch.no_grad():
        model(torch.cat((ids[:, :8], other), dim=1), cache)
        cache.truncate(8)
        torch.testing.assert_close(model(ids[:, 8:], cache), model(ids)[:, 8:], atol=1e-5, rtol=1e-5)
    assert cache.length == 20


@pytest.mark.parametrize("length", [-1, 6])
def test_truncating_to_what_is_not_there_is_refused(length: int) -> None:
    cache = KVCache(QWEN3, 1, 10)
    cache.length = 5
    with pytest.raises(ValueError, match="truncate"):
        cache.truncate(length)


def test_a_bfloat16_cache_of_a_float32_model() -> None:
    model, ids = random_model(QWEN3), random_ids(QWEN3, 1, 12)
    cache = KVCache(QWEN3, 1, 12, dtype=torch.bfloat16)
    with torch.no_grad():
        model(ids[:, :8], cache)
        logits = model(ids[:, 8:], cache)
    assert logits.dtype == torch.float32
    assert 0 < (logits - model(ids)[:, 8:]).abs().max() < 1


@every_config
def test_positions_beyond_the_context_are_refused(config: GPTConfig) -> None:
    model = random_model(config)
    assert model(random_ids(config, 1, config.context)).shape == (1, config.context, config.vocabulary)
    with pytest.raises(EngineError, match="49 tokens, but the model has room for 48"):
        model(random_ids(config, 1, config.context + 1))
    cache = KVCache(config, 1, config.context + 10)  # more room in the cache does not help
    model(random_ids(config, 1, config.context - 1), cache)
    with pytest.raises(EngineError) as caught:
        model(random_ids(config, 1, 2), cache)
    assert caught.value.code == "context_overflow"
    assert cache.length == config.context - 1
    model(random_ids(config, 1, 1), cache)


def test_positions_beyond_the_cache_are_refused() -> None:
    model, cache = random_model(QWEN3), KVCache(QWEN3, 1, 10)
    with pytest.raises(EngineError, match="11 tokens, but the model has room for 10"):
        model(random_ids(QWEN3, 1, 11), cache)
    assert cache.length == 0


# --- hidden and head ---


@every_config
def test_hidden_and_head_compose(config: GPTConfig) -> None:
    model, ids = random_model(config), random_ids(config, 2, 6)
    hidden = model.hidden(ids)
    assert hidden.shape == (2, 6, config.width)
    chosen = torch.tensor([[True, False, True, False, False, True], [False] * 6])
    torch.testing.assert_close(model.head(hidden[chosen]), model(ids)[chosen], atol=1e-5, rtol=1e-5)


def test_a_tied_head_is_the_embedding() -> None:
    assert "output.weight" not in GPT(QWEN3, seed=0).state_dict()
    untied = GPT(replace(QWEN3, tied=False), seed=0)
    assert untied.output is not None
    assert untied.output.weight.shape == untied.embedding.weight.shape
    assert untied.output.weight.data_ptr() != untied.embedding.weight.data_ptr()


# --- training ---


@every_config
def test_every_parameter_learns(config: GPTConfig) -> None:
    model, ids = random_model(replace(config, dropout=0.1)).train(), random_ids(config, 2, 48)
    F.cross_entropy(model(ids).flatten(0, 1), ids.flatten()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        if not name.endswith("key.bias"):  # a bias on keys adds the same to all scores of a query: no gradient
            assert parameter.grad.abs().max() > 1e-9, name


@pytest.mark.parametrize("config", [GPT2, QWEN3], ids=["gpt2", "qwen3"])
def test_dropout_only_while_training(config: GPTConfig) -> None:
    model, ids = random_model(replace(config, dropout=0.3)), random_ids(config, 1, 10)
    assert torch.equal(model(ids), model(ids))
    torch.testing.assert_close(model(ids), random_model(config)(ids))
    model.train()
    assert not torch.equal(model(ids), model(ids))


@pytest.mark.parametrize("config", [GPT2, QWEN3], ids=["gpt2", "qwen3"])
def test_dropout_reaches_attention_weights_and_residuals(config: GPTConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(model_module, "attend", lambda q, k, v, p, *more: seen.append(p) or attend(q, k, v, p, *more))
    model = random_model(replace(config, dropout=0.3)).train()
    torch.manual_seed(0)
    block = model.blocks[0]
    residual = []
    block.dropout.register_forward_hook(lambda module, inputs, output: residual.append((inputs[0], output)))
    model(random_ids(config, 4, 40))
    assert seen == [0.3] * config.layers
    assert len(residual) == 2
    for before, after in residual:
        survivors = after != 0
        assert 0.6 < survivors.float().mean() < 0.8
        torch.testing.assert_close(after[survivors], before[survivors] / 0.7)


@pytest.mark.parametrize("config", [GPT2, QWEN3], ids=["gpt2", "qwen3"])
def test_it_learns_a_small_text_by_heart(config: GPTConfig) -> None:
    model, ids = GPT(config, seed=0), random_ids(config, 2, 24)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(60):
        loss = F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1


@pytest.mark.parametrize("config", [GPT2, QWEN3], ids=["gpt2", "qwen3"])
def test_bfloat16_by_autocast_is_close_and_keeps_the_stream_in_float32(config: GPTConfig) -> None:
    model, ids = random_model(config), random_ids(config, 2, 16)
    streams = []
    model.blocks[-1].register_forward_hook(lambda module, inputs, output: streams.append(output.dtype))
    exact = model(ids)
    with torch.autocast("cpu", torch.bfloat16):
        loss = F.cross_entropy(model(ids).float().flatten(0, 1), ids.flatten())
        logits = model(ids)
    loss.backward()
    assert streams[-1] == torch.float32
    assert logits.dtype == torch.bfloat16
    assert (logits.float() - exact).abs().mean() < 0.02 * exact.abs().mean() + 0.05
    assert model.embedding.weight.grad.dtype == torch.float32


@pytest.mark.parametrize("config", [GPT2, QWEN3], ids=["gpt2", "qwen3"])
def test_parameters_may_live_in_bfloat16(config: GPTConfig) -> None:
    model, ids = random_model(config), random_ids(config, 1, 20)
    exact = model(ids)
    model = model.to(torch.bfloat16)
    cache = KVCache(config, 1, 20, dtype=torch.bfloat16)
    assert model(ids).dtype == torch.bfloat16
    model(ids[:, :15], cache)
    close = model(ids[:, 15:], cache).float()
    assert (close - exact[:, 15:]).abs().mean() < 0.05 * exact.abs().mean() + 0.05


# --- initialisation ---


@every_config
def test_equal_seeds_give_equal_weights_and_leave_no_trace(config: GPTConfig) -> None:
    first = GPT(config, seed=7)
    torch.manual_seed(123)  # whatever else draws numbers
    second, other = GPT(config, seed=7), GPT(config, seed=8)
    for (name, a), b, c in zip(first.named_parameters(), second.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b), name
        assert a.min() == a.max() or not torch.equal(a, c), name  # constant, or different with another seed


def test_without_a_seed_torch_decides() -> None:
    torch.manual_seed(1)
    first = GPT(QWEN3)
    torch.manual_seed(1)
    second = GPT(QWEN3)
    assert torch.equal(first.embedding.weight, second.embedding.weight)
    assert not torch.equal(first.embedding.weight, GPT(QWEN3).embedding.weight)


def test_initial_spread_of_gpt2() -> None:
    model = GPT(default_config("gpt2", 500, 64, layers=8, width=128, heads=4), seed=0)
    parameters = dict(model.named_parameters())
    assert parameters["embedding.weight"].std().item() == pytest.approx(0.02, rel=0.05)
    assert parameters["blocks.3.attention.query.weight"].std().item() == pytest.approx(0.02, rel=0.05)
    for name in ("attention.output", "feed_forward.down"):
        assert parameters[f"blocks.3.{name}.weight"].std().item() == pytest.approx(0.02 / 4, rel=0.05)
        assert not parameters[f"blocks.3.{name}.bias"].any()
    assert (parameters["blocks.3.attention_norm.weight"] == 1).all()
    assert not parameters["norm.bias"].any()


@pytest.mark.parametrize(("tied", "embedding"), [(True, 0.5 / 128**0.5), (False, 0.5)])
def test_initial_spread_of_qwen3(tied: bool, embedding: float) -> None:
    model = GPT(replace(default_config("qwen3", 500, 64, layers=3, width=128, heads=4), tied=tied), seed=0)
    parameters = dict(model.named_parameters())
    assert parameters["embedding.weight"].std().item() == pytest.approx(embedding, rel=0.05)
    for name in ("attention.query", "attention.value", "feed_forward.gate", "feed_forward.up"):
        assert parameters[f"blocks.1.{name}.weight"].std().item() == pytest.approx(128**-0.5, rel=0.05)
    assert not parameters["blocks.1.attention.output.weight"].any()
    assert not parameters["blocks.1.feed_forward.down.weight"].any()
    assert (parameters["blocks.1.attention.query_norm.weight"] == 1).all()


@every_config
def test_a_fresh_model_is_as_unsure_as_chance(config: GPTConfig) -> None:
    model, ids = GPT(config, seed=0).eval(), random_ids(config, 4, 48)
    loss = F.cross_entropy(model(ids)[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
    assert loss.item() == pytest.approx(torch.tensor(float(config.vocabulary)).log().item(), abs=0.3)


@pytest.mark.parametrize("shape", ["gpt2", "qwen3"])
def test_blocks_computed_again_give_the_same_gradients_and_keep_less(shape: str) -> None:
    ids = torch.arange(24).view(2, 12)

    def gradients(recompute: bool) -> tuple[list[torch.Tensor], int]:
        model = random_gpt(shape, dropout=0.1).train()
        model.recompute = recompute
        kept = 0

        def pack(tensor: torch.Tensor) -> torch.Tensor:
            nonlocal kept
            kept += tensor.nbytes
            return tensor

        torch.manual_seed(1)
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            loss = model.hidden(ids).square().sum()
        loss.backward()
        return [p.grad for p in model.parameters() if p.grad is not None], kept

    (found, less), (expected, all_of_it) = gradients(True), gradients(False)
    assert all(torch.equal(*pair) for pair in zip(found, expected, strict=True))
    assert less < all_of_it / 4
