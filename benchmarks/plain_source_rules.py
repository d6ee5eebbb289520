"""The rules of source files in plain Python, as one would write them: what `code_rules.py` compares speed and decisions with."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from functools import cached_property

from operators.code.language.identification import language_by_first_line, language_by_name, name_of_file
from operators.code.language.languages import languages, names_of_kind
from operators.code.rules import characters, file_type, generated, layout, repetition

BASE64_RUN = re.compile(r"[A-Za-z0-9+/]{64,}=*")
HEX_ITEM = r"(?:0[xX][0-9A-Fa-f]{1,15}[uUlL]{0,3}|\\x[0-9A-Fa-f]{2}|(?<![0-9A-Za-z\\])[0-9A-Fa-f]{2})(?![0-9A-Za-z])"
HEX_LIST = re.compile(rf"(?<![0-9A-Za-z]){HEX_ITEM}(?:[ \t\r\n,\"'\\]*{HEX_ITEM}){{7,}}")
ESCAPES = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|[0-7]{3})(?![0-9A-Za-z])(?:[ \t\r\n,\"']*\\(?:u[0-9A-Fa-f]{4}|[0-7]{3})(?![0-9A-Za-z])){7,}")
TAGS = re.compile(r"<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</s[^>]*>|\Z)|<[a-z/!?][^>]*(?:>|\Z)", re.IGNORECASE | re.DOTALL)
GENERATORS = re.compile("|".join(generated.NAMES))
DOCUMENTATION = re.compile(file_type.DOCUMENTATION)


class PlainFile:
    """One file's statistics, each computed when first asked for."""

    def __init__(self, text: str, filename: str) -> None:
        self.text, self.name = text, name_of_file(filename)
        self.language = language_by_name(filename, text) or language_by_first_line(text) or ""

    @cached_property
    def words(self) -> list[str]:
        return self.text.split()

    @cached_property
    def every_line(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def lines(self) -> list[str]:
        return [line for line in self.every_line if line.strip()]

    @cached_property
    def letters(self) -> int:
        return sum(map(str.isalpha, self.text))

    @cached_property
    def digits(self) -> int:
        return sum(character.isnumeric() for character in self.text)

    @cached_property
    def encoded(self) -> list[int]:
        """Characters in base64, in hexadecimal, in escapes, and of the longest."""
        runs = [match.group() for match in BASE64_RUN.finditer(self.text)]
        plain = [run for run in runs if re.fullmatch(r"[0-9A-Fa-f]+=*", run)]
        hexes = [len(run) for run in plain if re.search("[0-9]", run) and re.search("[A-Za-z]", run)]
        hexes += [len(match.group()) for match in HEX_LIST.finditer(self.text)]
        base = [len(run) for run in runs if run not in plain and all(re.search(kind, run) for kind in ("[A-Z]", "[a-z]", "[0-9]"))]
        escapes = [len(match.group()) for match in ESCAPES.finditer(self.text)]
        return [sum(base), sum(hexes), sum(escapes), max([0, *base, *hexes, *escapes])]

    @cached_property
    def comments(self) -> int:
        """By a pattern of the comments and strings of the language."""
        marks = languages()[self.language].marks if self.language in languages() else ()
        found = pattern_of(marks).finditer(self.text) if marks else ()
        return sum(len(match["comment"].lstrip(" \t\f\v")) for match in found if match["comment"] is not None)

    def duplicate_grams(self, size: int) -> int:
        seen, found, place = set(), 0, 0
        while place < len(self.words) - size + 1:
            gram = tuple(self.words[place : place + size])
            if gram in seen:
                found += sum(map(len, gram))
                place += size
            else:
                seen.add(gram)
                place += 1
        return found

    @cached_property
    def entropy(self) -> float:
        counts = Counter(self.words).values()
        return -sum(count / len(self.words) * math.log2(count / len(self.words)) for count in counts)

    @cached_property
    def duplicate_lines(self) -> float:
        lines = [line for line in self.lines if any(character.isalnum() for character in line)]
        return (len(lines) - len(set(lines))) / len(lines) if lines else 0.0


PATTERNS: dict[tuple[str, ...], re.Pattern[str]] = {}


def pattern_of(marks: tuple[str, ...]) -> re.Pattern[str]:
    if marks not in PATTERNS:
        comments = {
            "#": r"#[^\r\n]*",
            "//": r"//[^\r\n]*",
            "/*": r"/\*.*?(?:\*/|\Z)",
            "--": r"--[^\r\n]*",
            "%": r"%[^\r\n]*",
            ";": r";[^\r\n]*",
            "<!--": r"<!--.*?(?:-->|\Z)",
            '"""': r"(?:(?<=\n)|(?<=\r)|\A)(?P<indent>[ \t\f\v]*)(?:\"\"\"(?:\\.|.)*?(?:\"\"\"|\Z)|'''(?:\\.|.)*?(?:'''|\Z))",
        }
        strings = {'"': r'"(?:\\.|[^"\\\n])*(?:"|(?=\n)|\Z)', "'": r"'(?:\\.|[^'\\\n])*(?:'|(?=\n)|\Z)", "`": r"`(?:\\.|[^`\\])*(?:`|\Z)"}
        triple = r"\"\"\"(?:\\.|.)*?(?:\"\"\"|\Z)|'''(?:\\.|.)*?(?:'''|\Z)|" if '"""' in marks else ""
        comment = "|".join(comments[mark] for mark in marks if mark in comments) or r"(?!)"
        string = triple + ("|".join(strings[mark] for mark in marks if mark in strings) or r"(?!)")
        PATTERNS[marks] = re.compile(f"(?P<comment>{comment})|(?P<string>{string})", re.DOTALL)
    return PATTERNS[marks]


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def line_length(file: PlainFile) -> bool:
    long = file.language in layout.LONG_LINES
    longest = max(map(len, file.lines), default=0)
    mean = share(sum(map(len, file.lines)), len(file.every_line))
    return len(file.every_line) <= 100_000 and (long or mean <= 100) and longest <= (100_000 if long else 1000)


def composition(file: PlainFile) -> bool:
    if not file.text:
        return True
    wanted = file.letters + file.digits if file.language in characters.MADE_OF_NUMBERS else file.letters
    return share(wanted, len(file.text)) >= 0.25


def is_generated(file: PlainFile) -> bool:
    beginning = "".join(file.text.splitlines(keepends=True)[:10]).lower()
    return any(marker in beginning for marker in generated.MARKERS) or bool(GENERATORS.fullmatch(file.name))


def type_is_worth_it(file: PlainFile) -> bool:
    plain = file.language in file_type.PLAIN
    if (plain or file.language in file_type.OF_DATA) and len(file.every_line) > 512:
        return False
    if file.language in file_type.PAGES:
        visible = len("".join(TAGS.sub("", file.text).split()))
        return visible >= 100 and share(visible, len(file.text)) >= 0.2
    return not (plain and file.name and not DOCUMENTATION.fullmatch(file.name))


def encoded(file: PlainFile) -> bool:
    *kinds, longest = file.encoded
    return longest <= 1024 and all(share(kind, len(file.text)) <= 0.5 for kind in kinds)


def is_upper_case(word: str) -> bool:
    return word.isupper() and sum(map(str.isalpha, word)) > 1 and not any(map(str.isnumeric, word))


def marks(file: PlainFile) -> bool:
    capitals = share(sum(map(is_upper_case, file.words)), len(file.words))
    brackets = file.text.count("{") + file.text.count("}")
    return share(brackets, len(file.text)) <= 0.1 and (file.language in repetition.IN_CAPITALS or capitals <= 0.5)


def comments(file: PlainFile) -> bool:
    if file.language not in names_of_kind("code") or not languages()[file.language].marks:
        return True
    return share(file.comments, len(file.text)) <= 0.8


def repeats(file: PlainFile) -> bool:
    limits = zip(range(5, 11), (0.75, 0.72, 0.69, 0.66, 0.63, 0.6), strict=True)
    return (
        file.duplicate_lines <= 0.65
        and file.entropy >= 3
        and all(share(file.duplicate_grams(size), len(file.text)) <= limit for size, limit in limits)
    )


RULES: dict[str, Callable[[PlainFile], bool]] = {
    "SourceSizeFilter": lambda file: 50 <= len(file.text) <= 100_000,
    "LineLengthFilter": line_length,
    "GeneratedSourceFilter": lambda file: not is_generated(file),
    "CompositionFilter": composition,
    "FileTypeFilter": type_is_worth_it,
    "EncodedDataFilter": encoded,
    "CommentShareFilter": comments,
    "SourceWordsFilter": lambda file: 10 <= len(file.words) <= 100_000,
    "SourceMarksFilter": marks,
    "RepetitiveSourceFilter": repeats,
}
