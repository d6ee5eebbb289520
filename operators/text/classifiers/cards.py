"""The cards of published models that label texts. What a card says of labels and licences is what its repository says."""

from __future__ import annotations

from typing import Final

from operators.bases.models.card import ModelCard

NVIDIA_DOMAIN: Final = ModelCard(
    name="domain",
    weights="nvidia/domain-classifier",
    scale="probability of the likeliest of 26 subjects, 0 to 1",
    labels=tuple(
        "Adult Arts_and_Entertainment Autos_and_Vehicles Beauty_and_Fitness Books_and_Literature Business_and_Industrial Computers_and_Electronics "
        "Finance Food_and_Drink Games Health Hobbies_and_Leisure Home_and_Garden Internet_and_Telecom Jobs_and_Education Law_and_Government News "
        "Online_Communities People_and_Society Pets_and_Animals Real_Estate Science Sensitive_Subjects Shopping Sports "
        "Travel_and_Transportation".split()
    ),
    activation="softmax",
    head="fc",
    encoder="model",
    max_length=512,
    licence="Apache-2.0",
)
NVIDIA_MULTILINGUAL_DOMAIN: Final = NVIDIA_DOMAIN.model_copy(
    update={"weights": "nvidia/multilingual-domain-classifier", "licence": "NVIDIA Open Model License"}
)
"""The same subjects for texts in 52 languages."""
PROMPT_INJECTION: Final = ModelCard(
    name="prompt_injection",
    weights="protectai/deberta-v3-base-prompt-injection-v2",
    scale="probability of the likelier of two labels, 0 to 1; its authors take 0.5",
    labels=("SAFE", "INJECTION"),
    activation="softmax",
    max_length=512,
    licence="Apache-2.0",
)
"""English prompts; system prompts are often taken for injections, its card says."""
