"""Several answers to one prompt, and prompts that are more than text."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from operators.asking.answers import Completion
from operators.asking.media import audio, image, user_message
from tests.resources.llm.conftest import MakeServing, StartServer

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
WAV = b"RIFF\x04\0\0\0WAVE"


def test_n_answers_to_each_prompt_are_drawn_with_seeds_of_their_own_and_cached_apart(start_server: StartServer, make_serving: MakeServing) -> None:
    server = start_server()
    for _ in range(2):
        answers = make_serving(server.address).generate_from_input(["a", "b"], n=3, temperature=0.8, seed=10)
        assert len(answers) == 6
    asked = [(body["messages"][0]["content"], body["seed"]) for body in server.counts.bodies]
    assert sorted(asked) == [("a", 10), ("a", 11), ("a", 12), ("b", 10), ("b", 11), ("b", 12)]


@pytest.mark.parametrize("settings", [{"n": 2}, {"n": 0, "temperature": 1.0}])
def test_answers_that_could_not_differ_are_refused(settings: dict[str, float], make_serving: MakeServing) -> None:
    with pytest.raises(ValueError, match="temperature above 0"):
        make_serving("http://127.0.0.1:9").generate_from_input(["a"], **settings)


def test_the_server_receives_exactly_the_content_parts_of_the_api(start_server: StartServer, make_serving: MakeServing, tmp_path: Path) -> None:
    server = start_server()
    (tmp_path / "dot.png").write_bytes(PNG)
    (tmp_path / "beep.wav").write_bytes(WAV)
    message = user_message("What is this?", image(tmp_path / "dot.png"), image("https://example.org/cat.jpg"), audio(tmp_path / "beep.wav"))
    for _ in range(2):
        [answer] = make_serving(server.address).generate_from_input([[message]], system_prompt="Look and listen.")
        assert isinstance(answer, Completion)
    assert server.counts.requests == 1
    assert server.counts.bodies[-1]["messages"] == [
        {"role": "system", "content": "Look and listen."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is this?"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64," + base64.b64encode(PNG).decode()}},
                {"type": "image_url", "image_url": {"url": "https://example.org/cat.jpg"}},
                {"type": "input_audio", "input_audio": {"data": base64.b64encode(WAV).decode(), "format": "wav"}},
            ],
        },
    ]


def test_another_picture_under_the_same_name_is_another_question(start_server: StartServer, make_serving: MakeServing, tmp_path: Path) -> None:
    server = start_server()
    for content in (PNG, PNG + b"\0"):
        (tmp_path / "dot.png").write_bytes(content)
        make_serving(server.address).generate_from_input([[user_message("?", image(tmp_path / "dot.png"))]])
    assert server.counts.requests == 2


def test_what_is_no_picture_or_sound_says_what_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("dear diary")
    with pytest.raises(ValueError, match=r"notes\.txt does not look like a picture"):
        image(tmp_path / "notes.txt")
    with pytest.raises(ValueError, match="10 bytes does not look like a sound"):
        audio(b"dear diary")
    with pytest.raises(ValueError, match="cannot be sent as a sound: servers fetch none"):
        audio("https://example.org/beep.wav")
