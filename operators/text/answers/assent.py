"""Answers that only agree to answer ("Sure!", "Natürlich, gerne!"), or announce an answer that does not come ("Here is an explanation:")."""

from __future__ import annotations

import re
from typing import Final

_ENGLISH: Final = (
    r"sure(?: thing)?|certainly|of course|absolutely|definitely|gladly|okay|ok|alright|all right|no problem|with pleasure|my pleasure|happy to help"
    r"|(?:i am|i'm|i would be|i'd be) (?:happy|glad|delighted) to (?:help|assist)(?: you)?(?: (?:with (?:that|this)|out))?"
    r"|(?:yes,? )?i can (?:certainly |definitely )?(?:help|do|assist)(?: you)?(?: with)?(?: that| this)|great question|good question|got it"
    r"|understood"
)
_OTHERS: Final = (
    r"natürlich|selbstverständlich|(?:sehr )?gerne?|klar(?: doch)?|aber sicher|kein problem|in ordnung|mit vergnügen"
    r"|bien s[uû]r|certainement|avec plaisir|volontiers|d'accord|pas de problème|bien entendu|absolument"
    r"|claro(?: que sí| que sim)?|por supuesto|desde luego|con (?:mucho )?gusto|con placer|sin problema|de acuerdo|con certeza|com (?:certeza|prazer)"
    r"|sem problema|certamente|certo|volentieri|con piacere|nessun problema|va bene"
    r"|конечно(?: же)?|разумеется|безусловно|с (?:удовольствием|радостью)|хорошо|без проблем"
)
_WITHOUT_SPACES: Final = (
    "好[的呀啊吧]|当然(?:可以|没问题|了)?|當然(?:可以)?|没问题|沒問題|可以的|很乐意(?:为您|为你)?(?:服务|效劳|帮助)?|乐意效劳|我(?:很)?(?:乐意|愿意)(?:帮忙|帮助(?:您|你))"
    "|もちろん(?:です)?|かしこまりました|承知(?:しました|いたしました)|わかりました|喜んで(?:お手伝いします)?|了解(?:です|しました)"
    "|물론(?:입니다|이죠|이지요)?|알겠습니다|네,? ?알겠습니다|기꺼이(?: 도와드리겠습니다)?|그럼요"
)
_AGREES: Final = rf"(?:(?:{_ENGLISH}|{_OTHERS})(?!\w)|(?:{_WITHOUT_SPACES}))"
_ONLY_AGREES = re.compile(rf"\W*(?:{_AGREES}\W*){{1,4}}\Z")
_ANNOUNCES = re.compile(
    rf"\W*(?:{_AGREES}\W*){{0,3}}(?:(?:here(?:'s| is| are| you go)|below (?:is|are|you)|(?:the )?following (?:is|are)|let me (?:explain|show"
    rf"|tell|give)"
    r"|i(?:'ll| will| have| can) (?:explain|give|provide|write|list|show|create|prepared?|written|created)|hier (?:ist|sind|kommt|findest)"
    r"|im folgenden|voici"
    r"|ci-dessous|aquí (?:está|están|tienes|tiene|te)|a continuación|aqui (?:está|estão|vai)|a seguir|ecco|di seguito|вот|ниже)\b"
    r"|以下是|下面是|这是|這是|这里是|以下は|以下に|こちら(?:が|は)|次(?:は|のとおり)|다음은|여기)[^\n]{0,160}[:：]\W*\Z"
)
_ASKS_WHETHER = re.compile(
    r"[^\u3000-\ud7af]*\?\W*\Z|.*(?:吗|嗎|是否|能不能|可不可以|ですか|ますか|나요|까)[?。]?\W*\Z",
    re.DOTALL,
)
_ASKS_FOR_MORE = re.compile(
    r"\b(?:what|how|why|which|who|whom|whose|where|when|(?:can|could|would|will) you|was|wie|warum|wieso|welche[rsnm]?|wer|wen|wem|wo|wann|weshalb"
    r"|(?:kannst|könntest|würdest) du|(?:können|könnten|würden) sie|qu'est-ce|que|quoi|quelle?s?|comment|pourquoi|qui|où|quand|combien"
    r"|(?:pouvez|pourriez)-vous|(?:peux|pourrais)-tu|qué|cómo|por qué|cuál(?:es)?|quién(?:es)?|dónde|cuándo|cuántos|cuántas|puedes|podrías|o que|como"
    r"|por que|qual|quais|quem|onde|quando|pode me|poderia|che|cosa|come|perché|quale|chi|dove|puoi|potresti|что|как|почему|зачем|како[йе]|какая"
    r"|какие"
    r"|кто|где|когда|сколько|можешь|можете)\b|什么|怎么|为什么|如何|哪|谁|多少|何|どう|なぜ|どの|だれ|いつ|무엇|어떻게|왜|누구|어디|언제"
    r"|(?:你|您|请).{0,6}(?:能|可以)|てくれますか|てもらえますか|いただけますか|주실 수|줄 수"
)
_OF_WORDS = re.compile(
    r"\b(?:translat\w*|says?|word|words|phrase|synonym\w*|expression|mean\w*|reply|respond|sentence|heading|headline|introduc\w*|intro|opening"
    r"|caption|line"
    r"|title|ask\w*|agree\w*|heißt|übersetz\w*|wort|dit-on|tradu\w*|mot|se dice|palabra|parola|слово|перевед\w*)\b|(?<!\w)['\"][^'\"]{1,30}['\"]"
    r"|怎么说|翻译|翻訳|번역|単語|词"
)

_THANKS = re.compile(r"\b(?:thank\w*|dank|danke|merci|gracias|obrigad[oa]|grazie|спасибо)\b|谢|謝|ありがとう|감사|고마")


def nothing_but_consent(said: str, asked: str) -> str | None:
    """The consent or announcement that is the whole of an answer; None where there is more, or where it is the answer: to a question that wants yes
    or no, about words, or to thanks. Both texts are plain (see `plain`).
    """
    if not (_ONLY_AGREES.match(said) or _ANNOUNCES.match(said)):
        return None
    if _OF_WORDS.search(asked) or _THANKS.search(asked) or (_asks_whether(asked) and not _ANNOUNCES.match(said)):
        return None
    return said[:60]


def _asks_whether(asked: str) -> bool:
    """Whether the last sentence of an instruction wants yes or no, and is no request ("Can you explain it?")."""
    last = re.split(r"[.!。！] ?", asked[-300:].rstrip(".。"))[-1]
    return bool(_ASKS_WHETHER.match(last)) and not _ASKS_FOR_MORE.search(last)
