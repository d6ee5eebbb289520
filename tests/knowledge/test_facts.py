"""A rewriting that changes a number, unit, name, date or negation is found, in any script; one that mends form is not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.knowledge.facts.checking import FactPreservationEvaluator, FactPreservationFilter
from operators.knowledge.facts.comparing import fact_differences
from operators.knowledge.facts.reading import read_facts
from tests.growth import text
from tests.operators.adversarial import FAMILIES

KEPT = [
    ("<b>Use</b> <a href='https://x.example/z'>pip</a> 3.4.5 &amp; wait.", "Use pip 3.4.5 & wait."),
    ("It came on 2024-03-05.", "It came on March 5, 2024."),
    ("It came on 5 March 2024.", "It came on 2024-03-05."),
    ("It isn't safe.", "It is not safe."),
    ("About 1,000 people came.", "About 1000 people came."),
    ("The exam-\nple stands in Lon-\ndon.", "The example stands in London."),
    ("## The **bold** word\n> of `x_1`", "The bold word of x_1"),
    ("See https://a.example/b now.", "See now."),
    ("He said “yes” – once.", 'He said "yes" - once.'),
    ("该药　不含糖 ， 重 5 克 。", "该药不含糖，重5克。"),
    ("共有１２家公司", "共有12家公司"),
    ("![logo 95%](badge.svg) Red is 12.", "Red is 12."),
    ("cafe\u0301 Mu\u0308ller", "café Müller"),
    ("共１，０００円です", "共1,000円です"),
    ("It rose 5 percent.", "It rose 5%."),
    ("Add 1½ cups.", "Add 1 1/2 cups."),
    ("It came on 2024/03/05 at 3pm.", "It came on 2024-03-05 at 3 pm."),
    ("오늘은 비가와서 집에 있었다", "오늘은 비가 와서 집에 있었다"),
]
CHANGED = [
    ("The dose is 5 mg.", "The dose is 5 g.", "lost number: 5mg"),
    ("Sales rose 5% in 2020.", "Sales rose 5 in 2020.", "lost number: 5%"),
    ("It was -5 °C.", "It was 5 °C.", "lost number: -5°C"),
    ("It cost $5 million.", "It cost $5 billion.", "added number: $5billion"),
    ("Six dogs ran.", "Seven dogs ran.", "lost number: six"),
    ("It isn't safe.", "It is safe.", "lost negation: not safe"),
    ("It is safe, and not cheap.", "It is not safe, and cheap.", "lost negation: not cheap"),
    ("Nobody came.", "Somebody came.", "lost negation: nobody"),
    ("Das ist nicht gut.", "Das ist gut.", "lost negation: nicht gut"),
    ("Paris is old.", "London is old.", "lost name: paris"),
    ("Alice met Bob.", "Bob met Alice.", "moved name"),
    ("A has 5 and B has 7 of them.", "A has 7 and B has 5 of them.", "moved"),
    ("He came on March 5.", "He came on April 5.", "lost date: 03-05"),
    ("Call read_csv first.", "Call read_json first.", "lost name: read_csv"),
    ("See it now.", "See https://a.example/b now.", "added address: https://a.example/b"),
    ("张伟身高180厘米。", "张伟身高180米。", "lost number: 180厘米"),
    ("张伟于2023年1月15日到北京。", "李伟于2023年1月15日到北京。", "added name: 李伟"),
    ("该药不含糖。", "该药含糖。", "lost negation: 不 含"),
    ("我们在南京见面，然后去苏州。", "我们在杭州见面，然后去苏州。", "added wording: 杭州"),
    ("三十人参加了会议。", "四十人参加了会议。", "lost number: 三十人"),
    ("他在2023年3月到达。", "他在2023年4月到达。", "lost date: 2023-03"),
    ("It holds for p < 0.05 here.", "It holds for p > 0.05 here.", "lost number: <0.05"),
    ("Keep it at ≥ 5 °C.", "Keep it at ≤ 5 °C.", "added number: ≤5°C"),
    ("Add ½ cup.", "Add ⅓ cup.", "lost number: 1/2"),
    ("He left at 3 pm.", "He left at 3 am.", "lost number: 3pm"),
    ("Es kamen einundzwanzig.", "Es kamen zweiundzwanzig.", "lost number: einundzwanzig"),
    ("彼は行きませんでした。", "彼は行きました。", "lost negation"),
    ("これは安全ではない。", "これは安全である。", "lost negation"),
    ("เขาไม่ไปโรงเรียน", "เขาไปโรงเรียน", "lost negation"),
    ("그는 학교에 가지 않았다.", "그는 학교에 갔다.", "lost negation"),
    ("그는 안 갔다.", "그는 갔다.", "lost negation"),
    ("هو ليس طبيبا", "هو طبيب", "lost negation"),
    ("वह घर नहीं गया।", "वह घर गया।", "lost negation"),
    ("O gato não morreu.", "O gato morreu.", "lost negation"),
    ("Il gatto non è morto.", "Il gatto è morto.", "lost negation"),
    ("De kat is niet dood.", "De kat is dood.", "lost negation"),
    ("Η γάτα δεν πέθανε.", "Η γάτα πέθανε.", "lost negation"),
    ("서울은 한국의 수도이다", "부산은 한국의 수도이다", "added wording: 부산은"),
    ("القاهرة عاصمة مصر", "بغداد عاصمة مصر", "added wording: بغداد"),
    ("दिल्ली भारत की राजधानी है", "मुंबई भारत की राजधानी है", "added wording: मुंबई"),
    ("Water boils when it is hot enough for that.", "I'm sorry, but I can't help you with that request.", "of the words are new"),
]


@pytest.mark.parametrize(("before", "after"), KEPT)
def test_mended_form_keeps_every_fact(before: str, after: str) -> None:
    assert fact_differences(before, after) == []


@pytest.mark.parametrize(("before", "after", "said"), CHANGED)
def test_a_changed_fact_is_named(before: str, after: str, said: str) -> None:
    assert said in "; ".join(map(str, fact_differences(before, after)))


@pytest.mark.parametrize(("before", "after", "said"), CHANGED[:-1])
def test_what_is_lost_one_way_is_added_the_other_way(before: str, after: str, said: str) -> None:
    assert bool(fact_differences(after, before, kinds=("number", "date", "name", "negation"))) or "wording" in said or "address" in said


def test_one_way_a_summary_may_leave_facts_out_and_add_none() -> None:
    text = "Ada Lovelace was born in 1815. She wrote 7 notes. Charles Babbage had built no engine."
    assert fact_differences(text, "Ada Lovelace wrote 7 notes.", both_ways=False) == []
    assert "added number: 8" in str(fact_differences(text, "Ada Lovelace wrote 8 notes.", both_ways=False)[0])
    assert "moved" in str(fact_differences(text, "Charles Babbage wrote 7 notes.", both_ways=False)[0])


PIECES = st.sampled_from(["Ada ", "Berlin ", "12 km ", "not good ", "2024-03-05 ", "and so on. ", "5% ", "北京市", "三人", "不是"])


@settings(max_examples=40)
@given(st.lists(PIECES, min_size=1, max_size=12), st.data())
def test_any_fact_that_is_taken_out_is_missed(pieces: list[str], data: st.DataObject) -> None:
    facts = [place for place, piece in enumerate(pieces) if piece != "and so on. "]
    whole = "".join(pieces)
    assert fact_differences(f"<p>{whole}</p>", whole) == []
    if facts:
        gone = data.draw(st.sampled_from(facts))
        assert fact_differences(whole, "".join(piece for place, piece in enumerate(pieces) if place != gone))


def test_evaluator_and_filter_say_the_same() -> None:
    rows = [
        {"text": "It costs 5 euros.", "cleaned_text": "It costs 6 euros."},
        {"text": "It costs 5 euros.", "cleaned_text": "It costs <b>5</b> euros."},
    ]
    told = FactPreservationEvaluator().run(rows).table.to_pylist()
    assert [row["facts_kept"] for row in told] == [False, True]
    assert told[0]["fact_differences"][0] == {"change": "lost", "kind": "number", "fact": "5euro"}
    result = FactPreservationFilter().run(rows)
    assert [row["cleaned_text"] for row in result.table.to_pylist()] == ["It costs <b>5</b> euros."]
    assert result.rejected.to_pylist()[0]["rejected_reason"] == "lost number: 5euro; added number: 6euro"


@pytest.mark.parametrize("family", ["open comments", "open tags", "combining marks", "links", "ideographs", "dates"])
def test_facts_of_odd_texts_are_read_once_each(family: str) -> None:
    """Twice the text has at most twice the facts, and one more: nothing is read again and again."""
    once, twice = (len(read_facts(text(FAMILIES[family], size)).facts) for size in (4_000, 8_000))
    assert twice <= 2 * once + 1
