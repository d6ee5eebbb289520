"""Filters by the domain that a text comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field, field_validator

from operators.core.kinds import Filter
from operators.engine.batch import Verdict
from operators.tables.columns import Input
from operators.tables.errors import Problem, closest
from operators.text.urls.addresses import Address, read_address
from operators.text.urls.block_lists import Hit, category_names, list_files, load_block_list, names_nothing


class DomainFilter(Filter):
    """Drop texts from listed domains and all that is below them, or with `listed="keep"` keep these alone.

    `lists` are files, as they are published: a domain a line, hosts files ("0.0.0.0 example.org"), domain rules of ad blockers ("||example.org^"),
    dnsmasq; .gz too; and folders: of the blacklists of UT1 (a folder a category, with "domains" and "urls"), or of such files. Addresses are compared
    without port, user, letter case and "www."; names of other scripts as Punycode. A million domains take 10 MB and two seconds to read.
    """

    source = "URL filters of RefinedWeb (Penedo et al. 2023) and FineWeb; blacklists of Université Toulouse 1"
    asks = (
        "drop pages from blocked domains",
        "filter by the UT1 blacklist",
        "remove adult sites with a hosts file",
        "keep only pages from a whitelist of sites",
    )
    at_least_one = (("domains", "lists"),)
    example: ClassVar[Mapping[str, Any]] = {"domains": ("example.com",)}

    input_url = Input(str, "url")

    domains: tuple[str, ...] | None = Field(None, description="Domains, or beginnings of addresses: example.org, example.org/forum.")
    lists: tuple[str, ...] | None = Field(None, description="Files and folders of lists.")
    categories: tuple[str, ...] = Field((), description="Of the folders, only the lists of these names.")
    exceptions: tuple[str, ...] = Field((), description="Domains that count as not listed, with all that is below them.")
    listed: Literal["drop", "keep"] = Field("drop", description="What becomes of texts whose domain is listed.")
    no_address: Literal["drop", "keep"] = Field("drop", description="What becomes of a text whose address cannot be read.")

    @field_validator("domains", "exceptions")
    @classmethod
    def _name_something(cls, domains: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if (nothing := next((entry for entry in domains or () if names_nothing(entry)), None)) is not None:
            raise ValueError(
                f'"{nothing}" is no domain: write example.org (with all that is below it), or the beginning of an address, example.org/forum'
            )
        return domains

    def problems(self, *tables: pa.Schema) -> list[Problem]:
        found = super().problems(*tables)
        for path in self.lists or ():
            if not list_files(path):
                what = f'{self.name}: there is no list "{path}"'
                found.append(Problem(what, suggestion="give a file, or a folder of files; UT1's have a folder a category"))
        known = list(category_names(self.lists or ()))
        for category in self.categories:
            if known and category not in known:
                listed = ("categories", ", ".join(known[:40]))
                found.append(Problem(f'{self.name}: no list is called "{category}"', details=(listed,), suggestion=closest(category, known)))
        return found

    def keep_batch(self, url: pa.Array) -> Verdict:
        addresses = [read_address(value) for value in url.to_pylist()]
        hits = load_block_list(self.lists or (), self.categories, self.domains or ()).find(addresses)
        spared = load_block_list((), (), self.exceptions).find(addresses)
        reasons = [self._reason(*row) for row in zip(url.to_pylist(), addresses, hits, spared, strict=True)]
        return Verdict(np.array([reason is None for reason in reasons], np.bool_), reasons)

    def _reason(self, url: str, address: Address | None, hit: Hit | None, spared: Hit | None) -> str | None:
        if address is None:
            return None if self.no_address == "keep" else f"{self.name}: {url[:80]!r} is no web address"
        if self.listed == "drop":
            return f"{self.name}: {address.host} is listed: {hit}" if hit and not spared else None
        if spared:
            return f"{self.name}: {address.host} is among the exceptions: {spared}"
        return None if hit else f"{self.name}: {address.host} is not listed"
