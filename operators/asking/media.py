"""Pictures and sounds as parts of a message, from files, addresses or bytes."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Final

from operators.asking.requests import Message, Part

_PICTURES: Final = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "gif": re.compile(rb"GIF8[79]a"),
    "webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "bmp": re.compile(rb"BM.{12}", re.DOTALL),
}
_SOUNDS: Final = {
    "wav": re.compile(rb"RIFF.{4}WAVE", re.DOTALL),
    "mp3": re.compile(rb"ID3|\xff[\xe2-\xe7\xf2-\xf7\xfa-\xfb]"),
    "flac": re.compile(rb"fLaC"),
    "ogg": re.compile(rb"OggS"),
    "m4a": re.compile(rb".{4}ftyp", re.DOTALL),
}
"""How a file of each kind begins. A file is what its content says, whatever its name."""
PICTURE_KINDS: Final = tuple(_PICTURES)


def image(source: str | Path | bytes) -> Part:
    """A picture: an http(s) address, which the server fetches itself; a data URL; or a file or its bytes, which are sent (and are in the cache key).

    Raises:
        ValueError: the content is no picture of a kind that models take.
        OSError: the file cannot be read.
    """
    if isinstance(source, str) and source.startswith(("http://", "https://", "data:image/")):
        return Part("image_url", source)
    kind, content = _kind_of(source, _PICTURES, "picture")
    return Part("image_url", _data_url(f"image/{kind}", content))


def audio(source: str | Path | bytes) -> Part:
    """A sound: a data URL, or a file or its bytes, which are sent (and are in the cache key). The API takes no addresses of sounds.

    Raises:
        ValueError: an address, or the content is no sound of a kind that models take.
        OSError: the file cannot be read.
    """
    if isinstance(source, str) and source.startswith("data:audio/"):
        return Part("input_audio", source)
    if isinstance(source, str) and source.startswith(("http://", "https://")):
        raise ValueError(
            f"{source} cannot be sent as a sound: servers fetch none. Give a file, its bytes, or a data URL (data:audio/wav;base64,...)."
        )
    kind, content = _kind_of(source, _SOUNDS, "sound")
    return Part("input_audio", _data_url(f"audio/{kind}", content))


def picture_kind(content: bytes) -> str | None:
    """The kind of a picture, such as "png", or None where the content is none that models take."""
    return next((kind for kind, begins in _PICTURES.items() if begins.match(content)), None)


def user_message(*parts: str | Part) -> Message:
    """What a user says and shows: `user_message("What is this?", image("a.png"))`."""
    return Message("user", tuple(Part("text", part) if isinstance(part, str) else part for part in parts))


def _kind_of(source: str | Path | bytes, kinds: dict[str, re.Pattern[bytes]], what: str) -> tuple[str, bytes]:
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    for kind, begins in kinds.items():
        if begins.match(content):
            return kind, content
    named = f"{len(content)} bytes" if isinstance(source, bytes) else str(source)
    raise ValueError(f"{named} does not look like a {what}: its content should be that of a {', '.join(kinds)} file, or give a data URL.")


def _data_url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
