"""Identity and tax numbers of the Americas."""

from __future__ import annotations

from typing import Final

from operators.text.privacy.check_digits import luhn, weighted
from operators.text.privacy.identity.form import IdentityNumber, is_short_date

_CURP_VALUES: Final = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ")}

_SOCIAL_SECURITY: Final = "ssn, ssns, social security, social"


def is_social_security_number(number: str) -> bool:
    """United States: no check digit, but areas, groups and serials that were never given out."""
    area, group, serial = number[:3], number[3:5], number[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def is_no_sample_number(number: str) -> bool:
    """The same without numbers that were printed on samples: unless they are called so, these are somebody's part number or test."""
    return is_social_security_number(number) and number not in ("078051120", "219099999", "123456789", "111111111")


def is_taxpayer_number(number: str) -> bool:
    """United States ITIN: begins with 9; the fourth and fifth digits are of ranges that are given out."""
    return number[0] == "9" and (50 <= (group := int(number[3:5])) <= 65 or 70 <= group <= 88 or 90 <= group <= 92 or 94 <= group <= 99)


def is_social_insurance_number(number: str) -> bool:
    return number[0] not in "08" and luhn(number)


def is_cpf(number: str) -> bool:
    """Brazil, persons: two check digits, each the weighted sum of those before it by 11."""
    first, second = (weighted(number[:length], range(length + 1, 1, -1)) * 10 % 11 % 10 for length in (9, 10))
    return len(set(number)) > 1 and number[9:] == f"{first}{second}"


def is_cnpj(number: str) -> bool:
    """Brazil, firms."""
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    first, second = (weighted(number[:length], weights[13 - length :]) % 11 for length in (12, 13))
    return len(set(number)) > 1 and number[12:] == "".join(str(0 if remainder < 2 else 11 - remainder) for remainder in (first, second))


def is_curp(number: str) -> bool:
    """Mexico: letters of the name, date of birth, sex, state, and a check digit."""
    if number[10] not in "HMX" or not is_short_date(number[4:6], number[6:8], number[8:10]):
        return False
    total = sum(_CURP_VALUES[character] * weight for character, weight in zip(number[:17], range(18, 1, -1), strict=True))
    return str(-total % 10) == number[17]


def is_rfc(number: str) -> bool:
    """Mexico, tax number of a person; its last sign is not checked: many that are in use break the rule."""
    return is_short_date(number[4:6], number[6:8], number[8:10])


def is_cuit(number: str) -> bool:
    """Argentina: kind, document and check digit."""
    return number[:2] in ("20", "23", "24", "27", "30", "33", "34") and (11 - weighted(number[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11 == int(
        number[10]
    )


def is_rut(number: str) -> bool:
    """Chile: the last sign is the weighted sum by 11; K is ten."""
    return "0K987654321"[weighted(number[-2::-1], (2, 3, 4, 5, 6, 7)) % 11] == number[-1].upper()


def is_cedula_of_ecuador(number: str) -> bool:
    return 1 <= int(number[:2]) <= 24 and number[2] < "6" and luhn(number)


NUMBERS: Final = (
    IdentityNumber("us_ssn", ("999-99-9999",), (), is_no_sample_number, _SOCIAL_SECURITY),
    IdentityNumber("us_ssn", (), ("999-99-9999", "999 99 9999", "999999999"), is_social_security_number, _SOCIAL_SECURITY),
    IdentityNumber("us_itin", (), ("999-99-9999", "999999999"), is_taxpayer_number, "itin, taxpayer"),
    IdentityNumber(
        "ca_sin",
        (),
        ("999-999-999", "999 999 999", "999999999"),
        is_social_insurance_number,
        "sin, social insurance, nas, assurance sociale",
    ),
    IdentityNumber("br_cpf", ("999.999.999-99",), ("99999999999", "999999999-99"), is_cpf, "cpf, cadastro de pessoas físicas"),
    IdentityNumber("br_cnpj", ("99.999.999/9999-99",), ("99999999999999",), is_cnpj, "cnpj"),
    IdentityNumber("mx_curp", ("AAAA999999AAAAAA99", "AAAA999999AAAAAAA9"), (), is_curp, "curp"),
    IdentityNumber("mx_rfc", (), tuple(f"AAAA999999{end}" for end in ("AAA", "AA9", "A9A", "A99", "9AA", "9A9", "99A", "999")), is_rfc, "rfc"),
    IdentityNumber("ar_cuit", ("99-99999999-9",), ("99999999999",), is_cuit, "cuit, cuil"),
    IdentityNumber(
        "cl_rut",
        ("99.999.999-9", "99.999.999-A", "9.999.999-9", "9.999.999-A"),
        ("99999999-9", "99999999-A", "9999999-9", "9999999-A"),
        is_rut,
        "rut, run, rol único",
    ),
    IdentityNumber("ec_cedula", (), ("9999999999", "999999999-9"), is_cedula_of_ecuador, "cédula, cedula"),
)
