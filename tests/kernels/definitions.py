"""The statistics in plain Python, as their definitions read: what the kernels are held against."""

from __future__ import annotations

import html.entities
import re
import unicodedata
from collections import Counter

from operators.kernels import characters as table

FLAGS = table.character_tables().flags


def flags(character: str) -> int:
    code = ord(character)
    if code < table.TABLE_SIZE:
        return int(FLAGS[code])
    if code < 0x40000:
        return table.LETTER | table.HAN << table.SCRIPT_SHIFT
    if unicodedata.category(character)[0] == "M":
        return table.MARK
    return table.ODD if code >= 0xF0000 else 0


def script(character: str) -> int:
    return flags(character) >> table.SCRIPT_SHIFT & 7


def is_letter(character: str) -> bool:
    """As `str.isalpha`; the planes of ideographs are letters throughout, assigned yet or not."""
    return character.isalpha() or 0x20000 <= ord(character) < 0x40000


def is_content(character: str) -> bool:
    return unicodedata.category(character)[0] in "NM" or is_letter(character)


def words(text: str) -> list[str]:
    """Runs of non-space characters; those of scripts without spaces cut into pieces near the mean length of a word."""
    return [word for run in text.split() for word in cut(run)]


def cut(run: str) -> list[str]:
    pieces: list[str] = []
    piece = ""
    for character in run:
        if piece and starts_word(piece, character):
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]


def starts_word(piece: str, character: str) -> bool:
    content = [inside for inside in piece if is_content(inside)]
    if not is_content(character) or unicodedata.category(character)[0] == "M" or not content:
        return False
    before, now = script(content[0]), script(character)
    if before != now:
        return True
    if now == 0:
        return False
    letters = sum(unicodedata.category(inside)[0] != "M" for inside in content)
    return not is_content(piece[-1]) or letters >= table.WORD_LETTERS[now]


def folded(word: str) -> str:
    """Lower-case, without the punctuation around it; a word of punctuation only stays."""
    content = [index for index, character in enumerate(word) if is_content(character)]
    if not content:
        return word
    return "".join(character.lower() if len(character.lower()) == 1 else character for character in word[content[0] : content[-1] + 1])


def upper_case(word: str) -> bool:
    cased = [character for character in word if character.isupper() or character.islower()]
    letters = sum(map(is_letter, word))
    numerals = any(unicodedata.category(character)[0] == "N" for character in word)
    return letters > 1 and bool(cased) and all(character.isupper() for character in cased) and not numerals


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def paragraphs(text: str) -> list[str]:
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            blocks[-1].append(line)
        else:
            blocks.append([])
    return ["\n".join(block) for block in blocks if block]


def duplicates(items: list[str]) -> tuple[int, int]:
    seen: set[str] = set()
    repeated = [item for item in items if item in seen or seen.add(item)]  # type: ignore[func-returns-value]
    return len(repeated), sum(map(len, repeated))


BULLET = re.compile(r"\s*(?:[-*+]|\(?\d{1,3}[.)])\s")


def spaced(text: str) -> list[tuple[str, bool]]:
    """Words, and whether white space comes before each."""
    return [(word, index == 0) for run in text.split() for index, word in enumerate(cut(run))]


def top_gram_characters(text: str, n: int) -> int:
    """As datatrove counts, but that an n-gram which occurs once is not repeated."""
    parts = spaced(text)
    grams = [tuple(word for word, _ in parts[place : place + n]) for place in range(len(parts) - n + 1)]
    if not grams:
        return 0
    gram, count = Counter(grams).most_common(1)[0]
    place = grams.index(gram)
    length = sum(map(len, gram)) + sum(space for _, space in parts[place + 1 : place + n])
    return length * count if count > 1 else 0


def duplicate_gram_characters(text: str, n: int) -> int:
    """datatrove's `find_all_duplicate`."""
    parts = words(text)
    unique: set[tuple[str, ...]] = set()
    characters, place = 0, 0
    while place < len(parts) - n + 1:
        gram = tuple(parts[place : place + n])
        if gram in unique:
            characters += sum(map(len, gram))
            place += n
        else:
            unique.add(gram)
            place += 1
    return characters


def first_gram_characters(text: str, n: int) -> int:
    parts = spaced(text)
    return sum(len(word) for word, _ in parts[:n]) + sum(space for _, space in parts[1:n]) if len(parts) >= n else 0


CITATIONS = re.compile(r"(\[\d*]|\[edit]|\[citation needed])+$", re.ASCII)
POLICIES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")


def c4_lines(text: str) -> list[tuple[str, bool]]:
    """The lines that C4's code keeps, and whether each forbids its page."""
    kept = []
    for line in map(str.strip, text.splitlines()):
        ending = CITATIONS.sub("", line)
        if not ending.endswith((".", "?", "!", '"', "'")) or ending.endswith("..."):
            continue
        if len(line.split()) < 3 or any(len(word) > 1000 for word in line.split()):
            continue
        lowered = line.lower()
        if "lorem ipsum" in lowered:
            kept.append((line, True))
        elif "javascript" in lowered:
            continue
        elif "{" in line or not any(policy in lowered for policy in POLICIES):
            kept.append((line, "{" in line))
    return kept


ADDRESS = re.compile(r"[^\W_]://|(?<![A-Za-z0-9])www\.[^\W_]|[^\W_]@[^@]*[^\W_]\.[^\W_]", re.IGNORECASE)


def has_address(run: str) -> bool:
    """A run without spaces that names a page, a mailbox, or a file by three slashes or more, one in 24 bytes."""
    slashes = run.count("/") + run.count("\\")
    return ADDRESS.search(run) is not None or (slashes >= 3 and slashes * 24 >= len(run.encode()))


def hashtag_signs(text: str) -> int:
    """Hash signs that are not those of a heading, a number, an address or a link inside the page."""
    found = 0
    for line in text.splitlines():
        for place, run in enumerate(line.split()):
            if not (place == 0 and set(run) == {"#"}) and not has_address(run):
                found += len(re.findall(r"(?<!\]\()#(?![0-9])", run))
    return found


GROUP = re.compile(r"(?:[\^_]|\\[A-Za-z]{1,31})\Z")


def brackets_outside_formulas(text: str) -> int:
    """Curly brackets but for those of LaTeX: groups after "^", "_", a command or a group, and escaped ones."""
    found = 0
    for paragraph in text.split("\n\n"):
        depth, closed = 0, -1
        for at, character in enumerate(paragraph):
            escaped = paragraph[max(0, at - 1) : at] == "\\"
            if character == "{" and depth:
                depth += 1
            elif character == "{" and not escaped:
                if at and (closed == at - 1 or GROUP.search(paragraph[max(0, at - 40) : at])):
                    depth = 1
                else:
                    found += 1
            elif character == "}" and depth:
                depth, closed = depth - 1, at
            elif character == "}" and not escaped:
                found += 1
    return found


def phrases(text: str, wanted: list[str]) -> tuple[int, int]:
    """Occurrences of phrases that have no line break in them, the first one in the order of their bytes where several start, and how many lines hold
    one."""
    found = re.compile("|".join(re.escape(phrase) for phrase in sorted(wanted, key=str.encode)), re.IGNORECASE | re.ASCII)
    each = [len(found.findall(line)) for line in re.split("[\\r\\n]", text)]
    return sum(each), sum(count > 0 for count in each)


def entities(text: str) -> int:
    """Entities of known names and numbers that come after no "://" and no "www." in what stands between ASCII spaces."""
    found = 0
    for run in re.split("[ \\t-\\r]", text):
        for entity in re.finditer(r"&(?:[A-Za-z0-9]+|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});", run):
            known = html.unescape(entity.group()) != entity.group() if entity.group()[1] == "#" else entity.group()[1:] in html.entities.html5
            found += known and not re.search(r"://|[wW]{3}\.", run[: entity.start() + 2])
    return found
