"""Sounds as numbers: read by the standard library where they are WAV, by soundfile (libsndfile) otherwise."""

from __future__ import annotations

import importlib.util
import io
import wave
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from operators.core.packages import DISTRIBUTION

_QUIET_WINDOW = 0.1
"""Seconds of the stretch that is looked for when a sound is cut."""
_NUMBERS: Final = {1: "u1", 2: "<i2", 4: "<i4"}
"""Bytes of a sample -> how it is stored."""


@dataclass(frozen=True)
class Wave:
    """A sound: `samples` of shape (frames, channels), float32 from -1 to 1; `rate` frames a second."""

    samples: np.ndarray[Any, np.dtype[np.float32]]
    rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def as_wav(self, first: int, last: int) -> bytes:
        """Frames `first` to `last` (not included) as a WAV file of 16 bits."""
        written = io.BytesIO()
        with wave.open(written, "wb") as file:
            file.setnchannels(self.samples.shape[1])
            file.setsampwidth(2)
            file.setframerate(self.rate)
            file.writeframes((np.clip(self.samples[first:last], -1, 1) * 32767).astype("<i2").tobytes())
        return written.getvalue()

    def cut(self, longest: float) -> list[tuple[int, int]]:
        """Parts of at most so many seconds, as frames (first, after the last). Each but the last ends where it is quietest in its last fifth."""
        most, window = max(1, int(longest * self.rate)), max(1, int(_QUIET_WINDOW * self.rate))
        parts, start = [], 0
        while len(self.samples) - start > most:
            end = start + most
            begin = end - max(most // 5, 1)
            power = np.square(self.samples[begin:end]).mean(axis=1)
            if len(power) > window:
                smooth = np.convolve(power, np.ones(window) / window, mode="valid")
                end = begin + int(smooth.argmin()) + window // 2
            parts.append((start, end))
            start = end
        return [*parts, (start, len(self.samples))]


def read_wave(content: bytes) -> Wave:
    """The samples of a sound file.

    Raises:
        ValueError: the content is no sound, is cut off, or is of a kind that needs soundfile where that is not installed.
    """
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE" and (found := _plain_wav(content)) is not None:
        return found
    if importlib.util.find_spec("soundfile") is None:
        raise ValueError(f"sounds other than WAV of 8, 16 or 32 bits are read by soundfile: pip install '{DISTRIBUTION}[media]'")
    import soundfile

    try:
        samples, rate = soundfile.read(io.BytesIO(content), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{len(content):,} bytes are no sound that libsndfile knows: {error.error_string}") from error
    return Wave(samples, int(rate))


def _plain_wav(content: bytes) -> Wave | None:
    """None where the standard library does not know the coding."""
    try:
        with wave.open(io.BytesIO(content)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        return None
    if width not in _NUMBERS or not rate or len(frames) % (width * channels):
        return None
    numbers = np.frombuffer(frames, _NUMBERS[width]).astype(np.float64)
    values = (numbers - 128) / 128 if width == 1 else numbers / 2.0 ** (8 * width - 1)
    return Wave(values.astype(np.float32).reshape(-1, channels), rate)
