r"""The final answer in a solution: the last \boxed{}, what follows "the answer is" or ####, a choice, or the last line. Linear in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from operators.bases.math_answers.cleaning import clean
from operators.bases.math_answers.phrases import MATH, linked_value, value_of
from operators.bases.math_answers.reading import Choice, Words, leading_letter, read, words_in
from operators.bases.thoughts import without_thought

FoundBy: TypeAlias = Literal["boxed", "marker", "last line"]

TAIL: Final = 10_000
"""Characters at the end of a solution in which its final answer is looked for."""
_LONGEST_PHRASE: Final = 600
_LAST: Final = 3_000
"""Characters in which an answer without a marker is looked for."""

_BRACES: Final = re.compile(r"\\(?:boxed|fbox)\s*(?=\{)|\\[{}]|[{}]")
_BOX_WITHOUT_BRACES: Final = re.compile(r"\\boxed\s+([^\s${}\\]+|\\[A-Za-z]+)")
_BETWEEN_BOXES: Final = re.compile(r"(?!.*\b(?:rather|instead|wait|not?|wrong|actually|but|hence|so|therefore|thus)\b)[^.!?\n]{0,60}")
_CHAT_MARK: Final = re.compile(r"<\|[\w ]{1,30}\|>|</s>|\[/?INST\]")
_MARKER: Final = re.compile(
    r"""(?ix)
      \#{4}\s*
    | \*{0,2}\b(?:(?:final|correct|right)\s+)?answers?(?:\s+to\s+[^.\n]{1,60}?)?\*{0,2}
      \s*(?:(?:is|are|would\s+be|should\s+be|=)(?!\w)|:|：)\s*(?:is\s+)?:?\*{0,2}\s*:?
    | \*\*\s*(?:final\s+)?answer\s*\*\*\s*
    | (?:^|\n)[ \t#*]*(?:final\s+)?answer(?=[ \t]*(?:\n|\$|\\|option|[A-J]\b))[ \t*]*
    | (?:^|\n)[ \t*]*A[ \t]*[:：]
    | \bans(?:wer)?\b\.?\s*(?:will\s+be|must\s+be|[-–—:=])\s* | \b(?:correct\s+)?ans(?:wer)?\s+(?=\(?[A-J]\)?\W*$) | >>\s*(?=\(?[A-J]\)?\W*$)
    | \b(?:correct\s+)?(?:option|choice)\s*(?:is)?\s*[:：]?\s*(?=\(?[A-J]\b)
    | (?:最终|最后|正确)?(?:答案|答)\s*(?:应该)?(?:是|为|：|:)\s*[:：]?
    | (?:故|应|因此|所以)选(?:择)?\s*[:：]?
    | \b(?:r[ée]ponse|respuesta|risposta|resposta|antwoord|antwort|ответ|відповідь|odpowied[źz]|cevap|yanıt|jawaban(?:nya)?
      |đáp\s+án|câu\s+trả\s+lời|उत्तर|الإجابة|الجواب|คำตอบ|정답|답|答え)\s*(?:(?:finale?|correct[ae]|final|النهائية|النهائي)\s*)?
      (?:[:：]|(?:est|es|è|é|is|ist|lautet|adalah|là|هو|هي|은|는|は|คือ)(?![^\W\d])|(?=[\d०-९]))\s*:?
    """
)
_HEDGE: Final = re.compile(
    r"^(?:[\s:：*]+|(?:for sure|definitely|clearly|probably|certainly|therefore|thus|hence|so|option|choice|letter|given by|indeed)\b[\s,:]*)+",
    re.IGNORECASE,
)
_SENTENCE_END: Final = re.compile(r"[.!?](?=\s|$)|(?<=[.!?]\$)\s|(?<=[.!?]\$\$)\s|(?<=[.!?]\\[\])])\s|[。！？；\n]")
_STARTS_WITH_MATH: Final = re.compile(r"\s*(?:\*\*)?\s*" + f"(?:{MATH.pattern})", re.DOTALL)
_SAYS: Final = re.compile(r"\b(?:is|are|equals|be)(?:\s+(?:equal\s+to|given\s+by|exactly))?\b", re.IGNORECASE)
_SENTENCES: Final = 6
_WITHDRAWN: Final = re.compile(
    r"\b(?:that|this|it)(?:'s|’s|\s+is|\s+was)\s+(?:wrong|incorrect|not\s+(?:right|correct)|an?\s+(?:mistake|error))\b"
    r"|\b(?:can't|cannot|can’t)\s+be\s+(?:right|correct)\b|\bI\s+(?:made|see|found)\s+(?:a|an|my|the)\s+(?:\w+\s+)?(?:mistake|error)\b"
    r"|\bscratch\s+that\b|\bshould\s+(?:be|have\s+been)\s+(?=[\d$\\-])|不对|错了",
    re.IGNORECASE,
)
_RECONSIDERED: Final = re.compile(
    r"\b(?:wait|hold\s+on|hmm+|actually|let\s+me\s+(?:re-?check|double[- ]check|re-?do|reconsider|re-?calculate|verify))\b|等等|等一下", re.IGNORECASE
)
_CONCLUDES: Final = re.compile(
    r"\b(?:so|therefore|thus|hence|should\s+be|must\s+be|it\s+is|it's|correct\s+\w+\s+(?:is|=))(?![A-Za-z])|所以|因此|应该", re.IGNORECASE
)
_CONFIRMED: Final = re.compile(
    r"(?<!not )(?<!n't )(?<!be )\b(?:correct|right|confirm(?:s|ed)|checks\s+out|verified|consistent|matches|as\s+before)(?=\W*(?:$|[.!]))|没错|正确",
    re.IGNORECASE,
)
_NOT_KNOWN: Final = re.compile(
    r"\b(?:do|does|am|are|is)(?:\s+not|n't|n’t)\s+(?:know|sure|certain)\b|\b(?:I'm|I’m|am)\s+(?:not\s+|un)sure\b|\bno\s+idea\b"
    r"|\b(?:I|we)\s+(?:cannot|can't|can’t)\s+(?:say|tell|answer|solve)\b|\bno\s+(?:lo\s+)?sé\b|\bweiß\s+(?:\w+\s+)?nicht\b|\bsais\s+pas\b"
    r"|не\s+знаю|不知道|不确定|わかりません|모르",
    re.IGNORECASE,
)
"""An answer that says that there is none."""
_NOTHING: Final = re.compile(r"[\s*_#\\\[\]$().]*")


@dataclass(frozen=True, slots=True)
class FinalAnswer:
    """What a solution gives as its answer, as it is written there, and by what it was found."""

    text: str
    found_by: FoundBy


def final_answer(solution: str) -> FinalAnswer | None:
    r"""The final answer of a solution; None where there is none to be found.

    >>> final_answer(r"So $x = \boxed{\frac{1}{2}}$."), final_answer("She has 4 + 3 = 7.\n#### 7").text, final_answer("I do not know.")
    (FinalAnswer(text='\\frac{1}{2}', found_by='boxed'), '7', None)
    """
    found = _found(_own_words(solution))
    return None if found is None or (_NOT_KNOWN.search(found.text) and not re.search(r"\d", found.text)) else found


def _found(text: str) -> FinalAnswer | None:
    marked = _after_marker(text)
    boxed = _boxed(text)
    if boxed is not None and (marked is None or marked[0] < boxed[1] or not marked[2] or isinstance(read(clean(marked[1])), Words)):
        return _unless_withdrawn(FinalAnswer(boxed[0], "boxed"), text[boxed[1] :])
    if marked is not None:
        return _unless_withdrawn(FinalAnswer(marked[1], "marker"), text[marked[0] :])
    line = _last_line(text)
    return None if line is None else FinalAnswer(line, "last line")


def _unless_withdrawn(found: FinalAnswer, after: str) -> FinalAnswer | None:
    """An answer, or the one that the words after it put in its place: "The answer is 3. Wait, I made a mistake. So it is 4"."""
    doubts = [doubt for pattern in (_WITHDRAWN, _RECONSIDERED) for doubt in pattern.finditer(after)]
    if not doubts:
        return found
    later = after[min(doubt.start() for doubt in doubts) :]
    withdrawn = any(doubt.re is _WITHDRAWN for doubt in doubts)
    if _CONFIRMED.search(later) or not (withdrawn or _CONCLUDES.search(later)):
        return found
    line = _last_line(later)
    if line is None or (words_in(line) > 1 and not re.search(r"\d", line)):
        return None if withdrawn else found
    return FinalAnswer(line, "last line")


def stated_answer(gold: str) -> str:
    """A gold answer: what it is, or the final answer of a gold solution that marks one."""
    if r"\boxed" not in gold and len(gold) < 80 and not _MARKER.search(gold):
        return gold
    found = final_answer(gold)
    return gold if found is None or (found.found_by == "last line" and len(gold) < 200) else found.text


def value_in(said: str) -> str:
    """The value in a sentence that says what it is: "The limit exists and is equal to 3", "0 is the only possible value". Else the text itself."""
    if not isinstance(read(said), Words):
        return said
    for link in reversed(list(_SAYS.finditer(said))):
        for side in (said[link.end() :], said[: link.start()]):
            side = clean(side)
            if side and not isinstance(read(side), Words) and words_in(said) > 2:
                return side
    return said


def _own_words(solution: str) -> str:
    """The end of the solution, without thoughts before it and without another turn of a chat after it."""
    text = without_thought(solution)[-TAIL:]
    pieces = [piece for piece in _CHAT_MARK.split(text) if piece.strip()]
    return pieces[0] if pieces else ""


def _boxed(text: str) -> tuple[str, int] | None:
    """The contents of the last box, together with boxes beside it in its sentence; and where it ends."""
    boxes = _boxes(text)
    if not boxes:
        loose = list(_BOX_WITHOUT_BRACES.finditer(text))
        return (loose[-1][1], loose[-1].end()) if loose else None
    group = [boxes[-1]]
    for box in reversed(boxes[:-1]):
        if not _BETWEEN_BOXES.fullmatch(text[box[1] : group[0][0]]) or len(group) == 20:
            break
        group.insert(0, box)
    contents = list(dict.fromkeys(content for _, _, content in group))
    return ", ".join(contents), boxes[-1][1]


def _boxes(text: str) -> list[tuple[int, int, str]]:
    r"""Of each outermost \boxed{...} with content: where it begins, where it ends, and its content. One that is never closed is none."""
    found: list[tuple[int, int, str]] = []
    opened: list[tuple[int, int] | None] = []
    boxes_open = 0
    box_at: int | None = None
    for mark in _BRACES.finditer(text):
        written = mark[0]
        if written == "{":
            box = (box_at, mark.end()) if box_at is not None else None
            boxes_open += box is not None
            opened.append(box)
        elif written == "}" and opened:
            box = opened.pop()
            if box is not None:
                boxes_open -= 1
                content = text[box[1] : mark.start()].strip()
                if content and not boxes_open:
                    found.append((box[0], mark.end(), content))
        box_at = mark.start() if "box" in written else None
    return found


def _after_marker(text: str) -> tuple[int, str, bool] | None:
    """What follows the last marker that something follows; where the marker stands; and whether it is one that comes after all work is done."""
    for marker in reversed(list(_MARKER.finditer(text))):
        answer = _phrase(text[marker.end() : marker.end() + _LONGEST_PHRASE], marker[0])
        if answer:
            return marker.end(), answer, "####" in marker[0] or "final" in marker[0].casefold() or "最" in marker[0]
    return None


def _phrase(rest: str, marker: str) -> str | None:
    """The answer at the beginning of what follows a marker."""
    rest = rest.lstrip(" \t*:：")
    if not rest.strip():
        return None
    lines = [line for line in rest.split("\n") if not _NOTHING.fullmatch(line)]
    if math := _STARTS_WITH_MATH.match(rest):
        after = _SENTENCE_END.split(rest[math.end() :])[0]
        rest = _flat(rest[: math.end()]) + after
        return value_of(rest, stated=True)
    if not lines:
        return None
    phrase = lines[0]
    if "####" in marker:
        return phrase.strip()
    said = _HEDGE.sub("", _first_sentence(phrase)).strip()
    choice = re.match(r"\(?\s*([A-J])\s*(?:[).,;:]|$|\s(?=[a-z(]))", said)
    if choice and not re.match(r"A\s+[a-z]", said):
        return said if isinstance(read(clean(said)), Choice) else choice[1]
    a_sentence_follows = marker.rstrip(" *").endswith((":", "："))
    return (linked_value(said) if a_sentence_follows else None) or value_of(said, stated=True)


def _first_sentence(phrase: str) -> str:
    """To the first end of a sentence that is not inside mathematics."""
    inside = [found.span() for found in MATH.finditer(phrase)]
    for end in _SENTENCE_END.finditer(phrase):
        if end.start() and not any(begin <= end.start() < stop for begin, stop in inside):
            return phrase[: end.start()]
    return phrase


def _last_line(text: str) -> str | None:
    """The answer in the last line that holds a value, of the last few."""
    lines = [line.strip() for line in _joined_displays(text[-_LAST:]).split("\n") if not _NOTHING.fullmatch(line)]
    if not lines:
        return None
    if choice := re.match(r"\(?([A-J])(?:[。)、：]|[.:](?=\s|$)|$)", lines[-1]):
        return lines[-1] if isinstance(read(clean(lines[-1])), Choice) else choice[1]
    for line in reversed(lines[-4:]):
        for sentence in reversed(_sentences(line)):
            letter = leading_letter(clean(sentence))
            if letter is not None and letter.content and "\u4e00" <= letter.content[0] <= "\u9fff":
                return letter.letter
            answer = value_of(sentence)
            if answer is not None and _says(answer) and not isinstance(read(clean(answer)), Words):
                return answer
    return lines[-1] if len(lines) == 1 and _says(lines[-1]) and words_in(lines[-1]) <= 6 and len(lines[-1]) < 60 else None


def _says(answer: str) -> bool:
    """Whether anything is left of it without marks and empty commands."""
    return bool(re.search(r"\w", clean(answer)))


def _sentences(line: str) -> list[str]:
    """The last few sentences of a line."""
    inside = [found.span() for found in MATH.finditer(line)]
    sentences, start = [], 0
    for end in _SENTENCE_END.finditer(line):
        while inside and inside[0][1] <= end.start():
            inside.pop(0)
        if end.start() and not (inside and inside[0][0] <= end.start()):
            sentences.append(line[start : end.start()].strip())
            start = end.end()
    return [sentence for sentence in (*sentences[-_SENTENCES:], line[start:].strip()) if sentence]


def _joined_displays(text: str) -> str:
    """Display mathematics over several lines in one line."""
    return re.sub(r"\\\[.+?\\\]|\$\$.+?\$\$", lambda found: _flat(found[0]), text, flags=re.DOTALL)


def _flat(text: str) -> str:
    return " ".join(text.split())
