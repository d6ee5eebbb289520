"""Questions about pictures, and what can be measured of them."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field

from operators.asking.media import image
from operators.asking.prompt import PromptTemplate
from operators.asking.requests import Part
from operators.asking.serving import LLMSession
from operators.bases.prompted import AnswersInFields, ColumnsFromPrompt
from operators.core.kinds import Evaluate
from operators.media.files import ReadsFiles
from operators.tables.columns import Input, Output

if TYPE_CHECKING:
    from PIL import Image


_PROGRAMS: Final = ("EPS",)
"""What Pillow has another program run to decode it."""
_EIGHT_BITS: Final = ("P", "PA", "L", "LA", "RGB")


class PictureQuestionPrompt(PromptTemplate[str]):
    system = "You answer questions about pictures. You say only what can be seen."
    user = "{{ question }}"


class PictureAnswerGenerator(ColumnsFromPrompt, AnswersInFields, ReadsFiles):
    """Answer a question about each picture: by default that of the column `question`; a prompt of your own may ask anything, with any columns.

    The column `picture` holds bytes, an http(s) address (which the model's server fetches itself), a data URL, the name of a file below `folder`, or
    a list of these, shown in their order. A row without a picture is set aside, never asked about without it. Needs a model that sees.
    """

    covers = ("PromptedVQAGenerator",)
    asks = ("caption images with a vision language model", "ask a question about every picture", "read the text in scanned images")

    input_picture = Input(Any, description="bytes, address, data URL or name of a file; or a list of them")

    prompt: PromptTemplate[str] = PictureQuestionPrompt()

    async def generate(self, llm: LLMSession, picture: Any, **values: Any) -> dict[str, Any]:
        several = picture if isinstance(picture, Sequence) and not isinstance(picture, str | bytes) else [picture]
        if not several:
            raise ValueError("there is no picture")
        return await self.answer_in_fields(llm, values, parts=[self._shown(one) for one in several])

    def _shown(self, cell: Any) -> Part:
        if isinstance(cell, str) and cell.strip().startswith(("http://", "https://")):
            return image(cell.strip())
        return image(self.content(cell))


class PictureStatistics(ReadsFiles, Evaluate):
    """Width and height in pixels, format, and whether the whole picture has one colour, of each picture file.

    Width and height are those that are stored: the turn that a camera notes beside a picture is not made. A moving picture, or a file of several
    pages, has one colour where all of it has. The header is believed only as far as `max_megapixels`: a larger picture sets its row aside before it
    is decoded. PostScript is a program, and is not run.
    """

    asks = ("drop tiny or blank images", "measure the resolution of pictures", "find broken image files")
    needed_packages: ClassVar[tuple[str, ...]] = ("PIL",)
    extra: ClassVar[str] = "media"

    input_picture = Input(Any, description="bytes, data URL or name of a file")
    output_width = Output(int, "picture_width")
    output_height = Output(int, "picture_height")
    output_format = Output(str, "picture_format")
    output_one_colour = Output(bool, "picture_has_one_colour")

    max_megapixels: float = Field(
        100.0, gt=0, le=178, description="Largest picture that is decoded, in millions of pixels. Pillow decodes none above 178."
    )

    def evaluate(self, picture: Any) -> dict[str, Any]:
        from PIL import Image, UnidentifiedImageError

        content = self.content(picture)
        Image.init()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit is ours
            try:
                opened = Image.open(io.BytesIO(content), formats=[name for name in Image.ID if name not in _PROGRAMS])
            except UnidentifiedImageError as error:
                raise ValueError(f"{len(content):,} bytes are no picture that Pillow knows") from error
            with opened:
                width, height = opened.size
                if width * height > self.max_megapixels * 1e6:
                    raise ValueError(f"{width} x {height} pixels are more than max_megapixels={self.max_megapixels:g}")
                return {"width": width, "height": height, "format": (opened.format or "").lower(), "one_colour": self._one_colour(opened)}

    def _one_colour(self, picture: Image.Image) -> bool:
        """Whether all pixels of all frames are equal. Raises ValueError: that many frames are too many to be decoded."""
        from PIL import ImageSequence

        colours, pixels = set[Any](), 0
        for frame in ImageSequence.Iterator(picture):
            pixels += frame.width * frame.height
            if pixels > self.max_megapixels * 1e6:
                raise ValueError(f"its frames have more pixels than max_megapixels={self.max_megapixels:g}")
            shown = frame.convert("RGBA") if frame.mode in _EIGHT_BITS else frame  # which would cut samples of 16 bits, and floats
            extremes = tuple(band.getextrema() for band in shown.split())
            if any(low != high for low, high in extremes):
                return False
            colours.add((shown.mode, extremes))
        return len(colours) == 1
