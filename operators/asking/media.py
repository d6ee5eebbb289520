"""Pictures and sounds as parts of a message, from files or addresses."""

from __future__ import annotations

import base64
import mimetypes
from pathlib import Path

from operators.asking.requests import Message, Part

_SOUNDS = {".wav": "wav", ".mp3": "mp3", ".flac": "flac", ".ogg": "ogg", ".m4a": "m4a", ".opus": "opus"}


def image(source: str | Path) -> Part:
    """A picture: an http(s) address, which the server fetches itself; a data URL; or a file, whose content is sent (and is in the cache key).

    Raises:
        ValueError: the name of the file does not say what kind of picture it is.
        OSError: the file cannot be read.
    """
    if isinstance(source, str) and source.startswith(("http://", "https://", "data:image/")):
        return Part("image_url", source)
    path = Path(source)
    kind = mimetypes.guess_type(path.name)[0] or ""
    if not kind.startswith("image/"):
        raise ValueError(f"{path} does not look like a picture: its name should end in .png, .jpg, .webp or .gif, or give a data URL.")
    return Part("image_url", _data_url(kind, path))


def audio(source: str | Path) -> Part:
    """A sound: a data URL, or a file, whose content is sent (and is in the cache key). The API takes no addresses of sounds.

    Raises:
        ValueError: an address, or the name of the file does not say what kind of sound it is.
        OSError: the file cannot be read.
    """
    if isinstance(source, str) and source.startswith("data:audio/"):
        return Part("input_audio", source)
    path = Path(source)
    kind = _SOUNDS.get(path.suffix.lower())
    if kind is None or str(source).startswith(("http://", "https://")):
        raise ValueError(
            f"{source} cannot be sent as a sound: give a file that ends in {', '.join(_SOUNDS)}, or a data URL (data:audio/wav;base64,...)."
        )
    return Part("input_audio", _data_url(f"audio/{kind}", path))


def user_message(*parts: str | Part) -> Message:
    """What a user says and shows: `user_message("What is this?", image("a.png"))`."""
    return Message("user", tuple(Part("text", part) if isinstance(part, str) else part for part in parts))


def _data_url(kind: str, path: Path) -> str:
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
