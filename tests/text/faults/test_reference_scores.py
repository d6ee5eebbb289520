"""Faults of the reference's scores against a reference text: BERTScore, BLEU, CIDEr."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from operators.core.operator import Operator
from operators.engine.report import Report
from operators.tables.errors import ParameterError
from operators.tables.storage import MemoryStorage
from operators.text.classical.spelling import StemWords
from operators.text.scores.reference import BleuEvaluator, CiderEvaluator, cider, sentence_bleu
from operators.text.scores.similarity import BertScoreEvaluator
from tests.faults import fault
from tests.text import tiny_models

SENTENCE = "the quick brown fox jumps over the lazy dog"
SHUFFLED = "dog lazy the over jumps fox brown quick the"


def rows(*pairs: tuple[str | None, str | None]) -> MemoryStorage:
    return MemoryStorage(pa.table({"text": [text for text, _ in pairs], "reference": [reference for _, reference in pairs]}))


def scored(operator: Operator, *pairs: tuple[str | None, str | None]) -> list[float | None]:
    kept = MemoryStorage()
    operator.run(rows(*pairs), into=kept)
    score: list[float | None] = kept.read([next(iter(operator.output_columns().values()))]).column(0).to_pylist()
    return score


@pytest.fixture
def encoder(tmp_path: Path) -> Callable[[int], str]:
    """A real encoder with random weights, by seed: the folder of it."""
    extra = "the extra [models] is not installed: pip install 'dataflow-dagster[models]'"
    torch = pytest.importorskip("torch", reason=extra)
    transformers = pytest.importorskip("transformers", reason=extra)

    def make(seed: int) -> str:
        folder = tmp_path / str(seed)
        tiny_models.tokenizer_into(folder, encoder=True)
        torch.manual_seed(seed)
        transformers.BertModel(tiny_models.bert_config(initializer_range=0.5)).save_pretrained(folder)
        return str(folder)

    return make


@fault("run returns None")
@pytest.mark.parametrize("cls", [BertScoreEvaluator, BleuEvaluator, CiderEvaluator])
def test_run_returns_a_report_and_writes_the_scores(cls: type[Operator], request: pytest.FixtureRequest) -> None:
    parameters = {"weights": request.getfixturevalue("encoder")(0)} if cls is BertScoreEvaluator else {}
    kept = MemoryStorage()
    report = cls(**parameters).run(rows(("the cat sat", "the cat sat"), ("a dog", "a bad dog"), (None, "a")), into=kept)
    assert isinstance(report.report, Report)
    assert (report.rows_in, report.rows_out, report.filtered + report.failed) == (3, 3, 0)
    first, second, null = (row[next(iter(cls().output_columns().values()))] for row in kept.read().to_pylist())
    assert first > second
    assert null is None


# BertSampleEvaluator


@fault("model fixed to a weak English one while a lang parameter is offered")
def test_the_encoder_is_the_callers_choice(encoder: Callable[[int], str]) -> None:
    pair = ("the cat sat on the mat", "a bad dog sat")
    one, other = (scored(BertScoreEvaluator(weights=encoder(seed)), pair) for seed in (0, 1))
    assert one != other
    with pytest.raises(ParameterError, match='BertScoreEvaluator has no parameter "lang"'):
        BertScoreEvaluator(lang="de")


@fault("evaluate.load fetches a metric script from the hub in the constructor")
def test_constructing_it_fetches_and_imports_nothing(modules_after: Callable[[str], set[str]]) -> None:
    used = modules_after("""
from operators.text.scores.similarity import BertScoreEvaluator
operator = BertScoreEvaluator()
operator.problems(pa.schema([("text", pa.string()), ("reference", pa.string())]))
""")
    assert not {"evaluate", "datasets", "torch", "transformers", "huggingface_hub"} & used


# BleuSampleEvaluator


@fault("verified: a shuffled sentence scores 0.9999 because only BLEU-1 is returned, n has no effect")
def test_the_order_of_words_and_n_count() -> None:
    same, shuffled = scored(BleuEvaluator(), (SENTENCE, SENTENCE), (SHUFFLED, SENTENCE))
    assert same == pytest.approx(1)
    assert shuffled is not None
    assert shuffled < 0.2
    by_n = [scored(BleuEvaluator(n=n), (SHUFFLED, SENTENCE))[0] or 0 for n in (1, 2, 3, 4)]
    assert by_n[0] == pytest.approx(1)
    assert by_n == sorted(by_n, reverse=True)
    assert len(set(by_n)) == 4


@fault("eff=longest passes validation and then hits an assertion (verified)")
def test_what_validation_lets_through_runs() -> None:
    for n in range(1, 9):
        assert scored(BleuEvaluator(n=n), (SENTENCE, SENTENCE), ("the", SENTENCE), ("", SENTENCE))[0] == pytest.approx(1)
    for wrong in ({"n": 0}, {"n": 9}, {"n": "longest"}, {"eff": "longest"}):
        with pytest.raises(ParameterError):
            BleuEvaluator(**wrong)


@fault("brevity penalty and smoothing are corpus-style on single sentences")
def test_bleu_is_sentence_bleu_with_its_smoothing_and_its_penalty() -> None:
    """Exponential smoothing and effective order; each number by hand, then as sacrebleu has it."""
    assert sentence_bleu("the fox".split(), SENTENCE.split()) == pytest.approx(math.exp(1 - 9 / 2) * math.sqrt(1 * 1 / 2)), (
        "no bigram matches: 1/2 of one"
    )
    assert sentence_bleu("the quick".split(), "the quick".split()) == pytest.approx(1), "a sentence of two words has no trigram to miss"
    sacrebleu = pytest.importorskip("sacrebleu", reason="the comparison needs sacrebleu: pip install sacrebleu")
    drawn = random.Random(0)
    for _ in range(50):
        tokens, reference = (drawn.choices(SENTENCE.split(), k=drawn.randint(1, 12)) for _ in range(2))
        theirs = sacrebleu.sentence_bleu(" ".join(tokens), [" ".join(reference)], smooth_method="exp", tokenize="none", use_effective_order=True)
        assert sentence_bleu(tokens, reference) == pytest.approx(theirs.score / 100, abs=1e-6)


# CiderSampleEvaluator

CAPTIONS = ("a cat sat on the mat", "a dog ran over the grass", "two men rode on a horse")


@fault("default idf file is not in the repository and the folder name is an old one: default construction fails")
@fault("unpickles a file")
def test_default_construction_works_and_reads_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins
    import pickle

    def refuse(*arguments: Any, **_: Any) -> None:
        raise AssertionError(f"a file was read: {arguments}")

    monkeypatch.chdir(tmp_path)
    for module, name in ((builtins, "open"), (pickle, "load"), (pickle, "loads")):
        monkeypatch.setattr(module, name, refuse)
    assert scored(CiderEvaluator(), *zip(CAPTIONS, CAPTIONS, strict=True)) == pytest.approx([10, 10, 10])


@fault("corpus mode treats each row as its own corpus, ln(1)=0, so the score is always 0 (verified on identical strings)")
def test_the_weights_come_from_all_references_of_the_table() -> None:
    assert scored(CiderEvaluator(), *zip(CAPTIONS, CAPTIONS, strict=True)) == pytest.approx([10, 10, 10])
    assert scored(CiderEvaluator(), (CAPTIONS[0], CAPTIONS[0])) == [None], "one reference says nothing about which words are rare"
    rare, common, _ = scored(CiderEvaluator(n=1), ("cat", CAPTIONS[0]), ("a", CAPTIONS[1]), ("x", CAPTIONS[2]))
    assert rare is not None
    assert rare > (common or 0) == 0


@fault("lookups grow the shared idf dict")
def test_scoring_leaves_the_weights_as_they_are() -> None:
    documents = {("a",): 2, ("cat",): 1}
    cider("never seen words".split(), "a cat sat".split(), documents, 2, 4, 6.0)
    assert documents == {("a",): 2, ("cat",): 1}
    operator = CiderEvaluator()
    pairs = list(zip(CAPTIONS, reversed(CAPTIONS), strict=True))
    first = scored(operator, *pairs)
    scored(operator, ("quite other words", "with references of their own"), ("and two", "of them"))
    assert scored(operator, *pairs) == first


@fault("no stemming/tokenisation")
def test_case_punctuation_and_where_asked_endings_do_not_count() -> None:
    plain = scored(CiderEvaluator(), *zip(CAPTIONS, CAPTIONS, strict=True))
    marked = scored(CiderEvaluator(), *((f"{caption.title()}!", caption) for caption in CAPTIONS))
    assert marked == pytest.approx(plain)
    if problems := StemWords().package_problems():
        assert "CiderEvaluator with stemming: StemWords needs snowballstemmer" in str(
            CiderEvaluator(stemming="en").problems(rows(("", "")).schema)[0]
        )
        pytest.skip(problems[0].suggestion)
    inflected = [("a cats sat on the mats", CAPTIONS[0]), *zip(CAPTIONS[1:], CAPTIONS[1:], strict=True)]
    by_words, by_stems = (scored(CiderEvaluator(stemming=stemming), *inflected)[0] or 0 for stemming in (None, "en"))
    assert by_words < 9
    assert by_stems == pytest.approx(10)
