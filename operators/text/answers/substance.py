"""Answers in which nothing is said, or the same again and again."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from pydantic import Field

from operators.bases.plain_words import plain, words_of
from operators.bases.words import words
from operators.core.kinds import Filter
from operators.tables.columns import Input
from operators.text.answers.assent import nothing_but_consent

_NOTHING: Final = frozenset(
    "null none nan n/a na nil undefined todo tbd tba xxx nothing empty error answer output response string text test asdf it the an this that is are "
    "and or but so well um uh hmm".split()
)
_PHRASES: Final = (
    *(
        "no output",
        "nooutput",
        "noinput",
        "no output needed",
        "no output required",
        "no response",
        "no answer",
        "not applicable",
        "not available",
        "your answer here",
        "insert answer here",
        "answer goes here",
    ),
    *(
        "see above",
        "same as above",
        "error generating response",
        "internal server error",
        "lorem ipsum",
        "the answer is",
        "here is the answer",
    ),
)
_ERRORS = re.compile(
    r"^(?:error|exception|traceback|\w*error|http \d{3}|status \d{3})\b ?[:(\d]"
    r"|rate limit (?:exceeded|reached)|(?:connection|request|gateway) time(?:d )?out"
    r"|internal server error|bad gateway|service unavailable|maximum context length|invalid api key|insufficient_quota"
)
_WORDS_READ: Final = 3000
"""Of the end of an answer: who goes round in circles does not come out of them."""
_EDGES = re.compile(r"^[\s.!:;,…*_`#<>\[\](){}\"'-]+|[\s.!:;,…*_`#<>\[\](){}\"'-]+$")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_WIDE = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Letters that say as much as half a word: in scripts without spaces, and in Korean."""
_WIDE_SENTENCE: Final = 6
_WIDE_RUN: Final = 4
_LONGEST_RUN: Final = 12
_LONGEST_RUN_OF_LETTERS: Final = 24
_ASKS_TO_REPEAT = re.compile(
    r"\b(?:repeat\w*|times|chorus|refrain|lyrics|song|chant|copies|wiederhol\w*|refrain|lied|répét\w*|fois|chanson|repit\w*|repet\w*|veces|vezes"
    r"|canción"
    r"|canção|ripet\w*|volte|canzone|повтор\w*|раз|песн\w*)\b|重复|重複|遍|歌|繰り返|回書|反復|반복|노래|번 "
)
_LETTER_OR_NUMBER = re.compile(r"[^\W_]")
_SENTENCES = re.compile(r"(?<=[.!?。！？।])\s*|\n+")


class EmptyAnswerFilter(Filter):
    """Drop answers in which nothing is said: blank, marks alone, "N/A", "null", "TODO", "Sure!", "No output", a placeholder.

    Consent without an answer ("Sure!", "Natürlich, gerne!", "好的") and an announcement alone ("Sure! Here is an explanation:") say nothing; to a
    question that wants yes or no, "Of course!" is an answer. Short answers stay: "Yes.", "144", "Bonjour.", "H2O". A word that the instruction asks
    about, or that stands in the input, stays too ("What does JSON call nothing?" "null").
    """

    asks = ("drop empty answers", "throw out placeholders instead of answers", "replies like n/a, null or just sure")

    input_instruction = Input(str, optional=True, nulls="pass")
    input_input = Input(str, optional=True, nulls="pass", description="what the instruction is about, if it is apart")
    input_output = Input(str)

    def keep(self, instruction: str | None, input: str | None, output: str) -> tuple[bool, str | None]:  # noqa: A002 (the column is named so)
        said = plain(output)
        if not said:
            return False, "is blank"
        bare = _EDGES.sub("", said)
        if not _LETTER_OR_NUMBER.search(said):
            asked = plain(instruction or "")
            symbol = len(said) <= 3 and bool(re.search(r"symbol|sign|operator|character|mark|emoji|punctuation|符号", asked))
            return symbol, None if symbol else "has neither a letter nor a number"
        if (
            len(said) < 400
            and _ERRORS.search(said)
            and not _ERRORS.search(plain(input or ""))
            and not re.search(r"error|exception|http|status|api|server", plain(instruction or ""))
        ):
            return False, f'is the message of an error: "{said[:60]}"'
        if bare in _NOTHING or bare in _PHRASES or said.startswith("lorem ipsum"):
            if bare and re.search(rf"(?<!\w){re.escape(bare)}(?!\w)", plain(f"{instruction or ''} {input or ''}")):
                return True, None
            meant = re.search(
                r"\b(?:null|none|nothing|empty|error|missing|undefined|value|keyword|true or false|element"
                r"|symbol)\b",
                plain(instruction or ""),
            )
            return bool(meant), None if meant else f'says only "{bare[:40]}"'
        consent = nothing_but_consent(said, plain(instruction or "")) if len(said) <= 240 else None
        return consent is None, f'says only "{consent}"' if consent else None


class LoopingAnswerFilter(Filter):
    """Drop answers that go round in circles: a sentence or line `max_repeats` times or more, or a run of words repeated one after the other.

    Lists whose items begin alike, refrains of a few words and tables stay. What the instruction asks to repeat stays as well, and so do answers to an
    input that goes round in circles itself.
    """

    asks = ("drop answers that repeat themselves", "degenerate output stuck in a loop", "the model says one phrase over and over")

    input_instruction = Input(str, optional=True, nulls="pass")
    input_input = Input(str, optional=True, nulls="pass", description="what the instruction is about, if it is apart")
    input_output = Input(str)

    max_repeats: int = Field(3, ge=2, description="From so many equal sentences or lines on (of four words and more) an answer is dropped.")

    def keep(self, instruction: str | None, input: str | None, output: str) -> tuple[bool, str | None]:  # noqa: A002 (the column is named so)
        if _ASKS_TO_REPEAT.search(plain(instruction or "")) or "```" in output:
            return True, None
        why = self._circle(output)
        if why is not None and input and self._circle(input) is not None:
            why = None
        return why is None, why

    def _circle(self, text: str) -> str | None:
        wide = _WIDE.search(text) is not None
        counts: dict[str, int] = {}
        for part in _SENTENCES.split(plain_lines(text)):
            key = " ".join(words_of(part))
            if (len(key) >= 12 and (key.count(" ") >= 3 or len(key) >= 20)) or (wide and len(_WIDE.findall(key)) >= _WIDE_SENTENCE):
                counts[key] = counts.get(key, 0) + 1
        most = max(counts, key=counts.__getitem__, default="")
        if most and counts[most] >= self.max_repeats:
            return f'says {counts[most]} times "{most[:60]}"'
        letters = wide and _UNSPACED.search(text) is not None
        said = words(plain(text)) if letters else words_of(text)
        run = repeated_run(said[-_WORDS_READ:], longest=_LONGEST_RUN_OF_LETTERS if letters else _LONGEST_RUN)
        return f'says "{run[:60]}" again and again' if run is not None else None


def plain_lines(text: str) -> str:
    """As `plain`, line by line."""
    return "\n".join(map(plain, text.split("\n")))


def repeated_run(said: list[str], longest: int = _LONGEST_RUN, times: int = 4) -> str | None:
    """The shortest run of up to `longest` words that stands `times` times or more one directly after the other; of a single word, twice as often.

    Letters of a script without spaces are words here: of a run of few of them, as in a laugh, four times as often.
    """
    numbers: dict[str, int] = {}
    coded = np.fromiter((numbers.setdefault(word, len(numbers)) for word in said), np.int32, len(said))
    for size in range(1, longest + 1):
        wanted = size * ((2 * times if size == 1 else times) - 1)
        same = coded[size:] == coded[:-size]
        if np.count_nonzero(same) < wanted:
            continue
        equal = 0
        for index, is_same in enumerate(same.tolist(), size):
            equal = equal + 1 if is_same else 0
            if equal >= wanted:
                run = said[index - size + 1 : index + 1]
                if not all(word.isdigit() for word in run) and (equal >= size * (4 * times - 1) or size >= _WIDE_RUN or not _are_letters(run)):
                    return "".join(run) if _are_letters(run) else " ".join(run)
    return None


def _are_letters(run: list[str]) -> bool:
    """Whether the words of a run are letters of a script without spaces."""
    return all(len(word) == 1 and _UNSPACED.match(word) for word in run)
