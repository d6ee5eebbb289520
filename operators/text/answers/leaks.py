"""What does not belong into an answer: the conversation that goes on, marks of a prompt, remains of how the answer was made."""

from __future__ import annotations

import re

from operators.bases.code_spans import code_spans
from operators.bases.plain_words import plain
from operators.bases.role_marks import role_mark_in
from operators.core.kinds import Filter
from operators.tables.columns import Input
from operators.text.answers.copies import says_again

_REMAINS = re.compile(
    r"^(?:(?:sure|certainly|of course|okay|ok|absolutely)[!,.]? )?here(?:'s| is| are) (?:the|my|an?) (?:improved|revised|rewritten|corrected|updated"
    r"|better|refined|final|enhanced) (?:answer|response|version|output|reply|solution)\b[^\n]{0,60}?:"
    r"|^(?:improved|revised|rewritten|corrected|updated|better|refined|enhanced) (?:answer|response|version|output|reply|solution)\b[^\n]{0,60}?:"
    r"|^(?:improved|revised|final|new)[ _](?:response|output) ?[:=]"
    r"|^(?:based on|taking into account|following|in light of|according to) (?:the|your) (?:feedback|review|critique|suggestions?|weaknesses)"
    r"(?:, (?:i|here|the (?:answer|response|output|revised|improved)|this)\b| i\b)"
    r"|^(?:output|response|verdict|score|rating|reason) ?[:=] ?(?=\S)|^[}\])]|^(?:improved_output|output|answer|response)\" ?:"
)
_JSON_START = re.compile(
    r'^\s*(?:```json\s*)?\{\s*"(?:answer|output|response|result|text|content|instruction|improved_output'
    r'|verdict)"\s*:'
)
_ASKS_FOR_IT = re.compile(
    r"\b(?:json|revis|improv|rewrit|correct|verdict|rate|rating|score|dictionary|object|api|fix|edit|proofread|grammar|spelling|polish|refin|enhanc"
    r"|optimi[sz]|refactor|debug|simplif|shorten|updat|better|version|paraphras|rephras|translat|response|reason|why|judge|evaluat|classif|review"
    r"|output|print|program|code|function|run)"
)
_IMAGE = re.compile(
    r"!\[[^\]\n]{0,300}\]\([^)\n]{1,500}\)|<img\b|\[(?:image|photo|picture|figure|video|screenshot"
    r"|attachment)\b[^\]\n]{0,100}\]",
    re.IGNORECASE,
)
_SHOWS = re.compile(
    r"\b(?:as (?:you can see|shown|seen|depicted|illustrated) in|(?:please )?(?:see|refer to|look at|find)) (?:the |this |my )?"
    r"(?:attached |following |above )?(?:image|picture|photo|figure|screenshot|attachment|diagram|video)s?\b"
    r"|\b(?:image|picture|photo|screenshot|diagram|video|file) (?:attached|(?:below|above)"
    r"(?=\W*$|[.,;:!)]| (?:shows?|illustrates?|depicts?|explains?|demonstrates?|is|gives|for)\b))|\bi(?:'ve| have) attached\b"
)
_CORRESPONDENCE = re.compile(r"\b(?:e-?mails?|letters?|messages?|notes?|memos?|reply|replies|application|post)\b")
_SALUTATION = re.compile(r"\W*(?:dear|subject ?:|to whom|(?:hi|hello|hey)\b[^\n.!?]{0,40},)", re.IGNORECASE)
_ABOUT_IMAGES = re.compile(
    r"image|picture|photo|figure|screenshot|diagram|video|attach|markdown|html|<img|!\[|draw|chart|graph|图|画像|bild|imagen", re.IGNORECASE
)


class RoleLeakFilter(Filter):
    """Drop answers that carry the conversation on ("User: ..."), or hold marks of a chat template ("<|im_end"
    "|>", "[INST]", "### Response:").

    A line that begins with the name of a role is left alone where the instruction asks for a dialogue, an interview or a script.
    """

    asks = ("drop answers that leak the chat template", "throw out answers in which the user speaks", "special tokens like im_start in replies")

    input_instruction = Input(str, optional=True, nulls="pass")
    input_input = Input(str, optional=True, nulls="pass", description="what the instruction is about, if it is apart")
    input_output = Input(str)

    def keep(self, instruction: str | None, input: str | None, output: str) -> tuple[bool, str | None]:  # noqa: A002 (the column is named so)
        found = role_mark_in(output, instruction or "", given=input or "")
        return found is None, found


class LeftoverFilter(Filter):
    """Drop answers that hold remains of how they were made: "Here is the improved answer:", "verdict: better", JSON not asked for, a stray "}".

    Where the instruction asks for such a thing (a JSON object, a revision, a rating) it belongs there, and stays. So does "Answer: x = 4".
    """

    asks = ("drop answers that talk about the answer", "throw out remains of JSON in answers", "meta commentary and generation artifacts in replies")

    input_instruction = Input(str, optional=True, nulls="pass")
    input_input = Input(str, optional=True, nulls="pass", description="what the instruction is about, if it is apart")
    input_output = Input(str)

    def keep(self, instruction: str | None, input: str | None, output: str) -> tuple[bool, str | None]:  # noqa: A002 (the column is named so)
        asked = plain(instruction or "")
        start = output.lstrip()[:400]
        found = _REMAINS.search(plain(start)) or _JSON_START.search(start)
        if (
            found is None
            or found.group().strip() in _as_read(input)
            or _ASKS_FOR_IT.search(asked)
            or (start[0] in "])}" and any(mark in asked for mark in "{}[]()"))
        ):
            return True, None
        return False, f'begins with what is left of its making: "{found.group().strip()[:60]}"'


class InventedImageFilter(Filter):
    """Drop answers that show or point to a picture, video or file that is not there; where the instruction speaks of one, they stay.

    An image in code is not shown, and letters may have something attached.
    """

    asks = (
        "drop answers that refer to images that do not exist",
        "made up screenshots and figures in replies",
        "hallucinated attachments and charts",
    )

    input_instruction = Input(str, optional=True, nulls="pass")
    input_input = Input(str, optional=True, nulls="pass", description="what the instruction is about, if it is apart")
    input_output = Input(str)

    def keep(self, instruction: str | None, input: str | None, output: str) -> tuple[bool, str | None]:  # noqa: A002 (the column is named so)
        found = _IMAGE.search(_without_code(output)) or _SHOWS.search(plain(output))
        if found is None or found.group() in _as_read(input) or _ABOUT_IMAGES.search(instruction or ""):
            return True, None
        if found.re is _SHOWS and (_CORRESPONDENCE.search(plain(instruction or "")) or _SALUTATION.match(output)):
            return True, None
        return False, f'points to "{found.group()[:60]}", which is not there'


class CopiedInstructionFilter(Filter):
    """Drop answers that only say the instruction again, whole or in part.

    The whole instruction, whatever its case and marks, is a copy at any length and in any script. A part is one where all of the answer's words, but
    for `max_new_words`, stand in the instruction in the same order. Tasks that edit a text ("Add the commas", "Fill in the blank") may be answered by
    all but the same text, and what follows a colon or stands in quotation marks may be the answer. So may the question with its answer behind it, a
    question that is turned round ("Is tea hot?" "Tea is hot."), and a greeting.
    """

    asks = ("drop answers that repeat the question", "the response just parrots the prompt", "output echoes its input")

    input_instruction = Input(str)
    input_output = Input(str)

    max_new_words: int = 1

    def keep(self, instruction: str, output: str) -> tuple[bool, str | None]:
        copied = says_again(instruction, output, self.max_new_words)
        return not copied, "says the instruction again" if copied else None


def _as_read(given: str | None) -> str:
    """The text that an instruction is about, as it is and plain: what stands in it may stand in the answer."""
    return f"{given}\n{plain(given)}" if given else ""


def _without_code(text: str) -> str:
    """A text without its fenced blocks and code in lines."""
    if "`" not in text and "~~~" not in text:
        return text
    at, kept = 0, []
    for start, end in code_spans(text):
        kept.append(text[at:start])
        at = end
    return " ".join([*kept, text[at:]])
