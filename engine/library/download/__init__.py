"""Downloads from the Hugging Face Hub: our own transfer into the hub's layout, and a journal of what it put there."""
