"""Resident IDs (GB 11643-1999), computed here once more."""


def with_check_character(first17: str) -> str:
    """ISO 7064 MOD 11-2: the whole ID, taken as a number to the base 2, leaves 1 when divided by 11."""
    remainder = 0
    for digit in first17:
        remainder = (remainder + int(digit)) * 2 % 11
    return first17 + "0123456789X"[(12 - remainder) % 11]


def resident_id(number: int, birth: str, region: str = "210283") -> str:
    """The ID of person `number` (1–999): odd numbers are male."""
    return with_check_character(f"{region}{birth}{number:03d}")


def with_wrong_check_character(right: str) -> str:
    return right[:17] + ("0" if right[17] != "0" else "1")


def with_x(birth: str, number: int = 1) -> str:
    """The next ID after `number` with the same sex whose check character is X."""
    return next(one for n in range(number, 999, 2) if (one := resident_id(n, birth)).endswith("X"))
