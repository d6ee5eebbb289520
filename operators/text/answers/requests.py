"""What the instruction asks for, as far as it can be checked: a language, a format, something to work on."""

from __future__ import annotations

import json
import re
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from operators.bases.plain_words import plain, words_of
from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.tables.columns import Input
from operators.text.answers.brought import brings_something
from operators.text.language.identification import UNDETERMINED, identify_texts

_OTHER_LANGUAGE = re.compile(
    r"\b(?:translat\w*|traduc\w*|tradui\w*|traduz\w*|übersetz\w*|перевед\w*|language|languages|multilingual|bilingual|pronounc\w*"
    r"|synonym|etymology|phrase|proverb|poem"
    r"|in (?:english|french|german|spanish|italian|portuguese|dutch|russian|chinese|japanese|korean|arabic|hindi|turkish|polish|latin"
    r"|greek|hebrew|swedish)"
    r"|english|french|german|spanish|italian|portuguese|dutch|russian|chinese|mandarin|japanese|korean|arabic|hindi|turkish|polish"
    r"|latin|greek|hebrew|swedish"
    r"|norwegian|danish|finnish|czech|hungarian|romanian|ukrainian|vietnamese|thai|indonesian|deutsch|englisch|französisch|spanisch"
    r"|anglais|allemand|espagnol"
    r"|inglés|francés|alemán|español|français)\b|翻译|英文|英语|中文|汉语|日语|法语|翻訳|英語|日本語"
)
_NOT_PROSE = re.compile(r"```|^\s*[{\[<]|[=;{}<>]{2,}|\bdef |\bSELECT\b|\bimport |\\\\[a-z]+")
_LEAST_LETTERS: Final = 25
_SURE: Final = 0.75

_THINGS: Final = (
    r"(?:texts?|passages?|paragraphs?|articles?|sentences?|e-?mails?|letter|story|poem|code|functions?|program|snippet|tables?|data|dataset|lists?"
    r"|numbers|words|documents?|reports?|reviews?|essays?|conversation|dialogue|excerpts?|abstract|quotes?|equations?|context|input|content)"
)
_POINTS_TO = re.compile(
    r"\b(?:(?:the|this|these|that|given|provided|attached) (?:following|below|above|attached|provided|given) |following |given (?:the |this |a )"
    rf"|this |these ){_THINGS}\b|\b(?:the|this|these) {_THINGS} (?:below|above|that follows?|which follows?|attached|provided|given)\b"
)
_WORKS_ON = re.compile(
    r"^(?:please )?(?:can you |could you )?(?:summar\w+|translate|rewrite|rephrase|paraphrase|proofread|correct|edit|fix|simplify"
    r"|shorten|classify|analy[sz]e|extract|identify|find|sort|convert"
    r"|identify|explain|debug|describe|evaluate|categori[sz]e|label|tag|answer|read|determine|count|reorder|complete|give|write|what"
    r"|based|given|using|consider|look at|turn)\b"
)
_JSON = re.compile(
    r"\b(?:return|output|respond|answer|reply|give|provide|write|format|convert|present|generate|produce|create|list|extract|show|represent|describe"
    r"|summari[sz]e|classify|put|turn|transform|encode|express|make|send|want|need|should be|must be)\b"
    r"(?:[^.!?\n]{0,120}? (?:in|as|into|to|using|with) (?:an? |valid |the |only |pure |proper )*json (?:format|object|array|string|document"
    r"|structure|schema)"
    r"| [^.!?\n]{0,120}?\b(?:as|into) (?:an? |valid |the |only |pure |proper )*json\b"
    r"| (?:me )?(?:an? |valid |the |only |pure |proper )+json\b(?! \w+ing\b)"
    r"| (?:valid |only |pure |proper )*json(?=\W*$| ?[.,;:!]| with\b| only\b| containing\b| that\b| (?:of|for)\b))"
    r"|\b(?:return|output|respond|answer|reply|format(?:ted)?|give me|provide|results?)\b[^.!?\n]{0,80}? in (?:valid |pure |proper )*json\b"
    r"|\b(?:respond|answer|reply)\b[^.!?\n]{0,40}? (?:with|using) (?:an? |valid |the |only |pure |proper )*json\b"
    r"|(?:^|[.!?,] )in (?:valid |pure |proper )*json\b|\bin (?:an? |valid )*json (?:format|object|array)\b"
    r"|\b(?:convert|turn|transform|translate|change|put)\b[^.!?\n]{0,120}? to (?:valid )?json\b"
    r"|^(?!(?:please )?(?:describe|explain|discuss|compare)\b)[^.!?\n]{0,200}\bin json(?: only)?\W*$"
)
_NO_JSON = re.compile(r"\b(?:(?:not|never|without|instead of|rather than|don't)\b[^.!?\n]{0,20}|(?:from|than) (?:\w+ )?)\bjson\b")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")
_TALKS_ABOUT = re.compile(
    r"\W*(?:(?:please |can you |could you )?(?:explain|describe|discuss|tell me) (?:how|why|when|what|whether|the difference)"
    r"|how (?:do|can|should|could|would) (?:i|we|one|people|you (?:say|write|return|parse|read|use|send))|how to|how (?:is|are|does|did)|why\b|when\b"
    r"|what (?:is|are|was|were|does|do|happens)\b(?: the)? (?!following)\w*|what's\b|is it\b|should i\b|can i\b|do i\b|which (?:is|are|library"
    r"|tool)\b"
    r"|compare\b|is there\b|where\b)"
)
"""Questions about a format, which are answered in prose."""
_IN_GENERAL = re.compile(r"\bhow to\b|\b(?:situation|case|time|moment|context|occasion)s? (?:where|when|in which|of)\b")
_PROGRAM: Final = (
    r"(?:functions?|programs?|scripts?|algorithms?|quer(?:y|ies)|methods?|class(?:es)?|regex(?:es)?|regular expressions?|endpoints?|apis?|servers?"
    r"|routes?|apps?|applications?|macros?|formulas?|commands?|parsers?|unit tests?|codes?|snippets?|loops?|components?|modules?|one-liners?)"
)
_ASKS_FOR_A_PROGRAM = re.compile(
    rf"\b(?:write|create|implement|develop|build|design|make|give|generate|construct|provide|show|code|need)\b[^.!?\n]{{0,60}}?\b{_PROGRAM}\b"
    r"|\bin (?:python|java|javascript|typescript|c\+\+|c#|go|rust|ruby|php|sql|bash|r|kotlin|swift|flask|django)\b"
)
_PROGRAM_TO_WRITE = re.compile(
    rf"(?:please )?(?:write|create|implement|develop|design|give|build|code)\b[^.!?]{{0,60}}?\b{_PROGRAM}\b|how (?:do|can) i\b"
)
_ONE_WORD = re.compile(
    r"\b(?:(?:in|with|using|only|just) (?:(?:only|just|exactly) )?(?:a single|one|1)(?: single)? word(?! or)"
    r"|(?:single|one)[- ]word answer|answer (?:in|with) one word)\b"
)
_YES_OR_NO = re.compile(
    r"\b(?:(?:answer|respond|reply)(?: only| just| simply)?(?: with)?(?: only| just)? (?:with )?['\"]?yes['\"]? or ['\"]?no['\"]?"
    r"|yes or no only|yes/no only)\b"
)
_NUMBERS: Final = {word: number for number, word in enumerate("zero one two three four five six seven eight nine ten".split())}
_COUNTED = re.compile(
    r"\b(?:list|give(?: me)?|name|write|provide|suggest|generate|mention|state|identify|come up with|create|produce|enumerate|tell me"
    r"|describe|what are)(?: \w+){0,2}? (?:the )?(?:top |main |first |best )?"
    r"(two|three|four|five|six|seven|eight|nine|ten|[2-9]|1[0-9]|20)\b(?! ?(?:word|sentence|paragraph|line|page|minute|hour|day|year"
    r"|week|month|percent|%|dollar|-|times|people|steps? or))"
)
_ITEM = re.compile(r"^[ \t]*(?:[-*•·–]|\d{1,2}[.):]|\(?\d{1,2}\))[ \t]+\S", re.MULTILINE)


class AnswerLanguageFilter(Filter):
    """Drop answers in another language than their instruction, where both are long enough to tell and no language is asked for.

    Code, formulas and translations are left alone, and so are answers to what has an input that is not surely in the language of the instruction:
    "Summarize the text.", of a German one.
    """

    asks = ("drop answers in the wrong language", "the reply is in English but the question is French", "response language must match the prompt")

    input_instruction = Input(str)
    input_input = Input(str, optional=True, nulls="pass", description="what the instruction is about, if it is apart")
    input_output = Input(str)

    def keep_batch(self, instruction: pa.Array, input: pa.Array | None, output: pa.Array) -> Verdict:  # noqa: A002 (the column is named so)
        asked, answered = _languages_of(instruction), _languages_of(output)
        given = _languages_of_inputs(input, asked)
        reasons: list[str | None] = [None] * len(instruction)
        for row, (one, other, read) in enumerate(zip(asked, answered, given, strict=True)):
            if one is None or other is None or one == other or one != read:
                continue
            text = instruction[row].as_py()
            about = text if input is None else f"{text}\n{input[row].as_py() or ''}"
            if not (_OTHER_LANGUAGE.search(plain(about)) or _NOT_PROSE.search(text) or _NOT_PROSE.search(output[row].as_py())):
                reasons[row] = f"answers in {other} what was asked in {one}"
        return Verdict(np.array([reason is None for reason in reasons], np.bool_), reasons)


def _languages_of(texts: pa.Array) -> list[str | None]:
    """The language of each text, where there is enough of it to be sure."""
    sure = [found.language if found.confidence >= _SURE and found.language != UNDETERMINED else None for found in identify_texts(texts)]
    return [language if language and _has_enough_letters(text) else None for language, text in zip(sure, texts.to_pylist(), strict=True)]


def _languages_of_inputs(texts: pa.Array | None, asked: list[str | None]) -> list[str | None]:
    """As `_languages_of`; where there is no input, the language of the instruction."""
    if texts is None:
        return asked
    values = pc.fill_null(texts, "")
    blank = [not value.strip() for value in values.to_pylist()]
    return [one if is_blank else found for one, found, is_blank in zip(asked, _languages_of(values), blank, strict=True)]


def _has_enough_letters(text: str) -> bool:
    unspaced = sum("\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af" for character in text)
    return sum(map(str.isalpha, text)) + 3 * unspaced >= _LEAST_LETTERS


class MissingInputFilter(Filter):
    """Drop pairs whose instruction works on something that is not there: "Summarize the following article." with no article and no input.

    What is there needs no colon: "Sort the following numbers 4, 2, 9", "Translate this sentence to French I love dogs". "The given list" of a
    function that is to be written is what it will be given.
    """

    asks = ("drop instructions whose text is missing", "prompts that say summarize this without any passage", "tasks with no context to work from")

    input_instruction = Input(str)
    input_input = Input(str, optional=True, nulls="pass", description="what the instruction is about, if it is apart")

    def keep(self, instruction: str, input: str | None) -> tuple[bool, str | None]:  # noqa: A002 (the column is named so)
        if input and input.strip():
            return True, None
        asked = plain(instruction)
        found = _POINTS_TO.search(asked)
        if found is not None and _PROGRAM_TO_WRITE.match(asked):
            return True, None
        if found is None or not _WORKS_ON.search(asked) or brings_something(instruction, asked, *found.span()):
            return True, None
        return False, f'works on "{found.group().strip()}", which is not there'


class RequestedFormatFilter(Filter):
    """Drop answers that are not in the format that the instruction asks for, where that can be proven.

    JSON that cannot be parsed, more than three words for "in one word", neither yes nor no for "answer yes or no", a numbered or bulleted list of
    another length than was asked for.
    """

    asks = (
        "drop answers in the wrong format",
        "check that JSON answers are JSON",
        "replies that ignore format constraints",
        "invalid or malformed JSON in responses",
    )

    input_instruction = Input(str)
    input_output = Input(str)

    def keep(self, instruction: str, output: str) -> tuple[bool, str | None]:
        why = broken_format(plain(instruction), output)
        return why is None, why


def broken_format(asked: str, answer: str) -> str | None:
    """Which format was asked for and not kept; None where none was, or it cannot be told."""
    if "json" in asked and _requested(_JSON, asked) and not _NO_JSON.search(asked) and not _is_json(answer):
        return "JSON was asked for, and this is none"
    said = words_of(answer)
    if len(said) > 3 and _requested(_ONE_WORD, asked):
        return f"one word was asked for, and these are {len(said)}"
    first = next((word for word in said if word not in ("answer", "final", "the", "is")), "")
    if first and first not in ("yes", "no") and _requested(_YES_OR_NO, asked):
        return f'yes or no was asked for, and this begins with "{said[0]}"'
    counted = _requested(_COUNTED, asked)
    if counted is not None:
        wanted = _NUMBERS.get(counted[1]) or int(counted[1])
        items = _top_items(answer)
        if items >= 2 and (items < wanted or items > 2 * wanted):
            return f"{wanted} were asked for, and the list has {items}"
    return None


def _requested(form: re.Pattern[str], asked: str) -> re.Match[str] | None:
    """Where a sentence of the instruction asks for a form; None where it is only spoken of, or a program is to deal with it."""
    found = form.search(asked)
    if found is None:
        return None
    before = list(_SENTENCE.finditer(asked, 0, found.start() + 1))
    start = before[-1].start() if before else 0
    return None if _TALKS_ABOUT.match(asked, start) or _IN_GENERAL.search(asked, start, found.end()) or _ASKS_FOR_A_PROGRAM.search(asked) else found


def _is_json(answer: str) -> bool:
    fenced = re.search(r"```(?:json)?\s*\n(.*?)```", answer, re.DOTALL | re.IGNORECASE)
    text = fenced[1] if fenced else answer
    starts = [at for at in (text.find("{"), text.find("[")) if at >= 0]
    if not starts:
        return False
    try:
        json.JSONDecoder().raw_decode(text[min(starts) :])
    except (ValueError, RecursionError):
        return False
    return True


def _top_items(answer: str) -> int:
    """Items of the outermost list; numbers count where there are some, so that bullets below them do not."""
    lines = [match.group() for match in _ITEM.finditer(answer)]
    numbered = [line for line in lines if line.strip()[0].isdigit() or line.strip()[0] == "("]
    if numbered:
        return len(numbered)
    indents = [len(line) - len(line.lstrip()) for line in lines]
    return sum(indent == min(indents) for indent in indents) if indents else 0
