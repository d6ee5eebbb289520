"""Perplexity by an n-gram model: thousands of times faster than a neural one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import Field

from operators.core.kinds import Evaluate
from operators.core.operator import Need
from operators.tables.columns import Input, Output
from operators.tables.errors import StageFailed


class KenLMPerplexityEvaluator(Evaluate):
    """Say how surprising a text is to a KenLM model: perplexity per word and line end, over all its lines; 1 upwards, lower is plainer.

    Give the model's own tokenisation in the text: the words are what stands between spaces. Null for a text without words.
    """

    source = "CCNet (Wenzek et al. 2020), KenLM (Heafield 2011)"
    asks = ("CCNet perplexity with an n-gram model", "fluency check on CPU", "compare with a Wikipedia n-gram language model")
    needs: ClassVar[tuple[Need, ...]] = ("model",)
    packages = ("kenlm",)
    extra = "kenlm"
    example: ClassVar[dict[str, Any]] = {"file": "en.arpa.bin"}

    input_text = Input(str)
    output_score = Output(float, "kenlm_perplexity")

    file: str = Field(min_length=1, description="The model, .arpa or .bin.")
    lower_case: bool = Field(False, description="Lower-case the text first, for a model of lower-cased text.")

    def evaluate_batch(self, text: pa.Array) -> pa.Array:
        model = _model(self.file, self.name)
        texts: list[str] = text.to_pylist()
        return pa.array([_perplexity(model, one.lower() if self.lower_case else one) for one in texts], pa.float64())


@lru_cache(maxsize=4)
def _model(file: str, wanted_by: str) -> Any:
    if not Path(file).expanduser().is_file():
        raise StageFailed(f'{wanted_by}: there is no file "{file}". Give file=FILE, an .arpa or .bin file of KenLM.')
    import kenlm

    return kenlm.Model(str(Path(file).expanduser()))


def _perplexity(model: Any, text: str) -> float | None:
    lines = [line for line in text.splitlines() if line.strip()]
    words = sum(len(line.split()) + 1 for line in lines)
    return float(10 ** (-sum(model.score(line, bos=True, eos=True) for line in lines) / words)) if words else None
