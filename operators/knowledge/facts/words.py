"""Words that say something about facts: numbers in words, units, months, negations, and words that are no names although a capital opens them."""

from __future__ import annotations

import re
from typing import Final

NUMBER_WORDS: Final = frozenset(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty "
    "thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion billions trillion dozen dozens "
    "half halves third thirds quarter quarters second fourth fifth sixth seventh eighth ninth tenth twice double triple zwei drei vier fünf sechs "
    "sieben acht neun zehn elf zwölf hundert tausend millionen milliarde milliarden deux trois quatre cinq sept huit neuf dix onze douze vingt "
    "trente cent cents mille milliers milliard dos tres cuatro cinco seis siete ocho nueve diez doce veinte treinta cien ciento mil millón "
    "millones zwanzig dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn dreißig vierzig fünfzig sechzig siebzig achtzig neunzig dois "
    "duas três quatro sete oito nove dez vinte trinta milhão milhões bilhão bilhões due tre quattro cinque sei sette otto dieci venti trenta mila "
    "milione milioni miliardo miliardi twee drie vijf zes zeven negen tien twintig miljoen miljard два три четыре пять шесть семь восемь девять "
    "десять сто тысяча тысяч миллион миллионов".split()
)
UNITS: Final = frozenset(
    "km m cm mm nm µm μm mi ft yd kg g mg µg μg lb lbs oz ton tons tonne tonnes ms ns µs μs s h hr hrs min mins sec secs Hz kHz MHz GHz THz W "
    "kW MW GW TW kWh MWh V mV kV A mA Ah mAh K J kJ MJ cal kcal N Pa kPa MPa bar psi mol L l ml mL dl cl ha px pt dpi fps rpm mph kmh bit bits "
    "byte bytes kB KB MB GB TB PB KiB MiB GiB TiB Mbps Gbps kbps dB ppm percent percentage points degree degrees kelvin celsius fahrenheit "
    "metre metres meter meters kilometre kilometres kilometer kilometers centimetre centimetres centimeter centimeters millimetre millimetres "
    "millimeter millimeters mile miles foot feet inch inches yard yards gram grams kilogram kilograms milligram milligrams pound pounds ounce "
    "ounces litre litres liter liters millilitre millilitres second seconds minute minutes hour hours day days week weeks month months year "
    "years decade decades century centuries million millions billion billions trillion thousand hundred dozen watt watts volt volts ampere "
    "amperes joule joules newton newtons pascal hertz dollar dollars euro euros yen yuan USD EUR GBP JPY CNY people times fold tokens words "
    "characters rows pages Kilometer Meter Zentimeter Millimeter Gramm Kilogramm Liter Sekunden Minuten Stunden Tage Wochen Monate Jahre Jahren "
    "am pm Prozent Millionen Milliarden mètres kilomètres grammes litres secondes minutes heures jours semaines mois ans années pour metros "
    "kilómetros gramos segundos minutos horas días semanas meses años".split()
)
HAN_UNITS: Final = (
    "平方公里 平方米 立方米 百万 千万 公里 千米 厘米 毫米 微米 纳米 英里 英尺 英寸 公斤 千克 毫克 毫升 公升 小时 分钟 秒钟 星期 世纪 美元 欧元 "
    "英镑 日元 人民币 千瓦 兆瓦 摄氏度 华氏度 百分点 年 月 日 号 时 分 秒 岁 周 天 人 个 亿 万 千 百 米 克 吨 升 元 度 倍 次 页 章 节 名 条 件 "
    "台 种 位 届 版 行 层 瓦 伏"
).split()
HAN_NUMERALS: Final = "〇零二三四五六七八九十百千万亿两兩萬億"
_MONTHS_OF: Final = (
    ("january jan januar janvier enero января", 1),
    ("february feb februar février febrero февраля", 2),
    ("march mar märz mars marzo марта", 3),
    ("april apr avril abril апреля", 4),
    ("may mai mayo мая", 5),
    ("june jun juni juin junio июня", 6),
    ("july jul juli juillet julio июля", 7),
    ("august aug août agosto августа", 8),
    ("september sept sep septembre septiembre сентября", 9),
    ("october oct oktober octobre octubre октября", 10),
    ("november nov novembre noviembre ноября", 11),
    ("december dec dezember décembre diciembre декабря", 12),
)
MONTHS: Final = {name: number for names, number in _MONTHS_OF for name in names.split()}
WEEKDAYS: Final = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
NEGATIONS: Final = frozenset(
    "not cannot never no none nobody nothing nowhere neither nor without nicht kein keine keinen keiner keinem keines nie niemals niemand nichts "
    "ohne weder niet geen nooit niets zonder inte ingen inget inga aldrig ikke aldri ingenting utan uten uden ei eivät não nunca nem sem nenhum "
    "nenhuma ninguém non nessuno nessuna nulla senza nigdy bez żaden nikt není ne ні ані δεν μην χωρίς değil yok hiç không chưa chẳng đừng tidak "
    "bukan tanpa jangan לא אין בלי ללא لا لم لن ليس ليست ليسوا بدون غير نه نیست नहीं न मत बिना না নেই pas jamais sans aucun aucune rien sin "
    "ningún ninguna ninguno nada tampoco не нет ни никогда без нельзя".split()
)
NEGATION_IN_WORD: Final = re.compile(r"않|없|못|안(?=되|돼|된|됩|하|해|했|한|합)|\A안\Z|\A아니|n't\Z|\Acannot\Z")
"""Korean negates inside its words, English at their end."""
NEGATION_UNSPACED: Final = "ない なかっ なけれ なく ません ずに ไม่ มิได้ ไร้".split()
"""Japanese and Thai, longer than one character."""
HAN_NEGATIONS: Final = "不没沒无無非未否勿别別莫"
NO_NAMES: Final = frozenset(
    "a about above according accordingly across add additionally after afterwards again against all almost along already also although always "
    "am among an and another any anyone anything are around as at available avoid back based be because become been before began begin behind "
    "being below besides best better between beyond both build but by call called can check choose click close come common compare consider "
    "contact continue contents copy could create default define depending described despite did different do does done download due during each "
    "earlier easy edit either else end enter especially even ever every everyone everything example examples except feel few finally find first "
    "following follow for found from further furthermore general get give given go good great had has have having he hello help hence her here "
    "hers him his home how however i if important in include included includes including indeed information initially inside instead install "
    "into introduction is it its just keep kept know known last lastly later latest learn least less let like likewise link list log login look "
    "made main make makes many maybe me mean means meanwhile menu moreover more most much must my name namely near nearly need nevertheless new "
    "next note now obviously of off often okay on once only open or other others otherwise our out over overall own page part perhaps please "
    "possible presumably previous previously print privacy provide provided put rather read really recently regarding related remember return "
    "run said same save search section see seen select set several shall share she should show shown sign similarly simply since site skip so "
    "some someone something sometimes soon start still subscribe such suppose take tell terms than thank thanks that the their them then there "
    "therefore these they things this those though through throughout thus to today together too top toward towards try turn type typically "
    "under unless unlike until up upon us usage use used useful user users uses using usually very via view visit want was way we welcome well "
    "were what whatever when whenever where whereas wherever whether which while who whoever whole whom whose why will with within write "
    "written yes yet you your yours der die das den dem des ein eine einer eines und oder aber wenn ist sind war waren es er sie wir ihr ich in "
    "im am auf aus bei mit nach von zu zur zum für über unter auch noch nur dies diese dieser dieses hier dort dann da so wie was wer wo warum "
    "alle als le la les un une des du de et ou mais si est sont il elle nous vous ils elles je ce cette ces dans sur sous avec pour par en au "
    "aux qui que dont el los las una unos unas y o pero es son era él ella nosotros ellos yo este esta estos estas en con por para del al que "
    "como cuando donde и в на с по из для это он она они мы вы я как что если но а или к у за от до при так же".split()
)
"""Function words and words that open a sentence or a button on a page: a capital letter makes no name of them."""
