"""Text: rules, language, deduplication, clean-up, and what language models say of it."""
