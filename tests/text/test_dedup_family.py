"""Every way to deduplicate: what is dropped says what it lost to, what stays is unlike everything kept."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators import MemoryStorage
from operators.kernels.simhash import near_groups
from operators.tables.errors import ColumnError, ParameterError
from operators.text.cleaning.repeated_parts import RemoveRepeatedLines, RemoveRepeatedPassages
from operators.text.duplicates.decontamination import Decontaminate
from operators.text.duplicates.exact import ExactDedup, ExactDedupAgainst
from operators.text.duplicates.minhash import MinHashDedup, MinHashDedupAgainst
from operators.text.duplicates.overlap import NGramOverlapDedup
from operators.text.duplicates.semantic import SemanticDedup
from operators.text.duplicates.simhash import SimHashDedup

WORDS = [f"w{number}" for number in range(300)]


def table(texts: Sequence[str | None], prefix: str = "") -> MemoryStorage:
    return MemoryStorage(pa.table({"row_id": [f"{prefix}{row}" for row in range(len(texts))], "text": pa.array(texts, pa.string())}))


def run(operator: Any, *tables: MemoryStorage, **resources: Any) -> tuple[list[str], dict[str, str]]:
    """The ids that stay, and the reasons of the others."""
    kept, rejected = MemoryStorage(), MemoryStorage()
    operator.run(*tables, into=kept, rejected=rejected, resources=resources)
    return kept.read()["row_id"].to_pylist(), dict(zip(*(rejected.read()[name].to_pylist() for name in ("row_id", "rejected_reason")), strict=True))


@pytest.mark.parametrize("operator", [ExactDedupAgainst(), MinHashDedupAgainst(), MinHashDedupAgainst(keep="longest")], ids=repr)
def test_a_new_part_is_compared_with_what_was_kept_before(operator: Any) -> None:
    known = table([" ".join(WORDS), "another text that is known"], "known-")
    kept, reasons = run(operator, table([" ".join(WORDS), "a new text", "a new text", " ".join(reversed(WORDS))]), known)
    assert kept == ["1", "3"]
    assert "known-0" in reasons["0"]
    assert "1" in reasons["2"]


def test_known_rows_that_are_like_each_other_are_no_trouble() -> None:
    known = table(["same text here"] * 3, "known-")
    assert run(ExactDedupAgainst(keep="longest"), table(["same text here", "x"]), known)[0] == ["1"]
    assert run(MinHashDedupAgainst(), table([]), known)[0] == []


def test_doubtful_pairs_are_decided_by_their_shingles() -> None:
    random_ = random.Random(3)
    pairs = []
    for _ in range(60):
        base = [f"w{random_.randrange(10**6)}" for _ in range(300)]
        pairs += [" ".join(base), " ".join([*base[:262], *(f"v{random_.randrange(10**6)}" for _ in range(38))])]  # 258 of 334 shared: 0.772
    kept, _ = run(MinHashDedup(threshold=0.8), table(pairs))
    believed, _ = run(MinHashDedup(threshold=0.8, verify=False), table(pairs))
    assert len(kept) == 120
    assert len(believed) < 120


@given(
    texts=st.lists(st.text(st.sampled_from("aB,1 \t\n\r\v\f\x1c\x1f\x85\xa0\u1680\u2003\u2028\u3000\u200b\0e\u0301\u00e9"), max_size=6), max_size=12),
    ignore_case=st.booleans(),
    ignore_spaces=st.booleans(),
)
def test_texts_are_equal_as_python_says_without_what_is_ignored(texts: list[str], ignore_case: bool, ignore_spaces: bool) -> None:
    kept: dict[str, str] = {}
    for row, text in enumerate(texts):
        compared = unicodedata.normalize("NFC", text)
        compared = compared.casefold() if ignore_case else compared
        kept.setdefault(" ".join(compared.split()) if ignore_spaces else compared, str(row))
    assert run(ExactDedup(ignore_case=ignore_case, ignore_spaces=ignore_spaces, max_failed=1), table(texts))[0] == list(kept.values())


def test_simhash_finds_every_pair_within_its_bits() -> None:
    random_ = np.random.default_rng(5)
    prints = random_.integers(0, 2**63, 400, np.uint64)
    flips = [int(random_.integers(0, 5)) for _ in prints]
    near = np.array(
        [value ^ np.uint64(sum(1 << int(bit) for bit in random_.choice(64, flip, replace=False))) for value, flip in zip(prints, flips, strict=True)]
    )
    groups = near_groups(np.concatenate([prints, near]), 3)
    assert [groups[400 + row] == row for row in range(400)] == [flip <= 3 for flip in flips]


def test_simhash_names_the_row_and_the_bits() -> None:
    text = "The committee decided to publish the report in the spring, after a long debate about its tables and figures. " * 5
    kept, reasons = run(SimHashDedup(max_bits=6), table([text, text.replace("spring", "autumn", 1), "Something else entirely.", "", ""]))
    assert kept == ["0", "2", "3", "4"]
    assert reasons["1"].startswith("SimHashDedup: near-duplicate of 0 (")


def test_n_gram_overlap_finds_parts_and_shifted_copies_and_leaves_short_texts() -> None:
    whole = " ".join(WORDS)
    texts = [whole, " ".join(WORDS[100:200]), "x " + whole, "ab", "cd", "", " ".join(f"v{number}" for number in range(50))]
    kept, reasons = run(NGramOverlapDedup(), table(texts))
    assert kept == ["0", "3", "4", "5", "6"]
    assert reasons["1"] == "NGramOverlapDedup: 100% of its 5-grams seen before, most in 0"


def test_a_quilt_of_kept_texts_is_an_overlap_though_no_single_one_is_like_it() -> None:
    one, two = WORDS[:100], WORDS[100:200]
    assert run(NGramOverlapDedup(), table([" ".join(one), " ".join(two), " ".join(one + two)]))[0] == ["0", "1"]


def test_decontamination_names_the_test_that_leaked() -> None:
    question = "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May."
    leaked = f"Some page. {question.upper().replace(',', ' ')} End of page."
    kept, reasons = run(Decontaminate(), table([leaked, "Natalia sold clips.", None]), table(["Unrelated.", question], "test-"))
    assert kept == ["1"]
    assert "test-1" in reasons["0"]
    assert reasons["2"] == "text is null"


def test_d9_a_short_question_is_found_anywhere_in_a_row() -> None:
    tests = table(["What is the boiling point of water at sea level?", "Yes.", "Name three planets of our solar system", ""], "test-")
    held = "Here is one I liked: what is the BOILING point of\nwater, at sea level? It depends on the pressure."
    rows = table(
        [held, "Yes. That is how it was, and nobody minded.", "yes", "Can you name three planets of our solar system for me?", "Name three planets."]
    )
    kept, reasons = run(Decontaminate(), rows, tests)
    assert kept == ["1", "4"]
    assert "holds the 10 words of test-0" in reasons["0"]
    assert "test-1" in reasons["2"]
    assert "test-2" in reasons["3"]


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("What is the boiling point of water at sea level?", "So: what is the boiling-point of water at sea-level?"),
        ("Solve $x^2 + 3x + 2 = 0$ for x.", "Homework: solve \\(x^2+3x+2=0\\) for x, thanks."),
        ("Name the Paris–Dakar winners of the 12-year-old boys.", "name the Paris - Dakar winners of the 12 year old boys"),
    ],
)
def test_d9_hyphens_and_the_spaces_of_formulas_hide_no_question(question: str, row: str) -> None:
    assert run(Decontaminate(), table([row, "Something else."]), table([question], "test-"))[0] == ["1"]


def test_d11_a_row_that_is_a_short_text_of_the_benchmark_is_said_to_be_one_whatever_min_matches_is() -> None:
    for min_matches in (1, 5):
        kept, reasons = run(Decontaminate(min_matches=min_matches), table(["yes", "yes or no"]), table(["Yes."], "test-"))
        assert kept == ["1"]
        assert reasons["0"] == "Decontaminate: is the text test-0 of the benchmark"


def test_d9_a_word_that_comes_twice_does_not_make_a_question_shorter() -> None:
    tests = table(["go go go go go go now"], "test-")
    assert run(Decontaminate(), table(["they go go on", "then go go go go go go now please"]), tests)[0] == ["0"]


def test_a10_rows_that_differ_in_a_column_that_must_be_the_same_are_no_duplicates() -> None:
    instruction = "Translate the following sentence into French, and keep the tone of it as it is."
    rows = pa.table({"text": [instruction] * 4 + [instruction + " Please."], "input": ["one", "two", "one", None, "two"]})
    for operator in (ExactDedup(same=("input",)), MinHashDedup(same=("input",), unit="character"), SimHashDedup(same=("input",))):
        kept = operator.run(rows).table["input"].to_pylist()
        assert kept[:2] == ["one", "two"]
        assert kept.count("one") == 1
        assert None in kept
    without = rows.drop_columns(["input"])
    assert MinHashDedup(same=("input",), unit="character").run(without).table.num_rows == 1
    with pytest.raises(ParameterError, match="compared already"):
        ExactDedup(also=("input",), same=("input",))


def test_decontamination_reads_the_column_it_is_told_and_says_when_there_is_none() -> None:
    tests = MemoryStorage(pa.table({"row_id": ["t"], "question": ["how many legs has a spider"]}))
    assert run(Decontaminate(size=4, benchmark_column="question"), table(["ask: How many legs has a spider?"]), tests)[0] == []
    with pytest.raises(ColumnError, match="does not exist in the benchmark"):
        run(Decontaminate(), table(["x"]), tests)


def refined(operator: Any, *texts: str | None) -> list[str | None]:
    return operator.run(table(texts)).table["text"].to_pylist()  # type: ignore[no-any-return]


def test_repeated_lines_go_and_short_ones_stay() -> None:
    menu = "Home - About us - Contact - Privacy - Imprint"
    texts = [f"{menu}\nFirst page.\n}}\n", f"  {menu.upper()}\nSecond page.\n}}", None, menu, ""]
    assert refined(RemoveRepeatedLines(), *texts) == [f"{menu}\nFirst page.\n}}\n", "Second page.\n}", None, "", ""]


def test_repeated_passages_go_wherever_they_start() -> None:
    passage = " ".join(WORDS[:60])
    texts = [f"Before one {passage} after one.", f"Now {' '.join(WORDS[2:58])} then", " ".join(WORDS[:40]), None]
    assert refined(RemoveRepeatedPassages(), *texts) == [texts[0], "Now then", " ".join(WORDS[:40]), None]
    chinese = "今天天气很好我们决定去公园散步"
    assert refined(RemoveRepeatedPassages(min_tokens=10), chinese + "甲", "乙" + chinese) == [chinese + "甲", "乙"]


@pytest.mark.parametrize("operator", [RemoveRepeatedLines(), RemoveRepeatedPassages(min_tokens=5)], ids=repr)
def test_a_table_without_repetition_stays_as_it_is(operator: Any) -> None:
    texts = ["One line of text that nobody wrote before.\n\n  And another, e\u0301 too.\r\n", "汉字 here\n", " ", "\n\n"]
    assert refined(operator, *texts) == texts


class Topics:
    """Embeds a text by the share of its words about each topic."""

    dimensions = 3
    topics = ({"cat", "kitten", "feline"}, {"car", "engine", "wheel"}, {"sun", "moon", "star"})

    def embed(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        counts = np.array([[sum(word in topic for word in text.split()) for topic in self.topics] for text in texts], np.float32).reshape(-1, 3)
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)


@pytest.mark.parametrize("exact_up_to", [1, 100])
def test_texts_that_say_the_same_in_other_words_are_found(exact_up_to: int) -> None:
    operator = SemanticDedup(exact_up_to=exact_up_to, cluster_size=4)
    kept, reasons = run(operator, table(["cat", "car engine", "kitten feline", "sun", "", "", "wheel"]), embedding=Topics())
    assert kept == ["0", "1", "3", "4", "5"]
    assert reasons["2"] == "SemanticDedup: says the same as 0 (cosine 1.000)"


def test_a_row_loses_only_to_a_row_that_stays() -> None:
    angles = np.radians([0, 10, 20, 30])

    class Circle:
        dimensions = 2

        def embed(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
            return np.array([[np.cos(angles[int(text)]), np.sin(angles[int(text)])] for text in texts], np.float32)

    kept, reasons = run(SemanticDedup(threshold=0.98), table(["0", "1", "2", "3"]), embedding=Circle())
    assert kept == ["0", "2"]
    assert "of 0" not in reasons["3"]
    assert "as 2 " in reasons["3"]


@pytest.mark.parametrize(
    "operator", [ExactDedup(), MinHashDedup(), SimHashDedup(), NGramOverlapDedup(), RemoveRepeatedLines(), RemoveRepeatedPassages()], ids=repr
)
def test_duplicates_are_found_across_batches(operator: Any) -> None:
    texts = [" ".join(f"w{number % 2500}x{word}" for word in range(60)) for number in range(5000)]
    if operator.kind == "refine":
        assert sum(bool(text) for text in refined(operator, *texts)) == 2500
    else:
        assert len(run(operator, table(texts))[0]) == 2500


class Drawn:
    """A vector for each different text, of the length `scale`."""

    dimensions = 384

    def __init__(self, scale: float = 1.0) -> None:
        self.scale = scale

    def embed(self, texts: Sequence[str]) -> np.ndarray[Any, Any]:
        drawn = np.stack([np.random.default_rng(list(text.encode())).normal(size=self.dimensions) for text in texts])
        return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True) * self.scale).astype(np.float32)


@pytest.mark.parametrize("keep", ["first", "last"])
@pytest.mark.parametrize("exact_up_to", [1000, 10])
def test_equal_texts_say_the_same_at_any_threshold(keep: Any, exact_up_to: int) -> None:
    """Their cosine is 1, of which rounding leaves 0.99999994."""
    texts = table([f"text {number % 40}" for number in range(120)])
    operator = SemanticDedup(threshold=1, keep=keep, exact_up_to=exact_up_to, cluster_size=30)
    kept, reasons = run(operator, texts, embedding=Drawn())
    assert kept == [str(row) for row in (range(40) if keep == "first" else range(80, 120))]
    assert all(f"says the same as {int(row) % 40 + (0 if keep == 'first' else 80)} " in reason for row, reason in reasons.items())


@pytest.mark.parametrize("scale", [1e-3, 7.0, 1e30])
def test_vectors_of_any_length_are_compared_by_their_cosine(scale: float) -> None:
    texts = [f"text {number % 40}" for number in range(80)]
    assert run(SemanticDedup(), table(texts), embedding=Drawn(scale)) == run(SemanticDedup(), table(texts), embedding=Drawn())
