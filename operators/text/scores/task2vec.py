"""The diversity coefficient: how differently a model would have to learn from different parts of a table."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from operators.bases.draws import draw
from operators.bases.models.inference import Tokens, chosen_device, load_tokenizer
from operators.bases.models.likelihood import context_length, load_causal
from operators.bases.models.transformers import UsesTransformers
from operators.engine.rows_reader import RowsReader
from operators.tables.columns import Input, Output
from operators.tables.types import ROW_ID


class Task2VecDiversityEvaluator(UsesTransformers):
    """Say how diverse a table is by the diversity coefficient: the mean distance, 0 to 1, of the Task2Vec vectors of batches drawn from it.

    Each batch has rows of its own, drawn by row id and seed. A copy of the probe's output layer is tuned on it; its vector is the diagonal of the
    Fisher information of the other layers, mean over inputs, with targets drawn from the model. Every row gets the coefficient of its table and the
    standard deviation of the distances; null where there are not two batches of texts of two tokens and more. VendiEvaluator is far cheaper.
    """

    covers = ("Task2VecDatasetEvaluator",)
    source = "Lee, Miranda & Koyejo 2023; Task2Vec (Achille et al. 2019)"
    scope: ClassVar[Literal["row", "table"]] = "table"

    input_text = Input(str)
    output_score = Output(float, "task2vec_diversity")
    output_deviation = Output(float, "task2vec_deviation", description="standard deviation of the distances")

    weights: str = Field("openai-community/gpt2", description="Folder or hub repository of the probe, a causal language model.")
    batches: int = Field(10, ge=2)
    batch_rows: int = Field(16, ge=1)
    epochs: int = Field(5, ge=0, description="How often the output layer sees its batch.")
    learning_rate: float = Field(5e-5, gt=0)
    max_length: int = Field(128, ge=8, description="Tokens of each text that are read.")
    precision: Literal["auto", "float32", "bfloat16", "float16"] = Field("float32", description="The probe's; it is tuned.")
    seed: int = 0

    def evaluate_table(self, rows: RowsReader) -> dict[str, pa.Array]:
        texts, count = self._drawn(rows)
        device = chosen_device(self.device)
        model = load_causal(self.weights, device, self.name, self.precision)
        length = context_length(model, self.max_length)
        encoded = load_tokenizer(self.weights, self.name)(texts, add_special_tokens=False)["input_ids"] if texts else []
        usable = [tokens[:length] for tokens in encoded if len(tokens) >= 2]
        size = min(self.batch_rows, len(usable) // self.batches) or 1
        groups = [usable[at : at + size] for at in range(0, min(len(usable), size * self.batches), size)]
        vectors = [self._fisher_vector(model, group, device) for group in groups]
        distances = [normalised_distance(one, other) for one, other in itertools.combinations(vectors, 2)]
        mean, deviation = (float(np.mean(distances)), float(np.std(distances))) if distances else (None, None)
        return {"score": pa.array([mean] * count, pa.float64()), "deviation": pa.array([deviation] * count, pa.float64())}

    def _drawn(self, rows: RowsReader) -> tuple[list[str], int]:
        """The texts with the lowest draws, and how many rows there are."""
        drawn: list[tuple[int, str]] = []
        count = 0
        for batch in rows.batches(["text"]):
            count += batch.num_rows
            ids = (draw(self.seed, row_id) for row_id in batch.column(ROW_ID).to_pylist())
            drawn = sorted([*drawn, *zip(ids, batch.column("text").to_pylist(), strict=True)])[: self.batches * self.batch_rows]
        return [text for _, text in drawn], count

    def _fisher_vector(self, model: Any, group: Sequence[Tokens], device: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Of a copy of the probe with an output layer of its own, so that no batch sees what another has changed."""
        import torch

        probe = copy.deepcopy(model)
        head = torch.nn.Parameter(probe.get_output_embeddings().weight.detach().clone())
        draws = torch.Generator(device="cpu").manual_seed(self.seed)
        with torch.enable_grad():
            optimizer = torch.optim.AdamW([head], lr=self.learning_rate)
            for _ in range(self.epochs):
                for tokens in group:
                    ids = torch.tensor([tokens], device=device)
                    with torch.no_grad():
                        states = probe.base_model(ids).last_hidden_state
                    loss = torch.nn.functional.cross_entropy((states @ head.T)[0, :-1].float(), ids[0, 1:])
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
            weights = [weight for weight in probe.base_model.parameters() if weight.dim() == 2]
            sums = [torch.zeros(weight.shape[0], device=device) for weight in weights]
            for tokens in group:
                logits = (probe.base_model(torch.tensor([tokens], device=device)).last_hidden_state @ head.detach().T)[0].float()
                targets = torch.multinomial(logits.detach().softmax(-1).cpu(), 1, generator=draws)[:, 0].to(device)
                gradients = torch.autograd.grad(torch.nn.functional.cross_entropy(logits, targets), weights, allow_unused=True)
                for total, gradient in zip(sums, gradients, strict=True):
                    if gradient is not None:
                        total += gradient.float().square().mean(1)
        return torch.cat(sums).double().cpu().numpy() / len(group)  # type: ignore[no-any-return]


def normalised_distance(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> float:
    """Cosine distance of the vectors, each divided by their sum, so that no large entry decides alone (Task2Vec, section 3.2)."""
    total = one + other
    seen = total > 0
    if not seen.any():
        return 0.0
    left, right = one[seen] / total[seen], other[seen] / total[seen]
    norms = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float(np.clip(1 - left @ right / norms, 0, 1)) if norms else 1.0
