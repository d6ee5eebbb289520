"""Making training data from texts with a language model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.question_answers import AsksForPairs, QuestionAndAnswer, Questions, as_conversation
from operators.core.llm import LLMGenerate
from operators.tables.columns import Input, Output
from operators.text.synthesis.prompts import InstructionAndOutput, InstructionFromTextPrompt, QuestionsPrompt, RephrasePrompt, Style


class QuestionAnswerGenerator(AsksForPairs):
    """Turn a text into questions and answers that teach what it says: as a list, and as the text of a conversation for pretraining."""

    covers = ("Phi4QAGenerator",)
    source = "Phi-4 (Abdin et al. 2024), instruction pre-training (Cheng et al. 2024)"

    input_text = Input(str)
    output_conversation = Output(str, "conversation", description='"Question: ..." and "Answer: ..." in turn')
    output_pairs = Output(list[QuestionAndAnswer], "question_answers")

    prompt: PromptTemplate[Questions] = QuestionsPrompt()

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        pairs = await self.pairs_of(llm, **values)
        return {"conversation": as_conversation(pairs), "pairs": [pair.model_dump() for pair in pairs]}


class InstructionGenerator(LLMGenerate):
    """Make a row with an instruction and its answer from each text, for supervised fine-tuning. The text's own columns stay on the new row.

    `requirements` is told to the model as it stands: "Write in German.", "Ask for code.".
    """

    covers = ("SFTGeneratorSeed",)
    source = "Self-Instruct (Wang et al. 2023), from seed documents"
    adds_rows = True

    input_text = Input(str)
    output_instruction = Output(str)
    output_output = Output(str)
    output_difficulty = Output(str, description="easy, medium or hard, as the model sees it")

    prompt: PromptTemplate[InstructionAndOutput] = InstructionFromTextPrompt()
    requirements: str = Field("", description="What else the instruction and its answer shall be.")
    characters: int = Field(8000, ge=1, description="How much of the text the model sees.")
    max_tokens: int | None = Field(1024, ge=1, description="Longest answer, in tokens.")

    def new_rows(self, answer: InstructionAndOutput) -> Iterable[Mapping[str, Any]]:
        return [answer.model_dump()]


class InstructionPairsGenerator(AsksForPairs):
    """Make several rows with an instruction and its answer from each text: one for each question that the model finds in it."""

    source = "Instruction pre-training (Cheng et al. 2024)"
    adds_rows = True

    input_text = Input(str)
    output_instruction = Output(str)
    output_output = Output(str)

    prompt: PromptTemplate[Questions] = QuestionsPrompt()

    async def generate(self, llm: LLMSession, **values: Any) -> list[dict[str, str]]:
        return [{"instruction": pair.question, "output": pair.answer} for pair in await self.pairs_of(llm, **values)]


class RephraseGenerator(LLMGenerate):
    """Rewrite a text in another style, beside the original: as in an encyclopedia, simply, as a dialogue, or concisely."""

    source = "WRAP (Maini et al. 2024)"

    input_text = Input(str)
    output_text = Output(str, "rephrased")

    prompt: PromptTemplate[str] = RephrasePrompt()
    style: Style = "encyclopedia"
    characters: int = Field(6000, ge=1, description="How much of the text the model sees.")
    max_tokens: int | None = Field(2048, ge=1, description="Longest answer, in tokens.")
