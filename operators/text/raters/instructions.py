"""Language models as raters of instructions and answers."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.core.llm import LLMEvaluate
from operators.tables.columns import Input, Output
from operators.text.raters.instruction_prompts import AlpagasusPrompt, AnswerRating, InstagPrompt, IntentionTags, SemanticTree, TreeInstructPrompt


class AlpagasusEvaluator(LLMEvaluate):
    """Rate an answer to an instruction on one dimension, 0 to 5, with the reason. To filter as AlpaGasus does: ScoreFilter(min=4.5)."""

    covers = ("AlpagasusSampleEvaluator", "AlpagasusFilter")
    source = "AlpaGasus (Chen et al. 2023)"

    input_instruction = Input(str)
    input_input = Input(str, optional=True, nulls="pass", description="what the instruction is about, if it is apart")
    input_output = Input(str)
    output_score = Output(float, "alpagasus_score")
    output_reason = Output(str, "alpagasus_reason")

    prompt: PromptTemplate[AnswerRating] = AlpagasusPrompt()
    dimension: str = Field("quality", min_length=1, description="What is rated: quality, accuracy, helpfulness, ...")
    characters: int = Field(4000, ge=1, description="How much of each text the model sees.")
    max_tokens: int | None = Field(200, ge=1, description="Longest answer, in tokens.")


class TreeInstructEvaluator(LLMEvaluate):
    """Say how complex an instruction is: the nodes of its semantic tree, which the model lists and we count; 0 upwards.

    To filter: ScoreFilter(min=3) on "tree_nodes".
    """

    covers = ("TreeinstructSampleEvaluator", "TreeinstructFilter")
    source = "Tree-Instruct (Zhao et al. 2023)"

    input_instruction = Input(str)
    output_score = Output(int, "tree_nodes")
    output_nodes = Output(list[str], "tree")

    prompt: PromptTemplate[SemanticTree] = TreeInstructPrompt()
    characters: int = Field(4000, ge=1, description="How much of the instruction the model sees.")

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        nodes = (await self.ask(llm, values)).nodes
        return {"score": len(nodes), "nodes": nodes}


class InstagEvaluator(LLMEvaluate):
    """Tag what an instruction intends: the tags, and how many different ones there are (1 to 12), which says how complex it is.

    The tags stay, so that their variety over a table can be measured. Any model will do; for InsTagger itself, serve its weights and name that model.
    To filter for complexity: ScoreFilter(min=2) on "tag_count".
    """

    covers = ("InstagSampleEvaluator", "InstagFilter")
    source = "InsTag (Lu et al. 2023)"

    input_instruction = Input(str)
    output_count = Output(int, "tag_count")
    output_tags = Output(list[str], "tags")

    prompt: PromptTemplate[IntentionTags] = InstagPrompt()
    characters: int = Field(4000, ge=1, description="How much of the instruction the model sees.")

    async def evaluate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        answer: IntentionTags = await self.ask(llm, values)
        tags = list(dict.fromkeys(tag.tag.strip().casefold() for tag in answer.tags if tag.tag.strip()))
        return {"count": len(tags), "tags": tags}
