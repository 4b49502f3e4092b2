"""What the starter learns from: `python -m tools.starter.text` and `python -m tools.starter.chats`, used by make starter."""
