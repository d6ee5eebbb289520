"""Connections that are made to public addresses alone. What a name stands for is looked up once, checked, and connected to as it was checked."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from resources.web.errors import Refused, Unanswered
from resources.web.public_addresses import IPAddress, check_public, is_public

Resolve: TypeAlias = Callable[[str, int], Awaitable[list[IPAddress]]]
IsAllowed: TypeAlias = Callable[[IPAddress, int], bool]
"""Of an address and a port: whether it may be connected to although it is not public. Only tests, and code of your own, have one."""


def nothing_more(address: IPAddress, port: int) -> bool:
    return False


async def ask_dns(host: str, port: int) -> list[IPAddress]:
    """Raises Unanswered: the name is not known."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unanswered(f"the name {host} is not known ({getattr(error, 'strerror', None) or error})") from None
    return [ipaddress.ip_address(address[0]) for *_, address in found]


class CheckedResolver(AbstractResolver):
    """Gives aiohttp addresses that were checked, so that no second look-up can give others."""

    def __init__(self, resolve: Resolve, is_allowed: IsAllowed) -> None:
        self._resolve = resolve
        self._is_allowed = is_allowed

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        """Raises Refused: one of the addresses is not public."""
        addresses = await self._resolve(host, port)
        if not addresses:
            raise Unanswered(f"the name {host} has no address")
        for address in addresses:
            if not is_public(address) and not self._is_allowed(address, port):
                raise Refused(f"{host} stands for {address}, which is no public address")
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass


def connector(resolve: Resolve, is_allowed: IsAllowed, most: int) -> aiohttp.TCPConnector:
    """Every socket is checked once more right before it connects: the last door, whatever came before it."""

    def checked_socket(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, place = info
        address, port = ipaddress.ip_address(place[0]), int(place[1])
        if not is_allowed(address, port):
            check_public(address)
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(resolver=CheckedResolver(resolve, is_allowed), use_dns_cache=False, limit=most, socket_factory=checked_socket)
