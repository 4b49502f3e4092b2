"""What the starter learns from: `python -m tools.starter.text` and `… .chats`, used by make starter."""
