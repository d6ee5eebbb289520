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
_FULL_SCALE: Final = {"PCM_U8": 127 / 128, "PCM_S8": 127 / 128, "ULAW": 32124 / 32768, "ALAW": 32256 / 32768}
"""The largest sample of codings that reach less far than 16 bits do."""
_NO_LENGTH: Final = 0x7FFFF000
"""From here on the length in a WAV's header is what programs write that do not know it yet."""
_MOST_SAMPLES: Final = 500_000_000
"""Of all channels: 87 minutes at 48 kHz in stereo. A file of a few megabytes may unfold to a hundred times of that."""
_STEP: Final = 1 << 20


@dataclass(frozen=True)
class Wave:
    """A sound: `samples` of shape (frames, channels), float32 from -1 to 1; `rate` frames a second."""

    samples: np.ndarray[Any, np.dtype[np.float32]]
    rate: int
    full_scale: float = 32767 / 32768
    """The largest sample that its coding has."""

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
        ValueError: the content is no sound, has no samples, or some that are no numbers; is a WAV that is cut off; is too long; or is of a kind that
            needs soundfile where that is not installed.
    """
    found = None
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        _check_whole(content)
        found = _plain_wav(content)
    sound = found or _by_soundfile(content)
    if not len(sound.samples):
        raise ValueError("the sound has no samples")
    if not np.isfinite(sound.samples).all():
        raise ValueError("the sound has samples that are no numbers")
    return sound


def _check_whole(wav: bytes) -> None:
    """Raises ValueError: the samples that the header announces are not all there."""
    at = 12
    while at + 8 <= len(wav):
        name, size = wav[at : at + 4], int.from_bytes(wav[at + 4 : at + 8], "little")
        at += 8
        if name == b"data":
            if len(wav) - at < size < _NO_LENGTH:
                raise ValueError(f"the sound is cut off: {len(wav) - at:,} of {size:,} bytes of samples are there")
            return
        at += size + size % 2


def _by_soundfile(content: bytes) -> Wave:
    if importlib.util.find_spec("soundfile") is None:
        raise ValueError(f"sounds other than WAV of 8, 16 or 32 bits are read by soundfile: pip install '{DISTRIBUTION}[media]'")
    import soundfile

    parts: list[Any] = []
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            left = _MOST_SAMPLES // file.channels
            while len(part := file.read(_STEP, dtype="float32", always_2d=True)):
                parts.append(part)
                left -= len(part)
                if left < 0:
                    raise ValueError(f"the sound is longer than {_MOST_SAMPLES // file.channels / file.samplerate / 60:.0f} minutes")
            samples = np.concatenate(parts) if parts else np.zeros((0, file.channels), np.float32)
            return Wave(samples, int(file.samplerate), _FULL_SCALE.get(file.subtype, Wave.full_scale))
    except soundfile.LibsndfileError as error:
        raise ValueError(f"{len(content):,} bytes are no sound that libsndfile knows: {error.error_string}") from error


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
    return Wave(values.astype(np.float32).reshape(-1, channels), rate, _FULL_SCALE["PCM_U8"] if width == 1 else Wave.full_scale)
