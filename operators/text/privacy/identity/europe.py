"""Identity, health and tax numbers of Europe."""

from __future__ import annotations

from typing import Final

from operators.text.privacy.check_digits import iso_7064_mod_11_10, luhn, weighted
from operators.text.privacy.identity.form import IdentityNumber, is_date, is_short_date

_ODD_PLACES: Final = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)
"""What a sign in an odd place of a codice fiscale counts (decree of 23 December 1976)."""


def is_national_insurance_number(number: str) -> bool:
    """United Kingdom: two letters that were given out, six digits, A to D."""
    first, second, last = number[0], number[1], number[-1]
    never = first in "DFIQUV" or second in "DFIOQUV" or number[:2] in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")
    return not never and last in "ABCD" and number[2:8] != "000000"


def is_nhs_number(number: str) -> bool:
    return len(set(number)) > 1 and 11 - weighted(number[:9], range(10, 1, -1)) % 11 in (int(number[9]), int(number[9]) + 11)


def is_codice_fiscale(number: str) -> bool:
    """Italy: names, date of birth, place, and a check letter. Shapes with letters for digits, which namesakes get, are not known here."""
    day = int(number[9:11]) % 40
    if number[8] not in "ABCDEHLMPRST" or not 1 <= day <= 31:
        return False
    odd = sum(_ODD_PLACES[character] for character in number[:15:2])
    return chr(65 + (odd + sum(int(character, 36) - 10 * character.isalpha() for character in number[1:15:2])) % 26) == number[15]


def is_dni(number: str) -> bool:
    """Spain: the letter follows from the number by 23. A foreigner's begins with X, Y or Z for 0, 1 and 2."""
    if number[0] not in "XYZ0123456789":
        return False
    digits = number[:-1].translate(str.maketrans("XYZ", "012"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == number[-1]


def is_insee_number(number: str) -> bool:
    """France: sex, year and month of birth, place, sequence, and the key by 97. Corsica has letters."""
    if number[0] not in "12" or not (1 <= int(number[3:5]) <= 12 or int(number[3:5]) >= 20):
        return False
    digits = number[:13].replace("2A", "19").replace("2B", "18")
    return digits.isdigit() and 97 - int(digits) % 97 == int(number[13:])


def is_bsn(number: str) -> bool:
    """Netherlands: the test of eleven."""
    return number[0:2] != "00" and weighted(number, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def is_pesel(number: str) -> bool:
    """Poland: date of birth with the century in the month, and a check digit."""
    month = int(number[2:4])
    century = {80: 1800, 0: 1900, 20: 2000, 40: 2100, 60: 2200}[month // 20 * 20]
    return (
        is_date(min(century, 2000) + int(number[:2]), month % 20, int(number[4:6])) and weighted(number, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0
    )


def is_personnummer(number: str) -> bool:
    """Sweden: date of birth (60 more than the day in a coordination number), sequence, Luhn's digit."""
    short = number[-10:]
    century_fits = len(number) == 10 or number[:2] in ("18", "19", "20")
    return century_fits and is_short_date(short[:2], short[2:4], str(int(short[4:6]) % 60)) and luhn(short)


def is_cpr(number: str) -> bool:
    """Denmark: date of birth; the old check digit is no longer given."""
    return is_short_date(number[4:6], number[2:4], number[:2])


def is_hetu(number: str) -> bool:
    """Finland: date of birth, a sign of the century, sequence, and a check sign by 31."""
    digits = number[:6] + number[-4:-1]
    return (
        digits.isdigit() and is_short_date(number[4:6], number[2:4], number[:2]) and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(digits) % 31] == number[-1]
    )


def is_hetu_of_this_century(number: str) -> bool:
    return number[6] in "ABCDEFYXWVU" and is_hetu(number)


def is_fodselsnummer(number: str) -> bool:
    """Norway: date of birth (40 more than the day in a D-number) and two check digits."""
    dated = is_short_date(number[4:6], number[2:4], str(int(number[:2]) % 40))
    checked = weighted(number[:10], (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0
    return dated and checked and weighted(number, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def is_belgian_number(number: str) -> bool:
    """Date of birth, sequence, and the rest to 97; of those born since 2000 with a 2 in front."""
    dated = int(number[2:4]) <= 12 and int(number[4:6]) <= 31
    return dated and any(97 - int(century + number[:9]) % 97 == int(number[9:]) for century in ("", "2"))


def is_german_tax_number(number: str) -> bool:
    """Eleven digits, of the first ten one twice or three times (ISO 7064 MOD 11, 10)."""
    counts = sorted(number[:10].count(digit) for digit in set(number[:10]))
    return number[0] != "0" and counts[-1] in (2, 3) and counts[-2] == 1 and iso_7064_mod_11_10(number)


def is_ahv_number(number: str) -> bool:
    """Switzerland: begins with 756, checked as an EAN."""
    return number.startswith("756") and weighted(number, (1, 3)) % 10 == 0


def is_austrian_insurance_number(number: str) -> bool:
    checked = weighted(number[:3] + number[4:], (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11 == int(number[3])
    return checked and 1 <= int(number[4:6]) <= 31 and 1 <= int(number[6:8]) <= 15


def is_nif(number: str) -> bool:
    """Portugal."""
    return number[0] in "1235689" and (11 - weighted(number[:8], range(9, 1, -1)) % 11) % 11 % 10 == int(number[8])


def is_tckn(number: str) -> bool:
    """Turkey: two check digits."""
    digits = [int(digit) for digit in number]
    tenth = (7 * sum(digits[0:9:2]) - sum(digits[1:8:2])) % 10
    return digits[0] != 0 and digits[9] == tenth and digits[10] == sum(digits[:10]) % 10


def is_pps_number(number: str) -> bool:
    """Ireland: seven digits, a check letter by 23, and a second letter in new ones."""
    second = ord(number[8]) - 64 if len(number) == 9 and number[8] != "W" else 0
    return "WABCDEFGHIJKLMNOPQRSTUV"[(weighted(number[:7], range(8, 1, -1)) + 9 * second) % 23] == number[7]


def is_cnp(number: str) -> bool:
    """Romania."""
    remainder = weighted(number[:12], (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    return number[0] != "0" and is_short_date(number[1:3], number[3:5], number[5:7]) and remainder % 10 + (remainder == 10) == int(number[12])


def is_rodne_cislo(number: str) -> bool:
    """Czechia and Slovakia: date of birth (50 more than the month for women), divisible by 11."""
    return is_short_date(number[:2], str(int(number[2:4]) % 50 % 20), number[4:6]) and int(number) % 11 == 0


def is_egn(number: str) -> bool:
    """Bulgaria: 40 more than the month since 2000."""
    dated = is_short_date(number[:2], str(int(number[2:4]) % 20), number[4:6])
    return dated and weighted(number[:9], (2, 4, 8, 5, 10, 9, 7, 3, 6)) % 11 % 10 == int(number[9])


def is_amka(number: str) -> bool:
    """Greece."""
    return is_short_date(number[4:6], number[2:4], number[:2]) and luhn(number)


def is_snils(number: str) -> bool:
    """Russia, pensions: the sum by 101."""
    return len(set(number)) > 2 and weighted(number[:9], range(9, 0, -1)) % 101 % 100 == int(number[9:])


def is_inn(number: str) -> bool:
    """Russia, taxes of a person: two check digits."""
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    return len(set(number)) > 2 and all(weighted(number[:length], weights[11 - length :]) % 11 % 10 == int(number[length]) for length in (10, 11))


def is_baltic_code(number: str) -> bool:
    """Estonia and Lithuania: sex and century, date of birth, and a check digit of two steps."""
    remainder = weighted(number[:10], (1, 2, 3, 4, 5, 6, 7, 8, 9, 1)) % 11
    if remainder == 10:
        remainder = weighted(number[:10], (3, 4, 5, 6, 7, 8, 9, 1, 2, 3)) % 11 % 10
    return number[0] in "123456" and is_short_date(number[1:3], number[3:5], number[5:7]) and remainder == int(number[10])


def _any(number: str) -> bool:
    return len(set(number)) > 2


NUMBERS: Final = (
    IdentityNumber(
        "uk_nino",
        ("AA999999A", "AA 99 99 99 A", "AA 999999 A", "AA-99-99-99-A"),
        (),
        is_national_insurance_number,
        "national insurance, nino, ni number",
    ),
    IdentityNumber("uk_nhs", (), ("999 999 9999", "999-999-9999", "9999999999"), is_nhs_number, "nhs, health service, chi number"),
    IdentityNumber("it_codice_fiscale", ("AAAAAA99A99A999A",), (), is_codice_fiscale, "codice fiscale, c.f"),
    IdentityNumber("es_dni", ("99999999A", "99999999-A", "99.999.999-A", "99.999.999A"), ("99999999 A",), is_dni, "dni, nif, documento"),
    IdentityNumber("es_nie", ("A9999999A", "A-9999999-A", "A9999999-A"), (), is_dni, "nie, extranjero"),
    IdentityNumber(
        "fr_insee",
        ("999999999999999", "9 99 99 99 999 999 99", "9 99 99 9A 999 999 99", "999999A99999999", "9999999999999 99"),
        (),
        is_insee_number,
        "insee, sécurité sociale, nir, numéro de sécu",
    ),
    IdentityNumber(
        "nl_bsn", (), ("999999999", "9999.99.999", "9999 99 999", "999 999 999", "999.999.999"), is_bsn, "bsn, burgerservicenummer, sofinummer, sofi"
    ),
    IdentityNumber("pl_pesel", (), ("99999999999",), is_pesel, "pesel"),
    IdentityNumber(
        "se_personnummer",
        ("999999-9999", "999999+9999", "99999999-9999"),
        ("9999999999", "999999999999"),
        is_personnummer,
        "personnummer, personnr, samordningsnummer, swedish",
    ),
    IdentityNumber("dk_cpr", (), ("999999-9999", "999999 9999", "9999999999"), is_cpr, "cpr, cpr-nummer, cpr-nr, personnummer"),
    IdentityNumber("fi_hetu", ("999999-9999", "999999-999A", "999999+9999", "999999+999A"), (), is_hetu, "hetu, henkilötunnus"),
    IdentityNumber("fi_hetu", ("999999A9999", "999999A999A"), (), is_hetu_of_this_century, "hetu, henkilötunnus"),
    IdentityNumber(
        "no_fodselsnummer",
        ("999999 99999",),
        ("99999999999",),
        is_fodselsnummer,
        "fødselsnummer, fodselsnummer, personnummer, fnr, fødselsnr, d-nummer",
    ),
    IdentityNumber(
        "be_national",
        ("99.99.99-999.99",),
        ("99999999999",),
        is_belgian_number,
        "rijksregisternummer, registre national, nationaal, niss, insz, national register",
    ),
    IdentityNumber(
        "de_tax_id",
        (),
        ("99999999999", "99 999 999 999"),
        is_german_tax_number,
        (
            "steuer-id, steueridentifikationsnummer, steuer-identifikationsnummer, identifikationsnummer, "
            "steuernummer, idnr, tax id, tin, steuerid, steuer-idnr"
        ),
    ),
    IdentityNumber("ch_ahv", ("999.9999.9999.99",), ("9999999999999",), is_ahv_number, "ahv, avs, ahv-nummer"),
    IdentityNumber(
        "at_svnr",
        (),
        ("9999 999999", "9999999999", "9999-999999"),
        is_austrian_insurance_number,
        "svnr, sozialversicherungsnummer, sv-nummer, versicherungsnummer",
    ),
    IdentityNumber("pt_nif", (), ("999999999", "999 999 999"), is_nif, "nif, contribuinte"),
    IdentityNumber("tr_tckn", (), ("99999999999", "999 999 999 99"), is_tckn, "tc kimlik, t.c, kimlik, tckn, t.c. kimlik"),
    IdentityNumber("ie_pps", (), ("9999999A", "9999999AA"), is_pps_number, "pps, ppsn, pps number"),
    IdentityNumber("ro_cnp", (), ("9999999999999",), is_cnp, "cnp, cod numeric personal"),
    IdentityNumber("cz_rodne_cislo", ("999999/9999",), ("9999999999",), is_rodne_cislo, "rodné číslo, rodné, r.č, rodne cislo"),
    IdentityNumber("bg_egn", (), ("9999999999",), is_egn, "егн, egn"),
    IdentityNumber("gr_amka", (), ("99999999999",), is_amka, "αμκα, amka"),
    IdentityNumber("ru_snils", ("999-999-999 99", "999-999-999-99"), ("99999999999",), is_snils, "снилс, snils"),
    IdentityNumber("ru_inn", (), ("999999999999",), is_inn, "инн, inn"),
    IdentityNumber("ru_passport", (), ("9999 999999", "99 99 999999", "9999999999"), _any, "паспорт, паспорта"),
    IdentityNumber("baltic_code", (), ("99999999999",), is_baltic_code, "isikukood, asmens kodas"),
    IdentityNumber("hr_oib", (), ("99999999999",), iso_7064_mod_11_10, "oib"),
)
