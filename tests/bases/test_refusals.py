"""What counts as a refusal, and what only sounds like one."""

from __future__ import annotations

import pytest

from operators.bases.refusals import CONTRACTIONS, refusal_in


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't.",
        "I am sorry, I won't.",
        "I’m sorry, but I must decline to.",
        "I cannot help with that.",
        "I'm not able to really answer this.",
        "I must respectfully decline this request.",
        "Sorry, but that is something I cannot do.",
        "This is not something I can help with.",
        "Unfortunately I don't have the ability to draw.",
        "I don’t have access to real-time data.",
        "It is not possible for me to provide that information.",
        "I'd rather not discuss this topic.",
        "Sorry, can't help with that.",
        "I cannot open links or view images.",
        "I cannot give medical advice. Please see a doctor.",
        "I understand your worry. However, I am not able to assist with this.",
        "I am a large language model, trained by Google.",
        "I was created by OpenAI, so I have no hobbies.",
    ],
)
def test_a_refusal_is_one_in_each_of_its_forms(answer: str) -> None:
    assert refusal_in(answer) is not None


@pytest.mark.parametrize(
    "full",
    [
        *("I do not have feelings.", "I do not have personal opinions.", "I cannot help with that.", "I will not answer this question."),
        *("I am unable to assist you with that.", "I am just an AI.", "I would rather not answer that.", "That is something I cannot do."),
    ],
)
def test_a_short_form_refuses_as_its_full_form_does(full: str) -> None:
    assert refusal_in(full) is not None
    shortened = [full.casefold().replace(meant, short) for short, meant in CONTRACTIONS.items() if meant in full.casefold()]
    assert shortened
    for said in shortened:
        assert refusal_in(said) == refusal_in(full), said
        assert refusal_in(said.replace("'", "’")) == refusal_in(full), said


@pytest.mark.parametrize(
    "answer",
    [
        *(
            "Das kann ich nicht beantworten.",
            "Dabei kann ich dir leider nicht helfen.",
            "Leider ist es mir nicht möglich, diese Frage zu beantworten.",
        ),
        *("Je ne suis pas en mesure de répondre à cette question.", "Désolé, mais je ne peux pas faire cela.", "Il m'est impossible de vous aider."),
        *("No puedo ayudarte con eso.", "Lo siento, pero no puedo.", "Eso no lo puedo responder.", "No tengo acceso a internet."),
        *(
            "Não consigo ajudar com isso.",
            "Desculpe, mas não posso.",
            "Non posso aiutarti con questo.",
            "Mi dispiace, ma non sono in grado di rispondere.",
        ),
        *("Я не могу помочь с этим.", "К сожалению, я не могу ответить на этот вопрос.", "我无法回答这个问题。", "对不起，我不能帮你做这件事。"),
        *("这个问题我无法回答。", "申し訳ございませんが、そのご質問にはお答えできません。", "お手伝いすることはできません。"),
        *("죄송하지만 그 질문에는 답변할 수 없습니다.", "도움을 드릴 수 없습니다."),
        *("Als AI-taalmodel kan ik dat niet.", "Het spijt me, maar ik kan u daar niet bij helpen.", "Die vraag kan ik niet beantwoorden."),
        *("Jako model językowy nie mam zdania.", "Nie mogę odpowiedzieć na to pytanie.", "Przykro mi, ale nie mogę tego zrobić."),
        *("Üzgünüm, bir yapay zeka olarak buna yardımcı olamam.", "Bu soruya cevap veremem.", "Bu isteği yerine getiremem."),
        *("Tôi không thể trả lời câu hỏi này.", "Xin lỗi, nhưng tôi không thể làm điều đó.", "Là một mô hình ngôn ngữ, tôi không có cảm xúc."),
        *("Maaf, saya tidak bisa melakukannya.", "Sebagai model bahasa, saya tidak memiliki pendapat.", "Saya tidak dapat membantu dengan itu."),
        *("عذراً، لا أستطيع المساعدة في ذلك.", "بصفتي نموذجًا لغويًا ليس لدي رأي.", "لا يمكنني الإجابة على هذا السؤال.", "أنا مجرد نموذج لغوي."),
        *("क्षमा करें, मैं इसमें मदद नहीं कर सकता।", "एक एआई के रूप में, मेरे पास राय नहीं है।", "मैं इस प्रश्न का उत्तर नहीं दे सकता।"),
        *("ขออภัย ฉันเป็นโมเดลภาษา AI ไม่สามารถช่วยได้", "ผมไม่สามารถตอบคำถามนี้ได้", "ในฐานะโมเดลภาษา ฉันไม่มีความรู้สึก"),
    ],
)
def test_each_language_that_is_promised_refuses_in_its_own_order_of_words(answer: str) -> None:
    assert refusal_in(answer) is not None


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry to hear that your bicycle was stolen. Report it first.",
        "She said: \"I'm sorry, but I can't.\"",
        "We are sorry, the museum cannot open on Monday.",
        "You can't divide by zero, since no number times zero is one.",
        "Go is a compiled language created by Google engineers in 2007.",
        "AlphaFold was developed by DeepMind, a company in London.",
        "I cannot see the sea, but I hear it. My daughter reads to me.",
        "Dear Mr. Ross, the heating has been broken since Monday, and I cannot continue to live here in the cold.",
        "I will not answer when you call,\nI will not open up the door.",
        "I cannot help but think of home.",
        "I couldn't help him with that, so I walked on.",
        "I cannot recommend this book highly enough.",
        "I would not recommend swimming right after lunch.",
        "I cannot provide for my family on this wage.",
        "I don't have feelings for him any more.",
        "As an AI researcher, I spend my days reading logs.",
        "Hi team, here is my update on the migration: it is done.",
        "First I shuffle my training data, then I split it.",
        *("Als KI bezeichnet man Programme, die lernen.", "Ich kann nicht schwimmen.", "Je ne peux pas dormir quand il pleut.", "No puedo dormir."),
        *("Non posso dimenticare quel giorno.", "Я не могу уснуть.", "我不能忘记那个夏天。", "私は泳げません。", "저는 수영을 할 수 없습니다."),
        *("Ik kan niet slapen als het regent.", "Nie mogę zasnąć, gdy pada.", "Yağmurda uyuyamam.", "Tôi không thể ngủ khi trời mưa."),
        *("Saya tidak bisa tidur saat hujan.", "لا أستطيع النوم عندما تمطر.", "मैं बारिश में सो नहीं सकता।", "ฉันไม่สามารถนอนหลับได้เมื่อฝนตก"),
    ],
)
def test_what_people_say_of_themselves_and_of_others_is_none(answer: str) -> None:
    assert refusal_in(answer) is None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Write a diary entry of a nurse.", "I cannot help with everything, though I try. Tonight I am unable to provide one kind word more."),
        ("Write an email to a colleague.", "Hi Tom,\nI'm sorry, but I can't help you with the move on Saturday.\nAnna"),
        ("Translate into English: No puedo ayudarte con eso.", "I cannot help you with that."),
        ("How can I say no to extra work?", "I'm sorry, but I can't help with this before Friday."),
        (
            "Schreib einen Brief an den Vermieter.",
            "Sehr geehrte Frau Wolf, hier kann ich nicht bleiben, und Sie kann ich nicht unterstützen.",
        ),
        ("¿Qué es un modelo de lenguaje?", "Predice palabras; como modelo de lenguaje, aprende de textos."),
        ("Mülakata gidemeyeceğim için bir mektup yaz.", "Sayın yetkili, üzgünüm, görüşmeye katılamayacağım ve size yardımcı olamam."),
        ("ترجم إلى العربية: I cannot help you.", "لا أستطيع مساعدتك."),
        ("แปลเป็นไทย: I cannot help you.", "ฉันไม่สามารถช่วยคุณได้"),
        ("ai क्या है? भाषा मॉडल समझाइए।", "भाषा मॉडल शब्दों का अनुमान लगाता है।"),
        ("Write a breakup text.", "I'm sorry, but I can't do this any more."),
        ("What is a language model?", "As an AI language model is trained, it learns which words follow which."),
    ],
)
def test_others_may_refuse_in_a_text_that_was_asked_for(question: str, answer: str) -> None:
    assert refusal_in(answer, question) is None


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Write a letter to a bank.", "I'm sorry, but I cannot write a letter that asks for somebody else's password."),
        ("Write a story about a robbery.", "I can't fulfil this request. Would you like a story about a picnic?"),
        ("Translate this into French: Good night.", "I am not able to help with that."),
        ("Write a story about a heist.", "I apologize, but I'm not able to create content that describes crimes."),
        ("Write a poem about rain.", "As an AI language model, I cannot feel the rain."),
        ("Schreib ein Gedicht über Waffen.", "Ich kann diese Anfrage leider nicht erfüllen."),
    ],
)
def test_the_task_itself_may_be_refused_whatever_was_asked_for(question: str, answer: str) -> None:
    assert refusal_in(answer, question) is not None
