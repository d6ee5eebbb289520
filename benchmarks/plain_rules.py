"""The rule filters in plain Python, as one would write them without the kernels: what `text_rules.py` compares speed and decisions with."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cached_property
from html.entities import html5

from operators.kernels import characters as table
from operators.kernels.word_lists import ABBREVIATIONS, GOPHER_STOP_WORDS
from tests.kernels.definitions import brackets_outside_formulas

FLAGS = table.character_tables().flags
SCRIPTS = "".join(f"{chr(first)}-{chr(last)}" for _, ranges in table.SCRIPT_RANGES for first, last in ranges)
UNSPACED = re.compile(f"[{SCRIPTS}\U00020000-\U0003ffff]")
ODD = re.compile(
    "["
    + "".join(re.escape(chr(code)) for code in range(0xD800) if FLAGS[code] & table.ODD)
    + "\ue000-\uf8ff\ufdd0-\ufdef\ufeff\ufff9-\uffff\U000f0000-\U0010ffff]"
)
BULLET = re.compile(r"\s*(?:[-*+]\s|\(?\d{1,3}[.)]\s|\(?\d{1,3}[、）．])")
URL = re.compile(r"(?:://|www\.)\S*", re.IGNORECASE)
ENTITY = re.compile(r"&(?:(?P<name>[A-Za-z][A-Za-z0-9]*)|#(?P<number>[0-9]+)|#[xX](?P<hex>[0-9A-Fa-f]+));")
EDGES = re.compile(r"^[\W_]+|[\W_]+$")
CLOSERS = "".join(chr(code) for code in range(table.TABLE_SIZE) if FLAGS[code] & table.CLOSER)
BULLETS = tuple(chr(code) for code in range(table.TABLE_SIZE) if FLAGS[code] & table.BULLET)


def has(character: str, bits: int) -> bool:
    code = ord(character)
    return code < table.TABLE_SIZE and bool(FLAGS[code] & bits)


def is_content(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] in "NM"


def cut(run: str) -> list[str]:
    """A run of non-space characters, where it has scripts without spaces between words."""
    pieces, piece, script, letters, tail = [], "", -1, 0, False
    for character in run:
        code = ord(character)
        now = int(FLAGS[code]) >> table.SCRIPT_SHIFT if code < table.TABLE_SIZE else table.HAN * (code < 0x40000)
        mark = unicodedata.category(character)[0] == "M"
        if is_content(character):
            if script >= 0 and not mark and (now != script or (now and (tail or letters >= table.WORD_LETTERS[now]))):
                pieces.append(piece)
                piece, script, letters = "", -1, 0
            script = now if script < 0 else script
            letters += not mark
            tail = False
        else:
            tail = True
        piece += character
    return [*pieces, piece]


class PlainText:
    """One text's statistics, each computed when first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> list[str]:
        runs = self.text.split()
        return [word for run in runs for word in cut(run)] if not self.text.isascii() and UNSPACED.search(self.text) else runs

    @cached_property
    def unspaced_words(self) -> int:
        return sum(UNSPACED.search(word) is not None for word in self.words) if UNSPACED.search(self.text) else 0

    @cached_property
    def lines(self) -> list[str]:
        return [line for line in self.text.splitlines() if line.strip()]

    @cached_property
    def folded(self) -> list[str]:
        return [EDGES.sub("", word.lower()) or word for word in self.words]

    @cached_property
    def words_with_letters(self) -> int:
        return sum(any(map(str.isalpha, word)) for word in self.words)

    @cached_property
    def marks(self) -> int:
        """Words of signs alone that open a line, part cells, or are rulers."""
        found = 0
        for line in self.lines:
            opens = True
            for word in PlainText(line).words:
                if any(map(is_content, word)):
                    opens = False
                else:
                    found += opens or len(word) >= 3 or word == "|"
        return found

    def share_of_words(self, wanted: Callable[[str], bool]) -> float:
        return sum(map(wanted, self.words)) / len(self.words) if self.words else 0.0

    def share_of_lines(self, wanted: Callable[[str], bool]) -> float:
        return sum(map(wanted, self.lines)) / len(self.lines) if self.lines else 0.0

    @cached_property
    def sentences(self) -> int:
        total = 0
        for paragraph in re.split(r"\n\s*\n", self.text):
            words = paragraph.split()
            pending = False
            for place, word in enumerate(words):
                pending = pending or any(map(is_content, word))
                end = word.rstrip(CLOSERS)
                if not pending or not end or not (has(end[-1], table.TERMINAL) or end[-1] == "…"):
                    continue
                following = words[place + 1] if place + 1 < len(words) else ""
                if following and end[-1] in ".…":
                    first = next(filter(is_content, following), "")
                    if first.islower() or (not end.endswith(("..", "…")) and self._is_shortening(word)):
                        continue
                total += 1
                pending = False
            total += pending
        return total

    def _is_shortening(self, word: str) -> bool:
        letters = sum(map(str.isalpha, word))
        inner = re.search(r"\.\w", word) is not None
        return (
            (letters == 1 and not any(map(str.isdigit, word)))
            or (inner and letters > 0 and len(word) <= 6)
            or EDGES.sub("", word.lower()) in ABBREVIATION_SET
        )

    @cached_property
    def longest_run(self) -> int:
        longest = run = 0
        for line in self.lines:
            run = 0
            for word in PlainText(line).words:
                end = word.rstrip(CLOSERS)
                run = 0 if has(word[0], table.PAUSE) else run
                run += any(map(is_content, word))
                longest = max(longest, run)
                run = 0 if end and has(end[-1], table.PAUSE | table.TERMINAL) else run
        return longest

    @cached_property
    def entities(self) -> int:
        found = 0
        for run in self.text.split() if "&" in self.text else ():
            for match in ENTITY.finditer(URL.sub("", run)) if "&" in run else ():
                number = int(match["number"] or 0) or int(match["hex"] or "0", 16)
                found += f"{match['name']};" in html5 if match["name"] else 0 < number <= 0x10FFFF
        return found

    def top_gram(self, n: int) -> float:
        grams = [" ".join(self.words[place : place + n]) for place in range(len(self.words) - n + 1)]
        gram, count = Counter(grams).most_common(1)[0] if grams else ("", 0)
        return len(gram) * count / len(self.text) if count > 1 else 0.0

    def duplicate_grams(self, n: int) -> float:
        seen, characters, place = set(), 0, 0
        while place < len(self.words) - n + 1:
            gram = tuple(self.words[place : place + n])
            if gram in seen:
                characters += sum(map(len, gram))
                place += n
            else:
                seen.add(gram)
                place += 1
        return characters / len(self.text) if self.text else 0.0


ABBREVIATION_SET = frozenset(ABBREVIATIONS)
STOP_WORDS = frozenset(GOPHER_STOP_WORDS)


def is_upper_case(word: str) -> bool:
    return word.isupper() and sum(map(str.isalpha, word)) > 1 and not any(unicodedata.category(character)[0] == "N" for character in word)


def unique_share(text: PlainText) -> float:
    windows = [text.folded[start : start + 1000] for start in range(0, len(text.folded) // 1000 * 1000, 1000)] or [text.folded]
    return sum(len(set(window)) for window in windows) / max(1, sum(map(len, windows)))


def watermark(text: PlainText) -> bool:
    lines = sum(any(phrase in line.lower() for phrase in ("copyright", "watermark", "confidential")) for line in text.lines)
    return lines < 2 or lines <= 0.2 * len(text.lines)


ADDRESS = re.compile(r"[^\W_]://|(?<![A-Za-z0-9])www\.[^\W_]|[^\W_]@(?:[^@]*[^\W_])?\.[^\W_]", re.IGNORECASE)


def has_address(run: str) -> bool:
    slashes = run.count("/") + run.count("\\")
    return ADDRESS.search(run) is not None or (slashes >= 3 and slashes * 24 >= len(run.encode()))


def mean_length(words: list[str]) -> float:
    lengths = [len(word) for word in words if any(map(is_content, word))]
    return sum(lengths) / max(1, len(lengths))


def mean_word_length(text: PlainText) -> bool:
    mean = mean_length(text.words)
    if mean > 10:
        mean = mean_length([word for run in text.text.split() for word in cut(run) if UNSPACED.search(word) or not has_address(run)])
    return text.unspaced_words * 2 > len(text.words) or 3 <= mean <= 10


def hashtag_signs(text: PlainText) -> int:
    found = 0
    for line in text.text.splitlines():
        runs = line.split()
        for place, run in enumerate(runs):
            if "#" in run and not (place == 0 and set(run) == {"#"}) and not has_address(run):
                found += len(re.findall(r"(?<!\]\()#(?![0-9])", run))
    return found


RULES: dict[str, Callable[[PlainText], bool]] = {
    "BlankFilter": lambda text: bool(text.text.strip()),
    "WordCountFilter": lambda text: 50 <= len(text.words) <= 100_000,
    "CharacterCountFilter": lambda text: len("".join(text.words)) >= 100,
    "SentenceCountFilter": lambda text: 3 <= text.sentences <= 7500,
    "MeanWordLengthFilter": mean_word_length,
    "SymbolToWordRatioFilter": lambda text: max(hashtag_signs(text), text.text.count("...") + text.text.count("…")) <= 0.1 * len(text.words),
    "AlphabeticWordsFilter": lambda text: text.words_with_letters >= 0.8 * (len(text.words) - text.marks) > 0,
    "UniqueWordsFilter": lambda text: unique_share(text) > 0.1,
    "StopWordsFilter": lambda text: len(STOP_WORDS.intersection(text.folded)) >= 2,
    "CapitalWordsFilter": lambda text: text.share_of_words(is_upper_case) <= 0.2,
    "CurlyBracketFilter": lambda text: brackets_outside_formulas(text.text) < 0.025 * len(text.text),
    "BulletLinesFilter": lambda text: text.share_of_lines(lambda line: BULLET.match(line) is not None or line.lstrip().startswith(BULLETS)) <= 0.9,
    "EllipsisLinesFilter": lambda text: text.share_of_lines(lambda line: line.rstrip().endswith(("...", "…"))) <= 0.3,
    "JavascriptLinesFilter": lambda text: text.share_of_lines(lambda line: "javascript" in line.lower()) <= 0.3,
    "LoremIpsumFilter": lambda text: "lorem ipsum" not in text.text.lower(),
    "HtmlEntityFilter": lambda text: text.entities <= 0.01 * len(text.words),
    "ColonEndFilter": lambda text: len(text.text) > 1000 or not text.text.rstrip().endswith((":", "：")),
    "LongestUnpunctuatedRunFilter": lambda text: text.longest_run <= max(112, 0.1 * len(text.words)),
    "SpecialCharacterFilter": lambda text: len(ODD.findall(text.text)) <= 0.005 * len(text.text),
    "WatermarkFilter": watermark,
    "NGramRepetitionFilter": lambda text: (
        all(text.top_gram(n) <= share for n, share in ((2, 0.2), (3, 0.18), (4, 0.16)))
        and all(text.duplicate_grams(n) <= share for n, share in ((5, 0.15), (6, 0.14), (7, 0.13), (8, 0.12), (9, 0.11), (10, 0.1)))
    ),
}
