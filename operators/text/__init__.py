"""Text: rules, language, deduplication, clean-up, and what models say of it. The guide by task is docs/text.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TASKS: Final[Mapping[str, tuple[str, ...]]] = {
    "clean": ("refine", "html_text", "image_references", "repeated_parts", "urls", "wiki_references"),
    "clean, for classical uses": (*("classical", "contractions", "dates", "emoji", "emoticons", "lemmas", "punctuation", "spelling"),),
    "rules": ("filter", "line_filter", "c4", "blocklist", "stop_words", "statistics_evaluator"),
    "language": ("language", "evaluate_language"),
    "duplicates": ("dedup", "minhash_dedup", "simhash_dedup", "overlap", "semantic_dedup", "duplicates_evaluator"),
    "personal data": ("anonymize", "identity_numbers", "presidio"),
    "scores": ("scores", "scores_readability", "scores_diversity", "scores_reference", "models.similarity", "models.task2vec"),
    "perplexity": ("perplexity", "models.perplexity", "models.kenlm_perplexity"),
    "model raters": ("models.score", "models.deita", "models.textbook"),
    "LLM ratings": ("evaluate", "evaluate_dimensions", "evaluate_instructions"),
    "synthesis": ("generate", "generate_condor", "generate_chat"),
    "selection": ("deita_selection",),
}
"""What a user wants to do -> the modules whose operators do it. It orders the catalogue (`dataflow operators list`)."""
