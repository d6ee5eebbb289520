"""The most frequent function words of languages: what any honest text of a language has, whatever it is about."""

from __future__ import annotations

from typing import Final

_LISTS: Final = {
    "ar": "في من على إلى أن عن هذا التي الذي لا ما مع هذه كان هو هي أو كل لم قد بين بعد ذلك وفي ومن كما حيث حتى ثم إن أي كانت لكن يكون تم "
    "له لها غير بها به فيها فيه منها أكثر عند خلال",
    "bg": "и на да в от за се не с че са по до ще как или което който като това но към при без след един една може беше той тя има му ги им "
    "те всички много само през между още бъде",
    "bn": "এবং ও এই করে একটি থেকে জন্য না যে তার হয় করা সাথে এর কিন্তু তারা বা হয়েছে তাদের মধ্যে আর আমি আমার তিনি যা কোন কোনো পারে সে তা যখন "
    "ছিল হবে করতে প্রতি দিয়ে কি এক সকল প্রত্যেকের অন্য হতে",
    "cs": "a se v na je že to s z do o k ale jako i nebo by si ve pro za po od jsou tak který které která byl bylo jeho aby ze při má být není "
    "jen než už také když pak má-li podle která mezi",
    "da": "og i at det er en til af på for med ikke den som de har et om var fra kan der eller men han vi jeg sig skal være hun blev efter når "
    "så også ved alle hvor hans denne dette",
    "de": "der die und in den von zu das mit ist des nicht ein auf dem eine für im sich als auch es an er sie wird wir ich hat aus bei oder "
    "nach werden aber einen einer sind durch wie um so dass kann zum zur haben war nur noch über vor sein",
    "el": "και το να του η της με που την από για είναι ο οι στο τα στην των τους δεν σε στη ότι θα τον μια αυτό ένα ως ή μας έχει στον αλλά "
    "κατά μετά όταν κάθε πολύ πριν ήταν",
    "en": "the of and to in a is that for it as with was on be by at this have from or are an not you we which but they his their has had will "
    "were can there been all its he she would if when more about so what who i my your our out up",
    "es": "de la que el en y los se del las un por con una no es para su al lo como más pero sus le o este ha si porque esta son entre cuando "
    "muy sin sobre ser tiene también hasta hay donde todo toda fue nos yo mi ya",
    "fa": "و در به از که این را با است برای آن یک تا می بر خود های هم نیز ها شده شد او ما یا باید هر بود کند ای کرد دارد اما همه بین آنها "
    "شود پس دیگر اگر بعد وی",
    "fi": "ja on ei se että oli mutta kun ovat myös hän joka tai niin kuin jos olla sen voi jonka joita jotka mukaan sekä ole hänen kaikki "
    "ollut minä sitä vain nyt mitä he me siitä jokaisella sitten hyvin tämä tämän tässä",
    "fr": "de la le et les des en un une est que pour dans du il qui au ne pas sur par plus se ce avec sont ou son à elle nous vous je cette "
    "mais aux ses été comme tout leur être on sans même fait a d'un d'une lui si",
    "he": "של את על לא הוא עם זה כי היא גם או אל בין יותר כל אשר יש אני לו מה זו היה אבל אם כמו רק אין עד ידי כך אך לכל הם הן להיות כדי אחד "
    "אדם ולא היו אחרי לפני שלו שלה",
    "hi": "के में है की और से का को पर यह हैं कि एक ने भी ही नहीं तो हो इस लिए कर था या वह किसी साथ अपने जो कुछ गया रूप थे जा उस बाद तक "
    "थी करने सभी उनके द्वारा अपनी हर",
    "hu": "a az és hogy nem is egy volt meg ez de csak vagy mint van azt el ha már ki sem még ezt kell minden között pedig aki amely lehet "
    "után szerint lett majd így ami nagyon ő amikor fel való",
    "id": "yang dan di dari untuk dengan ini pada itu tidak dalam akan adalah ke oleh sebagai atau ada juga telah dapat mereka karena ia kita "
    "bisa saya lebih harus satu setiap kami sudah orang tetapi seperti bahwa saat hanya menjadi serta",
    "it": "di e la il che in un a per è una con del non i le da si al sono della gli dei nel come anche ma più alla o lo dal ha delle ad questo "
    "ed nella se cui suo sua essere questa ogni era mi ci loro tra dalla",
    "ja": "の に は を た が で て と し れ さ も な へ から する です ます こと この その ない ある いる まで より という ため これ",
    "ko": "이 그 및 수 있다 는 것 등 하는 한 있는 대한 위해 할 것이다 또는 모든 그리고 은 를 을 가 의 에 하지만 이러한 다른 통해 때문에 "
    "없다 있습니다 것은 된 더 우리 나는 그의 그러나 같은 많은 대해 것을 있으며 두 매우 가장 함께 하고 때 아니라 따라 어떤 후 위한",
    "nl": "de en van het een in is dat op te voor met zijn niet aan er die als ook bij om uit door naar maar of worden heeft over wordt hij ze "
    "dit ik we je tot nog kan deze hebben was geen meer werd ieder onder hun haar",
    "no": "og i det er på en til som for av med ikke at den de har om et var fra kan eller men han vi jeg seg skal være hun ble etter når så "
    "også ved alle hvor hans denne dette enhver mot",
    "pl": "w i na z do się nie że to jest o jak od po za przez co dla czy lub oraz ale są tym jego być ich ma przy ze jako tylko może jej już "
    "był było która który które tak także każdy jeśli gdy bardzo ja",
    "pt": "de a o que e do da em um para com não uma os no na se por mais as dos como mas ao das é à seu sua ou foi ser quando muito nos já "
    "são está eu também só pelo pela até isso ela ele entre sem todo tem às nas aos",
    "ro": "de și în a la cu pe că nu o din care un este pentru au mai sau prin să se al ale sunt fost după lui fi ca dar între orice dacă "
    "când are fie cele ei acest această el ea îi i-a s-a foarte",
    "ru": "и в не на что с по это как к из но для от а о у его он за или же то я бы их при был было может так если она все который которые "
    "до быть только также мы были после чтобы уже нет еще ещё во вы",
    "sv": "och i att det som en på är av för med till den inte har de om ett var från kan eller men han vi jag sig ska vara hon blev efter när "
    "så också vid alla där hans denna detta skall varje utan under",
    "ta": "ஒரு மற்றும் இந்த என்று அந்த அது என இது அல்லது உள்ள போது மேலும் ஆனால் அவர் அவர்கள் பல தங்கள் என்ற தனது எந்த இருந்து நான் இல்லை இதன் "
    "அதன் ஆகும் வேண்டும் மிகவும் ஆகிய பின்னர் மூலம் கொண்ட அதை முதல் வரை பற்றி அவரது எனவே முடியும்",
    "te": "మరియు ఒక ఈ ఆ కానీ నుండి లో కు అని లేదా తన వారు ఇది కూడా ఉంది ఉన్న అతను దాని ద్వారా కోసం వారి నేను అది తర్వాత లేదు చాలా ఏ తో కలిగి "
    "యొక్క ప్రతి అనే చేసిన వద్ద అన్ని గల పై మీద",
    "th": "ที่ และ ของ ใน เป็น การ มี ได้ ให้ ไม่ จะ ว่า กับ จาก หรือ นี้ โดย ซึ่ง แต่ ความ คน ทุก ตาม เพื่อ อยู่ กัน แล้ว นั้น ต้อง ก็",
    "tr": "ve bir bu da de için ile çok olarak daha olan gibi en ne her ya veya değil kadar ki o sonra ama var hakkı ancak göre tarafından "
    "mi ise şey ben onun bunu olduğu olduğunu büyük yok biz hem iki",
    "uk": "і в на не що з та до у за це як для від про або й є його але по при бути він має може якщо вона так був було цього які який також "
    "кожна кожен їх ми після без між вже щоб коли я все зі",
    "ur": "کے میں کی ہے سے اور کا کو پر یہ ہیں نے کہ کر ایک بھی اس جو ہو نہیں تھا یا لئے لیے ان اپنے وہ گیا تو ساتھ کسی تھے ہر بعد ہی کیا "
    "تک ہوئے دیا تھی",
    "vi": "và của là có trong các cho được một với không những này đã khi để về người từ đến như vào ra tại hay hoặc bị cũng trên phải mọi "
    "nhiều quyền sẽ đó thì tôi ở bởi nhưng rất sau theo năm",
    "zh": "的 了 是 在 和 有 不 我 他 也 就 都 而 与 這 这 之 为 對 对 為 與 其 以 于 於 或 人 一 上 中",
}  # fmt: skip

FUNCTION_WORDS: Final[dict[str, tuple[str, ...]]] = {language: tuple(dict.fromkeys(words.split())) for language, words in _LISTS.items()}
"""By ISO 639-1 code, the most frequent first, at most 64. Written by us from knowledge of the languages. Chinese and Japanese: characters and short
words that stand alone where a text without spaces is cut as `operators.kernels` does. Norwegian is written "no", as the language model names it."""

UNSPACED: Final = frozenset({"ja", "th", "zh"})
"""Languages of the list that put no spaces between words: their words are looked for anywhere in the text."""
