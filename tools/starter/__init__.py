"""What the starter learns from: `python -m tools.starter.text` and `.chats`, run by `make starter`."""
