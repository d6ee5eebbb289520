"""What an operator is. Start with `operator` and `kinds`; `llm` for those that ask a language model."""
