"""The chat page; nothing imports it."""
