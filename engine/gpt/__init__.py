"""The in-house GPT: model, tokenizer, generation, Hugging Face and GGUF formats."""
