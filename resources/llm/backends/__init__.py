"""Who answers: OpenAI-compatible servers, the embedded model, batches, vLLM, LangChain."""
