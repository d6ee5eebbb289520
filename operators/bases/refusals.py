"""Whether an answer refuses, or speaks of the model that gives it."""

from __future__ import annotations

import re
from typing import Final

from operators.bases.plain_words import plain
from operators.bases.refusals_of_languages import REFUSALS_OF_LANGUAGES

CONTRACTIONS: Final = {
    "can't": "cannot",
    "can not": "cannot",
    "won't": "will not",
    "don't": "do not",
    "i'm": "i am",
    "i'll": "i will",
    "i'd": "i would",
    "that's": "that is",
    "it's": "it is",
    "isn't": "is not",
}
"""Short forms and what they stand for; the patterns below know only the full forms."""
_SHORT_FORM = re.compile(rf"\b(?:{'|'.join(CONTRACTIONS)})\b")

_CANNOT: Final = (
    r"(?:cannot(?: and will not| or will not)?|will not(?: be able to)?"
    r"|am (?:\w+ly |just )?(?:not (?:\w+ly )?(?:able|allowed|permitted|programmed|designed|equipped|authori[sz]ed|comfortable|willing|going"
    r"|in a position)|unable|incapable)(?: to| of| with)?"
    r"|(?:do not have|lack) the (?:ability|capability|capabilities|capacity|means) (?:to|of)"
    r"|(?:(?:must|need to|have to|will have to|am going to have to) )?(?:\w+ly )?(?:decline|refuse) to|prefer not to|would (?:prefer"
    r"|rather) not(?: to)?)"
)
_ADVERBS: Final = r" (?:(?:\w+ly|even|really|just|in good conscience|be|able to) ){0,3}"
_I_CANNOT: Final = rf"\bi (?:\w+ly,? |also )?{_CANNOT}"
_SORRY: Final = r"(?:\bsorry|\bapologi[sz]e|\bapologies|\bunfortunately|\bregrettably|\bi regret|\bafraid)\b"
_REQUEST: Final = r"(?:requests?|prompts?|questions?|quer(?:y|ies)|tasks?|instructions?|demands?)"
_THAT: Final = r"(?:this|that|it|so)(?=\W*$| ?[.,;!:]| for you\b| because\b| as\b| kind\b| type\b| sort\b)"
_MATTER: Final = (
    r"(?:advice|information|opinions?|details|guidance|recommendations?|diagnos[ei]s|predictions?|directions|content|material|topics?|subjects?"
    r"|jokes?|images?|pictures?|code|stor(?:y|ies)|poems?|poetry|letters?|e-?mails?|messages?|notes?|speech(?:es)?|dialogues?|songs?|lyrics"
    r"|scenes?|scripts?|haikus?|essays?|articles?|reviews?|texts?|posts?|answers?|responses?|conversations?|activit(?:y|ies)|hate|violence)"
)
_MEDIA: Final = (
    r"(?:images?|pictures?|photos?|videos?|audio|files?|attachments?|links?|websites?|web ?pages?|urls?|internet|the web|screenshots?|documents?"
    r"|real-time|databases?|external|live|current (?:data|news|information))"
)

_FALLS_SHORT = re.compile(
    rf"{_I_CANNOT}{_ADVERBS}(?:"
    r"(?:assist|help)(?: you| anyone| people| users| out| further)*(?= (?:with|in|on|to|by|if|as|here|there)\b|\W*$| ?[.,;!])"
    r"|comply\b|fulfil|accommodate\b|facilitate\b|provide\b(?! for\b))"
    rf"|{_I_CANNOT}{_ADVERBS}(?:answer|respond to|reply to|process|complete|perform|do|continue with|engage (?:with|in)|honou?r|support|satisfy)"
    rf" (?:(?:to|with) )?(?:{_THAT}|(?:this|that|the|your|such|any)(?: \w+){{0,3}}? {_REQUEST}\b)"
)
"""Services that are refused, wherever the answer says so."""
_OPENS_WITH = re.compile(
    rf"{_SORRY}[^.!?]{{0,80}}?{_I_CANNOT}(?! (?:remember|recall))\b"
    rf"|{_I_CANNOT}{_ADVERBS}(?:share|give|offer|write|create|generate|produce|compose|draft|design|draw|tell|make|discuss|recommend|translate"
    rf"|promote"
    rf"|endorse|support|continue|engage in|participate in|take part in|talk about|speak (?:on|about)|comment on|express|form|predict|verify|rewrite)"
    rf" (?:you )?(?:{_THAT}|(?:[\w-]+,? ){{0,4}}?(?:{_MATTER}|{_REQUEST})\b(?! \w+ enough| enough))"
    rf"|{_I_CANNOT}{_ADVERBS}(?:see|view|watch|hear|listen to|open|access|browse|read|display|analy[sz]e|show|play|search|look (?:at|up)"
    rf"|retrieve|visit"
    rf"|download|draw|process|interact with) (?:(?:to|or|the|any|your|this|that|an?|directly|\w+) ){{0,3}}?{_MEDIA}\b"
    r"|\bi am not (?:\w+ly )?(?:comfortable|willing) (?:(?:with )?\w+ing|to)\b"
    rf"|{_I_CANNOT}{_ADVERBS}(?:diagnose\b|play (?:\w+ ){{0,2}}(?:music|songs?|audio|videos?)\b)"
    r"|\bi do not have (?:the |any )?(?:ability|capability|capabilities|capacity) (?:to|of)\b"
    r"|\bi (?:(?:must|need to|have to|will have to) (?:\w+ly )?|\w+ly )(?:decline|refuse)\b"
    r"|\b(?:something|anything|one thing|a thing|(?:question|request|task)s?) (?:that |which )?i (?:cannot|will not|am (?:not able|unable) to)"
    r" (?:do|help|assist|answer|provide|discuss|fulfil)"
    r"|\bnot (?:something|anything|a \w+) (?:that |which )?i (?:can|am able to|am allowed to) (?:do|help|assist|answer|provide|discuss|fulfil"
    r"|share|tell|create|write|give|support|comment)"
    r"|\b(?:this|that|it|which|request|question) (?:is|goes|falls|lies) (?:beyond|outside|not within)(?: of| the scope of)? (?:what i can"
    r"|my (?:capabilit"
    r"|abilit|scope|expertise))"
    r"|\b(?:not possible|impossible|inappropriate|not appropriate|unethical|irresponsible|not ethical) for me to"
    r" (?:assist|help|answer|provide|give|fulfil|comply|create|generate|write|do|share|discuss|engage)"
    r"|^\W*(?:(?:sorry|apologies|unfortunately|no)[,.!]? ?(?:but )?)?(?:(?:i am )?unable to|cannot|not able to) (?:assist|help|comply|fulfil"
    r"|answer|provide"
    r"|complete|process|do)\b(?: with)?(?: (?:this|that|you|your|the)\b|\W*$)"
)
"""What refuses where the answer begins with it; later on people speak so of themselves."""
_REFUSES_THE_TASK = re.compile(
    rf"{_I_CANNOT}{_ADVERBS}(?:"
    r"(?:assist|help)(?: you)? with (?:this|that)(?=\W*$| ?[.,;!])"
    r"|[a-z]+(?: you)?(?: (?:with|to|in))? (?:this|that|such|any) (?:kind|type|sort) of\b"
    rf"|[a-z]+(?: you)?(?: (?:with|to|in))? (?:this|that|your|the|such|any)(?: \w+){{0,2}}? (?:{_REQUEST}|content|material|topic)\b"
    rf"|(?:write|create|generate|produce|compose|draft|translate)(?: you)? (?:(?:an?|any|such|this|that|the)(?: [\w-]+){{0,3}}? {_MATTER}\b"
    rf"|(?:[\w-]+ )?{_MATTER} (?:that|which|about|containing|with|promoting)\b)|provide(?: [\w-]+){{0,3}}? {_MATTER}\b"
    r"|(?:write|do|create|generate|translate|continue) (?:this|that)(?=\W*$| ?[.;!]))"
    rf"|\bi (?:(?:must|need to|have to|will have to) )?(?:\w+ly )?decline (?:this|that|your|the)(?: \w+)? {_REQUEST}\b"
    rf"|{_SORRY}[^.!?]{{0,30}}?{_I_CANNOT}(?: do (?:that|this|so))?(?=\W*$)"
)
"""What refuses a task itself, and is nothing that the persons of a story or a letter say."""
_SPEAKS_OF_THE_TASK = re.compile(rf"assist|help|translat|decline|provide|\b(?:kind|type|sort) of\b|{_REQUEST}|{_MATTER}")
_TRANSLATES = re.compile(
    r"\btranslat|übersetz|\btradui|\btraduc|\btraduz|перевед|翻译|翻譯|翻訳|번역|ترجم|अनुवाद|แปล|\bdịch|przetłumacz|\bçevir|\bvertaa?l"
)
"""Of a translation, "I'm sorry, I can't do that" is more likely the text itself."""

_KIND_OF_MODEL: Final = (
    r"(?:(?:artificial intelligence|ai)(?:[ -]?(?:powered|based))?(?: (?:language )?(?:model|assistant|chatbot|system|bot|program|tool|entity))?"
    r"|(?:large )?language model|virtual assistant|chatbot|computer program)\b"
    r"(?! (?!i\b|it\b|my\b)(?:\w+ )?\w*(?:er|or|ist|ian|pert|dent|siast|company|startup|firm|lab|team)\b)(?!-)"
)
_MAKERS: Final = r"(?:openai|anthropic|google|meta|deepmind|mistral|deepseek|alibaba|microsoft|xai|zhipu|baidu|tencent|moonshot)"
_AS_A_MODEL: Final = rf"(?:\bas an? (?:[\w-]+ ){{0,2}}?{_KIND_OF_MODEL}|\bi am (?:(?:just|only|merely|simply|an?|\w+ly) ){{0,2}}{_KIND_OF_MODEL})"
_SPEAKS_OF_ITSELF = re.compile(
    rf"{_AS_A_MODEL}"
    r"|\bi do not (?:have|possess|hold|experience) (?:any |real |human |actual )?(?:personal (?:opinions?|experiences?|feelings?|beliefs?"
    r"|preferences?"
    r"|views|data|information)|(?:feelings|emotions|consciousness)\b(?! (?:for|towards?|about|of)\b)|opinions, |a physical (?:body|form))"
    r"|\bi (?:do not have|have no|lack) (?:(?:the|any|direct|current|live|real-?time|up-to-date) ){0,3}(?:access|ability) to (?:\w+ ){0,2}?"
    r"(?:real-?time|(?:the|browse the|access the) internet|live|current (?:data|news|information|events)|external)"
    r"|\b(?:my (?:last |latest )?(?:(?:knowledge|training) (?:cut-?off|update)|cut-?off date)"
    r"|(?:as of|since|after|until|up to|of) my (?:last|latest) update)\b"
    r"|\bmy training data (?:only|goes|includes|does not|was|ends|is)\b|\bmy (?:guidelines|content policy)\b"
    r"|\bmy programming (?:does not|prevents|prohibits|forbids)\b"
    r"|\b(?:against|violates?|goes against) (?:my|our|openai's|anthropic's|google's) (?:policy|policies|guidelines|programming|terms)"
    rf"|\bi (?:am|was)\b[^.!?]{{0,80}}? (?:developed|trained|created|made|built|designed) by {_MAKERS}\b"
    r"|\bi am (?:chatgpt|qwen|deepseek|(?:claude|gemini|bard|llama|copilot|mistral)(?=,? (?:an? |the )?(?:ai|assistant|language|large|model|made"
    r"|created"
    r"|developed|trained|by|from)\b))"
)
_AS_A_MODEL_SPEAKS = re.compile(_AS_A_MODEL)

_QUOTED = re.compile(
    r'["„][^"\n]{0,400}"|[«»][^«»\n]{0,400}[«»]|「[^」\n]{0,400}」|『[^』\n]{0,400}』|```.*?```'
    r"|(?<!\w)'(?:[^'\n]|(?<=\w)'(?=\w)){1,400}'(?!\w)",
    re.DOTALL,
)
_OPENING = re.compile(r"(?:[^.!?。！？]+[.!?。！？]+){1,2}")
_ABOUT_MODELS = re.compile(
    r"\b(?:ai|artificial intelligence|language models?|(?:chat)?bots?|chatgpt|openai|robots?|androids?|refus\w*|declin\w*|reject\w*|ki|ia|ии"
    r"|künstliche\w* intelligenz|intelligence artificielle|inteligencia artificial|inteligência artificial|intelligenza artificiale)\b"
    r"|искусственн|языков\w+ модел|\bmod(?:elo|[eè]le) de (?:lenguaje|linguagem|langage)|sprachmodell|modello linguistico"
    r"|语言模型|人工智能|人工知能|言語モデル|인공지능|언어 ?모델|ذكاء اصطناعي|الذكاء الاصطناعي|نموذج لغ|कृत्रिम बुद्धिमत्ता|भाषा मॉडल|एआई|โมเดลภาษา"
    r"|แบบจำลองภาษา|ปัญญาประดิษฐ์|yapay zek|dil model|taalmodel|kunstmatige intelligentie|model\w* językow|sztuczn\w+ inteligencj"
    r"|mô hình ngôn ngữ|trí tuệ nhân tạo|kecerdasan buatan|model bahasa"
)
_SPOKEN_BY_OTHERS = re.compile(
    r"\b(?:stor(?:y|ies)|tale|fable|letters?|e-?mails?|poems?|poetry|haiku|sonnet|limerick|verses?|lyrics|songs?|rap|ballad|diary|journal|monologues?"
    r"|dialogues?|conversation|speech|script|scene|screenplay|skit|role-?play|pretend|imagine|act as|you are an?|perspective|point of view"
    r"|first person|messages?|tweet|caption|testimonial|novel|fiction\w*|narrat\w*|memoir|translat\w*|sentences?|(?:an|for|some|\d) examples?|dear"
    r"|reviews?|(?:blog|social media) posts?|complaint|apology|excuse|resignation|cannot|can't|unable|say no|turn down|refus\w*|declin\w*|reject\w*"
    r"|geschichte|brief|gedicht|tagebuch|nachricht|dialog|übersetz\w*|histoire|lettre|poème|traduis\w*|traduire|message|courriel|cuento|carta|poema"
    r"|historia|traduc\w*|mensaje|história|conto|mensagem|traduz\w*|storia|lettera|poesia|messaggio|рассказ\w*|письмо|стих\w*|перевед\w*)\b"
    r"|(?:^|[.!?:,] |\bplease |\band )(?:rewrite|rephrase|paraphrase|correct|continue|complete|reply|respond|write (?:a|the|me a|him a"
    r"|her a) \w* ?note)\b"
    r"|\bnote to\b|\b(?:write|send|draft|compose)\b[^.!?]{0,40}\btext\b(?! (?:about|on)\b)|\ba (?:reply|response) to an?\b|\bwould an? \w+ say\b"
    r"|\b(?:verhaal|vertaa?l\w*|opowiadani\w*|wiersz\w*|list do|przetłumacz\w*|hikaye\w*|mektu[pb]\w*|şiir\w*|çevir\w*|truyện|bức thư|bài thơ|dịch"
    r"|cerita|surat|puisi|terjemah\w*)\b|قصة|رسالة|قصيدة|ترجم|कहानी|पत्र|कविता|अनुवाद|นิทาน|เรื่องสั้น|จดหมาย|กลอน|แปล"
    r"|故事|写信|的信|一封|诗|日记|小说|对话|翻译|邮件|物語|手紙|日記|翻訳|メール|이야기|편지|번역|일기"
)
_LETTER_OR_VERSE = re.compile(
    r"\W*(?:dear\b|subject ?:|to whom\b|(?:hi|hello|hey)\b[^\n!?]{0,40},[ \t]*\n|(?:liebe|sehr geehrte)r?\b|дорог|уважаем|亲爱的|親愛的|尊敬的|拝啓"
    r"|ch(?:er|ère)\b|estimad|querid|caro\b|cara\b"
    r"|[^\n]{1,60}(?<![.!?:。！？])[ \t]*\n+[^\n]{1,60}(?:\n|\Z))",
    re.IGNORECASE,
)
_SHORT: Final = 160
_OF_THE_TASK = re.compile(
    r"\b(?:anfrage|aufgabe|tut mir leid|leider|demande|requête|désolée?|malheureusement|solicitud|petición|lo siento|lamento|pedido|solicitação"
    r"|desculpe"
    r"|richiesta|mi dispiace|запрос\w*|извините|сожалению)\b|请求|要求|抱歉|对不起|申し訳|リクエスト|依頼|죄송|요청"
)
"""Words of a refusal of the task in another language, in an answer that is no longer than `_SHORT` characters."""


def refusal_in(answer: str, question: str = "", characters: int = 600, given: str = "") -> str | None:
    """The words by which an answer refuses ("i cannot help"), or speaks of the model ("as an ai"); None where it does neither.

    They stand near the beginning, in the first person, outside quotation marks. Of language models an answer may speak where the question does. Where
    a story, a letter or a translation is asked for, others speak in the first person: there only a refusal of the task itself counts. What stands in
    the text that the question is about (`given`) is quoted from it.
    """
    said = _said(answer[:characters])
    beginning = _OPENING.match(said)
    opening = beginning.group() if beginning else said
    found = _FALLS_SHORT.search(said) or _OPENS_WITH.search(opening)
    itself = _SPEAKS_OF_ITSELF.search(said)
    if found is None and (other := _refusal_of_a_language(said)) is not None:
        found, itself = (None, other) if _ABOUT_MODELS.search(other.group()) else (other, itself)
    if found is None and itself is None:
        return None
    asked = plain(question[:2000])
    if itself is not None and _ABOUT_MODELS.search(asked):
        itself = None
    if _SPOKEN_BY_OTHERS.search(asked) or _LETTER_OR_VERSE.match(answer[:characters]):
        itself = (_AS_A_MODEL_SPEAKS.search(opening) or _refusal_of_a_language(opening)) if itself else None
        found = _refusal_of_the_task(answer, said, opening, f"{question[:2000]}\n{given[:2000]}")
    found = found or itself
    words = found.group().strip() if found else ""
    return words[:80] if words and words not in _in_full(plain(given)) else None


def _refusal_of_the_task(answer: str, said: str, opening: str, question: str) -> re.Match[str] | None:
    """What refuses a text that others speak in, where the question does not hold a refusal itself (to translate, to correct)."""
    if _LETTER_OR_VERSE.match(answer):
        return None
    of_a_language = len(answer) <= _SHORT and _OF_THE_TASK.search(said)
    found = _REFUSES_THE_TASK.search(opening) or (_refusal_of_a_language(said) if of_a_language else None)
    asked = _said(question)
    if found is not None and _TRANSLATES.search(asked) and not _SPEAKS_OF_THE_TASK.search(found.group()):
        return None
    return None if found is None or _FALLS_SHORT.search(asked) or _refusal_of_a_language(asked) else found


def _refusal_of_a_language(said: str) -> re.Match[str] | None:
    for marks, pattern in REFUSALS_OF_LANGUAGES:
        if any(mark in said for mark in marks) and (found := pattern.search(said)):
            return found
    return None


def _said(text: str) -> str:
    """A text as the patterns read it: plain, with full forms, and without what stands in quotation marks."""
    return _QUOTED.sub(" ", _in_full(plain(text)))


def _in_full(said: str) -> str:
    return _SHORT_FORM.sub(lambda short: CONTRACTIONS[short.group()], said) if "'" in said or "can not" in said else said
