"""BM25 is what the textbook says, in any script, and the same from memory and from disk."""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.bases.retrieval.found import Found
from operators.bases.retrieval.word_index import K1, B, WordIndex

LETTERS = st.text("abc ", max_size=12)


def index_of(texts: list[str], batch: int = 2) -> WordIndex:
    return WordIndex.build([pa.array(texts[start : start + batch]) for start in range(0, len(texts), batch)])


def find(index: WordIndex, query: str, top: int = 5) -> Found:
    return index.find([query], top, [None])[0]


def by_the_book(texts: list[str], query: str) -> dict[int, float]:
    """Lucene's BM25, term by term."""
    split = [re.findall(r"[a-z]+", text) for text in texts]
    mean = sum(map(len, split)) / len(split)
    scores: dict[int, float] = {}
    for term in re.findall(r"[a-z]+", query):
        having = sum(term in words for words in split)
        idf = math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        for row, words in enumerate(split):
            if count := Counter(words)[term]:
                scores[row] = scores.get(row, 0.0) + idf * count / (count + K1 * (1 - B + B * len(words) / mean))
    return scores


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(LETTERS, min_size=1, max_size=8), query=LETTERS, top=st.integers(1, 9))
def test_scores_are_those_of_the_formula_and_the_best_come_first(texts: list[str], query: str, top: int) -> None:
    expected = by_the_book(texts, query)
    found = find(index_of(texts), query, top)
    assert len(found.rows) == min(top, len(expected))
    assert found.scores.tolist() == pytest.approx([expected[row] for row in found.rows.tolist()], rel=1e-5)
    best = sorted(expected.values(), reverse=True)[:top]
    assert found.scores.tolist() == pytest.approx(best, rel=1e-5)


def test_scores_are_those_of_bm25s() -> None:
    bm25s = pytest.importorskip("bm25s")
    texts = ["the harbour of the north", "a boat in the harbour", "bread and salt", "the boat, the boat and the salt"]
    theirs = bm25s.BM25(method="lucene", k1=K1, b=B)
    pattern = r"(?u)\b\w+\b"
    theirs.index(bm25s.tokenize(texts, stopwords=None, show_progress=False, token_pattern=pattern), show_progress=False)
    tokens = bm25s.tokenize(["the boat and salt"], stopwords=None, show_progress=False, token_pattern=pattern)
    rows, scores = theirs.retrieve(tokens, k=4, show_progress=False)
    ours = find(index_of(texts), "the boat and salt")
    assert ours.rows.tolist() == rows[0].tolist()
    assert ours.scores.tolist() == pytest.approx(scores[0].tolist(), rel=1e-5)


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("猫", ["狗在花园里", "一只猫坐在门口", "今天下雨"]),
        ("东京的大学", ["京都的寺庙很多", "他在东京大学读书", "东边的城市"]),
        ("図書館", ["学校の隣に公園がある", "駅前の図書館は月曜日に休む", "図画の時間"]),
        ("ห้องสมุด", ["โรงเรียนอยู่ใกล้บ้าน", "เขาไปห้องสมุดทุกวัน", "สมุดสีแดง"]),
        ("서울은", ["부산에서 왔다", "그는 서울에서 일한다", "오늘은 비가 온다"]),
        ("ΑΘΉΝΑ", ["η θεσσαλονίκη", "ταξίδι στην αθήνα", "το νησί"]),
        ("кошка", ["собака лает", "Кошка спит на окне", "дождь"]),
        ("ＡＢＣ", ["xyz", "the abc of it", "ab c"]),
        ("οδος", ["ο λόφος", "ΟΔΟΣ ΕΡΜΟΥ", "η οδοιπορία"]),
        ("istanbul", ["ankara", "Dün İSTANBUL çok soğuktu", "ıstanbul"]),
        ("محمد", ["أحمد", "قَالَ مُحَمَّدٌ", "محمود"]),
        ("كـتاب", ["كاتب", "هٰذَا كِتَابٌ", "كتب"]),
        ("שלום", ["שלם", "שָׁלוֹם עֲלֵיכֶם", "בית"]),
        ("Donaudampf", ["Donau Dampf", "die Donau\u00addampf\u00adfahrt und der Donau\u00addampf", "Dampf"]),
        ("cafe\u0301", ["cafeteria", "le café du port", "cave"]),
    ],
)
def test_the_passage_with_the_words_is_found_in_any_script(query: str, texts: list[str]) -> None:
    assert find(index_of(texts), query).rows.tolist()[0] == 1


def test_what_shares_no_word_is_not_found_and_equal_scores_keep_the_order_of_the_rows() -> None:
    index = index_of(["salt", "bread", "", "salt"])
    assert find(index, "salt").rows.tolist() == [0, 3]
    assert find(index, "salt", 1).rows.tolist() == [0]
    assert find(index, "water").rows.tolist() == find(index, "").rows.tolist() == find(index, "?!").rows.tolist() == []


def test_a_control_character_parts_words() -> None:
    assert find(index_of(["salt\0water", "saltwater"]), "saltwater").rows.tolist() == [1]


def test_rows_that_are_not_allowed_are_not_found() -> None:
    index = index_of(["salt and bread", "salt", "salt of the sea"])
    allowed = np.array([True, False, True])
    assert sorted(index.find(["salt"], 5, [allowed])[0].rows.tolist()) == [0, 2]


def test_an_index_from_disk_finds_the_same_for_many_queries(tmp_path: Path) -> None:
    texts = [f"row {number} of the {'even' if number % 2 == 0 else 'odd'} ones" for number in range(200)]
    index = index_of(texts, 64)
    index.save(tmp_path)
    queries = [f"the row {number}" for number in range(150)]
    here, there = (one.find(queries, 3, [None] * len(queries)) for one in (index, WordIndex.load(tmp_path, len(texts))))
    assert [found.rows.tolist() for found in here] == [found.rows.tolist() for found in there]
    assert [found.rows.tolist()[0] for found in here] == list(range(150))


def test_an_empty_corpus_finds_nothing() -> None:
    assert find(WordIndex.build([]), "salt").rows.tolist() == []
