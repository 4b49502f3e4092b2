"""Messages, templates, backends and the store of conversations."""
