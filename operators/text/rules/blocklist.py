"""Words and phrases that a text must not have."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.tables.columns import Input

BLOCKED: Final[dict[str, tuple[str, ...]]] = {
    "en": tuple(
        "porn|porno|pornography|xxx video|xxx videos|hardcore sex|anal sex|oral sex|group sex|gangbang|blowjob|blow job|cumshot|creampie|milf|hentai|"
        "bukkake|dildo|camgirl|cam girls|escort service|nude pics|sex tape|upskirt|fisting|rimjob|deepthroat|handjob|jerk off|motherfucker|"
        "cocksucker|cunt|faggot|nigger|nigga|kike|raghead|towelhead|wetback".split("|")
    ),
    "de": tuple("porno|pornos|fotze|wichser|arschfick|hurensohn|gruppensex|nutten|sexcam|fickvideo|neger|kanake".split("|")),
    "es": tuple("porno|follar|coño|puta madre|hijo de puta|mamada|videos xxx|sexo anal|sexo duro|maricón|sudaca".split("|")),
    "fr": tuple("porno|salope|enculé|pute|branlette|sexe anal|vidéo x|fils de pute|pipe gratuite|bougnoule|youpin".split("|")),
    "ja": ("エロ動画", "無修正動画", "アダルトビデオ", "援助交際", "ハメ撮り", "中出し", "風俗嬢", "盗撮動画"),
    "zh": ("色情片", "成人电影", "黄色网站", "三级片", "一夜情", "裸聊", "援交", "情色视频", "無碼影片", "卖淫", "嫖娼", "强奸视频"),
}
"""Short lists of terms that hardly occur in text worth keeping; words that medicine, law, biology or novels need are left out on purpose."""

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")


class BlocklistFilter(Filter):
    """Drop texts with blocked words or phrases, in either case: whole words where a script has spaces ("Scunthorpe" stays), else anywhere.

    Spaces in a phrase match any white space or a hyphen. `phrases` replaces the bundled list of the language.
    """

    covers = ("BlocklistFilter",)
    source = "C4 (Raffel et al. 2020), with a list of our own"
    asks = ("throw out texts with swear words", "ban profanity and adult terms", "screen against my own bad word list")

    input_text = Input(str)
    language: Literal["de", "en", "es", "fr", "ja", "zh"] = "en"
    phrases: tuple[str, ...] = Field((), description="Words and phrases instead of the bundled list.")
    max_occurrences: int = Field(0, ge=0)

    @cached_property
    def _alternatives(self) -> str:
        """In the syntax of RE2, whose \\s knows the spaces of ASCII alone."""
        found = [phrase.strip() for phrase in self.phrases or BLOCKED[self.language] if phrase.strip()]
        return "|".join(r"[\s\pZ\x{85}-]+".join(map(re.escape, re.split(r"\s+", phrase))) for phrase in sorted(found, key=len, reverse=True))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        phrases = [phrase.strip() for phrase in self.phrases or BLOCKED[self.language] if phrase.strip()]
        phrases.sort(key=len, reverse=True)
        return re.compile("|".join(map(_pattern_of, phrases)) or r"(?!)", re.IGNORECASE)

    def keep_batch(self, text: pa.Array) -> Verdict:
        possible = np.flatnonzero(pc.match_substring_regex(text, f"(?i){self._alternatives}").cast(pa.uint8()).to_numpy(zero_copy_only=False))
        keep = np.ones(len(text), np.bool_)
        reasons: list[str | None] = [None] * len(text)
        for row in possible.tolist():
            found = [match.group() for match in self._pattern.finditer(text[row].as_py())]
            if len(found) > self.max_occurrences:
                keep[row] = False
                reasons[row] = (
                    f"{self.name}: {len(found)} blocked, above max_occurrences = {self.max_occurrences}: {', '.join(dict.fromkeys(found))[:80]}"
                )
        return Verdict(keep, reasons)


def _pattern_of(phrase: str) -> str:
    """Whole words, but for phrases of scripts that put no spaces between words."""
    body = r"[\s-]+".join(map(re.escape, re.split(r"\s+", phrase)))
    before = "" if _UNSPACED.match(phrase[0]) or not phrase[0].isalnum() else r"(?<!\w)"
    after = "" if _UNSPACED.match(phrase[-1]) or not phrase[-1].isalnum() else r"(?!\w)"
    return f"{before}{body}{after}"
