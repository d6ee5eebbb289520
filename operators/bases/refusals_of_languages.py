"""How models refuse, or speak of themselves, in other languages than English."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_GERMAN: Final = (
    r"\bals (?:eine? )?(?:ki|künstliche intelligenz|(?:großes )?sprachmodell)\b(?:-\w+)*,?(?: \w+){0,4}? (?:ich|mir|mich)\b"
    r"|\bich bin (?:nur |lediglich )?(?:eine? )?(?:ki|künstliche intelligenz|sprachmodell|chatbot)\b"
    r"|\b(?:ich (?:kann|darf|werde|möchte)|(?:kann|darf|werde|möchte) ich)\b[^.!?]{0,60}?\bnicht\b[^.!?]{0,40}?"
    r"\b(?:helfen|weiterhelfen|behilflich|beantworten|erfüllen|nachkommen|unterstützen|bereitstellen|dienen|entsprechen|ausführen)\b"
    r"|\btut mir leid, (?:aber )?(?:ich|das|dabei|damit|diese\w*|darauf|hier)\b[^.!?]{0,40}?\b(?:kann|darf)\b[^.!?]{0,60}?\bnicht\b"
    r"|\b(?:ich bin|bin ich)\b(?: \w+){0,3}? nicht in der lage\b"
    r"|\b(?:es ist mir|ist (?:es )?mir)\b(?: \w+){0,3}? nicht möglich\b|\b(?:diese|ihre|deine) (?:anfrage|bitte|frage)\b[^.!?]{0,30}? ablehnen\b"
    r"|\b(?:ich habe|habe ich|ich besitze|besitze ich)\b(?: \w+){0,3}? kein(?:en?)? (?:(?:eigenen?|persönlichen?|echten?) )*"
    r"(?:gefühle\b(?! für)|meinung(?:en)?\b|zugriff auf|zugang zu (?:echtzeit|aktuellen|dem internet)|emotionen)"
)
_FRENCH: Final = (
    r"\ben tant qu(?:e |')(?:une? )?(?:ia|intelligence artificielle|(?:grand )?mod[eè]le de langage|assistant virtuel|assistant ia)\b"
    r"|\bje suis (?:juste |seulement )?une? (?:ia|intelligence artificielle|mod[eè]le de langage)\b"
    r"|\bje ne (?:peux|saurais|pourrai|puis) (?:malheureusement |donc |hélas )?(?:pas |point )?(?:malheureusement )?(?:vous |t'|te |y |l'|le )?"
    r"(?:aider|assister|répondre|fournir|accéder|satisfaire|traiter|accomplir|donner suite|faire (?:cela|ça)\b|vous aider|partager)"
    r"|\bje ne suis (?:malheureusement |hélas )?pas (?:en mesure|capable|autorisée?|habilitée?) (?:de |d'|à )"
    r"|\bje suis (?:dans l'incapacité|incapable) d(?:e |')(?:vous|répondre|fournir|aider|traiter)"
    r"|\bil (?:m'est impossible|ne m'est pas possible) (?:de |d')(?:vous |répondre|fournir|aider|traiter|satisfaire)"
    r"|\bje (?:dois|suis obligée? de|me vois contrainte? de) (?:décliner|refuser)|\bje n'ai pas (?:accès (?:à|aux) |la capacité"
    r"|de sentiments\b(?! pour)"
    r"|d'opinions?\b|d'émotions)"
    r"|\bdésolée?,? (?:mais )?je ne (?:peux|suis) pas\b|\bque je ne peux pas (?:faire|fournir|traiter)\b"
)
_SPANISH: Final = (
    r"\bcomo (?:una? )?(?:ia|inteligencia artificial|modelo de (?:lenguaje|ia)|asistente (?:virtual|de ia))\b"
    r"|\b(?:soy|solo soy) una? (?:ia|inteligencia artificial|modelo de lenguaje)\b"
    r"|\bno (?:te |le |lo |la |os |les )*(?:puedo|podré|podría|soy capaz de|estoy en condiciones de|me es posible|tengo la capacidad (?:de|para)"
    r"|estoy autorizad[oa] (?:a|para))(?: \w+){0,2}? (?:ayudar|asistir|proporcionar|cumplir|responder|contestar|atender|ofrecer|brindar|facilitar"
    r"|completar|satisfacer|hacer (?:eso|esto)\b|hacerlo|compartir)"
    r"|\beso no (?:lo )?puedo (?:hacer|responder|contestar)|\bno puedo hacer\b(?=\W*$|[.!])|\blo siento,? (?:pero )?no (?:te |le |lo )?puedo\b"
    r"|\b(?:debo|tengo que) (?:rechazar|declinar)|\bno tengo (?:acceso a (?:internet|información|datos)|opiniones|sentimientos(?! por)|emociones"
    r"|la capacidad)"
)
_PORTUGUESE: Final = (
    r"\bcomo (?:uma? )?(?:ia|inteligência artificial|modelo de (?:linguagem|ia)|assistente (?:virtual|de ia))\b"
    r"|\bsou (?:apenas )?uma? (?:ia|inteligência artificial|modelo de linguagem)\b"
    r"|\bnão (?:te |lhe |o |a )*(?:posso|poderei|consigo|sou capaz de|estou em condições de|me é possível|tenho (?:a )?capacidade (?:de|para)"
    r"|tenho permissão para)(?: \w+){0,2}? ?(?:ajudar|ajudá|auxiliar|fornecer|responder|atender|cumprir|oferecer|fazer isso|completar|compartilhar)"
    r"|\bdesculpe,? (?:mas )?não (?:posso|consigo)\b|\blamento,? (?:mas )?não (?:posso|consigo)\b|\b(?:devo|tenho de|tenho que) (?:recusar|declinar)"
    r"|\bnão tenho (?:acesso (?:à internet|a (?:dados|informações))|opiniões|sentimentos(?! por)|emoções)"
)
_ITALIAN: Final = (
    r"\b(?:in quanto|come) (?:un'|una |un )?(?:ia|intelligenza artificiale|modello (?:linguistico|di linguaggio)|assistente virtuale)\b"
    r"|\bsono (?:solo )?(?:un'|una |un )(?:ia|intelligenza artificiale|modello linguistico)\b"
    r"|\bnon (?:ti |vi |le |la |lo )*(?:posso|potrò|sono in grado di|sono autorizzat[oa] a|mi è possibile|ho la capacità di)(?: \w+){0,2}? "
    r"(?:aiutar|assister|fornir|rispondere|soddisfare|offrir|farlo|fare quest|fare quello|completare|esaudire|condividere)"
    r"|\bmi dispiace,? (?:ma )?non (?:posso|sono in grado)\b|\bdevo (?:rifiutare|declinare)"
    r"|\bnon ho (?:accesso a|opinioni|sentimenti(?! per)|emozioni)"
)
_RUSSIAN: Final = (
    r"\bкак (?:ии|искусственный интеллект|(?:большая )?языковая модель)\b|\bя (?:всего лишь |просто |лишь )?(?:ии|искусственный интеллект"
    r"|языковая модель)\b"
    r"|\bне (?:могу|смогу|в состоянии|имею возможности|способ(?:ен|на))\b(?: \w+){0,3}? (?:помочь|ответить|предоставить|выполнить|помогать|обсуждать"
    r"|сделать (?:это|этого)|дать|поделиться|создать)"
    r"|\b(?:извините|простите|к сожалению|сожалею),? (?:но )?(?:\w+ )?я не (?:могу|смогу)\b"
    r"|\bвынужден[а]? (?:отказать|отклонить)|\bу меня нет (?:доступа к|чувств\b|эмоций|личн\w+ мнени|собственного мнения)"
)
_NO_HELP: Final = (
    "(?:提供|协助|協助|回答|满足|滿足|帮助|幫助|帮你|帮您|幫你|完成|回应|回應|处理|處理|生成|创作|創作|访问|訪問|讨论|討論"
    "|执行|執行|参与|支持|答复|给出|做到|分享|透露)"
)
_CHINESE: Final = (
    r"作为(?:一个|一名|一款|一种)?(?:ai|人工智能|大型?语言模型|语言模型|智能助手)(?!(?:工程师|研究|专家|公司|产品|技术|领域))"
    r"|我(?:只|仅)?是一?(?:个|款|名)?(?:ai|人工智能|大型?语言模型|语言模型)"
    rf"|(?:我|抱歉|对不起|对不起|恕|很遗憾)[,、，]?(?:我)?(?:暂时|目前|也|还|并|现在|恐怕)?(?:无法|無法|不能|不可以|没办法|沒辦法|没有办法"
    rf"|没有能力|不便|不会)[^,。，！!?？;；]{{0,12}}?{_NO_HELP}"
    r"|(?:抱歉|对不起|對不起|遗憾|不好意思)[^。！!?？]{0,12}?我[^。,，！!?？]{0,6}?(?:无法|無法|不能|不可以|没办法|不便)"
    r"|(?:这个|该|这类|您的|你的|此)(?:问题|请求|要求|内容)[^。！!?？]{0,8}?我?(?:无法|不能|没办法)(?:回答|提供|满足|协助|帮助|处理)"
    r"|我没有(?:个人|自己的|真实的|任何)?的?(?:感情|情感|情绪|感受|意见|观点|偏好|意识)|我必须拒绝|我拒绝(?:回答|提供|协助)"
)
_JAPANESE: Final = (
    r"(?:ai|人工知能|言語モデル)(?:アシスタント|モデル)?として(?:は|の)?[^。]{0,60}?(?:ません|私)"
    r"|(?:お手伝い|お答え|ご案内|ご要望|お応え|ご提供|ご支援|お力に|ご協力|ご質問に)[^。！？]{0,16}?(?:できません|できない|できかね|しかね"
    r"|致しかね|いたしかね|なれません)"
    r"|(?:申し訳|すみません|ごめんなさい|残念)[^。！？]{0,60}?(?:できません|できかね|しかねます|ことはできない)"
    r"|(?:それ|その(?:質問|依頼|要求|リクエスト)|この(?:質問|依頼|要求|リクエスト))(?:に)?(?:は|を|に)[^。]{0,16}?(?:できません|しかねます"
    r"|応じられません|答えられません)"
    r"|私(?:に)?は(?:感情|意見|個人的な意見|意識)(?:が|を|は)[^。]{0,6}?(?:ありません|持って(?:い)?ません|ない)"
)
_KOREAN: Final = (
    r"(?:ai|인공지능|언어 ?모델)(?:로서|로써|이기 때문에|이므로)|저는 (?:단지 |그저 )?(?:ai|인공지능|언어 ?모델)"
    r"|(?:도와|도움을?|도움이|답변|대답|제공|답|응답|지원|안내|수행)(?:해|을|를|이|은|는)? ?(?:드릴|할|줄|줄수|될|해드릴|해 드릴|드리기"
    r"|하기)? ?(?:수는?가? ?없|어렵|곤란)"
    r"|(?:죄송|미안|유감)[^.!?]{0,60}?(?:수 ?(?:는|가)? ?없|어렵습니다)"
    r"|저는 (?:개인적인 |실제 )?(?:감정|의견|의식)(?:이|을|은) ?(?:없|가지고 있지)"
)
_DUTCH: Final = (
    r"\bals (?:een )?(?:ai|kunstmatige intelligentie|(?:groot )?taalmodel)\b(?:-\w+)*,?(?: \w+){0,4}? (?:ik|mij)\b"
    r"|\bik ben (?:slechts |maar |alleen )?een (?:ai|kunstmatige intelligentie|taalmodel)\b"
    r"|\b(?:ik (?:kan|mag|zal)|(?:kan|mag|zal) ik)\b[^.!?]{0,60}?\bniet\b[^.!?]{0,40}?"
    r"\b(?:helpen|assisteren|beantwoorden|voldoen|verstrekken|uitvoeren|ondersteunen)\b"
    r"|\bspijt me,? (?:maar )?(?:ik|dat|daar\w*|hier\w*|deze)\b[^.!?]{0,40}?\b(?:kan|mag)\b[^.!?]{0,40}?\bniet\b"
)
_POLISH: Final = (
    r"\bjako (?:duży )?(?:model językowy|sztuczna inteligencja|ai|asystent ai)\b|\bjestem (?:tylko )?(?:modelem językowym|sztuczną inteligencją)\b"
    r"|\bnie (?:mogę|jestem w stanie|potrafię)(?: \w+){0,3}? (?:pomóc|odpowiedzieć|udzielić|spełnić|dostarczyć|zrealizować|podać)\b"
    r"|\b(?:przepraszam|przykro mi),? (?:ale )?nie (?:mogę|jestem w stanie)\b"
)
_TURKISH: Final = (
    r"\bbir (?:yapay zek[aâ]|(?:büyük )?dil modeli)(?: \w+){0,2}? (?:olarak|olduğum için)\b"
    r"|\bben (?:sadece |yalnızca )?bir (?:yapay zek[aâ]|dil modeli)"
    r"|\b(?:yardımcı|yardım|yanıt|cevap|bu (?:isteği|talebi|soruyu))\b[^.!?]{0,20}?(?:olamam|olamıyorum|edemem|edemiyorum|veremem|veremiyorum"
    r"|yanıtlayamam|karşılayamam|yerine getiremem)\b|\b(?:üzgünüm|özür dilerim)[^.!?]{0,60}?(?:amam|emem|amıyorum|emiyorum|amayacağım|emeyeceğim)\b"
)
_VIETNAMESE: Final = (
    r"\blà (?:một )?(?:mô hình ngôn ngữ|trí tuệ nhân tạo|ai|trợ lý (?:ai|ảo))\b[^.!?]{0,20}?,? tôi\b"
    r"|\btôi (?:chỉ )?là (?:một )?(?:mô hình ngôn ngữ|trí tuệ nhân tạo|ai|trợ lý (?:ai|ảo))\b(?! engineer)"
    r"|\btôi (?:rất tiếc |e rằng )?không thể (?:giúp|hỗ trợ|trả lời|cung cấp|đáp ứng|thực hiện (?:yêu cầu|điều))"
    r"|\b(?:xin lỗi|rất tiếc)[^.!?]{0,30}? tôi không thể\b"
)
_INDONESIAN: Final = (
    r"\bsebagai (?:sebuah )?(?:ai|kecerdasan buatan|model bahasa|asisten (?:ai|virtual))\b[^.!?]{0,20}?,? saya\b"
    r"|\bsaya (?:hanya(?:lah)? |adalah )?(?:sebuah )?(?:kecerdasan buatan|model bahasa|asisten (?:ai|virtual))\b"
    r"|\bsaya (?:tidak|tak) (?:dapat|bisa|mampu) (?:membantu|menjawab|memberikan|memenuhi|menyediakan)\b"
    r"|\bmaaf,? (?:tetapi |tapi |namun )?saya (?:tidak|tak) (?:dapat|bisa)\b"
)
_ARABIC: Final = (
    r"(?:بصفتي|باعتباري|كوني|أنا(?: مجرد)?)(?: مجرد)? (?:نموذج[اً]* لغوي|نموذج لغة|ذكاء اصطناعي|مساعد[اً]* (?:ذكي|افتراضي))"
    r"|كنموذج لغ|كذكاء اصطناعي"
    r"|(?:لا (?:أستطيع|يمكنني)|لن (?:أستطيع|أتمكن من|يمكنني)|لست قادر\w* على|غير قادر على)(?: [^ .!؟،]+){0,2}? "
    r"(?:ال)?(?:مساعد|إجاب|رد على|تقديم|تلبي|تنفيذ)"
    r"|(?:عذر|آسف|أعتذر)[^.!؟]{0,30}?(?:لا (?:أستطيع|يمكنني)|لن (?:أستطيع|أتمكن))"
)
_HINDI: Final = (
    r"(?:एआई|ai|कृत्रिम बुद्धिमत्ता|भाषा मॉडल)[^।!?]{0,20}?(?:के रूप में|के नाते|होने के नाते)[^।!?]{0,20}?(?:मैं|मेरे)"
    r"|मैं (?:केवल |सिर्फ |बस )?(?:एक )?(?:एआई|ai|कृत्रिम बुद्धिमत्ता|भाषा मॉडल)(?: \S+)? (?:हूँ|हूं)"
    r"|मैं[^।!?]{0,60}?(?:मदद|सहायता|उत्तर|जवाब|पूरा|प्रदान)[^।!?]{0,12}?(?:नहीं (?:कर|दे) (?:सक|पा)|(?:करने|देने) में असमर्थ)"
    r"|(?:क्षमा करें|माफ़ करें|माफ करें|मुझे खेद है)[^।!?]{0,40}?मैं[^।!?]{0,60}?(?:नहीं (?:कर|दे|बता) सक|असमर्थ)"
)
_THAI: Final = (
    r"ในฐานะ(?:ที่เป็น)?(?:โมเดลภาษา|แบบจำลองภาษา|ปัญญาประดิษฐ์|ai|เอไอ)"
    r"|(?:ฉัน|ผม|ดิฉัน|เรา)(?:เป็น|คือ)(?:เพียง|แค่)?(?:โมเดลภาษา|แบบจำลองภาษา|ปัญญาประดิษฐ์)"
    r"|(?:ฉัน|ผม|ดิฉัน|เรา)(?:คง)?ไม่สามารถ(?:ให้ความ)?(?:ช่วย|ตอบ|ให้ข้อมูล|ให้คำแนะนำ|ทำตาม|ดำเนินการ)"
    r"|(?:ขออภัย|ขอโทษ|เสียใจ)[^\n]{0,40}?ไม่สามารถ(?:ให้ความ)?(?:ช่วย|ตอบ|ให้|ทำ|ดำเนินการ)"
)
REFUSALS_OF_LANGUAGES: Final = (
    (("ich ", " mir ", "ablehnen"), re.compile(_GERMAN)),
    (("je ", "m'est", "en tant qu"), re.compile(_FRENCH)),
    (("no ", "como ", "soy ", "debo ", "tengo "), re.compile(_SPANISH)),
    (("não ", "como ", "sou ", "devo ", "tenho "), re.compile(_PORTUGUESE)),
    (("non ", "in quanto", "sono ", "devo ", "come "), re.compile(_ITALIAN)),
    (("не ", "как ", "я ", "у меня", "вынужден"), re.compile(_RUSSIAN)),
    (("我", "无法", "不能", "作为", "請", "请"), re.compile(_CHINESE)),
    (("ません", "ない", "かね"), re.compile(_JAPANESE)),
    (("없", "어렵", "저는", "곤란", "로서"), re.compile(_KOREAN)),
    (("ik ", "spijt me"), re.compile(_DUTCH)),
    (("nie ", "jako ", "jestem "), re.compile(_POLISH)),
    (("bir ", "yardım", "yanıt", "cevap", "bu ", "üzgünüm", "özür"), re.compile(_TURKISH)),
    (("tôi",), re.compile(_VIETNAMESE)),
    (("saya ",), re.compile(_INDONESIAN)),
    (("لا ", "لن ", "لست ", "غير ", "أنا ", "بصفتي", "باعتباري", "كوني", "كنموذج", "كذكاء"), re.compile(_ARABIC)),
    (("मैं", "मेरे"), re.compile(unicodedata.normalize("NFKC", _HINDI))),
    (("ไม่สามาร", "ในฐาน", "เป็น", "คือ"), re.compile(unicodedata.normalize("NFKC", _THAI))),
)
"""Characters of which one stands in each refusal of a language (NFKC, lower case), and the pattern of its refusals."""
