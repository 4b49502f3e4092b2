"""Tokens in, logits out: one protocol, one file per runtime."""
