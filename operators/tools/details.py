"""What people name in requests, drawn: who, when, how much; and what they ask for next. A model left alone has John Doe do the same thing twice."""

from __future__ import annotations

from typing import Final

from operators.bases.draws import generator

_FIRST: Final = (
    "Amara Anouk Bilal Carmen Chidi Dalia Emre Farida Greta Hassan Ines Jonas Kavya Lars Leila Mateo Mei Nadia Noor Oskar Priya Rafael Rosa Samir "
    "Sofia Tariq Tomoko Vera Wanjiru Yusuf"
).split()
_LAST: Final = (
    "Abebe Andersson Bauer Castillo Demir Fischer Garcia Haddad Ivanova Jansen Kim Kowalski Larsen Lindqvist Mbeki Moreau Nakamura Novak Okafor "
    "Osei Pereira Rossi Sato Schmid Silva Singh Tanaka Varga Weber Zhang"
).split()
_MONTHS: Final = "January February March April May June July August September October November December".split()
_PLACES: Final = (
    "Accra Antwerp Bergen Bilbao Bologna Cork Daegu Graz Izmir Krakow Leeds Lucerne Lyon Malmo Montevideo Nagoya Oulu Porto Pune Tunis Utrecht"
).split()
NEXT: Final = (
    "change something that was just done or found",
    "book, reserve or order what was found",
    "add a second one of another name or number",
    "record it under a name, with a number",
    "ask for the price or the total",
    "send or give it to a person, who is named",
    "ask what else there is besides it",
    "cancel or remove one of several",
    "set a date or an hour for it",
    "see how it stands now, after the change",
)
"""What a person may want next, once a request is met."""


def details_of(seed: int, scenario: str) -> list[str]:
    """Three of a person, a place, a day, an hour, a code and two numbers: the same for the same seed and scenario."""
    draw = generator(seed, scenario)

    def one_of(values: list[str]) -> str:
        return values[int(draw.integers(len(values)))]

    every = [
        f"{one_of(_FIRST)} {one_of(_LAST)}",
        one_of(_PLACES),
        f"{draw.integers(1, 29)} {one_of(_MONTHS)}",
        f"{draw.integers(8, 21)}:{one_of(['00', '15', '30', '45'])}",
        f"number {draw.integers(100, 1000)}",
        str(draw.integers(2, 13)),
        f"{draw.integers(3, 60) * 5} euros",
    ]
    return [every[place] for place in sorted(draw.choice(len(every), 3, replace=False).tolist())]


def next_of(seed: int, task: str) -> str:
    """What is wanted after a task: the same for the same seed and task."""
    return NEXT[int(generator(seed, task).integers(len(NEXT)))]
