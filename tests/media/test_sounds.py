"""What is said in sounds, and what is measured of them."""

from __future__ import annotations

import base64
import io
import itertools
import struct
import wave
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.asking.requests import Request
from operators.media.sounds import SoundStatistics, SpeechTranscriber
from operators.media.waves import Wave, read_wave
from operators.testing import ScriptedServing
from tests.faults import fault

RATE = 1000


def tone(*loudness: float, rate: int = RATE) -> np.ndarray[Any, np.dtype[np.float32]]:
    """A second of a tone for each loudness (0 to 1)."""
    second = np.sin(2 * np.pi * 100 * np.arange(rate) / rate)
    return np.concatenate([second * level for level in loudness]).astype(np.float32).reshape(-1, 1)


def wav(*loudness: float) -> bytes:
    return Wave(tone(*loudness), RATE).as_wav(0, len(loudness) * RATE)


def heard(request: Request) -> Wave:
    content = request.messages[-1].content
    assert not isinstance(content, str)
    [sound] = [part for part in content if part.type == "input_audio"]
    return read_wave(base64.b64decode(sound.value.partition(",")[2]))


@fault("no language, timestamps, chunking of long audio")
def test_a_long_sound_is_cut_where_it_is_quiet_and_each_part_has_its_seconds() -> None:
    recording = wav(0.5, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5)  # quiet in the fifth second
    serving = ScriptedServing(lambda request: f"{heard(request).seconds:.0f} seconds")
    result = SpeechTranscriber(seconds_per_part=5.5, language="French").run([{"sound": recording}], resources={"llm": serving})
    [row] = result.table.to_pylist()
    assert row["segments"][0]["start"] == 0.0
    assert 4.0 <= row["segments"][0]["end"] <= 5.5
    assert row["segments"][0]["end"] == row["segments"][1]["start"]
    assert row["segments"][1]["end"] == 8.0
    assert row["transcript"] == " ".join(segment["text"] for segment in row["segments"])
    assert all("(in French)" in request.text for request in serving.requests)


@fault("empty path is sent as is; the audio serving module uses base64 without importing it (NameError on data URLs)")
def test_what_is_no_sound_is_set_aside_and_not_sent() -> None:
    serving = ScriptedServing(lambda request: "hello")
    rows = [{"sound": b""}, {"sound": wav(0.5)}, {"sound": b"RIFF1234WAVEbroken"}, {"sound": wav(0.5)[:30]}, {"sound": None}]
    result = SpeechTranscriber(max_failed=1.0).run(rows, resources={"llm": serving})
    assert result.table["transcript"].to_pylist() in (["hello"], ["hello", None])
    assert len(serving.requests) == 1
    assert heard(serving.requests[0]).seconds == 1.0
    assert result.rejected.num_rows >= 3


def test_silence_is_no_text() -> None:
    result = SpeechTranscriber().run([{"sound": wav(0.0)}], resources={"llm": ScriptedServing(lambda request: "[silence]")})
    assert result.table["transcript"].to_pylist() == [""]
    assert result.table["segments"].to_pylist() == [[]]


@given(levels=st.lists(st.sampled_from([0.0, 0.01, 0.5, 1.0]), min_size=1, max_size=6), longest=st.floats(0.05, 7))
@settings(max_examples=40)
def test_parts_lie_end_to_end_and_none_is_too_long(levels: list[float], longest: float) -> None:
    sound = Wave(tone(*levels, rate=200), 200)
    parts = sound.cut(longest)
    assert parts[0][0] == 0
    assert parts[-1][1] == len(sound.samples)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(parts))
    assert all(0 < last - first <= max(1, int(longest * 200)) for first, last in parts)


@pytest.mark.parametrize("width", [1, 2, 4])
def test_samples_of_every_width_are_read_alike(width: int) -> None:
    values = tone(0.5)[:, 0]
    stored = {1: ((values + 1) * 127.5).astype("u1"), 2: (values * 32767).astype("<i2"), 4: (values * (2**31 - 1)).astype("<i4")}[width]
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(width)
        file.setframerate(RATE)
        file.writeframes(stored.tobytes())
    assert np.abs(read_wave(written.getvalue()).samples[:, 0] - values).max() < 0.02


def test_flac_is_read_as_wav_is() -> None:
    soundfile = pytest.importorskip("soundfile")
    written = io.BytesIO()
    soundfile.write(written, tone(0.5), RATE, format="FLAC")
    assert np.abs(read_wave(written.getvalue()).samples - tone(0.5)).max() < 0.001


def test_sounds_are_measured() -> None:
    [row] = SoundStatistics().run([{"sound": wav(0.5, 0.0)}]).table.to_pylist()
    assert (row["sound_seconds"], row["sound_rate"], row["sound_channels"]) == (2.0, RATE, 1)
    assert row["sound_silent_share"] == pytest.approx(0.5)
    assert row["sound_loudness"] == pytest.approx(-12.04, abs=0.05)  # a sine of half the height for half the time
    assert row["sound_clipped_share"] == 0
    [loud] = SoundStatistics().run([{"sound": wav(5.0)}]).table.to_pylist()
    assert loud["sound_clipped_share"] > 0.5


def stored(values: Any, coding: str, kind: str = "WAV") -> bytes:
    soundfile = pytest.importorskip("soundfile")
    written = io.BytesIO()
    soundfile.write(written, values, RATE, format=kind, subtype=coding)
    return written.getvalue()


@pytest.mark.parametrize("coding", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "ULAW", "ALAW"])
def test_what_is_clipped_is_told_of_every_coding(coding: str) -> None:
    """Codings of 8 bits do not reach as far as those of 16."""
    loud, quiet = stored(np.clip(tone(5.0), -1, 1), coding), stored(tone(0.5), coding)
    shares = SoundStatistics().run([{"sound": loud}, {"sound": quiet}]).table["sound_clipped_share"].to_pylist()
    assert shares[0] > 0.7
    assert shares[1] == 0


@pytest.mark.parametrize("coding", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT", "ULAW", "IMA_ADPCM"])
def test_a_wav_that_is_cut_off_is_no_shorter_sound(coding: str) -> None:
    whole = stored(tone(0.5, 0.5), coding)
    with pytest.raises(ValueError, match="cut off"):
        read_wave(whole[: len(whole) // 2])


@pytest.mark.parametrize("announced", [0x7FFFF000, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_wav_from_a_pipe_does_not_know_its_length_and_is_whole(announced: int) -> None:
    sound = wav(0.5, 0.25)
    assert sound[36:40] == b"data"
    piped = sound[:4] + struct.pack("<I", 0xFFFFFFFF) + sound[8:40] + struct.pack("<I", announced) + sound[44:]
    assert read_wave(piped).seconds == 2


def test_no_model_is_asked_about_a_sound_without_samples_and_none_has_samples_that_are_no_numbers() -> None:
    serving = ScriptedServing(lambda request: "words that nobody said")
    odd = tone(0.5)
    odd[7] = np.nan
    rows = [{"sound": Wave(tone(0.5), RATE).as_wav(0, 0)}, {"sound": stored(odd, "FLOAT")}]
    assert SpeechTranscriber(max_failed=1.0).run(rows, resources={"llm": serving}).rejected.num_rows == 2
    assert not serving.requests
    reasons = SoundStatistics(max_failed=1.0).run(rows).rejected["rejected_reason"].to_pylist()
    assert ["no samples" in reasons[0], "no numbers" in reasons[1]] == [True, True]


def test_a_header_that_announces_more_than_fits_into_memory_costs_its_row_alone() -> None:
    lying = bytearray(stored(tone(0.5), "PCM_16", "FLAC"))
    lying[21] |= 0x0F  # 36 bits of STREAMINFO: the frames of the sound
    lying[22:26] = b"\xff" * 4
    result = SoundStatistics(max_failed=1.0).run([{"sound": bytes(lying)}, {"sound": wav(0.5)}])
    assert result.table["sound_seconds"].to_pylist() == [1.0]
    assert result.rejected.num_rows == 1
