"""Countries and institutions as exports write them; what cannot be told is counted."""

import json

import pyarrow as pa
import pytest

from topics.corpus.affiliations import COUNTRY, INSTITUTION, Places, places_of, with_places
from topics.types import Corpus


def papers(*records):
    table = pa.table(
        {"id": [str(row) for row in range(len(records))], "original": [json.dumps(own) for own in records]}
    )
    return Corpus(table, pa.table({"kept": [True] * len(records)}))


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("Univ Michigan, Dept Sociol, Ann Arbor, MI 48104 USA", "United States"),
        ("China Univ Geosci, Wuhan 430074, Peoples R China.", "China"),
        ("Univ Leeds, Leeds LS2 9JT, W Yorkshire, England", "United Kingdom"),
        ("Queens Univ Belfast, Belfast, North Ireland", "United Kingdom"),
        ("Erciyes Univ, Kayseri, Turkiye", "Türkiye"),
        ("Dept of Physics, Seoul 02841, Republic of Korea. Electronic address: a@b.kr.", "South Korea"),
        ("Harvard Medical School, Boston, MA 02115", "United States"),
        ("Rutgers, Newark, New Jersey.", "United States"),
        ("University of New Mexico, Albuquerque, NM, United States", "United States"),
        ("Hospital, Paris, France (A.B., C.D.).", "France"),
        ("Universidade de São Paulo, São Paulo, Brasil", "Brazil"),
        ("Institut für Physik, Jena, Deutschland", "Germany"),
        ("Tbilisi State Univ, Tbilisi, Georgia", "Georgia"),
        ("Emory University, Atlanta, Georgia", "United States"),
        ("UNIV TRONDHEIM,INST THEORET PHYS,N-7034 TRONDHEIM,NORWAY.", "Norway"),
        ("Univ Kinshasa, Kinshasa, Dem Rep Congo", "Congo - Kinshasa"),
        ("Univ Sarajevo, Sarajevo, Bosnia & Herceg", "Bosnia & Herzegovina"),
        ("Department of Surgery, University of Michigan, Ann Arbor, MI", "United States"),
        ("Univ Milan, Milano, MI", "Italy"),
        ("Istituto Nazionale dei Tumori, 20133 Rho MI", "Italy"),
        ("Clinical Unit, 20017 Rho, MI", ""),
        ("University of Palermo, Palermo (PA)", ""),
        ("Universidade Federal do Para, Belém, PA", "Brazil"),
        ("Univ Western Australia, Perth, WA 6009", "Australia"),
        ("City Hospital, Milan, MI 48160", "United States"),
        ("Universidad de Jaen, 23071 Jaen, (Spain).", "Spain"),
        ("Mayo Clinic, Rochester (USA)", "United States"),
        ("Department of Neurosurgery (G.B.)", ""),
        ("University of New South Wales", ""),
        ("University of New England", ""),
        ("Boris Kidric Inst, YU-11000 Belgrade, Yugoslavia", ""),
        ("someone@example.org", ""),
        ("", ""),
    ],
)
def test_the_country_stands_last_in_an_address(address, country):
    found = places_of(papers({"author": [{"affiliation": [{"name": address}]}]})).countries
    assert found == ((country,) if country else (),)


def test_every_database_has_its_own_fields():
    found = places_of(
        papers(
            {"C1": "[Ada, A.; Bell, B.] Univ Oslo, Oslo, Norway.\n[Cole, C.] Univ Lund, Lund, Sweden."},
            {"C1": "Univ Oslo, Oslo, Norway; Univ Lund, Lund, Sweden", "C3": "University of Oslo; Lund Univ"},
            {"Affiliations": "Department of Botany, Kyoto University, Kyoto, Japan; NTT, Tokyo, Japan"},
            {"AD": ["Institute of Botany,\nUniversity of Vienna, Vienna, Austria.", "NA"]},
            {"affiliation": "Ada, A, Univ Malaga, Malaga, Spain.\n   Bell, B; Cole, C, MIT, Boston, MA USA.",
             "affiliations": "Universidad de\n   Malaga; MIT"},
            {"authorships": [
                {"institutions": [{"display_name": "Pfizer", "country_code": "US"}], "countries": ["US"]},
                {"institutions": [], "raw_affiliation_strings": ["Hospital, Lyon, France"]},
            ]},
            {"Country of Research organization": "Germany; Viet Nam",
             "Research Organizations - standardized": "TU Dresden"},
            {"authorships.countries": "GB|KR"},
            {"author": [{"family": "Ada", "affiliation": [{"name": "University of Ghent, Belgium"}]}]},
            {"MedlineCitation": {"Article": {"AuthorList": {"Author": [
                {"AffiliationInfo": {"Affiliation": "Dept, University of Toronto, Canada."}}]}}}},
        )
    )  # fmt: skip
    assert found.countries == (
        ("Norway", "Sweden"),
        ("Norway", "Sweden"),
        ("Japan",),
        ("Austria",),
        ("Spain", "United States"),
        ("France", "United States"),
        ("Germany", "Vietnam"),
        ("South Korea", "United Kingdom"),
        ("Belgium",),
        ("Canada",),
    )
    assert found.institutions[:7] == (
        ("Univ Lund", "Univ Oslo"),
        ("Lund Univ", "University of Oslo"),
        ("Kyoto University", "NTT"),
        ("University of Vienna",),
        ("MIT", "Universidad de Malaga"),
        ("Pfizer",),
        ("TU Dresden",),
    )
    assert found.notes == {COUNTRY: (), INSTITUTION: ()}


def test_what_cannot_be_told_is_counted_and_shown():
    found = places_of(papers({"C1": "NVIDIA"}, {"C1": "NVIDIA; Univ Oslo, Norway"}, {"title": "no address"}))
    assert found.countries == ((), ("Norway",), ())
    assert found.notes[COUNTRY] == (
        "Without an affiliation: 1 of 3 papers.",
        "Addresses that do not tell their country: 2; papers that have no other: 1 (NVIDIA).",
    )


@pytest.mark.parametrize(
    ("addresses", "countries", "taken"),
    [
        # The other addresses leave the country out, too, and are told by their town.
        ("Osp Salvini, Rho, MI; Univ Milan, Milano, MI", ("Italy",), False),
        ("Osp Salvini, 20017 Rho, MI; Univ Milan, Milano, MI", ("Italy",), False),
        ("Mayo Clin, Rochester, MN; Univ Michigan, Ann Arbor, MI", ("United States",), False),
        ("Hurley Med Ctr, Flint, MI; Cleveland Clin, Cleveland, Ohio", ("United States",), False),
        # Those that name theirs do not say where this one is.
        ("Brigham, Boston, MA; Univ Sao Paulo, Sao Paulo, Brazil", ("Brazil", "United States"), True),
        ("Osp Salvini, Rho, MI", ("United States",), True),
        ("Osp Salvini, Rho, MI; Univ Milan, Milano, MI; Mayo Clin, Rochester, MN 55905",
         ("Italy", "United States"), True),
    ],
)  # fmt: skip
def test_a_province_with_the_name_of_a_state_is_told_by_other_addresses(addresses, countries, taken):
    found = places_of(papers({"C1": addresses}))
    assert found.countries == (countries,)
    assert found.notes[COUNTRY] == (
        (
            "Addresses that end with a state of the United States and could as well end with a province of "
            f"another country, taken for the United States: 1 ({addresses.split(';')[0]}).",
        )
        if taken
        else ()
    )


def test_a_mail_address_alone_is_no_address():
    found = places_of(papers({"AD": ["Univ Oslo, Oslo, Norway; a@b.no.; and; Electronic address: c@d.no."]}))
    assert found == Places((("Norway",),), (("Univ Oslo",),), {COUNTRY: (), INSTITUTION: ()})


def test_a_country_in_brackets_takes_no_institution_with_it():
    found = places_of(papers({"AD": ["Dept Surgery, Univ Bonn (Germany)."]}))
    assert (found.countries, found.institutions) == ((("Germany",),), (("Univ Bonn",),))


def test_openalex_reads_such_an_address_where_it_has_no_code():
    authors = [{"countries": ["IT"]}, {"raw_affiliation_strings": ["Ospedale Salvini, Garbagnate, MI"]}]
    found = places_of(papers({"authorships": authors}, {"authorships": ["?", {}]}))
    assert found.countries == (("Italy",), ())


def test_tables_get_the_columns_that_are_told_and_none_that_the_input_has():
    own = pa.table({"Country": ["x", "y"]})
    corpus = papers({"C1": "Univ Oslo, Oslo, Norway; Univ Lund, Lund, Sweden"}, {"C1": ""})
    assert with_places(own, corpus).to_pydict() == {
        "Country": ["x", "y"],
        "institution": ["Univ Lund; Univ Oslo", None],
    }
    assert with_places(own.select([]), papers({"C1": "", "title": "a"}, {})).column_names == []
    plain = pa.table({"C1": ["a", "b"]})
    assert with_places(plain, corpus).column("country").to_pylist() == ["Norway; Sweden", None]
