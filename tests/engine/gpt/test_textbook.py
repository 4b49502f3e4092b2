"""Checkpoints of the textbook: its model as the book writes it down, and ours from its weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from random_gpt import english_tokenizer
from torch import Tensor, nn

from engine.errors import EngineError
from engine.gpt import textbook

SIZES = {"vocabulary": 400, "context": 32, "width": 128, "layers": 2}


class _Norm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.ones(width)), nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        centred = x - x.mean(-1, keepdim=True)
        return self.scale * centred / torch.sqrt(x.var(-1, keepdim=True, unbiased=False) + 1e-5) + self.shift


class _GELU(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return 0.5 * x * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3)))


class _FeedForward(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(width, 4 * width), _GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)  # type: ignore[no-any-return]


class _Attention(nn.Module):
    def __init__(self, width: int, context: int, heads: int, bias: bool) -> None:
        super().__init__()
        self.heads = heads
        self.W_query, self.W_key, self.W_value = (nn.Linear(width, width, bias=bias) for _ in range(3))
        self.out_proj = nn.Linear(width, width)
        self.register_buffer("mask", torch.ones(context, context).triu(1))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (
            m(x).view(*x.shape[:2], self.heads, -1).transpose(1, 2) for m in (self.W_query, self.W_key, self.W_value)
        )
        scores = q @ k.transpose(2, 3) / k.shape[-1] ** 0.5
        scores = scores.masked_fill(self.mask.bool()[: x.shape[1], : x.shape[1]], -torch.inf)
        return self.out_proj((scores.softmax(-1) @ v).transpose(1, 2).flatten(2))  # type: ignore[no-any-return]


class _Block(nn.Module):
    def __init__(self, width: int, context: int, heads: int, bias: bool) -> None:
        super().__init__()
        self.att, self.ff = _Attention(width, context, heads, bias), _FeedForward(width)
        self.norm1, self.norm2 = _Norm(width), _Norm(width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.att(self.norm1(x))
        return x + self.ff(self.norm2(x))  # type: ignore[no-any-return]


class BookModel(nn.Module):
    """Chapter 4, with its names."""

    def __init__(self, heads: int = 2, bias: bool = False, tied: bool = False) -> None:
        super().__init__()
        vocabulary, context, width, layers = SIZES.values()
        self.tok_emb, self.pos_emb = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.trf_blocks = nn.Sequential(*(_Block(width, context, heads, bias) for _ in range(layers)))
        self.final_norm, self.out_head = _Norm(width), nn.Linear(width, vocabulary, bias=False)
        for parameter in self.parameters():
            nn.init.normal_(parameter, std=0.2)
        if tied:
            self.out_head.weight.data.copy_(self.tok_emb.weight)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.tok_emb(ids) + self.pos_emb(torch.arange(ids.shape[1]))
        return self.out_head(self.final_norm(self.trf_blocks(x)))  # type: ignore[no-any-return]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the book's GPT-2 tokenizer lies beside the weights; a small one stands for it."""
    english_tokenizer(pattern="gpt-2").save(tmp_path)
    return tmp_path


def same(book: BookModel, path: Path) -> None:
    model, tokenizer = textbook.load(path)
    ids = torch.tensor([tokenizer.encode("The seed was small.")])
    with torch.inference_mode():
        assert torch.allclose(book(ids), model(ids), atol=1e-4)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("tied", [False, True])
def test_the_books_model_gives_the_same_logits(bias: bool, tied: bool, folder: Path) -> None:
    torch.manual_seed(0)
    book = BookModel(bias=bias, tied=tied)
    torch.save(book.state_dict(), folder / "model.pth")
    same(book, folder / "model.pth")
    config = textbook.load(folder / "model.pth")[0].config
    assert (config.shape, config.heads, config.tied, config.qkv_bias) == ("gpt2", 2, tied, bias)


def test_its_checkpoints_with_an_optimizer_are_read(folder: Path) -> None:
    torch.manual_seed(0)
    book = BookModel()
    optimizer = torch.optim.AdamW(book.parameters())
    checkpoint = {"model_state_dict": book.state_dict(), "optimizer_state_dict": optimizer.state_dict()}
    torch.save(checkpoint, folder / "model_and_optimizer.pth")
    same(book, folder / "model_and_optimizer.pth")


def test_a_file_may_say_how_many_heads_there_are(folder: Path) -> None:
    torch.manual_seed(0)
    book = BookModel(heads=4)
    torch.save({"model_state_dict": book.state_dict(), "config": {"n_heads": 4}}, folder / "model.pth")
    same(book, folder / "model.pth")


def _rename(state: dict[str, Any]) -> None:
    state["trf_blocks.0.att.W_qkv.weight"] = state.pop("trf_blocks.0.att.W_query.weight")


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (lambda state: state.pop("tok_emb.weight"), "unknown_checkpoint", "textbook"),
        (lambda state: state.pop("final_norm.scale"), "missing_tensor", r"final_norm\.scale"),
        (lambda state: state.update(extra=torch.ones(2)), "unknown_tensor", "extra"),
        (_rename, "missing_tensor", "W_query"),
        (lambda state: state.update({"final_norm.shift": torch.ones(3)}), "tensor_mismatch", "final_norm"),
        (lambda state: state["final_norm.shift"].fill_(torch.nan), "bad_weights", "finite"),
    ],
)
def test_what_is_not_the_books_is_refused(change: Any, code: str, says: str, folder: Path) -> None:
    state = BookModel().state_dict()
    change(state)
    torch.save(state, folder / "model.pth")
    with pytest.raises(EngineError, match=says) as caught:
        textbook.load(folder / "model.pth")
    assert caught.value.code == code


def test_a_head_count_that_cannot_be_is_refused(folder: Path) -> None:
    torch.save({"model_state_dict": BookModel().state_dict(), "config": {"n_heads": 7}}, folder / "model.pth")
    with pytest.raises(EngineError, match="n_heads"):
        textbook.load(folder / "model.pth")


def test_the_tokenizer_is_asked_for(folder: Path) -> None:
    torch.save(BookModel().state_dict(), folder / "model.pth")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(EngineError, match=r"tokenizer\.json"):
        textbook.load(folder / "model.pth")
