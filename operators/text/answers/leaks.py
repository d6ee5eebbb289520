"""What does not belong into an answer: the conversation that goes on, marks of a prompt, remains of how the answer was made."""

from __future__ import annotations

import bisect
import re

from operators.bases.plain_words import plain, words_of
from operators.bases.role_marks import role_mark_in
from operators.core.kinds import Filter
from operators.tables.columns import Input

_REMAINS = re.compile(
    r"^(?:(?:sure|certainly|of course|okay|ok|absolutely)[!,.]? )?(?:here(?:'s| is| are) (?:the|my|an?) )?(?:improved|revised|rewritten"
    r"|corrected|updated|better|refined|final"
    r"|enhanced) (?:answer|response|version|output|reply|solution)\b[^\n]{0,60}?[:：]|^(?:improved|revised|final|new)[ _](?:answer"
    r"|response|output)\b ?[:：=]"
    r"|^(?:based on|taking into account|following|in light of|according to) (?:the|your) (?:feedback|review|critique|suggestions?"
    r"|weaknesses)\b"
    r"|^(?:output|response|answer|verdict|score|rating|reason) ?[:=] ?(?=\S)|^[}\])]|^(?:improved_output|output|answer|response)\" ?:"
)
_JSON_START = re.compile(
    r'^\s*(?:```json\s*)?\{\s*"(?:answer|output|response|result|text|content|instruction|improved_output'
    r'|verdict)"\s*:'
)
_ASKS_FOR_IT = re.compile(r"\b(?:json|revise|improve|rewrite|correct|verdict|rate|score|dictionary|object|api|improved)\w*\b")
_IMAGE = re.compile(
    r"!\[[^\]\n]{0,300}\]\([^)\n]{1,500}\)|<img\b|\[(?:image|photo|picture|figure|video|screenshot"
    r"|attachment)\b[^\]\n]{0,100}\]",
    re.IGNORECASE,
)
_SHOWS = re.compile(
    r"\b(?:as (?:you can see|shown|seen|depicted|illustrated) in|(?:please )?(?:see|refer to|look at|find)) (?:the |this |my )?"
    r"(?:attached |following |above )?(?:image|picture|photo|figure|screenshot|attachment|diagram|video)s?\b"
    r"|\b(?:image|picture|photo|screenshot|diagram|video|file) (?:below|above|attached)\b|\bi(?:'ve| have) attached\b"
)
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
    input_output = Input(str)

    def keep(self, instruction: str | None, output: str) -> tuple[bool, str | None]:
        found = role_mark_in(output, instruction or "")
        return found is None, found


class LeftoverFilter(Filter):
    """Drop answers that hold remains of how they were made: "Here is the improved answer:", "verdict: better", JSON not asked for, a stray "}".

    Where the instruction asks for such a thing (a JSON object, a revision, a rating) it belongs there, and stays.
    """

    asks = ("drop answers that talk about the answer", "throw out remains of JSON in answers", "meta commentary and generation artifacts in replies")

    input_instruction = Input(str, optional=True, nulls="pass")
    input_output = Input(str)

    def keep(self, instruction: str | None, output: str) -> tuple[bool, str | None]:
        asked = plain(instruction or "")
        start = output.lstrip()[:400]
        found = _REMAINS.search(plain(start)) or _JSON_START.search(start)
        if found is None or _ASKS_FOR_IT.search(asked) or (start[0] in "])}" and any(mark in asked for mark in "{}[]()")):
            return True, None
        return False, f'begins with what is left of its making: "{found.group().strip()[:60]}"'


class InventedImageFilter(Filter):
    """Drop answers that show or point to a picture, video or file that is not there; where the instruction speaks of one, they stay."""

    asks = (
        "drop answers that refer to images that do not exist",
        "made up screenshots and figures in replies",
        "hallucinated attachments and charts",
    )

    input_instruction = Input(str, optional=True, nulls="pass")
    input_output = Input(str)

    def keep(self, instruction: str | None, output: str) -> tuple[bool, str | None]:
        found = _IMAGE.search(output) or _SHOWS.search(plain(output))
        if found is None or _ABOUT_IMAGES.search(instruction or ""):
            return True, None
        return False, f'points to "{found.group()[:60]}", which is not there'


class CopiedInstructionFilter(Filter):
    """Drop answers that only say the instruction again: all of the answer's words, but for `max_new_words`, stand in it in the same order.

    An answer that begins with the question and then answers it stays, and so does a short answer that is a word of the instruction ("Is it hot or
    cold?" "Cold.").
    """

    asks = ("drop answers that repeat the question", "the response just parrots the prompt", "output echoes its input")

    input_instruction = Input(str)
    input_output = Input(str)

    max_new_words: int = 1

    def keep(self, instruction: str, output: str) -> tuple[bool, str | None]:
        asked, said = words_of(instruction), words_of(output)
        if len(said) < 4 or len(said) < 0.6 * len(asked):
            return True, None
        at = new = 0
        place: dict[str, list[int]] = {}
        for index, word in enumerate(asked):
            place.setdefault(word, []).append(index)
        for word in said:
            places = place.get(word, [])
            following = bisect.bisect_left(places, at)
            if following == len(places):
                new += 1
            else:
                at = places[following] + 1
        return new > self.max_new_words, "says the instruction again" if new <= self.max_new_words else None
