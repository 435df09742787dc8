"""Invented names: no person, group or firm of these names is meant."""

from collections.abc import Callable

import numpy as np

CITY = "Veldermonde"
TRUST = "Veldermonde Community Land Trust"
CITY_HALL = "Gemeente Veldermonde"
WATER_BOARD = "Waterschap Velder en Vaart"

DISTRICTS = [
    "Binnenstad", "Overvelder", "Oosterpark", "Hoge Linden", "Noorderveld", "Rietkwartier", "Westhaven",
    "De Kolk", "Zuiderstad", "Zilverhof", "Elzenhof", "Kraaiennest",
]  # fmt: skip
DISTRICT_STEMS = ["Linden", "Wilgen", "Molen", "Zand", "Veen", "Berken", "Heide", "Ooster", "Wester", "Sluis", "Klaver"]
DISTRICT_ENDS = ["hoek", "wijk", "donk", "oord", "akker", "rode", "beemd", "horst", "kamp", "waard"]

STREET_STEMS = [
    "Linden", "Beuken", "Eiken", "Kastanje", "Wilgen", "Populieren", "Molen", "Kerk", "School", "Markt", "Brug",
    "Smeden", "Bakkers", "Wevers", "Touwslagers", "Kuipers", "Schippers", "Vissers", "Zout", "Graan", "Koren",
    "Appel", "Peren", "Kersen", "Pruimen", "Rozen", "Tulpen", "Irissen", "Klaver", "Varen", "Heide", "Brem",
    "Merel", "Lijster", "Vinken", "Zwaluw", "Reiger", "Kievit", "Ooievaar", "Uilen", "Valken", "Otter", "Bever",
    "Snoek", "Zalm", "Maan", "Sterren", "Zonne", "Noord", "Zuid", "Dijk", "Veen", "Zand", "Klei", "Hout", "Steen",
    "Vlas", "Hop", "Linnen", "Garen", "Pannen", "Tegel", "Glas", "Papier", "Drukkers", "Klokken", "Harp", "Viool",
]  # fmt: skip
STREET_ENDS = {
    "old town": ["straat", "steeg", "gang", "hof"],
    "terraces": ["straat", "straat", "kade", "plein"],
    "rows": ["straat", "straat", "hof"],
    "suburb": ["laan", "weg", "hof", "pad"],
    "villas": ["laan", "laan", "dreef", "weg"],
    "estate": ["weg", "laan", "dreef", "plein"],
    "works": ["weg", "weg", "kade"],
}
FIRST = [
    "Amina", "Anouk", "Bram", "Catarina", "Chidi", "Daan", "Dilara", "Elif", "Emma", "Farid", "Femke", "Giulia",
    "Hanna", "Hassan", "Ingrid", "Ismail", "Jasper", "Joyce", "Kofi", "Lena", "Lotte", "Luca", "Malik", "Maria",
    "Mei", "Milan", "Nadia", "Niels", "Nour", "Olga", "Omar", "Pieter", "Priya", "Rosa", "Ruben", "Samira", "Sanne",
    "Sofie", "Tariq", "Thijs", "Usha", "Vera", "Wouter", "Yara", "Yusuf", "Zoë",
]  # fmt: skip
LAST = [
    "Achterberg", "Adeyemi", "Arslan", "Bakker", "Baptiste", "Benali", "van den Berg", "Bianchi", "de Boer", "Bosman",
    "Brouwer", "Chaudhary", "Chen", "Costa", "Demir", "Dijkstra", "Dubois", "El Amrani", "Evers", "Fernandes",
    "Fischer", "Fonseca", "Gerritsen", "de Graaf", "Haile", "Hendriks", "Hoekstra", "Ibrahim", "Iyer", "Jansen",
    "Kaya", "Keller", "Kowalski", "Kuipers", "de Lange", "Lindqvist", "Maas", "Martina", "van der Meer", "Mensah",
    "Mertens", "Moreau", "Mulder", "Nguyen", "Nowak", "O'Connor", "Okafor", "Osei", "Öztürk", "Peeters", "Petrov",
    "Pinas", "Popescu", "Postma", "Rahimi", "Ramdin", "Rossi", "Said", "Santos", "Schouten", "Silva", "Smit", "Sow",
    "Tesfaye", "Timmermans", "Tran", "Verhoeven", "Visser", "de Vries", "Walsh", "Willems", "Yilmaz", "Zwart",
]  # fmt: skip
RIVER_GROUPS = [
    "Friends of the Rietloop", "Vrienden van de Velder", "Kanovereniging De Peddel", "Scouting Sint-Brandaan",
    "Basisschool De Elzen", "Hengelclub De Goede Vangst", "Zuiderstad Clean Banks", "Bewonersgroep Kraaibeek",
    "IVN-werkgroep Oeverloper", "Rowing Club Velder 1911", "Buurtcomité Vaartzijde", "Velder Riverkeepers",
    "Natuurgroep Zilverloop", "Westhaven Schoon", "Students for the Stream", "Plasticvissers Veldermonde",
]  # fmt: skip
GARDEN_GROUPS = [
    "Tuingroep {}", "Friends of {}", "Vereniging {}", "Buurttuinders {}", "{} Garden Collective",
]  # fmt: skip
SPONSORS = [
    "Bakkerij Zonneschijn",
    "Velder Savings Bank",
    "De Spaak Fietsen",
    "Coöperatie Stroom Samen",
    "Drukkerij Harp",
]
GARDEN_STEMS = [
    "Appelhof", "De Bonte Bij", "Rozengaard", "De Groene Hoek", "Moestuin Noord", "Kruidhof", "De Regenworm",
    "Pluktuin", "Sunflower Yard", "De Zaaierij", "Vlindertuin", "Oude Gaarde", "De Wilde Kers", "Kweekplek",
    "Brewers' Yard", "De Stek", "Het Pioentje", "Bessenpad", "De Spade", "Lindenhof", "Munt en Tijm", "Kolktuin",
    "De Kas", "Weversgaard", "Zonnehoek", "Het Hazenveld", "De Pompoen", "Rhubarb Corner", "Vijgenhof", "De Koolmees",
]  # fmt: skip


def district_names(count: int) -> list[str]:
    """Return as many district names as asked, all different."""
    more = [stem + end for end in DISTRICT_ENDS for stem in DISTRICT_STEMS]
    rounds = [f"{name} {turn}" for turn in ["II", "III", "IV", "V"] for name in more]
    return [*DISTRICTS, *more, *rounds][:count]


def street_names(rng: np.random.Generator, fabric: str, count: int) -> list[str]:
    """Return names for streets of a kind of neighbourhood; a big city uses a name twice."""
    stems = rng.choice(STREET_STEMS, count)
    ends = rng.choice(STREET_ENDS[fabric], count)
    return [f"{stem}{end}" for stem, end in zip(stems, ends, strict=True)]


class People:
    """Names of people and households, each given once."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.taken: set[str] = set()

    def person(self) -> str:
        """Return a new person's name."""
        return self._fresh(lambda: f"{self.rng.choice(FIRST)} {self.rng.choice(LAST)}")

    def household(self) -> str:
        """Return a new household's name."""
        return self._fresh(lambda: f"Household {self.rng.choice(FIRST)[0]}. {self._surname()}")

    def _surname(self) -> str:
        both = self.rng.random() < 0.35
        return "-".join(self.rng.choice(LAST, 2, replace=False)) if both else str(self.rng.choice(LAST))

    def _fresh(self, make: Callable[[], str]) -> str:
        name = make()
        while name in self.taken:
            name = f"{make()} {self.rng.choice(list('ABCDEFGHJKLMNPRSTVWZ'))}."
        self.taken.add(name)
        return name
