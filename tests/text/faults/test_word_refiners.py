"""Faults of the reference's refiners of words, numbers and dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from dataflow_assets.pipelines import all_pipelines
from operators.core import registry
from operators.core.operator import Operator
from operators.core.sequential import Sequential
from operators.tables.storage import MemoryStorage
from operators.text.classical import words as classical
from operators.text.classical.contractions import ExpandContractions
from operators.text.classical.dates import NormalizeDatesAndMoney
from operators.text.classical.lemmas import LemmatizeWords
from operators.text.classical.spelling import CorrectSpelling, StemWords
from operators.text.classical.words import Lowercase, RemoveNumbers, RemovePunctuation, RemoveStopWords
from tests.faults import fault


def installed(refiner: Operator) -> Operator:
    if problems := refiner.package_problems():
        pytest.skip(problems[0].suggestion)
    return refiner


# What is only for search and counting


@fault("obsolete for LLM data")
@fault("destroys facts, superscripts included; obsolete for LLM data")
@fault("obsolete for LLM data; translation table rebuilt per row; non-ASCII punctuation stays")
@fault("no POS so lemma is weak; obsolete for LLM data")
@pytest.mark.parametrize("cls", [Lowercase, RemoveNumbers, RemovePunctuation, RemoveStopWords, StemWords, LemmatizeWords])
def test_no_pipeline_for_training_text_has_it_and_its_description_says_what_it_is_for(cls: type[Operator]) -> None:
    used = [operator for pipeline in all_pipelines().values() for operator in pipeline().operators().values()]
    assert len(used) > 20
    assert not [
        operator for operator in used for part in (operator.parts if isinstance(operator, Sequential) else (operator,)) if isinstance(part, cls)
    ]
    assert "For search and counting, not for training text" in (cls.__doc__ or "")


@fault("destroys facts, superscripts included; obsolete for LLM data")
def test_only_whole_numbers_go(refined: Any) -> None:
    text = "E = mc² in 1905: H2O, x2, 10:30, v1.2.34, 2024-01-02, 10³ and ½"
    assert refined(RemoveNumbers(), text) == text.replace(" in 1905", " in")


@fault("obsolete for LLM data; translation table rebuilt per row; non-ASCII punctuation stays")
def test_punctuation_of_every_script_goes_by_a_table_that_is_made_once(refined: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refined(RemovePunctuation(), "“Hi”, he said… 你好，世界！ ¿Qué? «oui» a—b") == "Hi he said 你好 世界 Qué oui a b"
    classical._punctuation_patterns.cache_clear()
    RemovePunctuation().run(table(*["a, b"] * 50), into=MemoryStorage())
    assert classical._punctuation_patterns.cache_info().misses == 1


@fault("stop-word set is rebuilt for each row")
def test_the_stop_words_are_made_into_a_pattern_once() -> None:
    operator = RemoveStopWords()
    operator.run(table(*["the cat and the dog"] * 50), into=MemoryStorage())
    assert "_pattern" in vars(operator), "the pattern is not kept"


@fault("flattens newlines; punctuation-attached words kept")
def test_stop_words_go_beside_punctuation_too_and_lines_stay(refined: Any) -> None:
    assert refined(RemoveStopWords(), "The cat,\nand the dog: it is.\n\nHere (the) end") == "cat,\ndog:.\n\n() end"


# RemoveContractionsRefiner


@fault("English only; changes register of dialogue; misleading name (expands)")
def test_contractions_are_expanded_by_that_name_and_other_languages_and_what_people_say_stay(refined: Any) -> None:
    assert refined(ExpandContractions(), "It's late and they don't know.") == "It is late and they do not know."
    assert refined(ExpandContractions(), "L'été, c'est aujourd'hui; dov'è l'uomo?") == "L'été, c'est aujourd'hui; dov'è l'uomo?"
    dialogue = "It isn't far. \"Don't go,\" she said. “I can’t,” he said, but they're off."
    assert refined(ExpandContractions(), dialogue) == 'It is not far. "Don\'t go," she said. “I can’t,” he said, but they are off.'
    assert '"Do not go,"' in refined(ExpandContractions(quotations=True), dialogue)
    assert registry.find("RemoveContractionsRefiner") is ExpandContractions


# SpellingCorrectionRefiner


@fault(
    "dictionary looked up in the current directory and downloaded from GitHub although the package bundles it; "
    "download error is swallowed and it continues with no dictionary"
)
def test_spelling_is_corrected_with_the_bundled_dictionary_without_a_network_in_an_empty_folder(modules_after: Callable[[str], set[str]]) -> None:
    installed(CorrectSpelling())
    modules_after("""
from operators.text.classical.spelling import CorrectSpelling
kept = MemoryStorage()
CorrectSpelling().run(MemoryStorage(pa.table({"text": ["I recieve it."]})), into=kept)
assert kept.read(["text"]).column(0).to_pylist() == ["I receive it."]
""")


@fault("'word,' and capitalised names are 'corrected', case and punctuation lost")
@fault("flattens newlines")
def test_only_misspelt_words_change_where_they_stand(refined: Any) -> None:
    refiner = installed(CorrectSpelling())
    text = "The word, (word) and “word”: Micheal, Jonh and\n\n\tNASA at a-b, x_y and don't."
    assert refined(refiner, text) == text
    assert refined(refiner, "A sentance, (beleive)\n  it:\n\nwrod!") == "A sentence, (believe)\n  it:\n\nword!"


# StemmingLemmatizationRefiner


@fault("downloads wordnet and omw on each construction, even for stemming")
def test_stems_and_lemmas_need_no_network_and_load_nothing_when_they_are_made(modules_after: Callable[[str], set[str]]) -> None:
    for refiner in (StemWords(), LemmatizeWords()):
        installed(refiner)
    used = modules_after("""
from operators.text.classical.lemmas import LemmatizeWords
from operators.text.classical.spelling import StemWords
refiners = [LemmatizeWords(), StemWords()]
assert not {"nltk", "simplemma", "snowballstemmer", "symspellpy"} & sys.modules.keys(), "constructing loads nothing"
for refiner, word in zip(refiners, ["mouse", "mice"]):
    kept = MemoryStorage()
    refiner.run(MemoryStorage(pa.table({"text": ["mice"]})), into=kept)
    assert kept.read(["text"]).column(0).to_pylist() == [word]
""")
    assert "nltk" not in used


@fault("no POS so lemma is weak; obsolete for LLM data")
@pytest.mark.parametrize(
    ("language", "text", "lemmas"),
    [
        ("en", "The mice ran home, and\nthe children were happier.", "the mouse run home, and\nthe child be happy."),
        ("en", "She bought leaves; it isn't H2O or well-known in the U.S.", "she buy leave; it isn't H2O or well-known in the U.S."),
        ("de", "Die Häuser gingen", "der Haus gehen"),
        ("fr", "Les yeux étaient ouverts", "le œil être ouvert"),
    ],
)
def test_verbs_nouns_and_adjectives_have_their_lemmas_without_a_tagger(language: str, text: str, lemmas: str, refined: Any) -> None:
    refiner = installed(LemmatizeWords(language=language))
    assert refined(refiner, text) == lemmas
    assert refined(refiner, lemmas) == lemmas


# TextNormalizationRefiner


@fault("verified: version 1.2.34 becomes 34-2-1; US dates become month 25; '$3.50' becomes '3 USD.50'")
def test_versions_stay_and_dates_and_amounts_are_real(refined: Any) -> None:
    text = "Version 1.2.34, 12/25/2024, 25/12/2024, $3.50 and $1,234.5"
    assert refined(NormalizeDatesAndMoney(), text) == "Version 1.2.34, 2024-12-25, 2024-12-25, 3.50 USD and 1,234.5 USD"
    assert refined(NormalizeDatesAndMoney(numeric="month first"), "03/04/2024 25/25/2024") == "2024-03-04 25/25/2024"


@fault("two-digit years and no zero padding")
def test_years_have_four_digits_and_days_two(refined: Any) -> None:
    assert refined(NormalizeDatesAndMoney(), "March 5, 2024; 1 Jan 2023; 1.2.2024") == "2024-03-05; 2023-01-01; 2024-02-01"
    assert refined(NormalizeDatesAndMoney(numeric="day first"), "1/2/24 and March 5, 99") == "1/2/24 and March 5, 99"


@fault("only first textual date of each kind is handled")
def test_every_date_is_written_the_same_way(refined: Any) -> None:
    text = "March 5, 2024 to April 6, 2024; 7 May 2024, 8th of June 2024 and 9 Sept. 2024"
    assert refined(NormalizeDatesAndMoney(), text) == "2024-03-05 to 2024-04-06; 2024-05-07, 2024-06-08 and 2024-09-09"


def table(*texts: str) -> MemoryStorage:

    return MemoryStorage(pa.table({"text": list(texts)}))
