"""What a pipeline's constructor is given: names and values are held against its annotations before anything is built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from operators.pipeline.handle import Handle
from operators.pipeline.pipeline import Pipeline
from operators.tables.errors import CompileError, ParameterError
from operators.text.language.identification import LanguageFilter

if TYPE_CHECKING:
    from decimal import Decimal


class InLanguages(Pipeline):
    def __init__(self, languages: Sequence[str] = ("en",), most: int | None = None) -> None:
        if most is not None and most < 0:
            raise ValueError("most is negative")
        self.language = LanguageFilter(keep=tuple(languages))

    def forward(self, documents: Handle) -> Handle:
        return self.language(documents)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"languages": "en"}, r'a list of texts is needed(.|\n)*languages=\["en"\]'),
        ({"most": "many"}, r"valid integer(.|\n)*most='many' of InLanguages"),
        ({"languages": ["en", 3], "most": -1}, r"languages.1=3 of InLanguages"),
        ({"langauges": ["en"]}, r'no parameter "langauges"(.|\n)*languages, most(.|\n)*did you mean "languages"'),
    ],
)
def test_a_wrong_argument_is_told_by_its_name(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        InLanguages(**given)


@pytest.mark.parametrize("declared", [list[str], tuple[str, ...], set[str], frozenset[str], Sequence[str], list[str] | None])
def test_a_text_is_no_list_however_that_is_declared(declared: Any) -> None:
    class Declaring(Pipeline):
        def __init__(self, languages: Any = ("en",)) -> None:
            self.language = LanguageFilter(keep=tuple(languages))

        def forward(self, documents: Handle) -> Handle:
            return self.language(documents)

    Declaring.__init__.__annotations__["languages"] = declared
    with pytest.raises(ParameterError, match=r'a list of texts is needed(.|\n)*languages=\["en"\]'):
        Declaring(languages="en")
    assert Declaring(languages=["en"]).language.keep == ("en",)


def test_what_an_operator_will_say_is_left_to_it_so_that_all_is_told_at_once() -> None:
    wrong = InLanguages(languages=["en", 3])  # type: ignore[list-item]
    with pytest.raises(CompileError, match=r"keep.*of LanguageFilter"):
        wrong.compile()


def test_right_arguments_arrive_as_they_are() -> None:
    given = ["en", "de"]
    assert InLanguages(given, most=None).language.keep == ("en", "de")


def test_too_many_arguments_are_pythons_own_error() -> None:
    with pytest.raises(TypeError, match="positional argument"):
        InLanguages(["en"], 3, 4)  # type: ignore[call-arg]


class OnlyForTypeCheckers(Pipeline):
    def __init__(self, least: Decimal | None = None) -> None:
        self.language = LanguageFilter(keep=("en",))

    def forward(self, documents: Handle) -> Handle:
        return self.language(documents)


def test_an_annotation_that_cannot_be_told_is_not_checked() -> None:
    OnlyForTypeCheckers(least="1").compile()  # type: ignore[arg-type]


class TakesAnything(Pipeline):
    def __init__(self, **others: Any) -> None:
        self.language = LanguageFilter(keep=("en",))

    def forward(self, documents: Handle) -> Handle:
        return self.language(documents)


def test_a_constructor_that_takes_any_name_is_given_it() -> None:
    TakesAnything(anything=1).compile()


class TakesNothing(Pipeline):
    def forward(self, documents: Handle) -> Handle:
        return documents


def test_a_pipeline_without_a_constructor_has_no_parameters() -> None:
    with pytest.raises(ParameterError, match='no parameter "x"'):
        TakesNothing(x=1)
