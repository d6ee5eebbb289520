r"""Numbers with units: products of powers of known units convert, units that add up are added, and what is not known is left open."""

from __future__ import annotations

import pytest

from operators.bases.math_answers.equivalence import compare_answers

EQUAL, DIFFERENT, OPEN = "equal", "different", "cannot tell"


@pytest.mark.parametrize(
    ("gold", "answer", "verdict"),
    [
        ("25 m/s", "90 km/h", EQUAL),
        ("25 m/s", "91 km/h", DIFFERENT),
        ("3 m^2", "30000 cm^2", EQUAL),
        ("3 m^2", "300 cm^2", DIFFERENT),
        ("7800 kg/m^3", "7.8 g/cm^3", EQUAL),
        ("9.8 m/s^2", "9.8 m s^{-2}", EQUAL),
        ("5 N", "5 kg m/s^2", EQUAL),
        ("10.8 MJ", "3 kWh", EQUAL),
        ("10.8 MJ", "4 kWh", DIFFERENT),
        ("2 kWh", "2 kW", DIFFERENT),
        ("100 square meters", "100 m^2", EQUAL),
        ("100 square meters", "100 m", DIFFERENT),
        ("144 square inches", "1 square foot", EQUAL),
        ("60 miles per hour", "88 ft/s", EQUAL),
        ("3 gallons", "12 quarts", EQUAL),
        ("4 lb", "4 pounds", EQUAL),
        ("£5", "5 pounds", EQUAL),
        ("5 m", "5 min", DIFFERENT),
        ("5 km", "5001 m", DIFFERENT),
        ("1 mile", "1.6 km", OPEN),
        ("1 mile", "2.6 km", DIFFERENT),
        ("1 year", "12 months", EQUAL),
        ("20 °C", "20 °F", OPEN),
        (r"200\pi cm", r"2\pi cm", DIFFERENT),
        (r"5\sqrt{2} km", r"5000\sqrt{2} meters", EQUAL),
    ],
)
def test_a_unit_is_a_product_of_powers(gold: str, answer: str, verdict: str) -> None:
    assert (compare_answers(gold, answer).verdict, compare_answers(answer, gold).verdict) == (verdict, verdict)


@pytest.mark.parametrize(
    ("gold", "answer", "verdict"),
    [
        ("95 min", "1 h 35 min", EQUAL),
        ("95 min", "1 h 45 min", DIFFERENT),
        ("200 minutes", "3 hours and 20 minutes", EQUAL),
        ("70 in", "5 ft 10 in", EQUAL),
        ("70 in", "5'10", EQUAL),
        ("$3.50", "3 dollars and 50 cents", EQUAL),
        ("3.5", "3 dollars and 50 cents", EQUAL),
        ("95", "1 h 35 min", OPEN),
        ("5 m, 30 cm", "30 cm, 5 m", EQUAL),
        ("3 kg and 20 minutes", "20 minutes, 3 kg", EQUAL),
        ("2 hours and 3 hours", "5 hours", DIFFERENT),
    ],
)
def test_units_of_one_measure_add_up_and_lists_stay_lists(gold: str, answer: str, verdict: str) -> None:
    assert compare_answers(gold, answer).verdict == verdict


@pytest.mark.parametrize(
    ("gold", "answer", "verdict"),
    [
        ("20 m/s", "20 furlongs", OPEN),
        ("72 km", "13 leagues", OPEN),
        ("2 pairs", "4 socks", OPEN),
        ("12 apples", "13 apples", DIFFERENT),
        ("12 apples", "12 pieces of fruit", EQUAL),
        ("8 units", "8 cm", EQUAL),
        ("8 cm", "8", EQUAL),
        ("8 cm", "9", DIFFERENT),
        ("30 minutes", "30 more minutes", EQUAL),
        ("$18", "$18 a day", EQUAL),
        ("$18 per hour", "18 dollars a day", DIFFERENT),
        ("3m", "3", DIFFERENT),
        ("5/12", "5 out of 12", EQUAL),
        ("5", "5 out of 12", OPEN),
        ("5/13", "5 out of 12", DIFFERENT),
    ],
)
def test_a_unit_that_is_not_known_leaves_it_open_and_one_that_is_not_said_says_nothing(gold: str, answer: str, verdict: str) -> None:
    assert (compare_answers(gold, answer).verdict, compare_answers(answer, gold).verdict) == (verdict, verdict)


@pytest.mark.parametrize(
    ("gold", "answer", "verdict"),
    [
        (r"\frac{\pi}{2}", r"90^\circ", EQUAL),
        (r"\pi/6", "30 degrees", EQUAL),
        (r"\frac{\pi}{3}", r"90^\circ", DIFFERENT),
        (r"\pi", "180", DIFFERENT),
        ("15 dollars per hour", "$15/hr", EQUAL),
        ("2024-01-02", "2024-1-2", EQUAL),
        ("2024-01-02", "2024-02-01", DIFFERENT),
        ("2024-01-02", "2021", DIFFERENT),
        ("1/4048", "1/2/2024", OPEN),
        ("10-2-3", "5", EQUAL),
        ("7:00 PM", "19:00", EQUAL),
        ("7 p.m.", "19:00", EQUAL),
        ("12:00 AM", "0:00", EQUAL),
        ("12:30 PM", "12:30", EQUAL),
        ("7:00 PM", "7:00 AM", DIFFERENT),
        ("19:00", "7:00", DIFFERENT),
        ("5", r"5^{\text{th}}", EQUAL),
        ("22", "22nd", EQUAL),
        ("5", "6th", DIFFERENT),
        ("5^t", "5", DIFFERENT),
        ("3.5", "3{,}5", EQUAL),
        ("0.125", "0{,}125", EQUAL),
        ("35", "3{,}5", DIFFERENT),
        ("1000", "1{,}000", EQUAL),
        ("1234567", "1{,}234{,}567", EQUAL),
    ],
)
def test_angles_times_ordinals_and_decimal_commas(gold: str, answer: str, verdict: str) -> None:
    assert (compare_answers(gold, answer).verdict, compare_answers(answer, gold).verdict) == (verdict, verdict)
