"""Making training data from texts with a language model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.bases.bounded_answers import at_most
from operators.core.llm import LLMGenerate
from operators.tables.columns import Input, Output
from operators.text.synthesis.prompts import (
    InstructionAndOutput,
    InstructionFromTextPrompt,
    QuestionAndAnswer,
    Questions,
    QuestionsPrompt,
    RephrasePrompt,
    Style,
)  # fmt: skip


class AsksForPairs(LLMGenerate, abstract=True):
    """Asks for at most `pairs` questions with their answers; the answer cannot hold more."""

    input_text = Input(str)

    prompt: PromptTemplate[Questions] = QuestionsPrompt()
    pairs: int = Field(3, ge=1, le=20, description="How many questions to ask for.")
    characters: int = Field(8000, ge=1, description="How much of the text the model sees.")
    max_tokens: int = Field(2048, ge=1, description="Longest answer, in tokens.")

    async def ask(self, llm: LLMSession, values: Mapping[str, Any], sample: int = 0) -> Questions:
        asking = self.model_copy(update={"prompt": at_most(self.prompt, "pairs", self.pairs)})
        answer: Questions = await LLMGenerate.ask(asking, llm, values, sample)
        return answer


class QuestionAnswerGenerator(AsksForPairs):
    """Turn a text into questions and answers that teach what it says: as a list, and as the text of a conversation for pretraining."""

    covers = ("Phi4QAGenerator",)
    source = "Phi-4 (Abdin et al. 2024), instruction pre-training (Cheng et al. 2024)"

    output_conversation = Output(str, "conversation", description='"Question: ..." and "Answer: ..." in turn')
    output_pairs = Output(list[QuestionAndAnswer], "question_answers")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        answer: Questions = await self.ask(llm, values)
        conversation = "\n\n".join(f"Question: {pair.question.strip()}\nAnswer: {pair.answer.strip()}" for pair in answer.pairs)
        return {"conversation": conversation, "pairs": [pair.model_dump() for pair in answer.pairs]}


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
    max_tokens: int = Field(1024, ge=1, description="Longest answer, in tokens.")

    def new_rows(self, answer: InstructionAndOutput) -> Iterable[Mapping[str, Any]]:
        return [answer.model_dump()]


class InstructionPairsGenerator(AsksForPairs):
    """Make several rows with an instruction and its answer from each text: one for each question that the model finds in it."""

    source = "Instruction pre-training (Cheng et al. 2024)"
    adds_rows = True

    output_instruction = Output(str)
    output_output = Output(str)

    def new_rows(self, answer: Questions) -> Iterable[Mapping[str, Any]]:
        return [{"instruction": pair.question, "output": pair.answer} for pair in answer.pairs]


class RephraseGenerator(LLMGenerate):
    """Rewrite a text in another style, beside the original: as in an encyclopedia, simply, as a dialogue, or concisely."""

    source = "WRAP (Maini et al. 2024)"

    input_text = Input(str)
    output_text = Output(str, "rephrased")

    prompt: PromptTemplate[str] = RephrasePrompt()
    style: Style = "encyclopedia"
    characters: int = Field(6000, ge=1, description="How much of the text the model sees.")
    max_tokens: int = Field(2048, ge=1, description="Longest answer, in tokens.")
