"""Addresses of computers: IPv4 and IPv6 that anyone can reach, and MAC; not versions, numbers of sections, times or names in code."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from operators.bases.personal_data.findings import Certainty, Found
from operators.text.privacy.spoken_words import is_said, is_said_before, spoken_words

_IPV4: Final = re.compile(
    r"(?<![0-9A-Za-z_.\u00a7-])(?<![0-9]:)[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9A-Za-z_]|\.[0-9A-Za-z]|-[0-9A-Za-z]|:[0-9]{1,2}:)"
)
_PREFIX: Final = re.compile("/([0-9]{1,2})(?![0-9])")
_IPV6: Final = re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{3,39}(?![\w:])(?!\.[0-9A-Za-z])")
_MAC: Final = re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?P<mark>[:-])(?:[0-9A-Fa-f]{2}(?P=mark)){4}[0-9A-Fa-f]{2}(?![\w:-])", re.ASCII)
_MAC_OF_CISCO: Final = re.compile(r"(?<![\w.])(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}(?![\w.])", re.ASCII)

_ADDRESS_WORDS: Final = spoken_words(
    """
        ip, ips, ipv4, ipv6, ip-address, address, addresses, addr, host, hosts, hostname, server, servers, client, dns, ping, pinged,
        router, gateway, proxy, vpn, firewall, subnet, login, logged in, remote, peer, nameserver, resolver, nameservers, connect,
        connected, connection, request, requests, traceroute, blocked, banned, visitor, from, ssh, telnet, adresse, adressen, adres,
        adresse ip, dirección, endereço, indirizzo, serveur, servidor, von, desde, depuis, iz, адрес, сервер, с, 地址, 服务器, アドレス, 주소,
        عنوان, من, mac, ethernet, hwaddr, bssid
    """
)
_VERSION_WORDS: Final = spoken_words(
    """
        version, versions, ver, v, release, released, build, firmware, driver, kernel, update, updated, upgrade, upgraded, patch,
        section, sections, sec, chapter, clause, article, paragraph, appendix, annex, table, figure, fig, step, item, rule, rfc,
        requirement, oid, edition, revision, rev, versión, versão, versione, versie, abschnitt, kapitel, sección, capítulo, seção,
        sezione, chapitre, rozdział, версия, версии, раздел, 版本, 版, 章, 节, バージョン, 버전, sdk, api, downgrade
    """
)
_NAME_OF_A_PRODUCT: Final = re.compile(r"(?:^|[^\w])[A-Z][A-Za-z+]*[A-Za-z+][ /-]$|[=~^<>]=?\s?[\"']?$")
"""LibreOffice 26.8.0.3, Chrome/26.8.0.3, foo==1.2.3.4"""
_PUBLIC_RESOLVERS: Final = frozenset({"8.8.8.8", "8.8.4.4", "9.9.9.9", "1.0.0.1"})

_DOCUMENTATION: Final = ("192.0.2.", "198.51.100.", "203.0.113.")
"""Networks of examples (RFC 5737): whose address somebody has put there cannot be known, so that they count where they are called addresses."""


def find_network_addresses(text: str) -> Iterator[Found]:
    if text.count(".") >= 3:
        for match in _IPV4.finditer(text):
            is_public = is_public_ip_address(match.group())
            if not (is_public or match.group().startswith(_DOCUMENTATION)) or _is_network(text, match):
                continue
            certainty = _certainty(match.group(), text, match.start(), match.end())
            if certainty and (is_public or certainty is Certainty.SAID):
                yield Found(match.start(), match.end(), "ip_address", "ipv4", certainty)
    if text.count(":") >= 2:
        for match in _IPV6.finditer(text):
            if _is_ipv6(match.group()):
                yield Found(match.start(), match.end(), "ip_address", "ipv6")


def find_mac_addresses(text: str) -> Iterator[Found]:
    for match in _MAC.finditer(text):
        if len(set(match.group()) - {":", "-"}) > 1 and not _is_time_or_date(match.group()):
            yield Found(match.start(), match.end(), "mac_address")
    for match in _MAC_OF_CISCO.finditer(text):
        if not match.group().replace(".", "").isdigit() or is_said(_ADDRESS_WORDS, text, match.start(), match.end()):
            yield Found(match.start(), match.end(), "mac_address", "", Certainty.SAID)


def is_public_ip_address(address: str) -> bool:
    """Addresses of private, local, reserved and documentation networks, and of groups, point to nobody."""
    try:
        parsed = ipaddress.ip_address(address)
        return parsed.is_global and not parsed.is_multicast
    except ValueError:
        return False


def _is_network(text: str, address: re.Match[str]) -> bool:
    """Whether a prefix follows, and no bit is set after it: 34.64.0.0/10."""
    if not (prefix := _PREFIX.match(text, address.end())) or int(prefix[1]) > 31:
        return False
    return int(ipaddress.IPv4Address(address.group())) & ((1 << 32 - int(prefix[1])) - 1) == 0


def _certainty(address: str, text: str, start: int, end: int) -> Certainty | None:
    """None for a version, or the number of a section: the words before it say so, or its numbers are as small as theirs."""
    if is_said_before(_VERSION_WORDS, text, start):
        return None
    if text.startswith((":", "/"), end) and text[end + 1 : end + 2].isdigit():
        return Certainty.SAID
    if is_said(_ADDRESS_WORDS, text, start, end) or text[max(0, start - 3) : start] == "://" or text[max(0, start - 1) : start] == "@":
        return Certainty.SAID
    parts = [int(part) for part in address.split(".")]
    if address in _PUBLIC_RESOLVERS:
        return Certainty.SHAPE
    if _NAME_OF_A_PRODUCT.search(text[max(0, start - 24) : start]):
        return Certainty.SHAPE if min(parts[1:]) > 0 and sum(part > 31 for part in parts) >= 3 else None
    return Certainty.SHAPE if sum(part > 31 for part in parts) >= 2 and max(parts) > 99 else None


def _is_ipv6(address: str) -> bool:
    """Shortened ones only of the networks that are given out: `dead::beef` is two names in C++."""
    if "::" not in address:
        return address.count(":") == 7 and is_public_ip_address(address)
    is_of_global_unicast = address[0] in "23" and address.find(":") == 4
    return is_of_global_unicast and is_public_ip_address(address)


def _is_time_or_date(text: str) -> bool:
    """Six numbers of two digits each, the last three a time of the day: 24-01-15-10-30-00."""
    parts = re.split("[:-]", text)
    return all(part.isdigit() for part in parts) and int(parts[3]) < 24 and int(parts[4]) < 60 and int(parts[5]) < 60 and 1 <= int(parts[1]) <= 12
