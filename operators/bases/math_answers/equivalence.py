"""Whether two answers are the same: equal, different, or cannot tell. Numbers, choices and lists here; formulas by sympy, in bounded time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from operators.bases.math_answers.cleaning import LONGEST, clean, squeezed, strip_braces
from operators.bases.math_answers.comparing import one_time_for_all
from operators.bases.math_answers.equations import stated
from operators.bases.math_answers.extraction import stated_answer, value_in
from operators.bases.math_answers.formulas import compare_formulas, compare_relations, compare_written
from operators.bases.math_answers.numbers import Quantity, same_quantity
from operators.bases.math_answers.reading import (
    Based,
    Choice,
    Formula,
    Matrix,
    Named,
    Ratio,
    Several,
    Value,
    Words,
    leading_letter,
    read,
    without_commas,
)
from operators.bases.math_answers.verdicts import EQUAL, Comparison
from operators.bases.math_answers.wording import compare_words, known

_OTHER_FORMS: Final = re.compile(r",?\s+or,?\s+(?:equivalently|approximately|an\s+equivalent\s+form\s+such\s+as)\b,?\s*", re.IGNORECASE)
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")
_MODULUS: Final = re.compile(r"(?<=\S)\s*\(?\s*\\?[pb]?mod(?![A-Za-z])\s*\{?[^{}()]*\}?\s*\)?$")


def compare_answers(gold: str, answer: str, options: Sequence[str] = ()) -> Comparison:
    r"""Whether an answer is the gold answer. It never takes more than 2 s of processor time, and runs nothing of what is written in them.

    Args:
        gold: the right answer, alone or in a solution that marks it (\boxed{}, ####).
        answer: the final answer of a solution: see `final_answer`.
        options: of a multiple choice, in the order of their letters: "A) 5 m" or "5 m". An answer may then be a letter or a content.

    >>> compare_answers(r"\frac{1}{2}", "0.5").verdict, compare_answers("a+b", "b + a").verdict, compare_answers("(1, 2)", "(2, 1)").verdict
    ('equal', 'equal', 'different')
    """
    if gold.strip() and gold.strip() == answer.strip():
        return EQUAL
    golds = _OTHER_FORMS.split(stated_answer(gold)) if len(gold) <= LONGEST else [stated_answer(gold)]
    compared = [_compared(one, answer, options) for one in golds if one.strip()] or [Comparison("cannot tell", "the gold answer is empty")]
    return next((one for one in compared if one.equal), compared[0])


def _compared(gold: str, answer: str, options: Sequence[str]) -> Comparison:
    first, second = clean(gold), clean(answer)
    moduli = [re.sub(r"\D", "", found[0]) if (found := _MODULUS.search(text)) else None for text in (first, second)]
    if None in moduli or moduli[0] == moduli[1]:  # where one of them does not name it, it takes it as understood
        first, second = _MODULUS.sub("", first), _MODULUS.sub("", second)
    if not first or not second:
        return Comparison("cannot tell", f"the {'gold answer' if not first else 'answer'} is empty")
    if known(squeezed(strip_braces(first))) == known(squeezed(strip_braces(second))):
        return EQUAL
    if max(len(first), len(second)) > LONGEST:
        return Comparison("cannot tell", f"longer than {LONGEST} characters, and not the same letter by letter")
    first, second = value_in(first), value_in(second)
    with one_time_for_all():
        return _among(first, second, options) if options else _texts(first, second)


def _among(gold: str, answer: str, options: Sequence[str]) -> Comparison:
    """Both as options: by their letter, or by the content of the one option that they equal."""
    chosen = _option(gold, options), _option(answer, options)
    if None in chosen:
        return _texts(gold, answer) if chosen == (None, None) else Comparison("cannot tell", "the answer is none of the options")
    return EQUAL if chosen[0] == chosen[1] else Comparison("different", f"option {'ABCDEFGHIJ'[chosen[1] or 0]}, not {'ABCDEFGHIJ'[chosen[0] or 0]}")


def _option(text: str, options: Sequence[str]) -> int | None:
    value = read(text)
    value = value.value if isinstance(value, Named) else value
    if isinstance(value, Choice) and value.letter.upper() in "ABCDEFGHIJ"[: len(options)]:
        return "ABCDEFGHIJ".index(value.letter.upper())
    contents = [_content(option, place) for place, option in enumerate(options)]
    same = [place for place, content in enumerate(contents) if content and _texts(content, text).equal]
    return same[0] if len(same) == 1 else None


def _content(option: str, place: int) -> str:
    return clean(re.sub(rf"^\s*\(?{'ABCDEFGHIJ'[place]}\s*[).:]\s*", "", option))


def _texts(first: str, second: str) -> Comparison:
    one, other = read(first), read(second)
    for letter, text in ((one, second), (other, first)):
        if isinstance(letter, Choice) and not letter.content and (found := leading_letter(text)):
            return _same_choice(letter, found)
    for number, listed, written in ((one, other, first), (other, one, second)):
        if isinstance(number, Quantity) and number.grouped and isinstance(listed, Several) and (several := without_commas(written)):
            return _values(several, listed, first, second)
    compared = _values(one, other, first, second)
    if not compared.equal:
        with_points = _with_decimal_point(one, first), _with_decimal_point(other, second)
        if with_points != (first, second) and _values(read(with_points[0]), read(with_points[1]), *with_points).equal:
            return EQUAL
    return compared


def _with_decimal_point(value: Value, written: str) -> str:
    """ "3,5" as 3.5, for the other answer may be written with a decimal point. "3, 5" are two numbers."""
    return written.replace(",", ".") if isinstance(value, Several) and _DECIMAL_COMMA.fullmatch(written) else written


def _values(one: Value, other: Value, first: str, second: str) -> Comparison:
    """Two values; `first` and `second` are how they are written."""
    if isinstance(one, Named) or isinstance(other, Named):
        return _named(one, other, first, second)
    equations = stated(one), stated(other)
    if (equations[0] is None) != (equations[1] is None) and not _is_relation(one if equations[0] is None else other):
        return _stated(one, other, first, second)
    if equations[0] and equations[1] and equations[0].named and squeezed(equations[0].left) == squeezed(equations[1].left):
        first, second = equations[0].right, equations[1].right
        return _values(read(first), read(second), first, second)
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        same = same_quantity(one, other)
        return EQUAL if same else Comparison("cannot tell" if same is None else "different", f"{second} beside {first}")
    if isinstance(one, Matrix) or isinstance(other, Matrix):
        return _matrices(one, other, first, second)
    if isinstance(one, Several) or isinstance(other, Several):
        return _several(one, other, first, second)
    if isinstance(one, Choice) and isinstance(other, Choice):
        return _same_choice(one, other)
    if isinstance(one, Choice) or isinstance(other, Choice):
        return _choice_beside(one, other, first, second)
    if isinstance(one, Ratio | Based) or isinstance(other, Ratio | Based):
        return _ratio_or_based(one, other, first, second)
    if isinstance(one, Words) or isinstance(other, Words):
        return compare_words(one, other, first, second)
    return compare_formulas(one, other, first, second)


def _named(one: Value, other: Value, first: str, second: str) -> Comparison:
    if isinstance(one, Named) and isinstance(other, Named):
        within = _values(one.value, other.value, *_sides(one, other))
        names = one.name, other.name
        if within.equal and names[0] != names[1] and all(len(name) == 1 and name.isalpha() for name in names):
            return Comparison("different", f"{other.name} is given, not {one.name}")
        return within if within.equal or not _has_formula(one.value, other.value) else compare_relations(one.written, other.written)
    named, plain = (one, other) if isinstance(one, Named) else (other, one)
    assert isinstance(named, Named)
    if isinstance(plain, Formula) and plain.relation == "=":
        return compare_relations(first, second)
    inner = named.written.rpartition("=")[2].strip()
    return _values(named.value, other, inner, second) if named is one else _values(one, named.value, first, inner)


def _stated(one: Value, other: Value, first: str, second: str) -> Comparison:
    """An equation of two sides beside a value: it says what its left side is, unless it is to be solved, or the gold answer asks for the equation."""
    equation, is_gold = (stated(one), True) if stated(one) else (stated(other), False)
    value, written = (other, second) if is_gold else (one, first)
    assert equation is not None

    def beside(side: str) -> Comparison:
        return _values(read(side), value, side, written) if is_gold else _values(value, read(side), written, side)

    compared = beside(equation.right)
    if not compared.equal:
        return Comparison(compared.verdict, f"{equation.left} is {equation.right}, not {written}")
    if equation.to_be_solved and not beside(equation.left).equal:
        return Comparison("different", "an equation beside a value")
    if is_gold and not (equation.named or equation.to_be_solved):
        return Comparison("cannot tell", "a value beside an equation")
    return EQUAL


def _is_relation(value: Value) -> bool:
    return isinstance(value, Formula) and bool(value.relation)


def _sides(one: Named, other: Named) -> tuple[str, str]:
    return one.written.rpartition("=")[2].strip(), other.written.rpartition("=")[2].strip()


def _has_formula(*values: Value) -> bool:
    return all(isinstance(value, Formula | Quantity) for value in values) and any(isinstance(value, Formula) for value in values)


def _several(one: Value, other: Value, first: str, second: str) -> Comparison:
    if not (isinstance(one, Several) and isinstance(other, Several)):
        several, single = (one, other) if isinstance(one, Several) else (other, one)
        assert isinstance(several, Several)
        if isinstance(single, Formula | Named) or several.kind in ("union", "both", "tuple"):
            return Comparison("different", "a tuple beside a single value") if isinstance(single, Quantity) else compare_relations(first, second)
        if len(several.items) == 1:
            alone = several.items[0]
            return _values(alone, single, _written(alone), second) if several is one else _values(single, alone, first, _written(alone))
        return (
            Comparison("different", f"{len(several.items)} values beside one")
            if isinstance(single, Quantity)
            else compare_words(one, other, first, second)
        )
    if {one.kind, other.kind} == {"set", "tuple"}:
        return Comparison("different", "a set beside a tuple")
    if {"union", "both"} & {one.kind, other.kind}:
        same = _items_in_any_order(one.items, other.items) if one.kind == other.kind else None
        return same if same is not None and same.equal else compare_relations(first, second)
    if one.kind == other.kind == "tuple" and one.brackets != other.brackets:
        return Comparison("different", f"{other.brackets} brackets instead of {one.brackets}")
    if one.names and other.names and one.names != other.names:
        return Comparison("different", f"{', '.join(other.names)} are given, not {', '.join(one.names)}")
    if "list" in (one.kind, other.kind) and {one.brackets, other.brackets} & {"(]", "[)"}:
        return Comparison("different", "an interval beside a list")
    if len(one.items) != len(other.items):
        return Comparison("different", f"{len(other.items)} values instead of {len(one.items)}")
    return _items_in_order(one.items, other.items) if "tuple" in (one.kind, other.kind) else _items_in_any_order(one.items, other.items)


def _matrices(one: Value, other: Value, first: str, second: str) -> Comparison:
    """Matrices by shape and entries; one beside nested lists as if these were its rows; one beside a formula as formulas."""
    rows = _rows(one), _rows(other)
    if rows[0] is None or rows[1] is None:
        if all(isinstance(value, Formula | Quantity | Matrix) for value in (one, other)):
            return compare_written(first, second)
        return Comparison("cannot tell", "a matrix beside something else")
    if any(isinstance(value, Matrix) and value.determinant for value in (one, other)):
        return _determinants(one, other, first, second)
    if list(map(len, rows[0])) != list(map(len, rows[1])):
        return Comparison("different", "matrices of another shape")
    return _items_in_order([entry for row in rows[0] for entry in row], [entry for row in rows[1] for entry in row])


def _determinants(one: Value, other: Value, first: str, second: str) -> Comparison:
    """Of the same entries they are the same. Others may be the same number: an answer that is left so says too little."""
    if not (isinstance(one, Matrix) and isinstance(other, Matrix) and one.determinant and other.determinant):
        return Comparison("different", "a determinant beside a matrix")
    if one.shape == other.shape and _matrices(replace(one, determinant=False), replace(other, determinant=False), first, second).equal:
        return EQUAL
    said = compare_written(first, second)
    return Comparison("cannot tell", "determinants of other entries") if said.equal else said


def _rows(value: Value) -> Sequence[Sequence[Value]] | None:
    if isinstance(value, Matrix):
        return value.rows
    if not isinstance(value, Several) or value.kind not in ("tuple", "list"):
        return None
    rows = [item.items for item in value.items if isinstance(item, Several) and item.kind == "tuple"]
    return rows if len(rows) == len(value.items) else None


def _items_in_order(golds: Sequence[Value], answers: Sequence[Value]) -> Comparison:
    worst = EQUAL
    for gold, answer in zip(golds, answers, strict=True):
        compared = _values(gold, answer, _written(gold), _written(answer))
        if compared.verdict == "different":
            return compared
        worst = compared if not compared.equal else worst
    return worst


def _items_in_any_order(golds: Sequence[Value], answers: Sequence[Value]) -> Comparison:
    """Each gold value takes the first answer that equals it and is still free."""
    free = list(answers)
    unsure: Comparison | None = None
    for gold in golds:
        for place, answer in enumerate(free):
            compared = _values(gold, answer, _written(gold), _written(answer))
            if compared.equal:
                free.pop(place)
                break
            if compared.verdict == "cannot tell":
                unsure = compared
        else:
            return unsure or Comparison("different", f"{_written(gold)} is missing")
    return EQUAL if not free else Comparison("different", "there are more values")


def _written(value: Value) -> str:
    """A value as it may be written, for a reason or for another reading."""
    match value:
        case Quantity():
            return f"{value.value}{'%' if value.percent else ''}{' ' + value.unit if value.unit else ''}"
        case Several():
            opening, end = {"set": (r"\{", r"\}"), "tuple": tuple(value.brackets or "()")}.get(value.kind, ("", ""))
            joint = {"union": r"\cup", "both": " and "}.get(value.kind, ", ")
            return f"{opening}{joint.join(map(_written, value.items))}{end}"
        case Choice():
            return f"{value.letter} {value.content}".strip()
        case Ratio():
            return f"{value.first}:{value.second}{value.rest}"
        case Based():
            return f"{value.digits}_{value.base}"
        case _:
            return value.written


def _same_choice(one: Choice, other: Choice) -> Comparison:
    contents = _texts(clean(one.content), clean(other.content)) if one.content and other.content else None
    if one.letter == other.letter:
        contradicted = contents is not None and contents.verdict == "different"
        return Comparison("cannot tell", f"the same letter for another content: {contents.reason}") if contents and contradicted else EQUAL
    if contents is not None and contents.equal:
        return EQUAL
    return Comparison("different", f"{other.letter}, not {one.letter}")


def _choice_beside(one: Value, other: Value, first: str, second: str) -> Comparison:
    """A choice beside something else: its content, where it has one; a letter that stands for a quantity is a variable."""
    choice, text = (one, second) if isinstance(one, Choice) else (other, first)
    assert isinstance(choice, Choice)
    if choice.content:
        return _texts(clean(choice.content), text) if choice is one else _texts(text, clean(choice.content))
    rest = other if choice is one else one
    if isinstance(rest, Formula) and not rest.relation:
        return compare_relations(first, second)
    return Comparison("cannot tell", f"the letter {choice.letter} beside {text}")


def _ratio_or_based(one: Value, other: Value, first: str, second: str) -> Comparison:
    if isinstance(one, Based) and isinstance(other, Based):
        try:
            same = int(one.digits, one.base) == int(other.digits, other.base)
        except ValueError:
            return Comparison("cannot tell", "digits that the base does not have")
        return EQUAL if same else Comparison("different", f"{second} beside {first}")
    if isinstance(one, Ratio) and isinstance(other, Ratio):
        if one.clock and other.clock:
            return _times(one, other)
        if one.clock or other.clock:
            return Comparison("cannot tell", "a ratio beside a time")
        return _values(read(f"{one.first}/{one.second}"), read(f"{other.first}/{other.second}"), first, second)
    ratio, rest = (one, other) if isinstance(one, Ratio | Based) else (other, one)
    if isinstance(ratio, Ratio) and isinstance(rest, Quantity) and not ratio.clock:
        quotient = read(f"{ratio.first}/{ratio.second}")
        return _values(quotient, rest, first, second) if ratio is one else _values(rest, quotient, first, second)
    return Comparison("cannot tell", f"{second} beside {first}")


def _times(one: Ratio, other: Ratio) -> Comparison:
    """Times of day: "7:00 PM" is 19:00. An hour without "am" and "pm" beside one with it may be meant as either."""
    minutes = one.minutes, other.minutes
    if minutes[0] is None or minutes[1] is None:
        return Comparison("cannot tell", "no time of day")
    if minutes[0] == minutes[1]:
        return EQUAL
    either = bool(one.rest) != bool(other.rest) and (int((other if one.rest else one).first) <= 12) and minutes[0] % 720 == minutes[1] % 720
    return EQUAL if either else Comparison("different", f"{other.first}:{other.second}{other.rest}, not {one.first}:{one.second}{one.rest}")
