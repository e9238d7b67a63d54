"""Questions as SQL text with parameters: one module per question. Nothing here executes anything."""
