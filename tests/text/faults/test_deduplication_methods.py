"""Faults of the reference's dedup filters one by one: what counts as a copy, and how many comparisons it takes to find out."""

from __future__ import annotations

import random
import tracemalloc
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from operators.kernels.compiled import index as index_kernel
from operators.kernels.compiled import simhash as simhash_kernel
from operators.kernels.minhash import MinHash
from operators.kernels.simhash import near_groups
from operators.tables.errors import ColumnError
from operators.tables.storage import MemoryStorage
from operators.text.cleaning.repeated_parts import RemoveRepeatedLines
from operators.text.duplicates.exact import ExactDedup
from operators.text.duplicates.minhash import MinHashDedup
from operators.text.duplicates.overlap import NGramOverlapDedup
from operators.text.duplicates.semantic import SemanticDedup
from operators.text.duplicates.simhash import SimHashDedup
from resources import models
from resources.embeddings import EmbeddingSettings, open_embeddings
from tests.faults import fault
from tests.text.faults.dedup_tables import BagOfWords, Vectors, run, table
from tests.text.faults.python_calls import python_calls

COPIED = "The committee decided to publish the report in the spring, after a long debate about its tables and figures."
OTHER = "Nobody in the village could remember a winter in which the river had been frozen for so many weeks on end."
BOILERPLATE = "All rights reserved. No part of this site may be copied without the written consent of its owner."


def python_form(kernel: Any) -> Any:
    """A compiled loop before it was compiled: what it calls can be counted."""
    return kernel.py_func


class TestHash:
    @fault("no normalisation (case, spaces, Unicode)")
    def test_what_does_not_count_is_chosen(self) -> None:
        assert run(ExactDedup(), table(["a b", " a\u3000b\n", "A B", "a, b"]))[0] == ["0", "2", "3"]
        assert run(ExactDedup(ignore_spaces=False), table(["a b", "a  b"]))[0] == ["0", "1"]
        assert run(ExactDedup(ignore_case=True), table(["STRASSE", "straße", "Straẞe"]))[0] == ["0"]
        assert run(ExactDedup(ignore_punctuation=True), table(["a b", "a, b!", "“a” b"]))[0] == ["0"]
        assert run(ExactDedup(), table(["caf\u00e9", "cafe\u0301"]))[0] == ["0"]

    @pytest.mark.parametrize(
        ("one", "other"), [("1.5 m", "15 m"), ("-1", "1"), ("3:4", "34"), ("C#", "C"), ("5%", "5"), ("R&D", "RD"), ("1/2", "12"), ("0,5", "05")]
    )
    def test_marks_of_numbers_and_names_are_no_punctuation(self, one: str, other: str) -> None:
        texts = [f"What is {one}?", f"What is {other}", f"what is {one}!"]
        assert run(ExactDedup(ignore_punctuation=True, ignore_case=True), table(texts))[0] == ["0", "1"]

    @fault("non-string crashes on encode")
    def test_what_is_no_text_is_set_aside_or_refused_by_name(self) -> None:
        assert run(ExactDedup(), table(["a", None, "a", None])) == (
            ["0"],
            {"1": "text is null", "2": "ExactDedup: duplicate of 0", "3": "text is null"},
        )
        with pytest.raises(ColumnError, match='column "text" is integer, but text is needed'):
            run(ExactDedup(), MemoryStorage(pa.table({"text": [1, 2]})))


@fault(
    "whole-document exact hash, i.e. a duplicate of HashDeduplicateFilter with a truncated digest; CCNet's paragraph removal and text "
    "normalisation are missing"
)
def test_ccnet_removes_the_paragraphs_that_were_met_before_whatever_their_case_and_spaces() -> None:
    storage = table([f"{COPIED}\n{BOILERPLATE}", f"  {BOILERPLATE.upper().replace(' ', '   ')}\n{OTHER}", OTHER])
    assert RemoveRepeatedLines().run(storage).table["text"].to_pylist() == [f"{COPIED}\n{BOILERPLATE}", OTHER, ""]


class TestMinHash:
    @fault("text shorter than the n-gram gives an empty signature, so all short texts are duplicates of one another and only one survives")
    def test_short_texts_are_compared_as_what_they_are(self) -> None:
        assert run(MinHashDedup(), table(["one", "two", "one two", "two", "", " ", ""]))[0] == ["0", "1", "2", "4", "5", "6"]

    @fault("one Python call per n-gram: very slow on long documents")
    def test_a_text_takes_as_many_calls_however_long_it_is(self) -> None:
        short, long = (pa.array([" ".join(f"w{number}" for number in range(words))]) for words in (50, 50_000))
        assert python_calls(lambda: MinHash().sign(short)) == python_calls(lambda: MinHash().sign(long))

    @fault("candidates are not verified with the true Jaccard")
    def test_doubtful_pairs_are_decided_by_their_shingles(self) -> None:
        random_ = random.Random(3)
        pairs = []
        for _ in range(60):
            base = [f"w{random_.randrange(10**6)}" for _ in range(300)]
            pairs += [" ".join(base), " ".join([*base[:262], *(f"v{random_.randrange(10**6)}" for _ in range(38))])]  # 258 of 334 shared: 0.772
        assert len(run(MinHashDedup(threshold=0.8), table(pairs))[0]) == 120
        assert len(run(MinHashDedup(threshold=0.8, verify=False), table(pairs))[0]) < 120

    @fault("use_n_gram=False hashes the set of single characters, which is nearly identical for all texts of one language")
    @pytest.mark.parametrize("unit", ["word", "character"])
    def test_texts_of_the_same_letters_are_not_alike(self, unit: Any) -> None:
        texts = [COPIED, OTHER, " ".join(reversed(COPIED.split())), COPIED]
        assert run(MinHashDedup(unit=unit), table(texts))[0] == ["0", "1", "2"]

    @fault("no word shingles option")
    def test_shingles_are_of_words_or_of_characters(self) -> None:
        one, other = "publish the report in the spring", "republish the reports in a springtime"
        assert run(MinHashDedup(unit="word", shingle_size=1, threshold=0.4), table([one, other]))[0] == ["0", "1"]
        assert run(MinHashDedup(unit="character", shingle_size=3, threshold=0.4), table([one, other]))[0] == ["0"]


class TestSimHash:
    @fault("O(n^2) pairwise loop, no index although the library has one")
    def test_few_of_all_pairs_are_compared(self, monkeypatch: pytest.MonkeyPatch) -> None:
        compared = 0
        bits_apart = simhash_kernel.bits_apart

        def counted(left: Any, right: Any) -> Any:
            nonlocal compared
            compared += 1
            return bits_apart(left, right)

        monkeypatch.setattr(simhash_kernel, "link_near", python_form(simhash_kernel.link_near))
        monkeypatch.setattr(simhash_kernel, "bits_apart", counted)
        prints = np.random.default_rng(1).integers(0, 2**63, 1000, np.uint64)
        groups = near_groups(np.concatenate([prints, prints ^ np.uint64(0b101)]), 3)
        assert (groups[1000:] == np.arange(1000)).all()
        assert 1000 <= compared < 20_000, "of two million pairs"

    @fault("bit length is taken from bin() text including the 0b prefix, so 64 becomes 66 and varies by value")
    @pytest.mark.parametrize("value", [0, 1, 2**40, 2**63, 2**64 - 1])
    @pytest.mark.parametrize("bits", [0, 3, 6])
    def test_the_bound_is_a_number_of_bits_whatever_the_fingerprint(self, value: int, bits: int) -> None:
        flipped = [value ^ ((1 << bits) - 1), value ^ ((1 << (bits + 1)) - 1)]
        assert [near_groups(np.array([value, other], np.uint64), bits)[1] for other in flipped] == [0, 1]


class TestNgramHash:
    @fault("not n-grams: one inserted character shifts every slice so near duplicates are missed")
    @pytest.mark.parametrize("unit", ["word", "character"])
    def test_an_insertion_changes_the_n_grams_around_it_alone(self, unit: Any) -> None:
        text = f"{COPIED} {OTHER} {BOILERPLATE}"
        assert run(NGramOverlapDedup(unit=unit), table([text, f"A {text}", text.replace("long", "very long")]))[0] == ["0"]

    @fault("slices are position-blind so equal boilerplate in different slots counts")
    def test_texts_that_share_their_boilerplate_alone_stay(self) -> None:
        assert run(NGramOverlapDedup(), table([f"{BOILERPLATE} {COPIED}", f"{OTHER} {BOILERPLATE}"]))[0] == ["0", "1"]

    @fault("texts shorter than n_gram yield empty slices and all collide")
    def test_short_texts_are_like_their_equals_alone(self) -> None:
        assert run(NGramOverlapDedup(), table(["a", "b", "", "a b", "", "a"]))[0] == ["0", "1", "2", "3", "4"]

    @fault("O(n^2) scan over a list of sets although a dict would be O(n)")
    def test_every_n_gram_is_looked_up_as_often_however_many_texts_there_are(self, monkeypatch: pytest.MonkeyPatch) -> None:
        looked_up = 0
        find_slot = index_kernel.find_slot

        def counted(*arguments: Any) -> Any:
            nonlocal looked_up
            looked_up += 1
            return find_slot(*arguments)

        monkeypatch.setattr(index_kernel, "match_or_add", python_form(index_kernel.match_or_add))
        monkeypatch.setattr(index_kernel, "find_slot", counted)
        counts = []
        for texts in (50, 200):
            looked_up = 0
            run(NGramOverlapDedup(), table([" ".join(f"w{text}x{word}" for word in range(14)) for text in range(texts)]))
            counts.append(looked_up / texts)
        assert counts == [20, 20], "ten n-grams each, looked up once to compare and once to add"

    @fault("last len mod n characters never compared")
    def test_every_character_counts_to_the_last(self) -> None:
        texts = ["abcdefghij", "abcdefghik", "abcdefghij", "abcdefghijk"]
        assert run(NGramOverlapDedup(unit="character", size=3, max_share=1), table(texts))[0] == ["0", "1", "3"]


class TestSem:
    @fault("all texts go through the encoder in ONE batch (out of memory on real data)")
    def test_texts_are_embedded_some_at_a_time(self) -> None:
        embedding = BagOfWords()
        SemanticDedup().run(table([f"text number {row}" for row in range(1000)]), resources={"embedding": embedding})
        assert sum(embedding.batches) == 1000
        assert max(embedding.batches) <= 256

    @fault("mean pooling ignores the attention mask, so padding changes the vectors and the result depends on the longest text")
    def test_a_text_has_one_vector_whoever_is_embedded_beside_it(self) -> None:
        if not any(status.present for status in models.list() if status.weights.name == "minilm"):
            pytest.skip("the weights are not there: run `dataflow models get minilm`")
        serving = open_embeddings(EmbeddingSettings(cache=False))
        alone = np.concatenate([serving.embed([text]) for text in (COPIED, "short")])
        np.testing.assert_array_equal(serving.embed([COPIED, "short", f"{OTHER} " * 20])[:2], alone)

    @fault("N x N similarity matrix")
    def test_similarities_are_computed_block_by_block(self) -> None:
        rows = 8000  # all unlike: nobody goes, so that every row is compared with every other
        angles = np.arange(rows) * 2 * np.pi / rows

        class Circle:
            dimensions = 2

            def embed(self, texts: list[str]) -> Vectors:
                chosen = angles[[int(text) for text in texts]]
                return np.stack([np.cos(chosen), np.sin(chosen)], axis=1).astype(np.float32)

        storage = table([str(row) for row in range(rows)])
        tracemalloc.start()
        report = SemanticDedup(threshold=1).run(storage, into=MemoryStorage(), resources={"embedding": Circle()})
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert report.rows_out == rows
        assert peak < rows * rows * 4 / 3, "bytes of a matrix of all with all"

    @fault("a row can be dropped because of a row that was itself dropped (no greedy or component logic)")
    @pytest.mark.parametrize(("keep", "stays"), [("first", ["0", "2"]), ("last", ["1", "3"])])
    def test_a_row_loses_only_to_a_row_that_stays(self, keep: Any, stays: list[str]) -> None:
        angles = np.radians([0, 10, 20, 30])

        class Circle:
            dimensions = 2

            def embed(self, texts: list[str]) -> Vectors:
                return np.array([[np.cos(angles[int(text)]), np.sin(angles[int(text)])] for text in texts], np.float32)

        kept, rejected = MemoryStorage(), MemoryStorage()
        operator = SemanticDedup(threshold=0.98, keep=keep)
        operator.run(table(["0", "1", "2", "3"]), into=kept, rejected=rejected, resources={"embedding": Circle()})
        assert kept.read()["row_id"].to_pylist() == stays
        assert all(reason.split(" as ")[1].split()[0] in stays for reason in rejected.read()["rejected_reason"].to_pylist())

    @fault("BertModel class fixed: other architectures fail")
    def test_whatever_makes_vectors_of_any_length_will_do(self) -> None:
        class Lengths:
            dimensions = 3

            def embed(self, texts: list[str]) -> Vectors:
                return np.eye(3, dtype=np.float32)[[len(text) % 3 for text in texts]]

        for embedding, stays in ((BagOfWords(), 3), (Lengths(), 2)):
            storage = table(["abc", "def", "abcd"])
            assert SemanticDedup().run(storage, resources={"embedding": embedding}).rows_out == stays


def test_simhash_leaves_blank_texts_alone() -> None:
    assert run(SimHashDedup(), table(["", " ", COPIED, COPIED]))[0] == ["0", "1", "2"]
