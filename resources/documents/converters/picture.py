"""A file that is a picture: a scan, read by OCR."""

from __future__ import annotations

import io

from operators.document_model.document import Document
from resources.documents.ocr import MOST_PIXELS, blocks_of_picture, read_nothing
from resources.documents.options import Options
from resources.documents.stopped import Stopped


def prepare(kind: str, options: Options) -> None:
    read_nothing()


def convert(content: bytes, kind: str, name: str, options: Options) -> Document:
    import numpy as np
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS * 4
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > MOST_PIXELS * 4:
                raise Stopped("size limit", f"the picture has {picture.width * picture.height / 1e6:,.0f} million pixels")
            scale = min(1.0, (MOST_PIXELS / max(1, picture.width * picture.height)) ** 0.5)
            flat = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Stopped("damaged", f"the picture cannot be read: {error}") from None
    if scale < 1:
        flat = flat.resize((int(flat.width * scale), int(flat.height * scale)))
    return Document.of(blocks_of_picture(np.asarray(flat)[:, :, ::-1], scale, 1), pages=1)
