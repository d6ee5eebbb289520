"""A web address in the one form in which it is checked and fetched, whatever the spelling that it came in."""

from __future__ import annotations

import ipaddress
import re
from typing import Final, NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

import idna

from resources.web.errors import Refused
from resources.web.public_addresses import IPAddress

LONGEST: Final = 8_000
_PORTS: Final = {"http": 80, "https": 443}
_FIRST_FREE_PORT: Final = 1024
"""Below stand mail, remote shells and other services that an HTTP request can be abused for."""
_UNSAFE: Final = re.compile(r"[\x00-\x20\x7f\\]")
_HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")
_LONGEST_HOST: Final = 253
_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
_LOCAL_NAMES: Final = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "home.arpa", "localdomain", "test", "onion")
_KEPT: Final = "%!$&'()*+,;=:@/~-._"


class WebAddress(NamedTuple):
    """`host`: a name in lower case (Punycode for other scripts), or a network address in its usual form, which is then in `number` too."""

    scheme: str
    host: str
    port: int
    path: str
    """With the query, percent-encoded."""
    number: IPAddress | None

    @property
    def site(self) -> str:
        """Scheme, host and port: what a robots.txt speaks for."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" if self.port == _PORTS[self.scheme] else f"{self.scheme}://{host}:{self.port}"

    def __str__(self) -> str:
        return self.site + self.path


def read_web_address(url: str, base: WebAddress | None = None) -> WebAddress:
    """`base`: what a redirect is relative to.

    Raises:
        Refused: it is no address of http or https, hides another one, or names a host that is not of the public web.
    """
    text = url.strip()
    if base is not None:
        text = _joined(str(base), text)
    if len(text) > LONGEST:
        raise Refused(f"the address is {len(text):,} characters long")
    if _UNSAFE.search(text):
        raise Refused("the address holds spaces, control characters or backslashes")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Refused(f"it is no web address ({error})") from None
    if not parts.scheme:
        raise Refused("it is no web address: http:// or https:// is missing")
    if parts.scheme not in _PORTS:
        raise Refused(f"only http and https are fetched, not {parts.scheme[:20]}")
    if "@" in parts.netloc or parts.username is not None:
        raise Refused("the address holds a user name")
    if not parts.hostname:
        raise Refused("the address names no host")
    port = _PORTS[parts.scheme] if port is None else port
    if port < _FIRST_FREE_PORT and port not in _PORTS.values():
        raise Refused(f"port {port} is not one of the web")
    number, host = _read_host(parts.hostname, in_brackets=parts.netloc.startswith("["))
    path = quote(parts.path or "/", safe=_KEPT)
    query = f"?{quote(parts.query, safe=_KEPT + '?')}" if parts.query else ""
    return WebAddress(parts.scheme, host, port, path + query, number)


def _joined(base: str, text: str) -> str:
    try:
        return urljoin(base, text)
    except ValueError as error:
        raise Refused(f"it redirects to what is no web address ({error})") from None


def _read_host(host: str, in_brackets: bool) -> tuple[IPAddress | None, str]:
    if in_brackets:
        try:
            number = ipaddress.IPv6Address(host)
        except ValueError:
            raise Refused(f"[{host[:60]}] is no network address") from None
        if number.scope_id is not None:
            raise Refused(f"[{host[:60]}] is an address of one network card")
        return number, str(number)
    name = _plain_name(host)
    if _ends_in_number(name):
        found = _network_address(name)
        return found, str(found)
    if "." not in name:
        raise Refused(f'"{name[:60]}" is no name of the public web')
    if any(name == local or name.endswith(f".{local}") for local in _LOCAL_NAMES):
        raise Refused(f'"{name[:60]}" is a name of a local network')
    return None, name


def _plain_name(host: str) -> str:
    """In lower case, without percent-encoding and a final dot; other scripts, full-width and circled letters as browsers map them."""
    name = unquote(host, errors="strict") if "%" in host else host
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise Refused(f'"{host[:60]}" is no host name') from None
    name = name.lower()
    name = name.removesuffix(".")
    if len(name) > _LONGEST_HOST or not _HOST.fullmatch(name):
        raise Refused(f'"{host[:60]}" is no host name')
    return name


def _ends_in_number(name: str) -> bool:
    return _NUMBER.fullmatch(name.rsplit(".", 1)[-1]) is not None


def _network_address(name: str) -> ipaddress.IPv4Address:
    """Of one to four numbers, decimal, octal or hexadecimal, as browsers and inet_aton read them: 2130706433, 0x7f.1, 0177.0.0.1.

    Source: WHATWG URL Standard, IPv4 parser.
    """
    parts = name.split(".")
    if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise Refused(f'"{name[:60]}" is neither a name nor a network address')
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:
        raise Refused(f'"{name[:60]}" is no network address') from None
    *first, last = numbers
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(numbers)):
        raise Refused(f'"{name[:60]}" is no network address')
    return ipaddress.IPv4Address(last + sum(number << (8 * (3 - place)) for place, number in enumerate(first)))


def _number(text: str) -> int:
    """Raises ValueError: "08"."""
    if text[:2] in ("0x", "0X"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if len(text) > 1 and text[0] == "0" else int(text)
