"""Servers and APIs on loopback that answer as the real programs do, their quirks included, with faults on command.

    with FakeLlamaCpp(models=["qwen"], reply="Hello there.", key=None) as server:
        server.fault("cut", at=2)                   # the next answer breaks off after two pieces of its stream
        ...                                         # talk to server.url
        assert server.seen[-1].disconnected         # the client went away before the answer was whole

Each module names the documents and the source it was written from.
"""

from __future__ import annotations

from fake_servers.compatible import FakeCompatible
from fake_servers.gpt4all import FakeGPT4All
from fake_servers.jan import FakeJan
from fake_servers.litgpt import FakeLitGPT
from fake_servers.llama_cpp import FakeLlamaCpp
from fake_servers.llama_cpp_python import FakeLlamaCppPython
from fake_servers.llamafile import FakeLlamafile
from fake_servers.lm_studio import FakeLMStudio
from fake_servers.openai import FakeOpenAI
from fake_servers.server import FakeServer, Fault, Seen
from fake_servers.sglang import FakeSGLang
from fake_servers.vllm import FakeVLLM

# By what `Provider.kind` calls them.
FAKES: dict[str, type[FakeServer]] = {
    fake.kind: fake
    for fake in (
        FakeLlamaCpp,
        FakeLlamafile,
        FakeLMStudio,
        FakeJan,
        FakeGPT4All,
        FakeVLLM,
        FakeSGLang,
        FakeLitGPT,
        FakeCompatible,
        FakeOpenAI,
    )
}

__all__ = [
    "FAKES",
    "FakeCompatible",
    "FakeGPT4All",
    "FakeJan",
    "FakeLMStudio",
    "FakeLitGPT",
    "FakeLlamaCpp",
    "FakeLlamaCppPython",
    "FakeLlamafile",
    "FakeOpenAI",
    "FakeSGLang",
    "FakeServer",
    "FakeVLLM",
    "Fault",
    "Seen",
]
