"""The right options of the history questions, from a table of dates of its own, calendars and the texts given."""

import calendar
import re
from datetime import date, timedelta
from itertools import pairwise

YEARS = {
    "the Battle of Hastings": 1066,
    "the sealing of Magna Carta": 1215,
    "the arrival of the Black Death in Sicily": 1347,
    "the fall of Constantinople to the Ottomans": 1453,
    "the posting of Luther's ninety-five theses": 1517,
    "the defeat of the Spanish Armada": 1588,
    "the outbreak of the Thirty Years' War": 1618,
    "the Peace of Westphalia": 1648,
    "the Great Fire of London": 1666,
    "the union of England and Scotland as Great Britain": 1707,
    "the American Declaration of Independence": 1776,
    "the storming of the Bastille": 1789,
    "Haitian independence": 1804,
    "Congress of Vienna": 1814,
    "the Battle of Waterloo": 1815,
    "Meiji Restoration": 1868,
    "the Treaty of Tordesillas": 1494,
}
LIVES = {
    "Leonardo da Vinci": (1452, 1519),
    "Michelangelo": (1475, 1564),
    "Copernicus": (1473, 1543),
    "Kepler": (1571, 1630),
    "Bach": (1685, 1750),
    "Beethoven": (1770, 1827),
    "Marco Polo": (1254, 1324),
    "Columbus": (1451, 1506),
}
MONTHS = list(calendar.month_name)[1:]
CENTURIES = {14: "the fourteenth", 15: "the fifteenth", 16: "the sixteenth", 17: "the seventeenth"}
DATE = re.compile(rf"(\d+) ({'|'.join(MONTHS)}) (\d{{4}})")


def dates_in(text: str) -> list[date]:
    return [date(int(year), MONTHS.index(month) + 1, int(day)) for day, month, year in DATE.findall(text)]


def written(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def among(year: dict[str, int], *events: str) -> dict[str, int]:
    return {event: year[event] for event in events}


def first_of(*events: str) -> str:
    return min(among(YEARS, *events), key=YEARS.__getitem__)


def last_of(*events: str) -> str:
    return max(among(YEARS, *events), key=YEARS.__getitem__)


def bc_to_ad(bc: int, ad: int) -> int:
    """Whole years from a year BC to a year AD: the year before AD 1 is 1 BC."""
    return ad - (1 - bc)


def age(prompt: str) -> str:
    born, then = dates_in(prompt)
    return str(then.year - born.year - ((then.month, then.day) < (born.month, born.day)))


def longest_reign(prompt: str) -> str:
    reigns = re.findall(
        r"([A-Z]\w+(?: [IVX]+)?)(?: reigned)? from (\d+ \w+ \d{4}) to (\d+ \w+ \d{4})", prompt
    )
    assert len(reigns) == 4
    spans = {name: dates_in(end)[0] - dates_in(start)[0] for name, start, end in reigns}
    return max(spans, key=spans.__getitem__)


def gregorian(prompt: str) -> str:
    (julian,) = dates_in(prompt)
    return written(julian + timedelta(days=13)) if "13 days behind" in prompt else ""


def weekday(prompt: str) -> str:
    (day,) = dates_in(prompt)
    return f"a {day:%A}"


def in_lifetime(start: int, end: int, *events: str) -> str:
    (found,) = [event for event in events if start <= YEARS[event] <= end]
    return found


def contemporaries(*pairs: str) -> str:
    def overlap(pair: str) -> bool:
        (born, died), (other_born, other_died) = (LIVES[name] for name in pair.split(" and "))
        return max(born, other_born) <= min(died, other_died)

    (found,) = [pair for pair in pairs if overlap(pair)]
    return found


def in_order(*lists: str) -> str:
    def ordered(text: str) -> bool:
        return all(YEARS[a] < YEARS[b] for a, b in pairwise(text.split(", ")))

    (found,) = [text for text in lists if ordered(text)]
    return found


def largest_growth(prompt: str) -> str:
    ships = [(int(year), int(count)) for year, count in re.findall(r"(\d{4}), (\d+) ships", prompt)]
    (year, _), (later, _) = max(pairwise(ships), key=lambda pair: pair[1][1] - pair[0][1])
    return f"{year} and {later}"


def alive_in(prompt: str, *years: int) -> str:
    register = re.findall(r"(\w+), baptised (\d+), buried (\d+)", prompt)
    assert all(str(year) in prompt for year in years)
    (found,) = [n for n, born, died in register if all(int(born) <= y <= int(died) for y in years)]
    return found


EVENTS = ("Haitian independence", "Congress of Vienna", "Meiji Restoration")
ORDERS = ((0, 1, 2), (1, 0, 2), (2, 1, 0), (0, 2, 1))
PAIRS = (
    "Leonardo da Vinci and Michelangelo",
    "Copernicus and Kepler",
    "Bach and Beethoven",
    "Marco Polo and Columbus",
)

CHECKS = {
    "history-choice-001": lambda _: first_of(*list(YEARS)[:4]),
    "history-choice-002": lambda _: last_of(
        "the posting of Luther's ninety-five theses",
        "the defeat of the Spanish Armada",
        "the Peace of Westphalia",
        "the Great Fire of London",
    ),
    "history-choice-003": lambda _: str(
        YEARS["the Battle of Waterloo"] - YEARS["the storming of the Bastille"]
    ),
    "history-choice-004": lambda _: str(bc_to_ad(44, 14)),
    "history-choice-005": lambda _: str(next(ad for ad in range(1, 3000) if bc_to_ad(490, ad) == 2500)),
    "history-choice-006": lambda _: CENTURIES[-(-YEARS["the Treaty of Tordesillas"] // 100)],
    "history-choice-007": lambda _: in_order(*(", ".join(EVENTS[i] for i in order) for order in ORDERS)),
    "history-choice-008": age,
    "history-choice-009": longest_reign,
    "history-choice-010": lambda _: str(len([*range(1, 3), *range(14, 31)])),
    "history-choice-011": gregorian,
    "history-choice-012": weekday,
    "history-choice-013": lambda _: in_lifetime(
        *LIVES["Bach"],
        "the union of England and Scotland as Great Britain",
        "the outbreak of the Thirty Years' War",
        "the American Declaration of Independence",
        "the storming of the Bastille",
    ),
    "history-choice-014": lambda _: contemporaries(*PAIRS),
    "history-choice-015": largest_growth,
    "history-choice-016": lambda prompt: alive_in(prompt, 1610, 1665),
}
