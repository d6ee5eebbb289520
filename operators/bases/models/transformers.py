"""What all scores by transformers models share."""

from __future__ import annotations

from typing import ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from operators.bases.models.weights import weights_problems
from operators.core.kinds import Evaluate
from operators.core.operator import Need
from operators.tables.errors import Problem


class UsesTransformers(Evaluate, abstract=True):
    """Parameters of operators that run a model in this process. It is loaded when the first batch comes, once a process."""

    needs: ClassVar[tuple[Need, ...]] = ("model",)
    packages: ClassVar[tuple[str, ...]] = ("transformers", "torch")
    extra: ClassVar[str] = "models"

    weights: str = Field("", description="Folder or hub repository of the weights; where empty, those of the model's card.")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto: the GPU where there is one.")
    precision: Literal["auto", "float32", "bfloat16", "float16"] = Field("auto", description="auto: bfloat16 on a GPU, float32 on a CPU.")
    batch_tokens: int = Field(16_384, ge=1, description="Tokens in one pass of the model, padding included.")

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        return [*super().problems(*tables), *weights_problems(self.name, self.weights)]
