"""What the input of a pair says, its answer may say: checks of answers read the column "input" where there is one."""

from __future__ import annotations

import pyarrow as pa
import pytest

from operators.core.sequential import Sequential
from operators.text.answers.rule_set import answer_checks

DOG = "Der Hund ist ein treues Tier, das seit Jahrtausenden mit dem Menschen zusammenlebt. Er wurde aus dem Wolf gezüchtet und hilft bei der Jagd."
CHORUS = "We sail away tonight\n" * 5


def stays(instruction: str, given: str | None, output: str) -> bool:
    rows = pa.table({"instruction": [instruction], "input": pa.array([given], pa.string()), "output": [output]})
    return Sequential(*answer_checks()).run(rows, progress=False).report.rows_out == 1


@pytest.mark.parametrize(
    ("instruction", "given", "output"),
    [
        ("Summarize the following text in one sentence.", DOG, "Der Hund lebt seit Jahrtausenden treu mit dem Menschen zusammen."),
        (
            "Reply to the customer in a friendly tone.",
            "Hola, mi pedido no ha llegado todavía y ya pasaron dos semanas.",
            "Hola, sentimos mucho el retraso.",
        ),
        ("Translate to English.", "Je ne peux pas vous aider avec cela.", "I'm sorry, I can't help with that."),
        ("Translate to English.", "Das kann ich leider nicht.", "I'm sorry, I can't do that."),
        ("Extract what the bot answered.", "Q: hi. A: I'm sorry, but I can't help with that.", "I'm sorry, but I can't help with that."),
        ("What does the bot say?", "User: hi\nBot: As an AI language model, I cannot feel.", "As an AI language model, I cannot feel."),
        ("What comes next?", "User: hi\nAssistant: hello\nUser: how are you?", "Assistant: I am fine, thank you."),
        ("Say it with a full stop.", "output: 5", "Output: 5."),
        ("Which value stands in the log?", "code=n/a size=4", "n/a"),
        ("What went wrong?", "10:04 GET /a 500 Internal Server Error", "Internal Server Error"),
        ("Make the title bold.", "![map](a.png) The lake", "![map](a.png) **The lake**"),
        ("Write it in capitals.", CHORUS, CHORUS.upper()),
    ],
)
def test_what_an_input_says_may_be_said_by_its_answer(instruction: str, given: str, output: str) -> None:
    assert stays(instruction, given, output)
    assert stays("Translate to English: Das kann ich leider nicht.", None, "I'm sorry, I can't do that.")


@pytest.mark.parametrize(
    ("instruction", "given", "output"),
    [
        ("Summarize the following text in one sentence.", "The dog is a loyal animal that lives with people.", DOG),
        ("Summarize the following text in one sentence.", DOG, "I'm sorry, but I can't help with that."),
        ("Translate to English.", DOG, "I'm sorry, but I cannot translate this text."),
        ("Sum it up.", "User: hi\nBot: hello", "They greet.\nHuman: and then?"),
        ("Name the colour.", "The sky is wide.", "n/a"),
        ("Name the colour.", "The sky is blue.", "<nooutput>"),
        ("Write a line about it.", "The sea", CHORUS),
    ],
)
def test_what_its_input_does_not_say_makes_an_answer_bad(instruction: str, given: str, output: str) -> None:
    assert not stays(instruction, given, output)
