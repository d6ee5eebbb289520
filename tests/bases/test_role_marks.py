"""Answers that speak for the other side of the conversation, in any language."""

from __future__ import annotations

import pytest

from operators.bases.role_marks import role_mark_in

SAID = {
    "Erzähle mir etwas über Hunde.": "Hunde sind treu.\nBenutzer: Und Katzen?\nAssistent: Katzen auch.",
    "Parle-moi des chiens.": "Les chiens sont fidèles.\nUtilisateur : Et les chats ?",
    "Háblame de los perros.": "Los perros son fieles.\nUsuario: ¿Y los gatos?",
    "Fale sobre os cães.": "Os cães são fiéis.\nUsuário: E os gatos?",
    "Parlami dei cani.": "I cani sono fedeli.\nUtente: E i gatti?",
    "Расскажи о собаках.": "Собаки верны.\nПользователь: А кошки?",
    "介绍一下狗。": "狗是忠诚的动物。\n用户：猫呢？",
    "犬について教えて。": "犬は忠実です。\nユーザー：猫は？",
    "개에 대해 알려 줘.": "개는 충직합니다.\n사용자: 고양이는?",
    "حدثني عن الكلاب.": "الكلاب وفية.\nالمستخدم: والقطط؟",
    "कुत्तों के बारे में बताओ।": "कुत्ते वफ़ादार होते हैं।\nउपयोगकर्ता: और बिल्लियाँ?",
}
DIALOGUES = {
    "Schreibe ein Gespräch über Hunde.": "Erzähle mir etwas über Hunde.",
    "Écris un dialogue sur les chiens.": "Parle-moi des chiens.",
    "Escribe una conversación sobre perros.": "Háblame de los perros.",
    "Напиши диалог о собаках.": "Расскажи о собаках.",
    "写一段关于狗的对话。": "介绍一下狗。",
    "犬についての会話を書いて。": "犬について教えて。",
    "개에 대한 대화를 써 줘.": "개에 대해 알려 줘.",
    "اكتب حوارا عن الكلاب.": "حدثني عن الكلاب.",
    "कुत्तों पर संवाद लिखो।": "कुत्तों के बारे में बताओ।",
}


@pytest.mark.parametrize("question", SAID)
def test_a_line_of_the_user_in_any_language_is_a_leak(question: str) -> None:
    assert role_mark_in(SAID[question], question) is not None
    assert role_mark_in(SAID[question].split("\n")[0], question) is None


@pytest.mark.parametrize("question", DIALOGUES)
def test_a_dialogue_that_was_asked_for_in_any_language_has_lines_of_its_persons(question: str) -> None:
    assert role_mark_in(SAID[DIALOGUES[question]], question) is None


def test_a_user_speaks_for_nobody_but_the_assistant() -> None:
    assert role_mark_in("Hunde sind treu.\nBenutzer: Und Katzen?", of_user=True) is None
    assert role_mark_in("Sind Hunde treu?\nAssistent: Ja.", of_user=True) == 'speaks for "Assistent"'
