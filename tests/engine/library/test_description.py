"""What models say of themselves: badges, quantization, and where they come from."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from gguf_files import GGUF

from engine.library import capabilities, description, lineage, quantization
from engine.runtime.gguf_header import read_header

Data = Callable[[str], Path]


@pytest.fixture
def mini(data: Data, tmp_path: Path) -> Path:
    return Path(shutil.copy(data("malformed-models/gguf/valid-mini.gguf"), tmp_path / "mini.gguf"))


def badges(mini: Path, template: str) -> list[str]:
    path = GGUF.read(mini).set("tokenizer.chat_template", "text", template).write(mini.with_name("other.gguf"))
    found: list[str] = description.of(path, "gguf")["badges"]
    return found


# --- badges ----------------------------------------------------------------------------------------------------------

THINKING = """axolotl-command_a axolotl-command_a_rag axolotl-command_a_tool_use axolotl-gemma4 axolotl-phi_4
 axolotl-qwen3 axolotl-qwen3_5 CohereForAI-c4ai-command-r7b-12-2024-tool_use llama-cpp-deepseek-r1 trl-deepseekv3
 trl-diffusion_gemma trl-glm4moe trl-gptoss trl-lfm2_2_5 trl-nemotron_3_super trl-qwen3 trl-qwen3_training""".split()
TOOLS = """axolotl-command_a axolotl-command_a_rag axolotl-command_a_tool_use axolotl-falcon_h1 axolotl-gemma4
 axolotl-jamba axolotl-llama3_2_vision axolotl-llama4 axolotl-mistral_v2v3 axolotl-mistral_v3_tekken axolotl-qwen3
 axolotl-qwen3_5 CohereForAI-c4ai-command-r7b-12-2024-tool_use derek33125-project-angel-chatglm4
 llama-cpp-deepseek-r1 meetkai-functionary-medium-v3.2 meta-llama-Llama-3.1-8B-Instruct
 meta-llama-Llama-3.2-3B-Instruct mistralai-Mistral-Nemo-Instruct-2407 Qwen-Qwen2.5-Math-7B-Instruct
 trl-diffusion_gemma trl-glm4moe trl-gptoss trl-lfm2 trl-lfm2_2_5 trl-nemotron_3_super trl-qwen3 trl-qwen3_training
 trl-qwen3_vl""".split()


def test_badges_of_65_real_templates(data: Data, mini: Path) -> None:
    templates = sorted(data("chat-templates").glob("*.jinja"))
    found = {path.stem: badges(mini, path.read_text("utf-8")) for path in templates}
    assert len(found) == 65
    assert all(each[0] == "chat" for each in found.values())
    assert {name for name, each in found.items() if "thinking" in each} == set(THINKING)
    assert {name for name, each in found.items() if "tools" in each} == set(TOOLS)
    assert all(badge in capabilities.BADGES for each in found.values() for badge in each)


def test_a_model_without_template_is_a_base(mini: Path) -> None:
    assert badges(mini, "") == ["base"]
    assert badges(mini, "  \n") == ["base"]
    assert badges(mini, "Use your tools. {{ messages }}") == ["chat"]


def test_named_templates_count_too(mini: Path) -> None:
    model = GGUF.read(mini).set("tokenizer.chat_template", "text", "{{ messages }}")
    model.set("tokenizer.chat_template.tool_use", "text", "{% if tools %}x{% endif %}").write(mini)
    assert description.of(mini, "gguf")["badges"] == ["chat", "tools"]


def test_badges_of_folders(data: Data, tmp_path: Path) -> None:
    shutil.copy(data("malformed-models/safetensors/valid.safetensors"), tmp_path / "model.safetensors")
    (tmp_path / "tokenizer.json").write_text("{}")

    def of(config: dict[str, object], template: str | None = None) -> list[str]:
        (tmp_path / "config.json").write_text(json.dumps(config))
        (tmp_path / "chat_template.jinja").write_text(template or "")
        found: list[str] = description.of(tmp_path, "folder")["badges"]
        return found

    assert of({"model_type": "qwen3"}) == ["base"]
    assert of({"model_type": "qwen3"}, "<think>{{ tools }}") == ["chat", "thinking", "tools"]
    assert of({"model_type": "gemma3", "vision_config": {}}, "x") == ["chat", "vision"]
    assert of({"model_type": "bert"}) == ["embedding"]
    (tmp_path / "modules.json").write_text("[]")
    assert of({"model_type": "qwen3"}, "x") == ["embedding"]


# --- quantization ----------------------------------------------------------------------------------------------------


def test_file_types_are_llama_cpps() -> None:
    from gguf import LlamaFileType

    theirs = {int(kind): kind.name.removeprefix("MOSTLY_").removeprefix("ALL_").lower() for kind in LlamaFileType}
    del theirs[1024]  # "guessed", which is a mark beside a number
    assert theirs == quantization.FILE_TYPES


@pytest.mark.parametrize(
    ("said", "types", "name"),
    [
        (15, {"Q4_K", "Q6_K", "F32"}, "q4_k_m"),
        (1024 + 15, {"Q4_K"}, "q4_k_m"),
        (27, {"IQ3_S", "F32"}, "iq3_m"),
        (38, {"MXFP4", "Q8_0"}, "mxfp4_moe"),
        (15, {"Q8_0"}, "q8_0"),
        (None, {"Q8_0"}, "q8_0"),
        (9999, {"BF16"}, "bf16"),
        ("q4", {"F16"}, "f16"),
        (0, {"F16"}, "f16"),
    ],
)
def test_quantization_by_the_file_where_tensors_bear_it_out(
    mini: Path, said: object, types: set[str], name: str
) -> None:
    model = GGUF.read(mini).remove("general.file_type")
    if said is not None:
        model.set("general.file_type", "u32" if isinstance(said, int) else "text", said)
    sizes = {"Q4_K": 144, "Q6_K": 210, "F32": 1024, "IQ3_S": 110, "MXFP4": 136, "Q8_0": 272, "BF16": 512, "F16": 512}
    model.tensors = [(f"t.{kind}", (256,), kind, bytes(sizes[kind])) for kind in sorted(types)]
    assert quantization.of_gguf(read_header(model.write(mini))) == name


def test_quantization_of_folders() -> None:
    assert quantization.of_folder({}, {"BF16": 10, "F32": 3}) == "bf16"
    assert quantization.of_folder({}, {}) is None
    assert quantization.of_folder({"quantization_config": {"quant_method": "awq", "bits": 4}}, {"I32": 9}) == "awq 4"
    bnb = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    assert quantization.of_folder({"quantization_config": bnb}, {"U8": 9}) == "bitsandbytes 4"
    assert quantization.of_folder({"quantization_config": "x"}, {"F16": 9}) == "f16"


# --- lineage ---------------------------------------------------------------------------------------------------------


def test_lineage_of_a_gguf(mini: Path) -> None:
    model = GGUF.read(mini).set("general.base_model.0.name", "text", "Qwen3 0.6B")
    model.set("general.base_model.0.organization", "text", "Qwen")
    model.set("general.base_model.1.repo_url", "text", "https://huggingface.co/a/b")
    model.set("general.dataset.0.name", "text", "Smol\x1b[31m Talk").write(mini)
    found = description.of(mini, "gguf")["lineage"]
    assert found == {"parent": "Qwen Qwen3 0.6B, a/b", "data": ["Smol\ufffd[31m Talk"], "run": None}


def test_lineage_of_a_folder_by_its_card(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(
        "---\nbase_model: Qwen/Qwen3-0.6B\ndatasets:\n- a/b\n- 'c'\nlicense: mit\n---\n"
    )
    assert lineage.of(tmp_path) == {"parent": "Qwen/Qwen3-0.6B", "data": ["a/b", "c"], "run": None}


def test_lineage_of_what_a_run_made(tmp_path: Path) -> None:
    model = tmp_path / "my run" / "model"
    model.mkdir(parents=True)
    about = {"parent": "/x/starter", "parent_name": "starter", "data": {"files": [{"name": "recipes.jsonl"}, 7]}}
    (model.parent / "run.json").write_text(json.dumps(about))
    wanted = {"parent": "starter", "data": ["recipes.jsonl"], "run": "my run"}
    assert lineage.of(model) == wanted
    assert lineage.of(model.parent / "model-q8_0.gguf") == wanted
    for broken in ("{", "[]", '{"data": 7}', '{"data": {"files": 7}}'):
        (model.parent / "run.json").write_text(broken)
        assert lineage.of(model)["data"] == []
