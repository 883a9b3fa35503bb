"""The countries and institutions of a paper's authors, from affiliations as exports write them.

Names come from Unicode's CLDR by way of Babel, in the languages of `LANGUAGES`; `ALSO` adds what Web
of Science and older records say instead. In an address the country stands last. Where none does, an American
state with or without its postal code stands for the United States, as PubMed has it. Where provinces of other
countries have the same two capitals (`PROVINCES`), the address decides, or those of the paper's other
addresses that end so, too; where none does, it is the United States, and that is counted. Names of countries
that are gone are not told. What cannot be told is counted.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from topics.types import Corpus

if TYPE_CHECKING:
    import pyarrow as pa

COUNTRY, INSTITUTION = "country", "institution"

LANGUAGES = "en fr de es pt it nl da sv nb fi pl cs tr hu ro ru uk zh ja ko".split()
"""Languages that names of countries are known in; the first wins where one name means two countries."""

NO_COUNTRY = frozenset("AC CP DG EA EU EZ IC QO TA UN XA XB ZZ".split())
"""Codes of CLDR for what is no country."""

ALSO = {
    "GB": "england; scotland; wales; north ireland; northern ireland; great britain; britain; uk; u k; gb",
    "US": "usa; us; united states of america; u s a; u s",
    "CN": "peoples r china; p r china; pr china; peoples republic of china; mainland china",
    "HK": "hong kong; hong kong sar; hongkong",
    "MO": "macao; macau",
    "TW": "taiwan roc; taiwan r o c; republic of china; chinese taipei",
    "KR": "korea; republic of korea; rep korea; r korea; rok; korea south; korea republic of",
    "KP": "democratic peoples republic of korea; dpr korea; korea north",
    "RU": "russian federation; russian fed; russia federation",
    "IR": "islamic republic of iran; i r iran; ir iran",
    "TR": "turkey; turkiye; republic of turkey; republic of turkiye",
    "VN": "viet nam; socialist republic of vietnam",
    "CZ": "czech republic; czech rep",
    "NL": "holland; the netherlands",
    "DE": "fed rep ger; federal republic of germany; west germany; ger dem rep; w germany; fr germany",
    "AE": "u arab emirates; uae; u a e",
    "SA": "kingdom of saudi arabia; ksa",
    "SY": "syrian arab republic",
    "LA": "lao pdr; lao peoples democratic republic",
    "TZ": "united republic of tanzania",
    "BA": "bosnia and herceg; bosnia",
    "MK": "macedonia; fyr macedonia; republic of macedonia; republic of north macedonia",
    "RS": "republic of serbia",
    "CI": "ivory coast; cote ivoire",
    "CD": "dem rep congo; dr congo; drc; democratic republic of congo; democratic republic of the congo",
    "CG": "rep congo; republic of congo; republic of the congo; congo",
    "CV": "cape verde",
    "SZ": "swaziland",
    "CF": "cent afr republ",
    "TT": "trinid and tobago; trinidad tobago",
    "PG": "papua n guinea",
    "PF": "fr polynesia",
    "MM": "burma; myanmar",
    "PS": "palestine; state of palestine; west bank; gaza",
    "BN": "brunei darussalam",
    "MD": "republic of moldova",
    "BO": "plurinational state of bolivia",
    "VE": "bolivarian republic of venezuela",
    "IE": "republic of ireland; eire; rep ireland",
    "ZA": "republic of south africa; rsa",
    "GE": "rep of georgia; republic of georgia",
    "KG": "kyrgyz republic",
    "SK": "slovak republic",
    "IN": "bharat",
    "BR": "brasil",
    "MX": "mexico",
}

STATES = {
    "AL": "alabama", "AK": "alaska", "AZ": "arizona", "AR": "arkansas", "CA": "california", "CO": "colorado",
    "CT": "connecticut", "DE": "delaware", "DC": "district of columbia", "FL": "florida", "HI": "hawaii",
    "ID": "idaho", "IL": "illinois", "IN": "indiana", "IA": "iowa", "KS": "kansas", "KY": "kentucky",
    "LA": "louisiana", "ME": "maine", "MD": "maryland", "MA": "massachusetts", "MI": "michigan",
    "MN": "minnesota", "MS": "mississippi", "MO": "missouri", "MT": "montana", "NE": "nebraska",
    "NV": "nevada",
    "NH": "new hampshire", "NJ": "new jersey", "NM": "new mexico", "NY": "new york", "NC": "north carolina",
    "ND": "north dakota", "OH": "ohio", "OK": "oklahoma", "OR": "oregon", "PA": "pennsylvania",
    "RI": "rhode island", "SC": "south carolina", "SD": "south dakota", "TN": "tennessee", "TX": "texas",
    "UT": "utah", "VT": "vermont", "VA": "virginia", "WA": "washington", "WV": "west virginia",
    "WI": "wisconsin", "WY": "wyoming", "GA": "",
}  # fmt: skip
"""Codes of the United States Postal Service, and names. "Georgia" alone is a country's name as well."""

PROVINCES = {
    "IT": (
        "AL AR CA CO CT ME MI MN MO MS MT OR PA RI TN VA VT",
        "alessandria; arezzo; cagliari; como; catania; messina; milano; milan; mantova; mantua; modena; "
        "massa; carrara; matera; oristano; palermo; rieti; trento; varese; viterbo",
        "universita dipartimento istituto facolta politecnico policlinico ospedale ospedaliera azienda irccs "
        "viale piazza",
    ),
    "BR": (
        "AL MA MS MT PA SC",
        "maceio; sao luis; campo grande; dourados; cuiaba; belem; florianopolis; joinville; blumenau",
        "universidade faculdade departamento fundacao rua",
    ),
    "AU": ("WA", "perth; nedlands; crawley; murdoch; fremantle; bentley; joondalup", ""),
}
"""By country: codes of its provinces that are codes of American states, too; the towns there that addresses
name most; and words of addresses in its language that are no English.
"""

ADDRESSES = (
    "C1", "Addresses", "affiliation", "Affiliations", "Author Affiliations", "Authors Affiliations",
    "Author Affiliation",
    "Authors (Raw Affiliation)", "AD", "auth-address", "Author Address",
    "Correspondence Address", "RP",
)  # fmt: skip
"""Fields of addresses, those of all authors before those of one."""

COUNTRIES = (
    "Country of Research organization", "Country of standardized research organization",
    "Country of research organization", "authorships.countries", "authorships.institutions.country_code",
)  # fmt: skip
INSTITUTIONS = (
    "C3", "Research Organizations - standardized", "Research organizations - standardized",
    "authorships.institutions.display_name",
)  # fmt: skip
"""Fields of names alone, where a database has them."""

EXAMPLES = 3

TOWNS = frozenset("atlanta athens augusta savannah macon decatur emory university".split())
"""What stands before "Georgia" where that is the American state."""

_BRACKETS = re.compile(r"\[[^\]]*\]")
_ASIDE = re.compile(r"\(([^()]*)\)\W*$")
_MAIL = re.compile(r"\b(?:electronic address|e-?mail)\b.*|\S+@\S+", re.IGNORECASE | re.DOTALL)
_PARTS = re.compile(r"\s*[;|\n]\s*")
_INSTITUTION = re.compile(
    r"\b(?:univ|inst\b|institut|college|hosp|klinik|clinic|acad|ecole|école|school|centre|center|ctr\b|lab\b|"
    r"laborator|council|ministry|polite[ck]|polyte[ck]|research|corp|inc\b|ltd\b|gmbh)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Places:
    """Where the authors of n papers work: for each paper the different names, sorted.

    notes: by `COUNTRY` and `INSTITUTION`, sentences on what could not be told.
    """

    countries: tuple[tuple[str, ...], ...]
    institutions: tuple[tuple[str, ...], ...]
    notes: Mapping[str, tuple[str, ...]]

    def of(self, what: str) -> tuple[tuple[str, ...], ...]:
        return self.countries if what == COUNTRY else self.institutions


def places_of(corpus: Corpus) -> Places:
    """The countries and institutions of all papers."""
    found = [_of_record(json.loads(text or "{}")) for text in corpus.column("original")]
    countries = [tuple(sorted(own.countries)) for own in found]
    institutions = [tuple(sorted(own.institutions)) for own in found]
    bare = sum(not (own.countries or own.institutions or own.untold) for own in found)
    none = [f"Without an affiliation: {bare:,} of {len(found):,} papers."] if bare else []
    notes = []
    if unknown := [address for own in found for address in own.untold]:
        silent = sum(bool(own.untold) and not own.countries for own in found)
        notes.append(
            f"Addresses that do not tell their country: {len(unknown):,}; papers that have no other: "
            f"{silent:,} ({_examples(unknown)})."
        )
    if taken := [address for own in found for address in own.taken]:
        notes.append(
            "Addresses that end with a state of the United States and could as well end with a province of "
            f"another country, taken for the United States: {len(taken):,} ({_examples(taken)})."
        )
    return Places(tuple(countries), tuple(institutions), {COUNTRY: (*none, *notes), INSTITUTION: tuple(none)})


def _examples(addresses: list[str]) -> str:
    return "; ".join(list(dict.fromkeys(addresses))[:EXAMPLES])


def with_places(columns: pa.Table, corpus: Corpus) -> pa.Table:
    """The input's own columns, n rows, and `country` and `institution` where affiliations tell any.

    Several are parted by "; "; null where none is told. A column of the input of either name stays as it is.
    """
    import pyarrow as pa

    places, names = places_of(corpus), {name.casefold() for name in columns.column_names}
    for what in (COUNTRY, INSTITUTION):
        found = ["; ".join(own) or None for own in places.of(what)]
        if any(found) and what not in names:
            columns = columns.append_column(what, pa.array(found, pa.string()))
    return columns


@dataclass(frozen=True)
class _Reading:
    """What an address says: the name of its country, "" for none; those it could as well be in; and whether
    a state or province at its end says so.
    """

    country: str = ""
    others: frozenset[str] = frozenset()
    by_state: bool = False


def _read(address: str) -> _Reading:
    parts = _parts(address)
    for at, part in enumerate(parts[:-3:-1]):
        words = [word for word in _plain(part).split() if not any(sign.isdigit() for sign in word)]
        if words[-1:] == ["georgia"] and TOWNS & set(_plain(address).split()):
            return _Reading(_name("US"), by_state=True)
        # The part before the last one is a country's name or none; the last one may end with it.
        for start in range(len(words) if at == 0 else 1):
            name = " ".join(words[start:])
            if code := _names().get(name):
                return _Reading("" if "new" in words[max(start - 2, 0) : start] else _name(code))
            if name in _STATES:
                return _Reading(_name("US"), by_state=True)
        if words and words[-1].upper() in STATES and words[-1].upper() in part.split():
            return _of_state(words[-1].upper(), part, parts[: len(parts) - at - 1], _plain(address))
    return _Reading()


def _parts(address: str) -> list[str]:
    """What commas part, without mail addresses; a country in brackets at the end is a part."""
    parts = (part.strip(" .\n\t") for part in _MAIL.sub("", _ASIDE.sub(_aside, address)).split(","))
    return [part for part in parts if part]


def _aside(found: re.Match[str]) -> str:
    """A country in brackets at the end of an address; nothing for what else stands there, as initials."""
    name = _plain(found[1])
    return f", {found[1]}" if name in _names() and (len(name) > 3 or found[1] == "USA") else ""


def _of_state(state: str, part: str, before: list[str], address: str) -> _Reading:
    """The country whose state or province stands at the end of a part.

    before: the parts before it. address: the whole of it, plain.
    """
    named = STATES[state] and re.search(rf"\b{STATES[state]}\b", address)
    if named or re.search(rf"\b{state}\W+\d{{5}}(-\d{{4}})?$", part):
        return _Reading(_name("US"), by_state=True)
    own = re.sub(rf"\W*\b{state}\b[\W\d]*$", "", part)
    last = own or (before[-1] if before else "")
    town = " ".join(word for word in _plain(last).split() if not any(sign.isdigit() for sign in word))
    shared = [code for code, (codes, _, _) in PROVINCES.items() if state in codes.split()]
    for code in shared:
        _, towns, speech = PROVINCES[code]
        if town in towns.split("; ") or set(speech.split()) & set(address.split()):
            return _Reading(_name(code), by_state=True)
    others = frozenset(map(_name, shared))
    # In America the number of five digits comes last.
    return _Reading("" if others and re.match(r"(\w{1,2}-)?\d{5}\b", last) else _name("US"), others, True)


_STATES = frozenset(STATES.values()) - {""}


@dataclass(frozen=True)
class _Record:
    """The countries and institutions of a paper, and its addresses that tell no country (`untold`) or were
    taken for one of the United States (`taken`).
    """

    countries: frozenset[str]
    institutions: frozenset[str]
    untold: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()


def _of_record(fields: Mapping[str, Any]) -> _Record:
    nested = fields.get("authorships")
    if isinstance(nested, list) and nested:
        return _of_authorships(nested)
    given = [value for name in COUNTRIES if name in fields for value in _listed(fields[name])]
    institutions = {value for name in INSTITUTIONS if name in fields for value in _listed(fields[name])}
    if "affiliation" in fields and isinstance(fields.get("affiliations"), str):
        institutions |= set(_listed(" ".join(fields["affiliations"].split())))
    # PubMed parts mail addresses by semicolons; they are no addresses of their own.
    addresses = [own for own in _addresses(fields) if _MAIL.sub("", own).strip(" .,") not in ("", "and")]
    if not institutions:
        institutions = {found for address in addresses if (found := _institution(address))}
    if not given:
        return _of_addresses(addresses, frozenset(), institutions)
    told = [(value, _of_code(value)) for value in given]
    return _Record(
        frozenset(name for _, name in told if name),
        frozenset(institutions),
        tuple(own for own, name in told if not name),
    )


def _of_addresses(addresses: list[str], known: frozenset[str], institutions: set[str]) -> _Record:
    """The record of a paper with these addresses; known: countries of its authors that are told already.

    An address that could be in two countries is where those of the paper's other addresses are that leave the
    country out, too. One that names its country says nothing of it: American journals leave out only "USA".
    """
    read = [(address, _read(address)) for address in addresses]
    certain = {own.country for _, own in read if own.by_state and not own.others}
    countries, untold, taken = set(known), [], []
    for address, own in read:
        if own.others and len(certain) == 1 and certain <= {own.country, *own.others}:
            countries |= certain
            continue
        countries |= {own.country} - {""}
        untold += [] if own.country else [address]
        taken += [address] if own.country and own.others else []
    return _Record(frozenset(countries), frozenset(institutions), tuple(untold), tuple(taken))


def _of_authorships(authorships: list[Any]) -> _Record:
    """The record of a paper of OpenAlex, which has codes; where it has none, by the address as printed."""
    known: set[str] = set()
    institutions: set[str] = set()
    addresses: list[str] = []
    for own in authorships:
        if not isinstance(own, dict):
            continue
        places = [place for place in own.get("institutions") or () if isinstance(place, dict)]
        codes = own.get("countries") or [place.get("country_code") for place in places]
        here = {name for code in codes if code and (name := _of_code(str(code)))}
        institutions |= {str(place["display_name"]) for place in places if place.get("display_name")}
        printed = own.get("raw_affiliation_strings") or own.get("raw_affiliation_string") or ()
        addresses += [] if here else [printed] if isinstance(printed, str) else map(str, printed)
        known |= here
    return _of_addresses(addresses, frozenset(known), institutions)


def _addresses(fields: Mapping[str, Any]) -> list[str]:
    names = {name.casefold(): name for name in fields}
    for wanted in ADDRESSES:
        value = fields.get(names.get(wanted.casefold(), ""))
        if value is None:
            continue
        if wanted == "affiliation" and isinstance(value, str) and "affiliations" in fields:
            # Web of Science's BibTeX has an address per line, after the names of its authors.
            return [line.strip() for line in value.splitlines() if line.strip()]
        if wanted == "AD":
            # PubMed breaks its lines wherever they are full.
            value = [" ".join(own.split()) for own in ([value] if isinstance(value, str) else value or ())]
        if found := _listed(value):
            return found
    return [" ".join(own.split()) for own in _printed(fields)]


def _printed(value: object, inside: bool = False) -> Iterator[str]:
    """The affiliations inside nested records: PubMed's XML, Crossref, Europe PMC, JATS."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            own = str(key).casefold()
            if own in ("affiliation", "affiliations", "aff") or (inside and own in ("name", "#text")):
                yield from _printed(below, inside=True)
            elif isinstance(below, Mapping | list):
                yield from _printed(below)
    elif isinstance(value, list):
        for below in value:
            yield from _printed(below, inside)
    elif inside and isinstance(value, str) and value.strip():
        yield value


def _listed(value: object) -> list[str]:
    """The values of a field: a list, or text parted by semicolons, bars or line ends."""
    if isinstance(value, list):
        return [part for own in value for part in _listed(own)]
    if not isinstance(value, str):
        return []
    parts = (part.strip() for part in _PARTS.split(_BRACKETS.sub("", value)))
    return [part for part in parts if part.strip(" .") not in ("", "NA")]


def _institution(address: str) -> str:
    """The part of an address that names a university, or else any institution, or its first one."""
    parts = _parts(address)
    parts = parts[:-1] or parts
    universities = [part for part in parts if re.search("universi|univ\\b", part, re.IGNORECASE)]
    others = [part for part in parts if _INSTITUTION.search(part)]
    return next(iter(universities or others or parts), "")


def _of_code(value: str) -> str:
    """The English name of a country by a name or an ISO 3166 code of two or three letters; "" for none."""
    from babel.core import get_global

    code = value.strip().upper()
    three = get_global("territory_aliases").get(code, ())
    if code in _territories("en") and code not in NO_COUNTRY:
        return _name(code)
    if len(three) == 1 and three[0] in _territories("en"):
        return _name(three[0])
    return _name(found) if (found := _names().get(_plain(value))) else ""


def _name(code: str) -> str:
    name: str = _territories("en")[code]
    return name.removesuffix(" SAR China")


@cache
def _territories(language: str) -> Mapping[str, str]:
    from babel import Locale

    found = Locale(language).territories.items()
    return {str(code): str(name) for code, name in found if len(str(code)) == 2}


@cache
def _names() -> Mapping[str, str]:
    """Codes by name, without case, accents and full stops."""
    found = {name: code for code, names in ALSO.items() for name in names.split("; ")}
    for language in LANGUAGES:
        for code, name in _territories(language).items():
            if code not in NO_COUNTRY:
                found.setdefault(_plain(name), code)
    return found


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    kept = (" " if sign in "-‐–/()" else sign for sign in letters if not unicodedata.combining(sign))
    return " ".join("".join(sign for sign in kept if sign not in ".'’`\"*").split())
