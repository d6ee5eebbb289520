"""What is found: a place in a text, its kind, and how sure it is. Of findings that overlap, one stays."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, Literal, NamedTuple, TypeAlias

PersonalDataKind: TypeAlias = Literal["email", "phone", "credit_card", "iban", "ip_address", "mac_address", "identity_number", "secret"]
ALL_KINDS: Final[tuple[PersonalDataKind, ...]] = ("email", "phone", "credit_card", "iban", "ip_address", "mac_address", "identity_number", "secret")


class Certainty(IntEnum):
    """Of two findings of the same length, the surer stays."""

    SHAPE = 1
    """It has a form that little else has."""
    SAID = 2
    """The words beside it say what it is."""
    CHECKED = 3
    """Its check digits, or a parser, agree."""
    CHECKED_AND_SAID = 4


class Found(NamedTuple):
    """`text[start:end]` is of this kind; `subkind` says which: "visa", "br_cpf", "github_token"; empty where a kind has only one."""

    start: int
    end: int
    kind: PersonalDataKind
    subkind: str = ""
    certainty: Certainty = Certainty.CHECKED


def without_overlaps(findings: Iterable[Found]) -> list[Found]:
    """In the order of the text. Of two that overlap the longer stays, then the surer, then the kind that `ALL_KINDS` names first."""
    ordered = sorted(findings)
    groups: list[list[Found]] = []
    reach = -1
    for finding in ordered:
        if finding.start >= reach:
            groups.append([])
        groups[-1].append(finding)
        reach = max(reach, finding.end)
    return [kept for group in groups for kept in (group if len(group) == 1 else _chosen(group))]


def _chosen(group: list[Found]) -> list[Found]:
    first = group[0].start
    taken = bytearray(max(finding.end for finding in group) - first)
    kept = []
    for finding in sorted(group, key=_preference):
        start, end = finding.start - first, finding.end - first
        if not taken.count(1, start, end):
            taken[start:end] = b"\1" * (end - start)
            kept.append(finding)
    return sorted(kept)


def _preference(finding: Found) -> tuple[int, int, int, int, str]:
    return (finding.start - finding.end, -finding.certainty, ALL_KINDS.index(finding.kind), finding.start, finding.subkind)
