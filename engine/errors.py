"""Every error a person can meet, once: code, sentence, remedy.

`EngineError` carries a code and the data for the templates below. The command line prints them in
English; `app/messages.py` passes the same templates through translation. Anything that is not an
`EngineError` is a bug of ours and is reported as such (code `bug`).
"""

from __future__ import annotations

import errno
from typing import Any, NamedTuple

from engine.phrases import Phrase, joined


class Message(NamedTuple):
    """One clear sentence that names the place, and what to do next (may be empty)."""

    sentence: str
    remedy: str = ""


class EngineError(Exception):
    """A failure with a sentence. `data` fills the templates; `detail` is for the log."""

    def __init__(self, code: str, detail: str = "", **data: Any) -> None:
        self.code, self.data, self.detail = code, data, detail
        super().__init__(describe(code, data))


def describe(code: str, data: dict[str, Any]) -> Phrase:
    """The English text for an error: its sentence and its remedy, on one line."""
    values = _Lenient(data)
    parts = (part for part in MESSAGES.get(code, MESSAGES["bug"]) if part)
    said = joined([Phrase(part.format_map(values), part, values) for part in parts])
    return Phrase(" ".join(said.split()), said.template, said.values)


def remedy(code: str, data: dict[str, Any]) -> str:
    """What to do about an error; empty where its sentence says all."""
    return MESSAGES.get(code, MESSAGES["bug"]).remedy.format_map(_Lenient(data))


def from_os_error(error: OSError) -> EngineError:
    """The operating system's complaint as one of our errors."""
    place = str(error.filename or "")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EngineError("disk_full", detail=str(error), place=place or "the disk")
    if isinstance(error, FileNotFoundError):
        return EngineError("not_found", detail=str(error), place=place)
    if isinstance(error, PermissionError):
        return EngineError("no_permission", detail=str(error), place=place)
    return EngineError("os_error", detail=str(error), place=place, reason=error.strerror or str(error))


class _Lenient(dict):  # type: ignore[type-arg]
    """Values for a template; a missing one shows as nothing rather than as a second error."""

    def __missing__(self, key: str) -> str:
        return _Nothing()


class _Nothing(str):
    """Of it there is nothing to write, however it was to be written."""

    def __format__(self, spec: str) -> str:
        return ""


# Sorted by room, then by code. Add a code beside its neighbours; never write a sentence elsewhere.
MESSAGES: dict[str, Message] = {
    # anywhere
    "bug": Message("Something went wrong inside Seedling.", "The log has the details."),
    "cannot_read": Message("{place} cannot be read: {reason}."),
    "disk_full": Message("The disk is full: {place} could not be written.", "Free some space and try again."),
    "no_permission": Message(
        "No permission to open {place}.", "Give yourself that permission, or choose another place."
    ),
    "not_found": Message("{place} does not exist."),
    "not_to_trash": Message(
        "The system has no trash for {place}, so nothing was deleted.",
        "Delete the folder in the file manager if you no longer want it.",
    ),
    "os_error": Message("{place}: {reason}."),
    "out_of_memory": Message("There is not enough memory for this.", "Choose a smaller model or close other programs."),
    "memory_share": Message(
        "{name} needs about {needed} of memory, and a model may take {limit} here.",
        "Choose a smaller model or a smaller context, or raise the memory for a model in the settings "
        "(memory_percent is {percent}).",
    ),
    "unknown_job": Message("The worker does not know the job {job}."),
    "usage": Message("{reason}."),
    # library
    "adapter_alone": Message(
        "{place} is an adapter, which changes another model and is none itself.",
        "Open the model it was made for, and choose it among the adapters in that model's settings.",
    ),
    "adapter_base": Message(
        "{place} holds an adapter for {base}, which is not on this computer.",
        "Add that model to the library under this name, or correct base_model_name_or_path in adapter_config.json.",
    ),
    "bad_model_name": Message("A model's name has 1 to {longest} characters that can be printed."),
    "copy_running": Message("Another model is being copied.", "Try again when that is done."),
    "empty_file": Message("{place} is empty.", "Download or export it again."),
    "file_too_large": Message("{place} is larger than {limit:,} bytes, far more than such a file has."),
    "folder_needs_gpt": Message(
        "{place} is a model folder, which llama.cpp cannot open.",
        "Use the backend gpt, or export it first: seedling export FOLDER OUT.gguf --to gguf",
    ),
    "folder_without_config": Message(
        "{place} holds no config.json, so it is not a model folder.", "Choose the folder in which config.json lies."
    ),
    "gguf_needs_llama": Message("{place} is a GGUF file, which only the backend llama opens."),
    "jan_model": Message("{place} is not what Jan writes: {reason}.", "Import the model in Jan again."),
    "link_circle": Message("{place} is a link that leads back to itself."),
    "link_nowhere": Message("{place} is a link to something that does not exist."),
    "list_busy": Message("Another Seedling is writing the list of models.", "Try again in a moment."),
    "model_bundled": Message("{name} belongs to Seedling and stays on the list."),
    "model_changed": Message(
        "{name} has changed: {files}.",
        "If you did that, add it again. Else its disk may be failing: get it anew.",
    ),
    "model_changed_here": Message("{name} is not what it was: {files} changed.", "Fetch it again with: {command}"),
    "model_gone": Message(
        "{place} is not there any more.", "Connect its disk or put it back, or remove it from the list."
    ),
    "model_name_taken": Message("Another model is called {name}.", "Choose another name."),
    "model_remote": Message(
        "{name} runs at {provider}, and none of its files are here.",
        "You can chat with it; for anything else choose a model on this computer.",
    ),
    "model_unusable": Message("{name} cannot be opened: {problem}"),
    "no_weights": Message("{name} has no weights in its folder.", "Download the model again, with its weights."),
    "not_a_file": Message("{place} is not an ordinary file."),
    "model_not_ours": Message(
        "{name} was not put on this computer by Seedling, so Seedling does not delete it.",
        "Remove it from the list, and delete its files yourself.",
    ),
    "not_a_model": Message("{place} is not a model that Seedling opens.", "It opens GGUF files and model folders."),
    "ollama_blob": Message("{name} lacks its file {file} in Ollama's store.", "Get it with `ollama pull {name}`."),
    "ollama_form": Message("{name} is in a form only Ollama opens.", "Choose one of its variants in GGUF."),
    "ollama_manifest": Message("{place} is not what Ollama writes: {reason}.", "Get the model with `ollama pull`."),
    "several_ggufs": Message("{place} holds several GGUF files.", "Choose one of them, such as {example}."),
    "starter_missing": Message(
        "This copy of Seedling came without its starter model.", "Installing it again may help."
    ),
    "too_many_files": Message(
        "{place} holds more than {limit:,} files, and the rest was not looked at.",
        "Name the folder that the models lie in.",
    ),
    "unknown_backend": Message("There is no backend {backend}.", "Models on this machine are opened by {known}."),
    "unknown_model": Message("There is no model called {name}.", "The list of models shows what there is."),
    "weights_alone": Message(
        "{place} holds weights alone.", "Choose the folder in which they lie beside config.json and tokenizer.json."
    ),
    # the hub and downloads
    "bad_address": Message("{name} is {address}, which is no address.", "Correct it in the settings."),
    "download_changing": Message(
        "The hub keeps changing what it has of {repo}.", "What is here is kept; try again later."
    ),
    "download_disk_full": Message(
        "The disk is full, so the download of {repo} is paused; {needed} are missing.",
        "Free some space and start it again; what is here is kept.",
    ),
    "download_no_room": Message(
        "{repo} needs {needed} more, and {free} are free in {place} beside what other downloads still need.",
        "Free some space first; nothing was fetched.",
    ),
    "download_running": Message("{repo} is being downloaded or deleted already.", "Wait until that is done."),
    "download_wrong": Message(
        "{file} of {repo} came with wrong bytes {times} times, so it was not kept.",
        "Try again later, or from another network.",
    ),
    "hostile_name": Message(
        "The repository holds the file {file}, {reason}.", "Nothing was downloaded; choose another repository."
    ),
    "hub_offline": Message("{name} is set, so the hub is not asked.", "Unset it to download."),
    "hub_refused": Message("{host} refused this with the answer {status}.", "Try again later."),
    "hub_strange": Message(
        "What {host} answered is not what the Hugging Face Hub would say.",
        "Check hub_endpoint and the proxy in the settings.",
    ),
    "hub_token": Message("{host} does not know the token it was given.", "Enter another one, or none."),
    "hub_unreachable": Message(
        "{host} cannot be reached: {reason}.",
        "Check the connection and try again; a download goes on where it stopped.",
    ),
    "link_in_the_way": Message(
        "{place} is a link to another place, so nothing is written there.", "Remove the link and try again."
    ),
    "redirect_refused": Message("{host} leads to {target}, where nothing is fetched from.", "Choose another source."),
    "repo_file_missing": Message("{repo} holds no file {file}.", "Its page lists what there is."),
    "repo_gated": Message(
        "{repo} is only for those whom its owner lets in.",
        "Ask for access on {page}, then enter a token of your account.",
    ),
    "repo_missing": Message(
        "{host} has no repository {repo}, or it is private.", "Check the name, or enter a token that may read it."
    ),
    "repo_name": Message("{name} is no name of a repository.", "Write it as organisation/name."),
    "repo_no_data": Message("{repo} holds no Parquet files and no JSON lines.", "Choose another dataset."),
    "repo_no_weights": Message(
        "{repo} holds no weights that Seedling opens: neither GGUF nor a folder with safetensors.",
        "Choose another repository.",
    ),
    "repo_several": Message("{repo} holds several GGUF models: {files}.", "Choose one: REPO:FILE"),
    "revision_missing": Message("{repo} has no revision {revision}.", "The usual one is main."),
    "unknown_download": Message("There is no download {id}."),
    # model folders and the in-house GPT
    "adapter_other": Message("The adapter's tensor {tensor} belongs to another model, or to an adapter of other size."),
    "adapter_tensor": Message(
        "{place}: the tensor {tensor} does not fit the adapter's model: {reason}.", "Choose the model it was made for."
    ),
    "adapter_unsupported": Message(
        "{place}: {field} is {value}, which Seedling's adapters do not have.",
        "Merge it into its model with peft (merge_and_unload), and open the merged model.",
    ),
    "bad_config": Message("{place}: {field} {reason}."),
    "bad_json": Message("{place} is not valid JSON: {reason}.", "Correct it, or get it again from where it came."),
    "bad_template": Message("The chat template in {place} is not text: it is {found}.", "Remove it or correct it."),
    "bad_tokenizer": Message("The tokenizer in {place} cannot be used: {reason}."),
    "bad_weights": Message("The weights in {place} cannot be used: {reason}.", "Download or export the model again."),
    "folder_in_use": Message(
        "{place} already holds {file}, which a model folder does not.", "Choose a new or empty folder; nothing changed."
    ),
    "classifier_writes_nothing": Message(
        "{place} holds a classifier, which tells classes apart and writes no text.",
        "Use it with: seedling evaluate FOLDER --task classify --data FILE",
    ),
    "lora_target": Message("The model has no matrix {target} to adapt.", "It has {known}."),
    "missing_file": Message("{place} lacks the file {file}.", "Download or export the model again."),
    "missing_tensor": Message("{place} lacks the tensor {tensor}.", "Download or export the model again."),
    "not_a_classifier": Message(
        "{place} holds a model that writes text, not a classifier.", "Train one with --method classify."
    ),
    "not_a_model_folder": Message("{place} is not a model folder: {reason}."),
    "pickled_weights": Message(
        "{place} holds pickled weights; opening them could run code, so Seedling never does.",
        "Get the model as .safetensors, or, if you trust it, load it with transformers and call "
        "save_pretrained, which writes safetensors.",
    ),
    "tensor_mismatch": Message("{place}: the tensor {tensor} is {found}, but the configuration asks for {expected}."),
    "unknown_checkpoint": Message(
        "The names of the tensors in {place} are of no kind that Seedling knows.",
        "It reads checkpoints of the textbook and LitGPT's folders; for others, load the model with the program it is "
        "from and save it as safetensors.",
    ),
    "unknown_family": Message("{place}: Seedling does not know the model type {family}.", "It knows {known}."),
    "unknown_tensor": Message("{place}: the tensor {tensor} is not part of a {family} model of this configuration."),
    "unsupported_config": Message("{place}: {field} is {value}, which Seedling's own model does not have."),
    # export to GGUF
    "adapter_wanted": Message("{place} is a whole model, and only an adapter can be written as {to}."),
    "check_different": Message(
        "The exported file does not do what the model does: a difference in {figure}, first at position {place}.",
        "Nothing was written.",
    ),
    "check_failed": Message(
        "The exported file does not do what the model does: {figure} is {value}, the limit is {limit}.",
        "Nothing was written.",
    ),
    "export_name_taken": Message("{place} exists and is not a GGUF file.", "Choose another name; nothing changed."),
    "no_runner": Message(
        "{place} is not the llamafile program.",
        "Download it from github.com/Mozilla-Ocho/llamafile, and name that file.",
    ),
    "gguf_pattern": Message(
        "This model's tokenizer splits text in a way that llama.cpp does not know, so it cannot become a GGUF file."
    ),
    "gguf_unlike": Message(
        "llama.cpp knows {architecture} only with {field} {known}, and this model has {value}, so it cannot become a "
        "GGUF file."
    ),
    "gguf_vocabulary": Message("The tokenizer has {tokens} tokens, but the model only has {rows} rows for them."),
    "litgpt_lacks": Message("LitGPT has no models of the shape {shape}.", "It has {known}; write GGUF or hf instead."),
    "unknown_export": Message("Seedling does not know the format {to}.", "It writes {known}."),
    "unknown_folder_type": Message("A model folder cannot be written as {type}.", "Seedling writes {known}."),
    "unknown_gguf_type": Message("Seedling does not know the GGUF type {type}.", "It writes {known}."),
    "weights_beyond_f16": Message(
        "The tensor {tensor} has numbers beyond 65,504, which f16 cannot hold.", "Choose bf16, q8_0 or f32."
    ),
    "weights_not_finite": Message("The tensor {tensor} has numbers that are not finite.", "The training has diverged."),
    # GGUF files and runtimes
    "adapter_not_loaded": Message("The adapter {place} cannot be laid over this model: {reason}."),
    "bad_option": Message("The option {option} must be {expected}, not {value}."),
    "bad_state": Message("The saved state of the model does not fit this model.", "The conversation is read again."),
    "bad_token": Message("The token {id} is not in the model's vocabulary of {vocabulary}."),
    "context_overflow": Message(
        "This needs {asked} tokens, but the model has room for {context}.",
        "Shorten the text, start a new chat, or open the model with a larger context.",
    ),
    "cache_unfit": Message(
        "{place} cannot keep its cache as {cache_type}: {reason}.", "Open the model with the cache type f16."
    ),
    "driver_too_old": Message(
        "The driver of the graphics processor does not suit llama.cpp: {reason}.",
        "Update the driver, or set the GPU layers to 0.",
    ),
    "draft_model_missing": Message(
        "Speculation with a draft model needs one.", "Name it (draft_model), or choose lookup, which needs none."
    ),
    "draft_unlike": Message(
        "{place} cannot draft for {model}: they share {same} of {shared} tokens.",
        "Choose a smaller model of the same family, or the speculation lookup.",
    ),
    "embedding_model": Message(
        "{place} is an embedding model ({architecture}), which cannot write a reply.", "Choose another model."
    ),
    "evaluation_failed": Message("{place} stopped in the middle of its work.", "Try again, or open the model again."),
    "flash_attention_needed": Message(
        "A cache of the type {cache_type} needs flash attention, which is switched off.",
        "Switch it on, leave it to Seedling, or choose the cache type f16.",
    ),
    "gguf_broken": Message("{place} is not a usable GGUF file: {reason}.", "Download or export it again."),
    "gguf_part_missing": Message(
        "{place} is part of a model in {count} files, and {missing} is not beside it.",
        "Put the missing file into the same folder, or download the model again.",
    ),
    "gguf_part_name": Message(
        "{place} is part of a model in {count} files, but its name does not say which.",
        "Give all files the names they came with, such as NAME-00001-of-00003.gguf.",
    ),
    "gguf_not": Message("{place} is not a GGUF file.", "Choose a GGUF file or a model folder."),
    "gguf_vocabulary_only": Message("{place} holds a vocabulary without a model.", "Choose a file with weights."),
    "gpu_failed": Message(
        "The graphics processor failed: {reason}.",
        "Try again: the model is then loaded anew. With no layers on it (GPU layers 0) the processor computes instead.",
    ),
    "gpu_out_of_memory": Message(
        "The graphics processor has not enough memory for this.",
        "Put fewer layers on it (GPU layers), choose a smaller context, or a smaller model.",
    ),
    "llamafile_copied": Message(
        "llama.cpp cannot use the GGUF in {place} where it lies, so opening it makes a copy of {size} in the cache."
    ),
    "llamafile_packed": Message(
        "{place} holds its GGUF compressed, so it cannot be used in place.",
        "Unpack it, as one does a ZIP file, and choose the GGUF.",
    ),
    "missing_library": Message(
        "llama.cpp cannot be started: {reason}.", "Install what is missing, or install Seedling again."
    ),
    "model_not_loaded": Message("llama.cpp cannot load {place}: {reason}.", "Download or export it again."),
    "model_writes_nothing": Message("{place} is {kind}, which cannot write a reply.", "Choose another model."),
    "no_gpu": Message(
        "There is no graphics processor here that llama.cpp can use.",
        "Set the GPU layers to 0, or leave them to Seedling.",
    ),
    "no_context": Message(
        "A context of {context} tokens could not be set up: {reason}.", "Open the model with a smaller context."
    ),
    "not_a_number": Message(
        "{place} computes values that are no numbers: its weights are damaged.", "Download or export it again."
    ),
    "not_lockable": Message(
        "{place} cannot be kept in main memory: {reason}.",
        "Switch mlock off, or have the limit raised (ulimit -l, or memlock in limits.conf).",
    ),
    "option_of_llama": Message(
        "{name} runs in Seedling's own GPT, which has no {option}.", "Leave it out, or export the model as GGUF."
    ),
    "quantize_failed": Message("{place} could not be written as {kind}: {reason}."),
    "speculation_unfit": Message(
        "{place} ({architecture}) cannot take back what it has read, so nothing can be guessed ahead.",
        "Switch speculation off.",
    ),
    "unknown_architecture": Message(
        "{place} has the architecture {architecture}, which this version of llama.cpp does not know.",
        "Choose another model, or update Seedling.",
    ),
    "unknown_tokenizer": Message(
        "{place} has a tokenizer of the kind {tokenizer}, which this version of llama.cpp does not know.",
        "Choose another model, or update Seedling.",
    ),
    # benchmarks
    "reply_too_short": Message(
        "{name} ended its reply after {count} tokens, too few to measure.", "Choose another model, or --synthetic."
    ),
    "window_not_usable": Message("{name} ended before it could be used: {reason}."),
    # chat: templates, backends, store
    "empty_prompt": Message("There is no text to answer.", "Write something first."),
    "no_model_loaded": Message("No model is loaded.", "Choose a model first."),
    "no_template": Message("{name} has no chat template.", "Write one, or take over that of a model like it."),
    "not_a_conversation_file": Message(
        "{place} holds something else than saved conversations, so nothing was added to it.", "Choose another file."
    ),
    "not_stored": Message("This chat or message does not exist any more."),
    "sqlite_too_old": Message("SQLite {found} is too old: {needed} or newer is needed.", "Install apsw again."),
    "store_busy": Message("{place} is in use by another program.", "Close it and try again."),
    "store_damaged": Message("The chats in {place} cannot be read: {reason}.", "The file was left as it is."),
    "store_full": Message(
        "The disk is full: {place} could not be written.",
        "Free {needed} and try again; nothing that was stored is lost.",
    ),
    "store_hurt": Message(
        "A part of the chats in {place} is damaged.",
        "Start Seedling again: it then brings back all that can be read.",
    ),
    "store_newer": Message(
        "The chats in {place} were written by a newer Seedling, so they were left untouched.",
        "Install the newest version to open them.",
    ),
    "template_broken": Message("The model's chat template does not work: {reason}."),
    "template_refused": Message("The model's chat template refused this conversation: {reason}."),
    "template_too_large": Message("The model's chat template took too much memory, so it was stopped."),
    "template_too_slow": Message("The model's chat template took too long, so it was stopped."),
    # training and data
    "adapter_on_adapter": Message(
        "{place} is an adapter, and an adapter cannot be trained beside another one.",
        "Merge it first: seedling export ADAPTER FOLDER --to hf",
    ),
    "checkpoint_damaged": Message("The checkpoint {place} is damaged."),
    "data_ask": Message("What {place} holds cannot be told: {reason}.", "{question}"),
    "data_binary": Message("{place} is not text: {reason}.", "{cure}"),
    "data_bomb": Message("{place} unpacks to more than {size}, far more than data does.", "Unpack it first."),
    "data_changed": Message("{place} is not the file the recipe names: its sha256 is {found}, not {wanted}."),
    "data_columns": Message("{place} has two columns called {name}.", "Rename one of them."),
    "data_damaged": Message("{place} cannot be unpacked as {kind}: {reason}."),
    "data_empty": Message("{place} holds no text."),
    "data_encoding": Message("{place} looks like {encoding}.", "Save it as UTF-8."),
    "data_folder": Message("{place} holds no file that can be read.", "Seedling reads {known}."),
    "data_kind": Message(
        "{place} is of a kind that is not read as data.", "Seedling reads {known}, also packed as .gz, .xz or .zst."
    ),
    "data_kinds": Message(
        "{place} holds data of the kind {kind}, but {other} of the kind {found}.", "Name how both are to be read."
    ),
    "data_line": Message("{place}, line {line}: {reason}."),
    "data_mapping": Message("The columns of {place} cannot be read so: {reason}."),
    "data_no_conversation": Message("None of the {rows} rows can be trained on.", "{hint}"),
    "data_no_examples": Message("None of the {rows} rows of {place} can be read; line {line}: {reason}."),
    "data_no_rows": Message("{place} holds no rows of columns: {reason}."),
    "data_moved_on": Message("{place} has changed since it was looked at.", "Drop it again."),
    "data_one_label": Message(
        "All rows of {place} have the label {label}, so there is nothing to tell apart.",
        "Two labels are needed at least.",
    ),
    "data_no_known_label": Message("{place} holds none of the labels the classifier knows: {labels}."),
    "rows_beyond": Message(
        "Row {row} is to be left out, but only {rows} rows of {place} can be read.",
        "Correct exclude_rows: it counts from 1 as the rows are shown.",
    ),
    "rows_all_left_out": Message("All {rows} rows of {place} are to be left out.", "Correct exclude_rows."),
    "evaluation_empty": Message(
        "Nothing of {place} can be evaluated on.", "Choose another file, or leave evaluation out of the recipe."
    ),
    "data_too_short": Message(
        "The text is too short for one window: it has {tokens} tokens to train on, and {needed} are needed.",
        "Bring more text, or set max_length below {max_length}.",
    ),
    "diverged": Message(
        "The training diverged: the loss of step {step} is not a number.",
        "The last checkpoint is kept. Start again with a lower learning_rate.",
    ),
    "fit_length": Message(
        "This training needs about {needed} of memory, and {available} are there for it.",
        "With max_length = {length} instead of {max_length} it fits; or train an adapter (method lora), raise "
        "memory_percent in the settings, or close other programs.",
    ),
    "fit_model": Message(
        "Training {name} needs about {needed} of memory, and {available} are there for it.",
        "Choose a smaller model, train an adapter over 4 bits (method lora, lora.bits = 4), raise memory_percent in "
        "the settings, or close other programs.",
    ),
    "no_checkpoint": Message("{place} holds no whole checkpoint."),
    "not_a_run": Message("{place} is not a training run that can be resumed."),
    "nothing_ends": Message(
        "The model's tokenizer has neither a chat template nor a token that ends a text, so nothing would end a reply."
    ),
    "nothing_learnt": Message(
        "No token of the training data is to be learnt, so training would change nothing.",
        "Look at what is learnt: seedling data inspect",
    ),
    "parent_changed": Message(
        "The model in {place} is not the one the run was started from.", "Put the old one back, or start a new run."
    ),
    "parent_no_base": Message(
        "An adapter needs a model folder, a GGUF file or a folder of LitGPT's under it, and {place} is none.",
        "Write it as a model folder first: seedling export MODEL FOLDER --to hf",
    ),
    "recipe_conflict": Message("In the recipe, {key} {reason}."),
    "recipe_missing": Message("The recipe lacks {key}: {wanted}."),
    "recipe_setting": Message("{setting} is not a setting.", "Write key=value."),
    "recipe_syntax": Message("{place} is not a recipe in TOML: {reason}."),
    "recipe_type": Message("In the recipe, {key} must be {wanted}, not {found}."),
    "recipe_unknown_key": Message("The recipe has an unknown key {key}.", "{hint}"),
    "recipe_value": Message("In the recipe, {key} {reason}, not {found}."),
    "resume_changed": Message(
        "The run in {place} was started with {key} = {wanted}, not {found}.",
        "Resume it without changes, or start a new run in another folder.",
    ),
    "run_paused": Message(
        "The disk is full, so the run in {place} is paused; what it did up to step {step} is kept.",
        "Free some space and go on with --resume.",
    ),
    "run_broken": Message("{place} cannot be shown as a run: {reason}."),
    "run_in_use": Message("The run in {place} is being trained already.", "Stop it there, or wait until it is done."),
    "run_exists": Message("{place} is not empty.", "Continue it with --resume, or choose another folder."),
    # secrets
    "hub_plain": Message(
        "{host} is asked without encryption, so a token could be read on the way.", "Use an address with https."
    ),
    "keyring_failed": Message(
        "The system's keyring refused ({kind}).", "Unlock it and try again, or keep the key for this run only."
    ),
    "keyring_none": Message(
        "This computer has no keyring in which a key could be kept.",
        "Set one up (on Linux GNOME's or KDE's), or keep the key for this run only.",
    ),
    "keyring_silent": Message(
        "The system's keyring did not answer within {seconds} seconds.",
        "Unlock it and try again, or keep the key for this run only.",
    ),
    "secret_unusable": Message(
        "A key has 1 to {longest} letters, digits and signs, and no spaces.", "Copy it again from where it was made."
    ),
    # providers: servers and APIs
    "bad_price": Message("In row {row} of the prices, {field} must be {expected}, not {value}."),
    "key_variable_empty": Message("The environment variable {name} holds no key.", "Set it and start Seedling again."),
    "provider_again": Message("{name} cannot answer yet and is asked again in {seconds}."),
    "provider_bad_address": Message(
        "{address} is no address of a server.", "Write it as http://127.0.0.1:8080 or https://api.example.com/v1."
    ),
    "provider_bad_kind": Message("There is no kind of server called {kind}.", "It is one of {known}, or auto."),
    "provider_bad_name": Message("A name has 1 to {longest} characters and no “/”."),
    "provider_bad_request": Message("{name} does not accept the request: {said}."),
    "provider_busy": Message("{name} is overloaded.", "Try again in a moment, or choose another model."),
    "provider_cannot_continue": Message(
        "{name} cannot go on with a reply that was begun.", "Ask for a new one instead."
    ),
    "provider_certificate": Message(
        "The certificate of {host} does not prove that it is {host}.", "Nothing was sent. Check the address."
    ),
    "provider_context": Message(
        "The conversation is longer than the {context:,} tokens that {name} was asked to hold.",
        "Give the model more context, or start a new chat.",
    ),
    "provider_credit": Message("The account at {name} has no credit left.", "Add some there, or choose another model."),
    "provider_cut": Message("{name} broke off in the middle of the reply.", "What came is kept. Try again."),
    "provider_embeds": Message("{name} makes embeddings and writes no replies.", "Choose another model."),
    "provider_exists": Message("There is a server or an API called {name} already.", "Choose another name."),
    "provider_failed": Message("{name} failed: {said}.", "Try again, or look at what it says there."),
    "provider_forbidden": Message("The key does not allow this at {name}.", "Use another key or another model."),
    "provider_full": Message(
        "The reply ends here because {name} was asked to hold no more than {context:,} tokens.",
        "Give the model more context to let replies go on.",
    ),
    "provider_ignores": Message("{name} does not heed {options}."),
    "provider_key_missing": Message("{name} wants a key.", "Enter one on the page of servers."),
    "provider_key_wrong": Message("{name} does not know the key it was given.", "Enter another one."),
    "provider_limit": Message("{name} takes no more requests for now.", "Try again {when}."),
    "provider_list_busy": Message("Another Seedling is writing the list of servers.", "Try again in a moment."),
    "provider_loading": Message("{name} is still loading the model.", "Try again in a moment."),
    "provider_model_gone": Message("{name} has no model {model} any more.", "Choose another model."),
    "provider_not_found": Message("No server answers at {address} as one with models does.", "Check the address."),
    "provider_option": Message(
        "{name} is not loaded here, so {option} cannot be chosen for it.", "Leave it out, or choose another model."
    ),
    "provider_other_model": Message(
        "{answered} answered, not {asked}.", "{name} has put the one in the place of the other."
    ),
    "provider_plain": Message(
        "{host} is asked without encryption, so a key could be read on the way.", "Use an address with https."
    ),
    "provider_redirect": Message("{host} sends to another address, {other}.", "Nothing was sent there."),
    "provider_refused": Message("{name} declined to answer this.", "Ask in another way, or choose another model."),
    "provider_sign_in": Message(
        "{name} passes this model on to Ollama’s cloud, where it is not signed in.",
        "Run “ollama signin” in a terminal.",
    ),
    "provider_stays": Message(
        "“Nothing leaves this computer” is on, so {name} is not asked.", "Switch it off in the settings to ask it."
    ),
    "provider_silent": Message(
        "{name} ended without a word.",
        "The conversation may be too long for it: start a new chat, or look at what it says.",
    ),
    "provider_strange": Message("{name} answered what cannot be understood.", "Try again, or check what runs there."),
    "provider_too_long": Message(
        "The conversation is too long for {name}.", "Start a new chat, or choose a model with more context."
    ),
    "provider_too_much": Message("{name} sent more than any reply needs, so it was cut off."),
    "provider_unknown": Message("There is no server or API called {name}.", "Connect it first."),
    "provider_unreachable": Message("{name} cannot be reached: {reason}.", "Check that it runs, and try again."),
    "prices_busy": Message("Another Seedling is writing the prices.", "Try again in a moment."),
    "prices_damaged": Message(
        "The prices in {place} cannot be read, so only those that came with Seedling count.",
        "Mend the file, or save your prices again: it is then kept aside.",
    ),
    "vault_busy": Message("Another Seedling is writing the file with the keys.", "Try again in a moment."),
    "vault_closed": Message("The file with the keys is locked.", "Enter its passphrase."),
    "vault_damaged": Message(
        "The file with the keys, {place}, cannot be read.", "Move it away and enter the keys again."
    ),
    "vault_passphrase": Message("That is not the passphrase of the file with the keys.", "Enter it again."),
    "vault_weak": Message("A passphrase has at least {least} characters."),
    # settings, folders and backups
    "backup_missing": Message("The backup {name} is not there any more.", "Choose another one."),
    "folder_inside": Message("{inner} lies in {outer}, and the two must be kept apart.", "Choose a folder elsewhere."),
    "folder_missing": Message(
        "The folder {place} is not there.", "Connect its disk and try again, or choose the usual place in the settings."
    ),
    "folder_not_empty": Message("{place} already holds {file}.", "Choose an empty folder; nothing changed."),
    "folder_no_room": Message("{place} has {free} free, and {needed} are needed.", "Choose another disk."),
    "folder_same": Message("It lies in {place} already."),
    "folder_unwritable": Message("Nothing can be written in {place}: {reason}.", "Choose another folder."),
    "move_changed": Message(
        "{place} changed while it was copied.", "Stop what writes there, then go on with the move."
    ),
    "move_not_same": Message(
        "What was written to {place} does not read back as it was.", "Nothing was removed; check that disk."
    ),
    "no_chats_there": Message("{place} holds no chats.", "The usual place can be used instead."),
    "setting_out_of_range": Message(
        "The setting {name} is {found}, which is not from {least} to {most}; {default} is used."
    ),
    "setting_unfit": Message("The setting {name} cannot be {found}; {default} is used."),
    "setting_unknown": Message("The settings hold {name}, which this version does not know.", "It is left as it is."),
    "settings_broken": Message(
        "The settings in {place} could not be read, so every option has its default.", "The file is kept as {aside}."
    ),
    "settings_unreadable": Message("The settings in {place} cannot be read ({reason}); every option has its default."),
    # evaluation
    "no_end_token": Message("{name} has no token that ends a text, so its texts cannot be measured."),
    "not_the_tail": Message(
        "{place} is not the last part of {whole}.", "Write both again, with python -m tools.starter.text."
    ),
    # worker and command line
    "missing_module": Message("The Python module {name} is not installed.", "`seedling doctor` says how to get it."),
    "no_window": Message("The window is not installed.", "`seedling chat` talks in the terminal."),
    "processor_too_old": Message(
        "This computer's processor lacks {names}, without which Seedling cannot compute.",
        "Seedling needs x86-64-v2: a processor of Intel's from 2008 or of AMD's from 2011, or a newer one.",
    ),
    "not_ready": Message("Something Seedling needs is missing or does not work here: {names}."),
    # updates
    "update_expired": Message(
        "What {host} lists was good until {date}, so it is not believed any more.",
        "Look again later; if this computer's date is wrong, correct that first.",
    ),
    "update_insecure": Message(
        "{address} is neither https nor on this computer, so it is not asked for newer versions.",
        "Enter an address that begins with https://.",
    ),
    "update_no_address": Message(
        "No address is set at which newer versions are listed.", "Enter one in the settings, under Updates."
    ),
    "update_no_key": Message(
        "This build of Seedling holds no key by which it would know a genuine newer version, so it looks for none.",
        "Released builds hold one.",
    ),
    "update_no_name": Message("{place} holds too many files called {file}.", "Delete those you no longer need."),
    "update_no_room": Message("{file} needs {needed} more, and {free} are free in {place}.", "Free some space first."),
    "update_no_such_file": Message("The newer version has no file {file} for this computer.", "It has {names}."),
    "update_none": Message("No newer version has been found yet.", "Look for one first: seedling update check"),
    "update_not_for_here": Message(
        "{version} has no file for this computer ({platform}).", "The place where you got Seedling may say more."
    ),
    "update_not_newer": Message("{version} is not newer than this one, so it is not fetched."),
    "update_older": Message(
        "The list of {host} (number {number}) is not newer than the last one (number {seen}), so it is not believed.",
        "Look again later.",
    ),
    "update_other_file": Message("{host} has another file where {file} should be.", "Look for a newer version again."),
    "update_running": Message("{file} is being downloaded already.", "Wait until that is done."),
    "update_strange": Message(
        "What {host} lists is signed, but this version cannot read it: {reason}.",
        "The place where you got Seedling may say more.",
    ),
    "update_too_large": Message("{host} answered with far more than a list of versions.", "Check the address."),
    "update_unlike": Message("What was written to {place} does not read back as it was.", "Check that disk."),
    "update_unsigned": Message(
        "What {host} lists is not signed with a key of Seedling's, so nothing of it is believed.", "Check the address."
    ),
    "update_version_unknown": Message(
        "This program does not know its own version ({version}), so nothing can be called newer.",
        "Install Seedling again.",
    ),
    # window
    "already_running": Message("Seedling is already running and did not answer.", "Close its window first."),
    "already_running_process": Message(
        "Seedling is already running as process {process}, and does not answer.",
        "Wait a moment and start it again; if it hangs, end that process: {command}",
    ),
    "handed_address": Message(
        "Seedling does not open {address}.", "It opens files of this computer, and seedling:model/ORGANISATION/NAME."
    ),
    "handed_database": Message(
        "{place} is a database, and Seedling opens models and data.",
        "Chats of a backup are put back on the page of settings.",
    ),
    "handed_device": Message("{place} is no file and no folder."),
    "handed_settings": Message("{place} holds Seedling's own settings.", "They are changed on the page of settings."),
    "handed_too_much": Message("That is too much to open at once: at most {most} files.", "Open their folder instead."),
    "message_too_long": Message(
        "This conversation is too long to be sent to the model: {size}, where {limit} fit.",
        "Start a new chat, or send less text.",
    ),
    "network_path": Message("{place} lies on a network share or device.", "Copy it to this computer first."),
    "updated_while_open": Message(
        "Another version of Seedling was installed while this one was open, so nothing more is started here.",
        "Nothing is lost. Close Seedling and open it again.",
    ),
    "worker_died": Message(
        "The model stopped unexpectedly: {reason}.", "Nothing is lost. Try again, or choose another model."
    ),
    "worker_keeps_dying": Message(
        "The model stopped {count} times within a minute, the last time for this reason: {reason}.",
        "Choose another model, or try again later.",
    ),
    "worker_not_started": Message(
        "The program that runs models could not be started: {reason}.", "Installing Seedling again may help."
    ),
    "worker_out_of_memory": Message(
        "There was not enough memory for the model.",
        "Choose a smaller model or a smaller context, or close other programs.",
    ),
}
