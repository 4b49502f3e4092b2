"""Which models each server lists, and what it tells of them."""

from __future__ import annotations

from typing import Any

import pytest
from fake_servers import FAKES, FakeCompatible, FakeJan, FakeLlamaCpp, FakeLlamafile, FakeLMStudio, FakeVLLM
from fake_servers.llama_cpp import THINKING_TEMPLATE
from fake_servers.openai import FakeOpenAI
from provider_talk import models_of, offers_of

from engine.errors import EngineError
from engine.providers.base import RemoteModel
from engine.providers.quirks import QUIRKS


def listing(*rows: Any) -> dict[str, Any]:
    return {"object": "list", "data": list(rows)}


# --- the rows of the table of local servers --------------------------------------------------------------------------


def test_llama_cpp_tells_context_parameters_size_and_what_its_template_can() -> None:
    """tools/server/README.md: `/v1/models` has `meta`, `/props` the context of a slot, the template and modalities."""
    with FakeLlamaCpp(context=8192, template=THINKING_TEMPLATE, vision=True) as server:
        assert models_of(server) == [
            RemoteModel(
                "here",
                server.models[0],
                context=8192,
                parameters=751632384,
                size_bytes=639446688,
                capabilities=("chat", "thinking", "vision"),
                loaded=True,
            )
        ]


def test_a_router_of_llama_cpp_tells_which_models_are_loaded() -> None:
    """tools/server/README.md: `/props` with the role "router", `status` of each model."""
    with FakeLlamaCpp(["one", "two"], router=True) as server:
        assert [(model.id, model.loaded, model.context) for model in models_of(server)] == [
            ("one", True, None),
            ("two", False, None),
        ]


def test_llama_cpp_that_loads_its_model_says_so() -> None:
    """server-http.cpp: `/v1/models` is answered while loading, `/props` is not."""
    with FakeLlamaCpp(loading=True) as server:
        with pytest.raises(EngineError) as caught:
            models_of(server)
        assert caught.value.code == "provider_loading"


def test_llama_cpp_shows_a_wrong_key_though_its_list_needs_none() -> None:
    """server-http.cpp: `/v1/models` is public."""
    with FakeLlamaCpp(key="right") as server:
        with pytest.raises(EngineError) as caught:
            models_of(server, key="wrong")
        assert caught.value.code == "provider_key_wrong"
        assert models_of(server)


def test_llamafile_lists_its_model_though_it_has_no_props() -> None:
    """llamafile/server/v1_models.cpp, client.cpp: everything else is a 404."""
    with FakeLlamafile() as server:
        assert models_of(server) == [RemoteModel("here", server.models[0], loaded=True)]


def test_lm_studio_tells_all_it_knows_and_embedders_are_left_out() -> None:
    """lmstudio-ai/docs 2_rest/list.md: the context is the loaded model's own."""
    with FakeLMStudio(["a", "b", "embedder"]) as server:
        first, second = models_of(server)
        assert first == RemoteModel(
            "here",
            "a",
            context=4096,
            parameters=4_000_000_000,
            size_bytes=2497281120,
            quantization="Q4_K_M",
            capabilities=("chat", "tools"),
            loaded=True,
        )
        assert (second.id, second.context, second.loaded) == ("b", 32768, False)


def test_older_lm_studio_is_asked_in_older_ways() -> None:
    """lmstudio-ai/docs 2_rest/endpoints.md; bug-tracker issue 1323: unknown paths get 200 and an error."""
    with FakeLMStudio(["a", "embedder"], native="v0") as server:
        assert models_of(server) == [
            RemoteModel("here", "a", context=32768, quantization="Q4_K_M", capabilities=("chat",), loaded=True)
        ]
    with FakeLMStudio(["a", "b"], native="") as server:
        assert models_of(server) == [RemoteModel("here", "a"), RemoteModel("here", "b")]


def test_jan_wants_its_key() -> None:
    """src-tauri/src/core/server/proxy.rs: 401 without one, in plain text."""
    with FakeJan() as server:
        with pytest.raises(EngineError) as caught:
            models_of(server, key="")
        assert caught.value.code == "provider_key_missing"
        assert models_of(server) == [RemoteModel("here", server.models[0])]


def test_gpt4all_lists_names() -> None:
    """gpt4all-chat/src/server.cpp, `modelToJson`."""
    with FAKES["gpt4all"]() as server:
        assert models_of(server) == [RemoteModel("here", model) for model in server.models]


@pytest.mark.parametrize("kind", ["vllm", "sglang"])
def test_vllm_and_sglang_tell_the_context(kind: str) -> None:
    """`ModelCard.max_model_len` of either protocol.py."""
    with FAKES[kind](context=40960) as server:
        assert models_of(server) == [RemoteModel("here", server.models[0], context=40960)]


def test_litgpt_has_one_model_without_a_name() -> None:
    """litgpt/deploy/serve.py has no list; any name is taken."""
    with FAKES["litgpt"]() as server:
        assert [model.id for model in models_of(server)] == ["litgpt"]


# --- APIs ------------------------------------------------------------------------------------------------------------


def test_openais_list_is_what_answers_in_a_chat() -> None:
    with FakeOpenAI() as server:
        assert [model.id for model in models_of(server)] == ["gpt-4o", "o4-mini", "gpt-5"]


@pytest.mark.parametrize(
    ("row", "context", "badges"),
    [
        ({"id": "a", "context_length": 131072}, 131072, ()),  # OpenRouter, Together
        ({"id": "a", "context_window": 8192, "active": True}, 8192, ()),  # Groq
        (
            {"id": "a", "max_context_length": 32768, "capabilities": {"completion_chat": True, "vision": True}},
            32768,
            ("chat", "vision"),
        ),  # Mistral
        (
            {
                "id": "a",
                "supported_parameters": ["reasoning", "tools"],
                "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
            },
            None,
            ("chat", "thinking", "tools", "vision"),
        ),
        ({"id": "a"}, None, ()),  # DeepSeek
    ],
)
def test_apis_tell_what_they_know_by_names_of_their_own(row: Any, context: Any, badges: tuple[str, ...]) -> None:
    with FakeCompatible() as server:
        server.fault("answer", path="models", body=listing(row))
        assert models_of(server) == [RemoteModel("here", "a", context=context, capabilities=badges)]


@pytest.mark.parametrize(
    "row",
    [
        {"id": "a", "type": "embedding"},
        {"id": "a", "architecture": {"output_modalities": ["image"]}},
        {"id": "a", "capabilities": {"completion_chat": False}},
    ],
)
def test_what_does_not_write_is_left_out(row: Any) -> None:
    with FakeCompatible() as server:
        server.fault("answer", path="models", body=listing(row))
        assert models_of(server) == []


# --- nothing is trusted ----------------------------------------------------------------------------------------------

STRANGE_ROWS: list[Any] = [
    None,
    3,
    [],
    {},
    {"id": None},
    {"id": ["x"]},
    {"id": ""},
    {"id": " \n"},
    {"id": "a\x1b[31m"},
    {"id": "a" * 501},
]


def test_rows_that_are_no_models_are_left_out() -> None:
    with FakeVLLM() as server:
        server.fault("answer", path="models", body=listing(*STRANGE_ROWS, {"id": "good"}, {"id": "good"}))
        assert models_of(server) == [RemoteModel("here", "good")]


@pytest.mark.parametrize("length", ["many", -5, 1e400, True, None, [4096], {"n": 1}, 3.5])
def test_an_absurd_context_is_as_good_as_none(length: Any) -> None:
    with FakeVLLM() as server:
        server.fault("answer", path="models", body=listing({"id": "good", "max_model_len": length}))
        assert models_of(server) == [RemoteModel("here", "good")]


@pytest.mark.parametrize("strange", [None, [], "text", 7, {"role": 3, "chat_template": {}, "modalities": "x"}])
def test_strange_properties_of_llama_cpp_do_no_harm(strange: Any) -> None:
    with FakeLlamaCpp() as server:
        server.fault("answer", path="props", body=strange)
        (model,) = models_of(server)
        assert (model.context, model.capabilities) == (server.trained_context, ())


@pytest.mark.parametrize("words", ["4", "B", "4 B B", "1e9B", "4.5.6B", "9" * 40 + "B", 4, None, ["4B"]])
def test_strange_counts_of_lm_studio_are_as_good_as_none(words: Any) -> None:
    with FakeLMStudio() as server:
        row = {"type": "llm", "key": "a", "params_string": words, "capabilities": "all", "loaded_instances": {}}
        server.fault("answer", path="/api/v1/models", body={"models": [row]})
        assert models_of(server) == [RemoteModel("here", "a", capabilities=("chat",), loaded=False)]


@pytest.mark.parametrize("kind", sorted(set(QUIRKS) - {"litgpt", "lmstudio"}))
def test_a_page_in_the_place_of_the_list_cannot_be_understood(kind: str) -> None:
    with FAKES[kind]() as server:
        page = {"body": b"<!doctype html><title>Log in</title>", "headers": {"Content-Type": "text/html"}}
        server.fault("answer", path="models", **page)
        with pytest.raises(EngineError) as caught:
            models_of(server)
        assert caught.value.code == "provider_strange"


def test_every_kind_offers_only_what_there_is() -> None:
    from engine.runtime.base import Sampling

    possible = {*Sampling.__dataclass_fields__, "max_tokens", "context", "continue"}
    for kind, fake in FAKES.items():
        with fake() as server:
            assert offers_of(server) <= possible, kind
