"""The search language: text to filter tree and back, and the dates people write (pure)."""
