"""Which network addresses are public. Everything else is not fetched: private networks, this machine, neighbours on the link, metadata of clouds."""

from __future__ import annotations

import ipaddress
from typing import Final, TypeAlias

from resources.web.errors import Refused

IPAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_CLOSED_4: Final = tuple(
    map(
        ipaddress.IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"),
            *("192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            "168.63.129.16/32",  # the host of an Azure machine, which looks public
        ),
    )
)
"""Source: IANA IPv4 Special-Purpose Address Registry."""

_OPEN_6: Final = ipaddress.IPv6Network("2000::/3")
"""All that IANA gives out for the Internet; with holes:"""
_CLOSED_6: Final = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # Teredo and other protocols
            "2001:db8::/32",  # for documentation
            "2002::/16",  # 6to4, which holds an IPv4 address
            "3ffe::/16",  # given back
            "3fff::/20",  # for documentation
        ),
    )
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def check_public(address: IPAddress) -> None:
    """Raises Refused: the address is not public. An IPv4 address inside an IPv6 one counts as itself."""
    if not is_public(address):
        raise Refused(f"{address} is no public address")


def is_public(address: IPAddress) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _CLOSED_4)
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    # an interface id of ISATAP, ::5efe:a.b.c.d, holds an IPv4 address as well
    isatap = (int(address) >> 32) & 0xFDFFFFFF == 0x00005EFE
    return address in _OPEN_6 and not isatap and not any(address in network for network in _CLOSED_6)
