"""Identity and tax numbers of Asia, Africa and Oceania."""

from __future__ import annotations

from typing import Final

from operators.text.privacy.check_digits import luhn, verhoeff, weighted
from operators.text.privacy.identity.form import IdentityNumber, is_date, is_short_date


def is_chinese_identity_number(number: str) -> bool:
    """18 characters: region, date of birth, sequence, and a check digit (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = weighted(number[:17], (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2))
    return number[0] != "0" and is_date(int(number[6:10]), int(number[10:12]), int(number[12:14])) and "10X98765432"[total % 11] == number[17]


def is_korean_registration_number(number: str) -> bool:
    """Date of birth, sex and century, and a check digit: 900101-1234568."""
    total = weighted(number[:12], (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5))
    century = 1800 if number[6] in "90" else 1900 if number[6] in "1256" else 2000
    return is_date(century + int(number[:2]), int(number[2:4]), int(number[4:6])) and (11 - total % 11) % 10 == int(number[12])


def is_singapore_identity_number(number: str) -> bool:
    """NRIC and FIN: a letter, seven digits and a check letter."""
    if number[0] not in "STFGM":
        return False
    total = weighted(number[1:8], (2, 7, 6, 5, 4, 3, 2)) + {"T": 4, "G": 4, "M": 3}.get(number[0], 0)
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}[number[0]]
    return letters[total % 11 if number[0] != "M" else 10 - total % 11] == number[8]


def is_aadhaar(number: str) -> bool:
    """India: twelve digits, the first 2 to 9, the last by Verhoeff."""
    return number[0] not in "01" and number != number[::-1] and len(set(number)) > 2 and verhoeff(number)


def is_permanent_account_number(number: str) -> bool:
    """India, taxes: the fourth letter says whose."""
    return number[3] in "ABCFGHJLPT"


def is_personal_account_number(number: str) -> bool:
    """Of a person, and not a sample of the alphabet."""
    return number[3] == "P" and number[:3] not in ("ABC", "XXX", "AAA")


def is_my_number(number: str) -> bool:
    """Japan."""
    remainder = weighted(number[:11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return len(set(number)) > 1 and (0 if remainder <= 1 else 11 - remainder) == int(number[11])


def is_taiwanese_number(number: str) -> bool:
    """A letter of the place, sex, sequence, and a check digit."""
    place = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(number[0]) + 10
    return number[1] in "1289" and (place // 10 + place % 10 * 9 + weighted(number[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def is_hong_kong_number(number: str) -> bool:
    """One or two letters, six digits, and a check sign by 11, of which A is ten."""
    values = [36] * (number[1].isdigit()) + [int(character, 36) for character in number[:-1]]
    return sum(value * weight for value, weight in zip([*values, int(number[-1], 16)], range(9, 0, -1), strict=True)) % 11 == 0


def is_thai_number(number: str) -> bool:
    return number[0] != "0" and (11 - weighted(number[:12], range(13, 1, -1)) % 11) % 10 == int(number[12])


def is_malaysian_number(number: str) -> bool:
    """Date of birth, place of birth, sequence."""
    place = int(number[6:8])
    return is_short_date(number[:2], number[2:4], number[4:6]) and (
        1 <= place <= 16 or 21 <= place <= 59 or place in (60, 61, 62, 63, 64, 65, 66, 67, 68, 71, 72, 74, 82)
    )


def is_indonesian_number(number: str) -> bool:
    """District, date of birth (40 more than the day for women), sequence."""
    return 11 <= int(number[:2]) <= 96 and is_short_date(number[10:12], number[8:10], str(int(number[6:8]) % 40))


def is_pakistani_number(number: str) -> bool:
    return number[0] in "1234567" and len(set(number)) > 3


def is_israeli_number(number: str) -> bool:
    return len(set(number)) > 1 and luhn(number)


def is_emirates_number(number: str) -> bool:
    return number.startswith("784") and 1900 <= int(number[3:7]) <= 2100


def is_saudi_number(number: str) -> bool:
    return number[0] in "12" and luhn(number)


def is_egyptian_number(number: str) -> bool:
    """Century, date of birth, governorate, sequence."""
    return number[0] in "23" and is_date((1700 + 100 * int(number[0])) + int(number[1:3]), int(number[3:5]), int(number[5:7]))


def is_kazakh_number(number: str) -> bool:
    """Date of birth, century and sex, sequence, and a check digit."""
    remainder = weighted(number[:11], range(1, 12)) % 11
    if remainder == 10:
        remainder = weighted(number[:11], (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)) % 11
    return is_short_date(number[:2], number[2:4], number[4:6]) and remainder == int(number[11])


def is_vietnamese_number(number: str) -> bool:
    """Province, century and sex, year of birth, sequence."""
    return 1 <= int(number[:3]) <= 96 and number[3] in "0123" and len(set(number)) > 3


def is_south_african_number(number: str) -> bool:
    """Date of birth, sequence, citizenship, and Luhn's digit."""
    return is_short_date(number[:2], number[2:4], number[4:6]) and number[10] in "012" and number[11] in "89" and luhn(number)


def is_tax_file_number(number: str) -> bool:
    """Australia."""
    return len(set(number)) > 2 and weighted(number, (1, 4, 3, 7, 5, 8, 6, 9, 10)) % 11 == 0


def is_medicare_number(number: str) -> bool:
    """Australia."""
    return number[0] in "23456" and weighted(number[:8], (1, 3, 7, 9, 1, 3, 7, 9)) % 10 == int(number[8])


NUMBERS: Final = (
    IdentityNumber("cn_resident", ("9" * 18, "9" * 17 + "A"), (), is_chinese_identity_number, "身份证"),
    IdentityNumber("kr_rrn", ("999999-9999999",), ("9" * 13,), is_korean_registration_number, "주민등록번호, 주민번호, rrn, resident registration"),
    IdentityNumber("sg_nric", ("A9999999A",), (), is_singapore_identity_number, "nric, fin"),
    IdentityNumber("in_aadhaar", ("9999 9999 9999", "9999-9999-9999"), ("9" * 12,), is_aadhaar, "aadhaar, aadhar, adhaar, uidai, uid, आधार"),
    IdentityNumber("in_pan", (), ("AAAAA9999A",), is_permanent_account_number, "pan, permanent account, income tax, pan card"),
    IdentityNumber("in_pan", ("AAAAA9999A",), (), is_personal_account_number, "pan"),
    IdentityNumber("jp_my_number", (), ("9999 9999 9999", "9999-9999-9999", "9" * 12), is_my_number, "マイナンバー, 個人番号, my number"),
    IdentityNumber(
        "tw_id",
        (),
        ("A999999999",),
        is_taiwanese_number,
        "身分證, 身份證, 身分证, 身份证, 統一編號, taiwan, taiwanese, identity, id number, id card, id no, national id",
    ),
    IdentityNumber(
        "hk_hkid",
        ("A999999(9)", "A999999(A)", "AA999999(9)", "AA999999(A)"),
        ("A9999999",),
        is_hong_kong_number,
        "hkid, 身份證, 身份证, hong kong identity",
    ),
    IdentityNumber(
        "th_id",
        ("9-9999-99999-99-9", "9 9999 99999 99 9"),
        ("9" * 13,),
        is_thai_number,
        "บัตรประชาชน, เลขบัตร, บัตร, thai id, identity, id number, id card, id no, national id",
    ),
    IdentityNumber("my_nric", ("999999-99-9999",), ("9" * 12,), is_malaysian_number, "mykad, kad pengenalan, nric, ic number, no. kp, ic no"),
    IdentityNumber("id_nik", (), ("9" * 16,), is_indonesian_number, "nik, ktp, nomor induk"),
    IdentityNumber("pk_cnic", ("99999-9999999-9",), ("9" * 13,), is_pakistani_number, "cnic, nicop, shanakhti"),
    IdentityNumber("il_id", (), ("9" * 9, "99999999-9"), is_israeli_number, "תעודת זהות, ת.ז, teudat zehut, israeli id"),
    IdentityNumber("ae_emirates_id", ("999-9999-9999999-9",), ("9" * 15,), is_emirates_number, "emirates id, eid, الهوية"),
    IdentityNumber("sa_id", (), ("9" * 10,), is_saudi_number, "iqama, saudi id, الهوية, إقامة, رقم الهوية"),
    IdentityNumber("eg_id", (), ("9" * 14,), is_egyptian_number, "الرقم القومي, egyptian id, identity, id number, id card, id no, national id"),
    IdentityNumber("kz_iin", (), ("9" * 12,), is_kazakh_number, "иин, жсн, iin"),
    IdentityNumber("vn_cccd", (), ("9" * 12,), is_vietnamese_number, "cccd, cmnd, căn cước"),
    IdentityNumber(
        "za_id", ("9" * 13, "999999 9999 999"), (), is_south_african_number, "south african, identity, id number, id card, id no, national id"
    ),
    IdentityNumber("au_tfn", (), ("999 999 999", "9" * 9), is_tax_file_number, "tfn, tax file"),
    IdentityNumber("au_medicare", (), ("9999 99999 9", "9" * 10), is_medicare_number, "medicare"),
)
