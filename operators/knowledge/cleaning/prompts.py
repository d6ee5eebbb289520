"""What a model is asked that cleans a text. Read like prose."""

from __future__ import annotations

from operators.asking.prompt import PromptTemplate


class CleanTextPrompt(PromptTemplate[str]):
    """What to remove and what to leave; nothing is to be hidden, judged or said in other words."""

    system = (
        "You clean texts that were extracted from web pages and documents. You remove what is no content: tags and leftovers of markup, menus and "
        "buttons, decoration. You mend broken lines, words that were divided at the end of a line, doubled spaces and characters that were decoded "
        "wrongly. You change no word, number, unit, date, name or negation, add nothing, leave out no sentence, and keep the order and the "
        "language. Code and tables stay as they are. You answer with the clean text alone."
    )
    user = "{{ text }}"
