"""The binding is what we were written against: functions, structures, callbacks and constants of llama-cpp-python.

Its signatures change between versions without notice, and ctypes passes whatever it is told to. When this test turns
red after an update, compare each line with llama.h before changing it here.
"""

from __future__ import annotations

import ast
import ctypes
import importlib.metadata
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as c
import pytest

ENGINE = Path(__file__).resolve().parents[3] / "engine"

# name -> result(arguments)
FUNCTIONS = {
    "llama_adapter_lora_init": "void**(void*, char*)",
    "llama_backend_init": "void()",
    "llama_context_default_params": "llama_context_params()",
    "llama_batch_get_one": "llama_batch(int32*, int32)",
    "llama_decode": "int32(void*, llama_batch)",
    "llama_free": "void(void*)",
    "llama_get_logits_ith": "float*(void*, int32)",
    "llama_get_memory": "void*(void*)",
    "llama_init_from_model": "void*(void*, llama_context_params)",
    "llama_log_set": "void(void(int32, char*, void*), void*)",
    "llama_memory_clear": "void(void*, bool)",
    "llama_memory_seq_pos_max": "int32(void*, int32)",
    "llama_memory_seq_rm": "bool(void*, int32, int32, int32)",
    "llama_model_default_params": "llama_model_params()",
    "llama_model_free": "void(void*)",
    "llama_model_get_vocab": "void*(void*)",
    "llama_model_has_decoder": "bool(void*)",
    "llama_model_has_encoder": "bool(void*)",
    "llama_model_is_diffusion": "bool(void*)",
    "llama_model_is_hybrid": "bool(void*)",
    "llama_model_is_recurrent": "bool(void*)",
    "llama_model_load_from_file": "void*(char*, llama_model_params)",
    "llama_model_load_from_file_ptr": "void*(void*, llama_model_params)",
    "llama_model_n_ctx_train": "int32(void*)",
    "llama_model_n_params": "uint64(void*)",
    "llama_model_quantize": "uint32(char*, char*, llama_model_quantize_params*)",
    "llama_model_quantize_default_params": "llama_model_quantize_params()",
    "llama_n_batch": "uint32(void*)",
    "llama_print_system_info": "char*()",
    "llama_sampler_accept": "void(llama_sampler*, int32)",
    "llama_sampler_chain_add": "void(llama_sampler*, llama_sampler*)",
    "llama_sampler_chain_default_params": "llama_sampler_chain_params()",
    "llama_sampler_chain_init": "llama_sampler*(llama_sampler_chain_params)",
    "llama_sampler_free": "void(llama_sampler*)",
    "llama_sampler_init_dist": "llama_sampler*(uint32)",
    "llama_sampler_init_greedy": "llama_sampler*()",
    "llama_sampler_init_min_p": "llama_sampler*(float, uint64)",
    "llama_sampler_init_penalties": "llama_sampler*(int32, int32, float, float, float)",
    "llama_sampler_init_temp": "llama_sampler*(float)",
    "llama_sampler_init_top_k": "llama_sampler*(int32)",
    "llama_sampler_init_top_p": "llama_sampler*(float, uint64)",
    "llama_sampler_sample": "int32(llama_sampler*, void*, int32)",
    "llama_set_abort_callback": "void(void*, bool(void*), void*)",
    "llama_set_adapters_lora": "int32(void*, void***, uint64, float*)",
    "llama_state_seq_get_data": "uint64(void*, uint8*, uint64, int32)",
    "llama_state_seq_get_size": "uint64(void*, int32)",
    "llama_state_seq_set_data": "uint64(void*, uint8*, uint64, int32)",
    "llama_supports_gpu_offload": "bool()",
    "llama_supports_mlock": "bool()",
    "llama_token_to_piece": "int32(void*, int32, char*, int32, int32, bool)",
    "llama_tokenize": "int32(void*, char*, int32, int32*, int32, bool, bool)",
    "llama_version": "char*()",
    "llama_vocab_bos": "int32(void*)",
    "llama_vocab_eos": "int32(void*)",
    "llama_vocab_get_add_bos": "bool(void*)",
    "llama_vocab_is_eog": "bool(void*, int32)",
    "llama_vocab_n_tokens": "int32(void*)",
}

CONSTANTS = {
    "GGML_TYPE_F16": 1,
    "GGML_TYPE_F32": 0,
    "GGML_TYPE_Q4_0": 2,
    "GGML_TYPE_Q4_1": 3,
    "GGML_TYPE_Q5_0": 6,
    "GGML_TYPE_Q5_1": 7,
    "GGML_TYPE_Q8_0": 8,
    "LLAMA_FLASH_ATTN_TYPE_AUTO": -1,
    "LLAMA_FLASH_ATTN_TYPE_DISABLED": 0,
    "LLAMA_FLASH_ATTN_TYPE_ENABLED": 1,
    "LLAMA_FTYPE_MOSTLY_BF16": 32,
    "LLAMA_FTYPE_MOSTLY_F16": 1,
    "LLAMA_FTYPE_MOSTLY_Q2_K": 10,
    "LLAMA_FTYPE_MOSTLY_Q3_K_M": 12,
    "LLAMA_FTYPE_MOSTLY_Q4_0": 2,
    "LLAMA_FTYPE_MOSTLY_Q4_K_M": 15,
    "LLAMA_FTYPE_MOSTLY_Q4_K_S": 14,
    "LLAMA_FTYPE_MOSTLY_Q5_0": 8,
    "LLAMA_FTYPE_MOSTLY_Q5_K_M": 17,
    "LLAMA_FTYPE_MOSTLY_Q5_K_S": 16,
    "LLAMA_FTYPE_MOSTLY_Q6_K": 18,
    "LLAMA_FTYPE_MOSTLY_Q8_0": 7,
    "LLAMA_LOAD_MODE_AUTO": -1,
    "LLAMA_LOAD_MODE_MLOCK": 2,
    "LLAMA_LOAD_MODE_MMAP": 1,
    "LLAMA_LOAD_MODE_NONE": 0,
}

TYPES = {
    "ggml_abort_callback": "bool(void*)",
    "llama_adapter_lora_p_ctypes": "void**",
    "llama_log_callback": "void(int32, char*, void*)",
    "llama_pos": "int32",
    "llama_progress_callback": "bool(float, void*)",
    "llama_seq_id": "int32",
    "llama_token": "int32",
}

# Passed by value, so every field counts.
STRUCTURES = {
    "llama_batch": """
        int32 n_tokens
        int32* token
        float* embd
        int32* pos
        int32* n_seq_id
        int32** seq_id
        int8* logits
    """,
    "llama_model_params": """
        void* devices
        void* tensor_buft_overrides
        int32 n_gpu_layers
        int32 split_mode
        int32 load_mode
        int32 lazy_mode
        int32 main_gpu
        float* tensor_split
        bool(float, void*) progress_callback
        void* progress_callback_user_data
        llama_model_kv_override* kv_overrides
        bool vocab_only
        bool check_tensors
        bool use_extra_bufts
        bool no_host
        bool no_alloc
        bool load_mtp
    """,
    "llama_context_params": """
        uint32 n_ctx
        uint32 n_batch
        uint32 n_ubatch
        uint32 n_seq_max
        uint32 n_rs_seq
        uint32 n_outputs_max
        uint32 n_outputs_max_per_seq
        int32 n_threads
        int32 n_threads_batch
        int32 ctx_type
        int32 rope_scaling_type
        int32 pooling_type
        int32 attention_type
        int32 flash_attn_type
        float rope_freq_base
        float rope_freq_scale
        float yarn_ext_factor
        float yarn_attn_factor
        float yarn_beta_fast
        float yarn_beta_slow
        uint32 yarn_orig_ctx
        float defrag_thold
        bool(void*, bool, void*) cb_eval
        void* cb_eval_user_data
        int32 type_k
        int32 type_v
        bool(void*) abort_callback
        void* abort_callback_data
        bool embeddings
        bool offload_kqv
        bool no_perf
        bool op_offload
        bool swa_full
        bool kv_unified
        llama_sampler_seq_config* samplers
        uint64 n_samplers
        void* ctx_other
    """,
    "llama_model_quantize_params": """
        int32 nthread
        int32 ftype
        int32 output_tensor_type
        int32 token_embedding_type
        bool allow_requantize
        bool quantize_output_tensor
        bool only_copy
        bool pure
        bool keep_split
        bool dry_run
        llama_model_imatrix_data* imatrix
        llama_model_kv_override* kv_overrides
        llama_model_tensor_override* tt_overrides
        int32* prune_layers
        uint64 max_buf_size
    """,
    "llama_sampler_chain_params": """
        bool no_perf
    """,
}

_KINDS = {
    None: "void",
    ctypes.c_bool: "bool",
    ctypes.c_char_p: "char*",
    ctypes.c_float: "float",
    ctypes.c_int8: "int8",
    ctypes.c_int32: "int32",
    ctypes.c_size_t: "uint64",
    ctypes.c_uint8: "uint8",
    ctypes.c_uint32: "uint32",
    ctypes.c_void_p: "void*",
}


def kind(type_: Any) -> str:
    """A ctypes type as C would write it."""
    if type_ in _KINDS:
        return _KINDS[type_]
    if hasattr(type_, "_argtypes_"):
        return f"{kind(type_._restype_)}({', '.join(map(kind, type_._argtypes_))})"
    if isinstance(getattr(type_, "_type_", None), type):
        return kind(type_._type_) + "*"
    return type_.__name__


def names_used() -> set[str]:
    """Every `c.name` in the engine."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in ENGINE.rglob("*.py")]
    attributes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id == "c"}


def test_the_version_is_the_one_we_know() -> None:
    assert importlib.metadata.version("llama-cpp-python") == "0.3.36"
    assert c.llama_version() == b"0.5.0-dev"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name: str) -> None:
    function = getattr(c, name)
    assert f"{kind(function.restype)}({', '.join(map(kind, function.argtypes))})" == FUNCTIONS[name]


@pytest.mark.parametrize("name", STRUCTURES)
def test_structure(name: str) -> None:
    fields = [f"{kind(type_)} {field}" for field, type_ in getattr(c, name)._fields_]
    assert fields == [line.strip() for line in STRUCTURES[name].strip().splitlines()]


@pytest.mark.parametrize("name", TYPES)
def test_type(name: str) -> None:
    assert kind(getattr(c, name)) == TYPES[name]


@pytest.mark.parametrize("name", CONSTANTS)
def test_constant(name: str) -> None:
    assert getattr(c, name) == CONSTANTS[name]


def test_nothing_is_used_that_is_not_recorded_here() -> None:
    assert names_used() <= {*FUNCTIONS, *STRUCTURES, *TYPES, *CONSTANTS}


def test_nothing_is_recorded_here_that_is_not_used() -> None:
    parameters = {name for name in STRUCTURES if name.endswith("_params")}  # come from a function
    assert {*FUNCTIONS, *STRUCTURES, *TYPES, *CONSTANTS} - parameters <= names_used()


def test_the_library_fills_the_structures_as_the_binding_reads_them() -> None:
    model, context = c.llama_model_default_params(), c.llama_context_default_params()
    assert (model.vocab_only, model.check_tensors, model.load_mtp) == (False, False, False)
    assert (context.n_ctx, context.n_batch, context.type_k, context.type_v) == (512, 2048, 1, 1)
    assert (context.flash_attn_type, context.swa_full, context.n_samplers) == (-1, True, 0)
    assert c.llama_model_quantize_default_params().max_buf_size == 8 << 30


def test_exactly_one_file_imports_llama_cpp() -> None:
    app = ENGINE.parent / "app"
    importing = [file for folder in (ENGINE, app) for file in folder.rglob("*.py") if imports_llama_cpp(file)]
    assert importing == [ENGINE / "runtime" / "llama_library.py"]


def imports_llama_cpp(file: Path) -> bool:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        if any(module.split(".")[0] == "llama_cpp" for module in modules):
            return True
    return False
