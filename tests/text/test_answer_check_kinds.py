"""What each check of an answer drops, and what only looks like it, in many kinds of tasks and languages."""

from __future__ import annotations

import pyarrow as pa
import pytest

from operators.core.kinds import Filter
from operators.text.answers.leaks import CopiedInstructionFilter, InventedImageFilter, LeftoverFilter
from operators.text.answers.requests import MissingInputFilter, RequestedFormatFilter
from operators.text.answers.substance import EmptyAnswerFilter, LoopingAnswerFilter

PROSE = "It is a plain answer of a few words."


def stays(operator: Filter, instruction: str, output: str) -> bool:
    return operator.run(pa.table({"instruction": [instruction], "output": [output]}), progress=False).report.rows_out == 1


@pytest.mark.parametrize(
    ("instruction", "output"),
    [
        ("Explain gravity.", "Explain gravity."),
        ("Please explain gravity.", "explain gravity"),
        ("请详细解释什么是光合作用以及它为什么重要。", "请详细解释什么是光合作用以及它为什么重要。"),
        ("請解釋重力。", "解釋重力"),
        ("重力とは何ですか", "重力とは何ですか？"),
        ("Was ist ein Atom?", "was ist ein atom"),
        ("Correct the grammar: He go to school.", "Correct the grammar: He go to school."),
        ("What are the main exports of Chile?", "the main exports of Chile"),
        ("Can you describe how a kite stays up in the air?", "You can describe how a kite stays up in the air."),
    ],
)
def test_the_instruction_again_is_no_answer_at_any_length_and_in_any_script(instruction: str, output: str) -> None:
    assert not stays(CopiedInstructionFilter(), instruction, output)


@pytest.mark.parametrize(
    ("instruction", "output"),
    [
        ("Correct the grammar: He go to school every day.", "He goes to school every day."),
        ("She sing in the choir on Sundays. Fix the spelling and grammar.", "She sings in the choir on Sundays."),
        ("Fill in the blank: The ___ is blue on a clear day.", "The sky is blue on a clear day."),
        ("Add the commas: I bought apples pears and plums.", "I bought apples, pears and plums."),
        ("Put this in lowercase: THE CAT SAT ON THE MAT.", "the cat sat on the mat."),
        ("Repeat after me: the rain falls on the plain.", "The rain falls on the plain."),
        ("Quote the last sentence: The sun set. Nobody came home that night.", "Nobody came home that night."),
        ("Unscramble the words: dog the runs fast", "The dog runs fast."),
        ("Corrige la phrase : Les enfant joue dans le jardin.", "Les enfants jouent dans le jardin."),
        ("改正句子：我昨天去学校了吃饭。", "我昨天去学校吃饭了。"),
        ("Is the Pacific the largest ocean?", "The Pacific is the largest ocean."),
        ("Water boils at 100 degrees. True or false?", "Water boils at 100 degrees: true."),
        ("What is 12 times 12?", "What is 12 times 12? 144"),
        ("Who wrote the opera Fidelio?", "Beethoven wrote the opera Fidelio."),
        ("Which river flows through Vienna?", "The Danube flows through Vienna."),
        ("Wer schrieb die Oper Fidelio?", "Beethoven schrieb die Oper Fidelio."),
        ("Hello!", "Hello!"),
        ("你好", "你好！"),
    ],
)
def test_edits_quotations_and_greetings_may_have_the_words_of_the_instruction(instruction: str, output: str) -> None:
    assert stays(CopiedInstructionFilter(), instruction, output)


@pytest.mark.parametrize(
    "instruction",
    [
        *("What is the difference between using JSON and using YAML?", "How do I return JSON from Flask?", "Explain how data is stored in JSON."),
        *("Write an article about using JSON in web APIs.", "Should I store settings as JSON?", "Write a Python function that returns JSON."),
        *("Do not answer in JSON: what is a lake?", "Convert the following from JSON to YAML: {}", "Teach me how to format a date in JSON."),
        *("Describe the data types in JSON.", "Give me a short introduction to JSON.", "What does it mean to answer in one word?"),
        *("Why do politicians never answer yes or no?", "Describe a situation where answering in one word is rude."),
    ],
)
def test_prose_about_a_format_is_an_answer(instruction: str) -> None:
    assert stays(RequestedFormatFilter(), instruction, PROSE)


@pytest.mark.parametrize(
    "instruction",
    [
        *("Answer in JSON: what is the capital of Peru?", "List three planets in JSON format.", "Please provide the data as valid JSON."),
        *("Can you give me the weekdays as JSON?", "Extract the names from this text as JSON: Anna met Bob.", "In JSON, list the seasons."),
        *("Write a JSON object for a book.", "Convert this to JSON: name Anna, age 3", "What do bees make? Answer in one word."),
        *("How would you describe winter in one word?", "Is 7 prime? Answer yes or no."),
    ],
)
def test_prose_where_a_format_is_asked_for_is_none(instruction: str) -> None:
    assert not stays(RequestedFormatFilter(), instruction, PROSE)


@pytest.mark.parametrize(
    "instruction",
    [
        *("Sort the following numbers in ascending order 4, 2, 9, 1", "Explain the following equation E=mc^2"),
        *("Translate this sentence to French I love dogs", "Translate the following sentence from English to Spanish where is the library"),
        *("Correct the following sentence she don't like apples", "Sort the following words alphabetically pear, apple, fig"),
        *("Rewrite this sentence in the passive voice the dog bit the man", "Find the sum of the following numbers 3 8 12"),
        *("Write a Python function that finds the largest number in the given list.", "Write a SQL query that returns the names in the given table."),
    ],
)
def test_what_is_to_be_worked_on_needs_no_colon(instruction: str) -> None:
    assert stays(MissingInputFilter(), instruction, PROSE)


@pytest.mark.parametrize(
    "instruction",
    [
        *(
            "Summarize the following article in three sentences.",
            "Translate the following sentence to French.",
            "Given the table, find the highest value.",
        ),
        *("Identify the verbs in the following sentence and underline them.", "Classify the following text as positive or negative."),
        *("Explain what the following code prints when run.", "Describe how this poem uses imagery and metaphor.", "Sort the following numbers."),
        *("Translate the following text from English to Spanish.", "Edit the following paragraph for clarity, tone and style."),
        *(
            "Convert the following sentence to past tense.",
            "Proofread this email carefully.",
            "Rewrite this paragraph so that it sounds more formal.",
        ),
    ],
)
def test_how_to_work_on_it_is_not_what_to_work_on(instruction: str) -> None:
    assert not stays(MissingInputFilter(), instruction, PROSE)


@pytest.mark.parametrize(
    ("instruction", "output"),
    [
        ("Write a cover letter for a nurse.", "I have attached my résumé and two references."),
        ("Ask for the invoice.", "Dear Ms. Lind, I have attached the form that you wanted."),
        ("How can I embed a logo in my README?", "Use `![Logo](logo.png)` at the top of the file."),
        ("How large may an upload be?", "Keep each file below 10 MB."),
    ],
)
def test_attachments_of_letters_and_images_in_code_are_not_invented(instruction: str, output: str) -> None:
    assert stays(InventedImageFilter(), instruction, output)


@pytest.mark.parametrize(
    "output", ["![lynx](lynx.png)", "The diagram below shows its ears.", "I have attached a picture of one.", "See the photo above."]
)
def test_images_that_are_not_there_are_invented(output: str) -> None:
    assert not stays(InventedImageFilter(), "What does a lynx eat?", output)


@pytest.mark.parametrize(
    ("instruction", "output"),
    [
        ("Solve 2x = 8.", "Answer: x = 4"),
        ("What is 12 squared?", "Final answer: 144"),
        ("Fix this: i has a dog", "Here is the corrected version: I have a dog."),
        ("What came of the vote?", "Following the review, the council closed the bridge."),
    ],
)
def test_a_marked_answer_and_an_edit_are_no_remains(instruction: str, output: str) -> None:
    assert stays(LeftoverFilter(), instruction, output)


@pytest.mark.parametrize("output", ["Here is the improved answer: Dew is water.", "Revised answer: Dew is water.", "verdict: better", "Score: 5"])
def test_remains_of_a_revision_or_a_judgement_are_dropped(output: str) -> None:
    assert not stays(LeftoverFilter(), "What is dew?", output)


@pytest.mark.parametrize(
    "output",
    [
        *("重力是一种力。" * 6, "日本は島国です。" * 5, "北京是中国的首都" * 6, "我不知道。" * 6, "แรงโน้มถ่วงคือแรง" * 6, "중력은 힘입니다. " * 5),
        *("The sea is wide and blue. " * 4, "海は とても広いです。" * 4),
    ],
)
def test_a_loop_is_one_in_every_script(output: str) -> None:
    assert not stays(LoopingAnswerFilter(), "Describe it.", output)


@pytest.mark.parametrize(
    "output",
    [
        *(
            "哈哈哈哈哈哈哈哈，太好笑了。",
            "我爱你。我爱你。我爱你。风也爱你。",
            "信濃川、利根川、石狩川です。",
            "他说：“好的。”她说：“好的。”他们走了。",
        ),
        *("水是一种液体，水是生命之源，水是最常见的物质之一。", "1 1 1 1 1 1 1 1 1 1"),
    ],
)
def test_laughs_refrains_and_lists_are_no_loops(output: str) -> None:
    assert stays(LoopingAnswerFilter(), "Describe it.", output)


@pytest.mark.parametrize(
    "output",
    [
        *(
            "Sure!",
            "I'd be happy to help!",
            "Natürlich, gerne!",
            "Bien sûr !",
            "¡Claro que sí!",
            "Claro, com prazer!",
            "Certo, volentieri!",
            "Конечно!",
        ),
        *(
            "好的，当然可以！",
            "もちろんです！",
            "물론입니다!",
            "Sure! Here is an explanation of gravity:",
            "Hier ist eine Erklärung:",
            "以下是对重力的解释：",
        ),
        *("¡Por supuesto! Aquí tienes una explicación:", "Certainly! Below is a short overview:"),
    ],
)
def test_consent_or_an_announcement_alone_says_nothing(output: str) -> None:
    assert not stays(EmptyAnswerFilter(), "Explain gravity.", output)


@pytest.mark.parametrize(
    ("instruction", "output"),
    [
        ("May dogs eat carrots?", "Of course!"),
        ("Ist Eis kalt?", "Natürlich!"),
        ("水能结冰吗？", "当然可以。"),
        ("How do you say 'of course' in French?", "Bien sûr."),
        ("Thank you for the recipe.", "No problem, happy to help!"),
        ("What should I cook?", "Okay, try a soup with leeks and potatoes."),
        ("Explain tides.", "Here is the reason: the moon pulls the water."),
        ("Что такое лёд?", "Хорошо известно, что лёд — это твёрдая вода."),
    ],
)
def test_consent_may_be_the_answer_or_its_beginning(instruction: str, output: str) -> None:
    assert stays(EmptyAnswerFilter(), instruction, output)
