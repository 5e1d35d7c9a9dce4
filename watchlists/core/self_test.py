"""The made-up persons of the self-test: each as it is listed, and as it is presented with one kind of difference."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SelfTestCase:
    """One test entry. Dates: (year, month, day). kind: the difference between listed and presented."""

    code: str
    kind: str
    listed_name: str
    presented_name: str
    listed_date: tuple[int, int, int]
    presented_date: tuple[int, int, int]
    document_number: str
    presented_number: str
    truncated: bool = False


def _case(
    number: int,
    kind: str,
    listed: str,
    presented: str,
    born: tuple[int, int, int] = (1971, 4, 23),
    shown: tuple[int, int, int] | None = None,
    *,
    truncated: bool = False,
) -> SelfTestCase:
    digits = f"{7310050 + number}"
    misread = digits.replace("0", "O").replace("5", "S")
    return SelfTestCase(
        f"TEST-{number:02d}",
        kind,
        listed,
        presented,
        born,
        shown or born,
        f"ZT{digits}",
        f"ZT{misread}",
        truncated,
    )


# names that nobody bears, in the shape of names that many do
CASES: tuple[SelfTestCase, ...] = (
    _case(1, "exact", "Testovsky Quentinius", "TESTOVSKY QUENTINIUS"),
    _case(2, "arabic_spelling", "Mohammed Al-Testawi Zarqan", "MUHAMAD TESTAWY ZARQAN"),
    _case(3, "arabic_script", "محمد زرقان", "MOHAMED ZARQAN", (1966, 11, 2)),
    _case(4, "cyrillic_script", "Тестовихин Всеволод", "TESTOVIKHIN VSEVOLOD", (1959, 7, 30)),
    _case(5, "chinese_romanisation", "Zhang Xiaoping", "CHANG HSIAO PING", (1983, 2, 17)),
    _case(6, "korean_romanisation", "Gim Jeonghyeok", "KIM JUNGHYUK", (1990, 9, 9)),
    _case(7, "umlaut", "Müllertest Jörgine", "MUELLERTEST JOERGINE", (1948, 12, 12)),
    _case(8, "order_swapped", "Testado Beltrano Sicrana", "SICRANA TESTADO BELTRANO", (1977, 5, 6)),
    _case(9, "words_joined", "De la Probeta Fulgencio", "DELAPROBETA FULGENCIO", (1962, 3, 28)),
    _case(10, "typing_error", "Probandsson Sigvaldine", "PROBANDSSON SIGVALDNIE", (1988, 8, 19)),
    _case(
        11,
        "day_month_swapped",
        "Exemplarescu Vasilache",
        "EXEMPLARESCU VASILACHE",
        (1974, 3, 11),
        (1974, 11, 3),
    ),
    _case(12, "year_off_by_one", "Sampleton Barnabina", "SAMPLETON BARNABINA", (1981, 6, 15), (1982, 6, 15)),
    _case(
        13,
        "truncated",
        "Specimenopoulos Aristotelina Theodosia",
        "SPECIMENOPOULOS ARISTOTELINA T",
        (1969, 1, 25),
        truncated=True,
    ),
)
