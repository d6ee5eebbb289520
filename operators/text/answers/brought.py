"""Whether an instruction brings the text that it speaks of: "Sort the following numbers 4, 2, 9" does, "Sort the following numbers" does not."""

from __future__ import annotations

import re
from typing import Final

from operators.bases.plain_words import words_of

_MARKED = re.compile(r"[:：]\s*\S+\s+\S+|\n\s*\S+|[\"“«'‘][^\"”»\n]{12,}|```|\[[^\]]{3,}\]|https?://")
_DATA = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:(?:\s*[,;]\s*|\s+)(?:and )?[-+]?\d+(?:[.,]\d+)?){2,}|\w\s*[=≤≥≠→√∫∑^]\s*\S|\w\s[+*÷×]\s\w")
"""Three numbers or more in a row, or a formula."""
_LANGUAGE: Final = (
    r"(?:plain |simple |modern |formal |american |british )*(?:english|french|german|spanish|italian|portuguese|dutch|russian|chinese|mandarin"
    r"|japanese"
    r"|korean|arabic|hindi|turkish|polish|latin|greek|hebrew|swedish|norwegian|danish|finnish|czech|hungarian|romanian|ukrainian|vietnamese|thai)"
)
_MANNER = re.compile(
    rf"\W*(?:(?:from {_LANGUAGE} )?(?:in)?to {_LANGUAGE}\b|from \w+ to (?:the )?\w+\b|in(?:to)? (?:the |its |a )?(?:\w+ )?(?:order|voice|tense"
    rf"|form|style|case)"
    r"\b|(?:in)?to (?:the |its )?(?:simple )?(?:past|present|future|plural|singular|passive|active)(?: (?:continuous|perfect|tense|voice|form))*\b"
    r"|as (?:a |an |either )?\w+(?:, \w+)*,? or (?:a |an )?\w+\b|(?:alphabetically|numerically|chronologically|correctly|carefully|briefly|please"
    r"|below|above|provided|given)\b)"
)
"""How something is to be done, after the mention of what it is to be done to."""
_GOES_ON = re.compile(
    r"\W*(?:in|into|to|as|and|or|so|by|using|with|without|for|from|of|on|at|about|according|please|then|but|step|line|word|point|because|until|after"
    r"|before|between|per|through|under|within|via|while|keeping|\w+ly|\w+ing)\b"
)
_SAYS_MORE_OF_IT = re.compile(r"\W*(?:that|which|who|whose|where|is|are|was|were|has|have|does|do|can|should|would|will|if|when|such|based|means)\b")
"""Words that go on right behind the mention, and that a text may begin with elsewhere."""
_OWNS = re.compile(r"'s?\b")
_SUBJECT_BEFORE = re.compile(r"\b(?:what|how|why|whether|if|when|that|who|which|tone|message|idea)\b")
_ACTS = re.compile(
    r"\W*(?:(?:please|can you|could you|would you) )*(?:summar\w+|translate|rewrite|rephrase|paraphrase|proofread|correct|edit|fix|simplify|shorten"
    r"|classify|extract|identify|find|sort|convert|explain|debug|categori[sz]e|label|tag|determine|count|reorder|arrange|turn|solve|evaluate"
    r"|analy[sz]e|complete)\b"
)
_LEAST_WORDS: Final = 3
_A_TEXT: Final = 25


def brings_something(instruction: str, asked: str, start: int, end: int) -> bool:
    """Whether what the instruction mentions from `start` to `end` of its plain form `asked` stands in it: marked off, as numbers or a formula, as
    words that do not go on with the sentence, or as many words as a text has.
    """
    if _MARKED.search(instruction):
        return True
    behind = asked[end:]
    if _DATA.search(behind) or len(words_of(behind)) >= _A_TEXT:
        return True
    sentence = max(asked.rfind(mark, 0, start) for mark in ".!?") + 1
    if _OWNS.match(behind) or _SAYS_MORE_OF_IT.match(behind) or not _ACTS.match(asked, sentence) or _SUBJECT_BEFORE.search(asked, sentence, start):
        return False
    while manner := _MANNER.match(behind):
        behind = behind[manner.end() :]
    return len(words_of(behind)) >= _LEAST_WORDS and not _GOES_ON.match(behind) and behind[:1] not in tuple(".,!?;")
