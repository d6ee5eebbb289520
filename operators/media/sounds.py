"""What is said in sounds, and what can be measured of them."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from pydantic import BaseModel, Field

from operators.asking.media import audio
from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.answering_model import NamesItsModel
from operators.core.kinds import Evaluate, Generate
from operators.media.files import ReadsFiles
from operators.media.waves import read_wave
from operators.tables.columns import Input, Output

_SILENT = "[silence]"


class TranscriptionPrompt(PromptTemplate[str]):
    system = "You write down what is said in a recording, word for word, and nothing else."
    user = (
        "Write down what is said{% if language %} (in {{ language }}){% endif %}. Answer with the words alone, or with "
        + _SILENT
        + " if nobody speaks."
    )


class Segment(BaseModel):
    """What is said from `start` to `end`, in seconds."""

    start: float
    end: float
    text: str


class SpeechTranscriber(Generate, NamesItsModel, ReadsFiles):
    """Write down what is said in each sound: the whole text, and its parts with their seconds.

    A sound longer than `seconds_per_part` is cut where it is quiet, and each part is asked about by itself, at the same time. The column `sound`
    holds bytes or the name of a file below `folder`. A row without a sound is set aside. Needs a model that hears.
    """

    covers = ("Speech2TextGenerator",)
    asks = ("transcribe audio files", "speech to text with timestamps", "turn recordings into text")

    input_sound = Input(Any, description="bytes, data URL or name of a file")
    output_transcript = Output(str)
    output_segments = Output(list[Segment], description="seconds and text of each part")

    prompt: PromptTemplate[str] = TranscriptionPrompt()
    language: str = Field("", description='The language that is spoken, in words ("French"); empty where it is not known.')
    seconds_per_part: float = Field(30.0, gt=0, le=3600, description="Longest part that is asked about at once.")

    async def generate(self, llm: LLMSession, sound: Any) -> dict[str, Any]:
        content = self.content(sound)
        recording = read_wave(content)
        parts = recording.cut(self.seconds_per_part)
        whole = len(parts) == 1
        sounds = [audio(content if whole else recording.as_wav(*part)) for part in parts]
        said = await asyncio.gather(*(self.ask(llm, {}, parts=[sound]) for sound in sounds))
        segments = [
            {"start": first / recording.rate, "end": last / recording.rate, "text": text.strip()}
            for (first, last), text in zip(parts, said, strict=True)
            if text.strip() != _SILENT
        ]
        return {"transcript": " ".join(segment["text"] for segment in segments), "segments": segments}


class SoundStatistics(ReadsFiles, Evaluate):
    """Seconds, frames a second, channels, loudness, and the shares that are silent and clipped, of each sound.

    Loudness is the root mean square of all samples in decibels below full scale (0 is the loudest, -90 is silence). A tenth of a second is silent
    where its loudness is below `silence`; a sample is clipped at full scale.
    """

    asks = ("drop silent or clipped recordings", "measure the length of audio files", "filter recordings by loudness")

    input_sound = Input(Any, description="bytes, data URL or name of a file")
    output_seconds = Output(float, "sound_seconds")
    output_rate = Output(int, "sound_rate")
    output_channels = Output(int, "sound_channels")
    output_loudness = Output(float, "sound_loudness")
    output_silent_share = Output(float, "sound_silent_share")
    output_clipped_share = Output(float, "sound_clipped_share")

    silence: float = Field(-50.0, le=0, description="Loudness below which a stretch counts as silent, in decibels of full scale.")

    def evaluate(self, sound: Any) -> dict[str, Any]:
        recording = read_wave(self.content(sound))
        samples = recording.samples
        window = max(1, recording.rate // 10)
        power = np.einsum("fc,fc->f", samples, samples) / samples.shape[1]
        starts = np.arange(0, len(power), window)
        stretches = np.add.reduceat(power, starts, dtype=np.float64) / np.diff(np.append(starts, len(power)))
        return {
            "seconds": recording.seconds,
            "rate": recording.rate,
            "channels": samples.shape[1],
            "loudness": float(_decibels(power.mean(dtype=np.float64))),
            "silent_share": float((_decibels(stretches) < self.silence).mean()),
            "clipped_share": float((np.abs(samples) >= recording.full_scale).mean()),
        }


def _decibels(power: Any) -> Any:
    return 10 * np.log10(np.maximum(power, 1e-9))
