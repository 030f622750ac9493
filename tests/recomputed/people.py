"""People who are nobody: resident IDs with a right check character, births and names."""

from datetime import date, timedelta

from ledger_book import with_check_character


def resident(number: int, born: date | None = None, place: str = "210202") -> str:
    """The ID of the `number`-th person of up to 99,999; who is odd is male."""
    born = born or date(2008, 1, 1) + timedelta(days=number // 500)
    return with_check_character(f"{place}{born:%Y%m%d}{number % 500:03d}")


def sex(identifier: str) -> str:
    return "男" if int(identifier[16]) % 2 else "女"


def adult(number: int) -> str:
    return resident(number, date(1980, 1, 1) + timedelta(days=number // 500))


def name(number: int) -> str:
    return "王李张刘陈杨赵黄"[number % 8] + "安宁平和顺祥"[number // 8 % 6] + "东南西北"[number // 48 % 4]
