"""One spelling for what LaTeX, Markdown and Unicode write in many ways. What an answer says is never changed, only how it is written."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 2000
"""Characters of an answer that is read. A longer one is compared to the letter."""

_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n")
_SUBSCRIPTS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_FRACTIONS: Final = {
    "½": "1/2",
    "⅓": "1/3",
    "⅔": "2/3",
    "¼": "1/4",
    "¾": "3/4",
    "⅕": "1/5",
    "⅖": "2/5",
    "⅗": "3/5",
    "⅘": "4/5",
    "⅙": "1/6",
    "⅛": "1/8",
}
_SIGNS: Final = {
    "−": "-", "–": "-", "×": r"\times ", "·": r"\cdot ", "÷": "/", "∕": "/", "⁄": "/", "π": r"\pi ", "∞": r"\infty ", "≤": r"\le ", "≦": r"\le ",
    "⩽": r"\le ", "≥": r"\ge ", "≧": r"\ge ", "⩾": r"\ge ", "≠": r"\neq ", "∪": r"\cup ", "∩": r"\cap ", "∈": r"\in ", "∅": r"\emptyset ",
    "±": r"\pm ", "∓": r"\mp ", "≈": r"\approx ", "°": " degrees ", "℃": " degrees C", "′": "'", "’": "'", "‘": "'", "“": '"', "”": '"',
    "∠": r"\angle ",
    "△": r"\triangle ", "θ": r"\theta ", "α": r"\alpha ", "β": r"\beta ", "：": ":", "，": ",", "（": "(", "）": ")", "；": ";", "、": ", ",
    "。": ".",
    "％": "%", "＝": "=", "＋": "+", "．": ".", "ℝ": r"\mathbb{R}", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "\ufeff": "",
}  # fmt: skip

_BOLD: Final = re.compile(r"(?<![\w)}\]*])\*\*[ \t]*([^*\n]+?)[ \t]*\*\*(?![\w*])")
_PYTHON_POWER: Final = re.compile(r"\*\*")
_DOUBLED: Final = re.compile(r"\\\\(?=[A-Za-z{}%$,;!()\[\]])")
_DOUBLED_BEGIN: Final = re.compile(r"(?<!\\)\\\\begin(?![A-Za-z])")
_ROW_BREAK: Final = re.compile(r"\\\\\*?(?:\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|cm|mm|in)\s*\])?|\\(?:cr|newline|tabularnewline)(?![A-Za-z])")
_HELD_BREAK: Final = "\x02"
"""Stands for the break between two rows of a matrix while the backslashes around it are cleaned."""
_BRACED_COMMA: Final = re.compile(r"(?<=\d)\{,\}(?:(?P<thousands>(?<!(?<![\d}])0\{,\})(?=\d{3}(?!\d)))|(?=\d))")
_ORDINAL: Final = re.compile(r"(?<=\d)\s*(?:\^\s*\{?\s*(?:st|nd|rd|th)\s*\}?|(?:st|nd|rd|th)(?![A-Za-z]))")
_SPACES: Final = re.compile(r"\\[,;: ]|~|\\q?quad|\\hspace\{[^{}]*\}")
_SIZES: Final = re.compile(r"\\(?:left|right|middle|[bB]igg?[lrm]?|displaystyle|textstyle|limits|nolimits)(?![A-Za-z])\.?|\\!")
_WRAPPED_TEXT: Final = re.compile(
    r"\\(?:text|mbox|hbox|textnormal|textrm|textbf|textit|textsf|mathrm|mathbf|mathit|mathsf|boldsymbol|bm|operatorname\*?|boxed|fbox|underline|emph)"
    r"\s*\{([^{}]*)\}"
)
_DELIMITERS: Final = re.compile(r"(?<!\\)\\[()\[\]](?!\d+pt)")
_DOLLAR: Final = re.compile(r"(?<!\\)\$+")
_DIGIT_FRACTION: Final = re.compile(r"\\frac\s*(\d)\s*(\d)")
_MIXED_FRACTION: Final = re.compile(r"\\frac\s*(?:(\d|[A-Za-z])\s*(?=\{)|(\{[^{}]*\})\s*(\w))")
_ROOT_OF_DIGIT: Final = re.compile(r"\\sqrt\s*(\d|[A-Za-z])")
_ROOT_CALL: Final = re.compile(r"(?<![\\A-Za-z])sqrt\s*\(([^()]*)\)|√\s*\(([^()]*)\)|√\s*(\d+(?:\.\d+)?|[A-Za-z])")
_DEGREES: Final = re.compile(r"\s*(?:\^\s*\{?\s*\\circ\s*\}?|\\degrees?(?![A-Za-z]))")
_COMMENT: Final = re.compile(r"^(.*[^\s(])\s*\((?:i\.?e\.?|that is|none|no|all|not)\b[^()]*\)$", re.IGNORECASE | re.DOTALL)
_TYPED_FUNCTIONS: Final = (
    (re.compile(r"(?<![\\A-Za-z])C\(\s*([\w+-]+)\s*,\s*([\w+-]+)\s*\)"), r"\\binom{\1}{\2}"),
    (re.compile(r"(?<![\\A-Za-z])floor\(([^()]*)\)"), r"{\\lfloor \1\\rfloor}"),
    (re.compile(r"(?<![\\A-Za-z])ceil\(([^()]*)\)"), r"{\\lceil \1\\rceil}"),
    (re.compile(r"(?<![\\A-Za-z])(sum|prod)(?=_)"), r"\\\1"),
    (re.compile(r"([_^])\(([^()]*)\)"), r"\1{\2}"),
)
"""Functions as they are typed without LaTeX."""
_COMBINATIONS: Final = re.compile(r"(?<![\\A-Za-z])C_\{?(\d+)\}?\^\{?(\d+)\}?|(?<![\w}])(?:\{\})?[_^]\{?(\d+)\}?\s*C_\{?(\d+)\}?")
"""C_5^2 and {}_5C_2, but not C_1^2, which is a constant squared."""
_TRIGONOMETRIC: Final = re.compile(r"\\?(?:sin|cos|tan|cot|sec|csc)(?![A-Za-z])")
_ANGLE: Final = re.compile(r"(\d+(?:\.\d+)?)(?:\s*\^\s*\{?\s*\\circ\s*\}?| degrees)")
_PERCENT: Final = re.compile(r"\s*(?:\\%|%|\b(?:per\s?cent|percentage|pct)\b)", re.IGNORECASE)
_NEGATIVE: Final = re.compile(r"(?<![A-Za-z])negative\s+(?=\d|\\frac)|^(?:minus|menos|moins|минус)\s+(?=\d|\\frac)|^负\s*(?=\d)", re.IGNORECASE)
_FILLER: Final = re.compile(
    r"^(?:(?:it|this|that)\s+is\s+|(?:about|approximately|approx\.?|roughly|around|nearly|exactly|just|only|simply)\s+|大约|约为|约|只有|共有|共|\\approx\s*|=>?\s*|⇒\s*|\\Rightarrow\s*|\\implies\s*|\\therefore\s*)+",
    re.IGNORECASE,
)
_ENDS: Final = ' \t\r\n.,;:?`"*'
_TYPED_RELATIONS: Final = ((re.compile(r"<\s*="), r"\\le "), (re.compile(r">\s*="), r"\\ge "), (re.compile(r"(?<![\d)])!="), r"\\neq "))
_SAME_RELATIONS: Final = (
    (re.compile(r"\\(?:leq(?:slant)?|leqq|le)(?![A-Za-z])"), r"\\le "),
    (re.compile(r"\\(?:geq(?:slant)?|geqq|ge)(?![A-Za-z])"), r"\\ge "),
    (re.compile(r"\\neq?(?![A-Za-z])"), r"\\neq "),
    (re.compile(r"\\lt(?![A-Za-z])"), "<"),
    (re.compile(r"\\gt(?![A-Za-z])"), ">"),
    (re.compile(r"\\(?:lbrace|\{)"), r"\\{"),
    (re.compile(r"\\(?:rbrace|\})"), r"\\}"),
    (re.compile(r"\\(?:varnothing|emptyset|O)(?![A-Za-z])"), r"\\emptyset "),
)


def clean(answer: str) -> str:
    r"""An answer without delimiters, sizes and markup, in one spelling. Texts over `LONGEST` characters are only stripped.

    >>> clean(r"$\dfrac12$"), clean(r"**1{,}000** "), clean(r"$x \leq 50\%$")
    ('\\frac{1}{2}', '1,000', 'x \\le 50%')
    """
    text = answer.strip()
    if len(text) > LONGEST:
        return text
    text = _plain_signs(text)
    text = _BOLD.sub(r" \1 ", text)
    text = _PYTHON_POWER.sub("^", text) if re.search(r"[\w)\]}]\s*\*\*\s*[\w({-]", text) else text.replace("**", "")
    if r"\begin" not in text:
        text = _DOUBLED.sub(r"\\", text)
    else:
        text = text.replace(r"\\", "\\") if _DOUBLED_BEGIN.search(text) else text
        text = _ROW_BREAK.sub(_HELD_BREAK, text)
    text = _BRACED_COMMA.sub(lambda found: "," if found["thousands"] is not None else ".", text).replace("{,}", ",")
    text = _SPACES.sub(" ", _SIZES.sub("", text))
    if _TRIGONOMETRIC.search(text):
        text = _ANGLE.sub(r"(\1\\pi/180)", text)
    text = _ORDINAL.sub("", _unwrapped(_DEGREES.sub(" degrees ", text)))
    if len(_DOLLAR.findall(text)) != 1:  # one alone is money
        text = _DOLLAR.sub(" ", text)
    text = re.sub(r"\\boxed\s*\{?", " ", text)  # one that is never closed
    text = _DELIMITERS.sub(" ", text).replace(r"\$", "$")
    text = re.sub(r"\\[dtc]frac(?![A-Za-z])", r"\\frac", text)
    text = _ROOT_CALL.sub(lambda found: rf"\sqrt{{{found[1] or found[2] or found[3]}}}", text)
    text = _ROOT_OF_DIGIT.sub(r"\\sqrt{\1}", _DIGIT_FRACTION.sub(r"\\frac{\1}{\2}", text))
    text = _MIXED_FRACTION.sub(lambda found: rf"\frac{{{found[1]}}}" if found[1] else rf"\frac{found[2]}{{{found[3]}}}", text)
    text = _NEGATIVE.sub("-", _PERCENT.sub("%", text))
    text = _COMMENT.sub(r"\1", text.strip())
    text = _COMBINATIONS.sub(_binomial, text)
    for pattern, spelling in (*_TYPED_FUNCTIONS, *_TYPED_RELATIONS, *_SAME_RELATIONS):
        text = pattern.sub(spelling, text)
    text = _without_ends(" ".join(text.replace(_HELD_BREAK, r" \\ ").split()))
    exact, _, _ = text.partition(r"\approx")
    return _without_ends(_FILLER.sub("", exact if exact.strip(" =") else text))


def _binomial(found: re.Match[str]) -> str:
    whole, part = found[1] or found[3], found[2] or found[4]
    return rf"\binom{{{whole}}}{{{part}}}" if len(whole + part) < 9 and int(part) <= int(whole) else found[0]


def squeezed(cleaned: str) -> str:
    """Without white space that parts nothing: answers that are equal then are the same answer."""
    return re.sub(r"(?<![A-Za-z\d])\s+|\s+(?![A-Za-z\d])", "", cleaned)


def strip_braces(text: str) -> str:
    """Without braces that only group the whole: "{1,3}" is the list 1, 3."""
    while text.startswith("{") and text.endswith("}") and closing(text, 0) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def closing(text: str, at: int) -> int:
    r"""Where the bracket at `at` is closed; -1 where it is not. Braces written \{ count as braces; ( and [ close each other, as in [0, 1)."""
    depth = 0
    place = at
    while place < len(text):
        mark = text[place]
        if mark in "([{":
            depth += 1
        elif mark in ")]}":
            depth -= 1
            if depth == 0:
                return place
        place += 1
    return -1


def _plain_signs(text: str) -> str:
    for sign, fraction in _FRACTIONS.items():
        if sign in text:
            text = re.sub(rf"(\d)\s*{sign}", rf"\1 {fraction}", text).replace(sign, fraction)
    text = re.sub(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ]+", lambda found: "^{" + found[0].translate(_SUPERSCRIPTS) + "}", text)
    text = re.sub(r"[₀-₉]+", lambda found: "_{" + found[0].translate(_SUBSCRIPTS) + "}", text)
    for sign, written in _SIGNS.items():
        text = text.replace(sign, written)
    return unicodedata.normalize("NFKC", text)


def _unwrapped(text: str) -> str:
    r"""\text{cm} -> cm, innermost first. The number of rounds is bounded by the depth that an answer may have."""
    for _ in range(8):
        unwrapped = _WRAPPED_TEXT.sub(lambda found: f" {found[1].strip()} ", text)
        if unwrapped == text:
            break
        text = unwrapped
    return text


def _without_ends(text: str) -> str:
    text = text.strip(_ENDS) if not text.startswith(".") else text.strip(" ").rstrip(_ENDS)
    while text.endswith("\\") and not text.endswith("\\\\"):
        text = text[:-1].rstrip(_ENDS)
    return text
