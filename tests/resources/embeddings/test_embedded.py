"""The embedded model: vectors that mean something, without a server."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from operators.asking.answers import ServingStopped, TextsRefused
from operators.text.duplicates.semantic import SemanticDedup
from resources import models
from resources.embeddings import EmbeddingSettings, open_embeddings
from resources.embeddings.serving import Embeddings

TRIPLES = [
    ("How do I reset my password?", "I forgot my login secret, what should I do?", "How do I reset the circuit breaker?"),
    ("Paris is the capital of France.", "France's capital city is Paris.", "Paris Hilton was born in New York."),
    ("Python lists are mutable.", "You can change a list in Python after creating it.", "Python snakes are not venomous."),
    ("Photosynthesis converts light into chemical energy.", "Plants turn sunlight into food.", "Solar panels convert light into electricity."),
    ("What is the derivative of x squared?", "Differentiate x^2 with respect to x.", "What is the square root of x?"),
    ("The film was a waste of time.", "I did not enjoy the movie at all.", "The film was shot in three weeks."),
    ("She adopted a puppy from the shelter.", "She took home a young dog from the animal rescue.", "She built a shelter in the garden."),
    ("Children learn languages quickly.", "Kids pick up new tongues fast.", "Children learn to ride bicycles."),
]
"""A sentence, the same in other words, and another one in the same words."""

REFERENCE = {"This is a test.": (0.0360, 0.0093, -0.0163, 0.0342)}
"""First numbers of the vector; onnxruntime gives the same model's vectors with a cosine of 0.999."""


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Embeddings:
    if not any(status.present for status in models.list() if status.weights.name == "minilm"):
        pytest.skip("the weights are not there: run `dataflow models get minilm`")
    return open_embeddings(EmbeddingSettings(cache_path=tmp_path_factory.mktemp("vectors") / "vectors.sqlite"))


def test_meaning_counts_for_more_than_words(serving: Embeddings) -> None:
    anchors, same, other = (serving.embed(list(texts)) for texts in zip(*TRIPLES, strict=True))
    right = (anchors * same).sum(axis=1) > (anchors * other).sum(axis=1)
    assert right.sum() >= 7, right


def test_the_vector_is_that_of_the_published_model(serving: Embeddings) -> None:
    for text, numbers in REFERENCE.items():
        np.testing.assert_allclose(serving.embed([text])[0, :4], numbers, atol=2e-3)
    assert serving.dimensions == 384


def test_a_text_has_one_vector_whoever_is_embedded_beside_it(tmp_path: Path, serving: Embeddings) -> None:
    texts = [f"{first} {number}" for number, (first, _, _) in enumerate(TRIPLES)]
    alone = open_embeddings(EmbeddingSettings(cache=False))
    assert (np.concatenate([alone.embed([text]) for text in texts]) == serving.embed(texts)).all()


def test_of_a_long_text_every_part_counts(serving: Embeddings) -> None:
    start = "The harbour was built of granite, and ships from the north came in with salt and timber. " * 20
    tails = [sentence * 40 for sentence in ("Sparrows nest under the roofs of barns. ", "The court of appeal heard the case of the miller. ")]
    first, second, again = serving.embed([start + tails[0], start + tails[1], start + tails[0]])
    assert first @ again > 0.999
    assert first @ second < 0.9
    assert serving.embed(["word " * 20_000, "x" * 100_000]).shape == (2, 384)


def test_texts_that_begin_alike_and_go_on_differently_are_no_duplicates(serving: Embeddings) -> None:
    start = "Opening hours, terms of use and how to find us. " * 40
    texts = [start + "Sparrows nest under the roofs of barns. " * 40, start + "The court of appeal heard the case of the miller. " * 40]
    result = SemanticDedup().run([{"text": text} for text in texts], resources={"embedding": serving})
    assert result.rows_out == 2


def test_a_text_up_to_254_tokens_is_one_window(serving: Embeddings) -> None:
    counted = serving.usage.prompt_tokens
    serving.embed(["word " * 254])
    assert serving.usage.prompt_tokens - counted == 256


def test_odd_texts_have_vectors_too(serving: Embeddings) -> None:
    texts = [
        "",
        "  ",
        "\x00",
        "half a \ud83d pair",
        "[SEP]",
        "Well done 😀",
        "12 345",
        "...",
        "x² + y² ≥ 0 for x ∈ ℝ",
        "Grüße aus Łódź",
        'Say "你好" to her',
    ]
    vectors = serving.embed(texts)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    "text",
    [
        "你好吗？我很好。",
        "ህዋሶች ስለ ስነህይወት",
        "เซลล์เป็นองค์ประกอบพื้นฐาน",
        "জীবনদশা অধ্যয়নের পক্ষে",
        "უჯრედები იმდენად",
        "Привет, как дела?",
        "😀",
        "語" * 5000,
    ],
)
def test_a_text_that_the_model_cannot_read_has_no_vector_that_says_something_else(text: str, serving: Embeddings) -> None:
    with pytest.raises(TextsRefused, match=r"does not know .* of the words") as refused:
        serving.embed([text, "an English sentence"])
    assert list(refused.value.reasons) == [0]


def test_what_is_computed_in_this_process_costs_nothing(serving: Embeddings) -> None:
    serving.embed(["what does it cost?"])
    assert serving.usage.cost_usd == 0


def test_an_unknown_model_or_one_that_makes_no_vectors_is_refused_with_what_there_is() -> None:
    for name in ("minilmm", "smollm2", "/models/other.gguf", "text-embedding-3-small"):
        with pytest.raises(ServingStopped, match=f"in this process is minilm, and '{name}' is named. .*DATAFLOW_EMBEDDING_BASE_URL"):
            open_embeddings(EmbeddingSettings(model=name))


def test_missing_weights_are_said_with_the_command_that_fetches_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATAFLOW_MODELS", str(tmp_path))
    with pytest.raises(ServingStopped, match=r"run `dataflow models get minilm` \(84 MB, once\)\. Or point DATAFLOW_EMBEDDING_BASE_URL"):
        open_embeddings(EmbeddingSettings())
