"""From files to token ids, loss masks and batches."""
