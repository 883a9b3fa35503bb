"""From the names and values of an input's columns to a `Record`.

The conventions below serve every format whose fields have names: tables, JSON, Parquet, Excel. Names are
compared without case, accents, spaces, signs and a plural s, so "Source Title", "source_title" and
"SourceTitles" are one. The name of a nested field is its path: `journal.title` is "journaltitle".
"""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from topics.config import CorpusSettings
from topics.corpus.readers.dates import parse_date
from topics.errors import InputError
from topics.types import Record

CONVENTIONS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "paperid", "articleid", "recordid", "docid", "documentid", "halid", "bibcode"),
    "title": (
        "title", "documenttitle", "articletitle", "papertitle", "itemtitle", "primarytitle", "titleprimary",
        "displayname", "titledisplay", "maintitle", "dctitle", "titleen", "entitle", "englishtitle", "ti",
        "t1", "titel", "titre", "titulo", "titolo", "tytuł", "başlık", "название", "заглавие", "题名", "標題",
        "标题", "篇名", "タイトル", "論文タイトル", "論文名", "제목", "논문명", "논문제목",
    ),
    "abstract": (
        "abstract", "abstractnote", "notesabstract", "abstracttext", "paperabstract", "articleabstract",
        "summary", "description", "dcdescription", "summaries", "abstracten", "enabstract", "englishabstract",
        "ab", "n2", "abstractinvertedindex", "zusammenfassung", "kurzfassung", "abstrakt", "resume",
        "resumen", "resumo", "riassunto", "samenvatting", "streszczenie", "özet", "аннотация", "реферат",
        "摘要", "抄録", "要旨", "초록",
    ),
    "date": (
        "date", "publicationdate", "datepublished", "published", "publisheddate", "pubdate", "coverdate",
        "prismcoverdate", "prismpublicationdate", "dateofpublication", "publishedprint", "publishedonline",
        "issued", "produceddate", "firstpublicationdate", "publishtime", "pubtime", "earliestdate", "year",
        "publicationyear", "publishedyear", "pubyear", "yearpublished", "publicationdateyear", "dcdate",
        "dcyear", "pubdatefreeform", "pubdatefreefrom", "py", "yr", "dp", "y1", "jahr", "erscheinungsjahr",
        "publikationsjahr", "datum", "erscheinungsdatum", "annee", "anneedepublication", "datedepublication",
        "ano", "anodepublicacion", "anodepublicacao", "fecha", "fechadepublicacion", "datadepublicacao",
        "anno", "annodipubblicazione", "jaar", "rok", "yıl", "год", "发表时间", "出版年", "発行年", "年",
        "연도", "발행연도", "발행년도", "出版日", "veroffentlichungsjahr", "jahrderveroffentlichung",
        "produceddatetdate", "produceddateyi", "publicationdatetdate", "publicationdateyi", "pdate", "cdate",
        "created", "updatedate",
    ),
    "authors": (
        "authors", "author", "authornames", "authorfullnames", "authfullname", "authorstring",
        "authordisplay", "authorsprimary", "firstauthors", "creators", "creator", "dccreator", "contributors",
        "authorshipsauthordisplayname", "au", "af", "a1", "fau", "autoren", "autor", "verfasser", "auteur",
        "autores", "autori", "autore", "autorzy", "yazarlar", "авторы", "автор", "作者", "著者", "著者名",
        "저자", "저자명", "yazar",
    ),
    "url": (
        "url", "link", "pdflink", "sourceurls", "externalurl", "weburl", "documenturl", "articleurl",
        "dimensionsurl", "plink", "embaselink", "primarylocationlandingpageurl", "dcidentifieruri", "uri",
        "internetadresse", "网址",
    ),
    "doi": (
        "doi", "itemdoi", "digitalobjectidentifier", "externalidsdoi", "identifiersdoi", "idsdoi", "doiid",
        "prismdoi", "doidoi", "articledoi", "publicationdoi", "dois", "di", "do",
    ),
    "venue": (
        "venue", "journal", "journaltitle", "journalinfojournaltitle", "sourcetitle",
        "sourcetitleanthologytitle", "publicationtitle", "pubtitle", "secondarytitle", "titlesecondary",
        "containertitle", "journalname", "periodicalfull", "publicationname", "prismpublicationname",
        "primarylocationsourcedisplayname", "hostvenuedisplayname", "publicationinfo", "container",
        "journalbook", "booktitle", "conference", "conferencename", "conferencetitle", "publication", "so",
        "jf", "jt", "jo", "jn", "t2", "source", "dcsource", "pub", "periodicalabbrev", "zeitschrift",
        "quelle", "revue", "revista", "periodico", "rivista", "tijdschrift", "czasopismo", "dergi", "журнал",
        "источник", "文献来源", "刊名", "期刊", "雑誌名", "誌名", "刊行物名", "학술지명",
        "titelderveroffentlichung", "titredelapublication", "titulodelapublicacion", "titulodapublicacao",
        "fuente", "fonte",
    ),
    "keywords": (
        "keywords", "authorkeywords", "keyword", "authkeywords", "identifierkeywords", "keywordlistkeyword",
        "keywordsdisplayname", "indextermsauthorterms", "tags", "manualtags", "de", "kw", "ot",
        "schlagworter", "schlagworte", "stichworter", "motscles", "motsclefs", "palabrasclave",
        "palavraschave", "parolechiave", "trefwoorden", "słowakluczowe", "anahtarkelimeler", "ключевыеслова",
        "关键词", "キーワード", "키워드", "주제어", "manuelletags", "marqueurs", "etiquetas",
    ),
    "categories": (
        "categories", "category", "subjects", "subject", "subjectareas", "subjectterms", "fieldsofstudy",
        "s2fieldsofstudy", "primarytopicdisplayname", "topicsdisplayname", "domain", "terms", "labels",
        "meshterms", "ieeeterms", "woscategories", "dcsubject", "wc", "mh",
    ),
    "language": (
        "language", "languageoforiginaldocument", "languageofarticle", "articlelanguage", "dclanguage",
        "lang", "la", "sprache", "langue", "idioma", "lingua", "taal", "язык", "语言", "dil", "언어",
    ),
    "kind": (
        "documenttype", "publicationtype", "itemtype", "typeofreference", "referencetype", "contenttype",
        "doctype", "subtypedescription", "type", "dt", "dokumenttyp",
    ),
    "pmid": ("pmid", "pubmedid", "medlinepmid", "externalidspubmed", "identifierspmid", "idspmid", "pm"),
    "arxiv": ("arxivid", "arxiv", "externalidsarxiv", "identifiersarxiv", "arxiveprint", "eprint"),
}  # fmt: skip

_LONGEST_LIST = 1 << 17
"""Signs of a list in a cell: reading one takes a hundred times its size."""

_ARXIV_ID = r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})"
ARXIV_ID = re.compile(rf"^(?:arxiv:)?({_ARXIV_ID})(v\d+)?$", re.IGNORECASE)
_ARXIV_LINK = re.compile(rf"(?:arxiv\.org/(?:abs|pdf)/|10\.48550/arxiv\.)({_ARXIV_ID})(v\d+)?", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_PMID = re.compile(
    r"^(?:(?:PMID|MEDLINE|pubmed)[: ]\s*|https?://\S+/)?0*([1-9]\d{0,8})(?:\.0)?/?$", re.IGNORECASE
)
_NO_ID = {"na", "n/a", "nan", "none", "null", "-", "unknown"}
_DEEPEST = 3
_WITHOUT_ABSTRACTS = (
    (
        {"pmid", "title", "authors", "citation", "firstauthor", "journalbook"},
        "it is PubMed's CSV, which holds no abstracts: save the search with the format PubMed (.nbib)",
    ),
    (
        {"authors", "title", "publication", "volume", "number", "pages", "year", "publisher"},
        "it is Google Scholar's CSV, which holds no abstracts: get the same papers from another database",
    ),
)


def normal(name: str) -> str:
    """A column's name without case, spaces and signs."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


@lru_cache(maxsize=10_000)
def key(name: str) -> str:
    """What columns' names are compared by: `normal` without accents and a plural s.

    Of a name in two languages, as in "Title-题名", the one in Latin letters.
    """
    bare = (
        name
        if name.isascii()
        else "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    )
    found = normal(bare)
    latin = "".join(sign for sign in found if sign.isascii())
    if len(latin) > 1 and any(sign > "\u2e80" for sign in found):
        found = latin
    return found[:-1] if len(found) > 4 and found.endswith("s") else found


ALIASES: Mapping[str, tuple[str, ...]] = {
    field: tuple(dict.fromkeys(map(key, aliases))) for field, aliases in CONVENTIONS.items()
}
"""The conventions as `key` writes them."""


def columns_of(names: Iterable[str], settings: CorpusSettings) -> dict[str, tuple[str, ...]]:
    """Which of these columns hold which field, the best first. A column named in the settings comes alone."""
    held: dict[str, list[str]] = {}
    for name in names:
        held.setdefault(key(name), []).append(name)
    chosen: dict[str, tuple[str, ...]] = {}
    for field, aliases in ALIASES.items():
        named = getattr(settings.columns, field, None)
        wanted = aliases if named is None else (key(named),)
        chosen[field] = tuple(name for alias in wanted for name in held.get(alias, ()))
    return chosen


def plan(names: Sequence[str], settings: CorpusSettings, where: str) -> dict[str, tuple[str, ...]]:
    """The same for a file whose columns are all known.

    Raises InputError when a column named in the settings is missing, or when there is no abstract (or, with
    `min_abstract_words` 0, no title either).
    """
    chosen = columns_of(names, settings)
    for field in CONVENTIONS:
        named = getattr(settings.columns, field, None)
        if named is not None and not chosen[field]:
            raise InputError(
                f"{where} has no column {named!r}, which corpus.columns.{field} names; {listed(names)}"
            )
    if not chosen["abstract"] and not (settings.min_abstract_words == 0 and chosen["title"]):
        raise InputError(
            f"{where} has no column with abstracts; {_advice(names)}name the right one with "
            f"corpus.columns.abstract{TITLES_ALONE if chosen['title'] else ''}"
        )
    return chosen


TITLES_ALONE = ", or set corpus.min_abstract_words: 0 to work on titles alone"


def _advice(names: Sequence[str]) -> str:
    """What to do about a known table that never has abstracts, else the columns that there are."""
    held = {normal(name) for name in names}
    known = next((text for columns, text in _WITHOUT_ABSTRACTS if columns <= held), "")
    return f"{known or listed(names)}; "


def listed(names: Sequence[str]) -> str:
    """As in "it has title, text, year"."""
    shown = ", ".join(name[:40] for name in names[:40])
    return f"it has {shown}{f' and {len(names) - 40} more' if len(names) > 40 else ''}"


def flat(values: Mapping[str, Any], deepest: int = _DEEPEST) -> dict[str, Any]:
    """Values with those of nested mappings beside them, named by their path: "journal.title"."""
    found = dict(values)
    for name, value in values.items():
        if isinstance(value, dict) and deepest > 1:
            found.update({f"{name}.{inner}": held for inner, held in flat(value, deepest - 1).items()})
    return found


def record(
    values: Mapping[str, Any],
    columns: Mapping[str, Sequence[str]],
    file: str,
    position: int,
    original: Mapping[str, Any] | None = None,
) -> Record:
    """One record from named values; `columns` comes from `plan`.

    original: the input's own fields, where `values` are made from them.
    """

    def first(field: str) -> Any:
        for name in columns[field]:
            if (value := values.get(name)) not in (None, "", [], {}):
                return value
        return None

    url = text(first("url"))
    identifier = text(first("id"))
    doi = clean_doi(text(first("doi")) or url) or clean_doi(_typed(values, "doi") or identifier)
    return Record(
        title=text(first("title")),
        abstract=abstract_text(first("abstract")),
        id="" if identifier.lower() in _NO_ID else identifier,
        authors=people(first("authors")),
        date=next((date for name in columns["date"] if (date := parse_date(values.get(name)))), ""),
        venue=text(first("venue")),
        keywords=items(first("keywords")),
        categories=items(first("categories")),
        doi=doi,
        url=url,
        language=text(first("language")),
        kind=text(first("kind")),
        identifiers=identifiers(
            doi=doi,
            arxiv=text(first("arxiv")),
            pmid=text(first("pmid")) or _typed(values, "pmid"),
            hints=(identifier, url),
        ),
        file=file,
        position=position,
        original=dict(values) if original is None else original,
        by_name=True,
    )


_NAMED_IDS = (
    "external_ids", "externalIds", "identifier", "identifiers", "articleids", "pids", "dc:identifier"
)  # fmt: skip


def _typed(values: Mapping[str, Any], kind: str) -> str:
    """The value of this kind in a list of identifiers: [{"type": "doi", "id": "10.1000/1"}]."""
    for name in _NAMED_IDS:
        members = values.get(name)
        for member in members if isinstance(members, list) else ():
            if isinstance(member, Mapping):
                said = {normal(str(label)): text(value) for label, value in member.items()}
                label = next(
                    (said[name] for name in ("type", "idtype", "identifiertype", "scheme") if name in said),
                    "",
                )
                # CiNii writes "cir:DOI".
                if label.lower().rpartition(":")[2] == kind:
                    return said.get("value") or said.get("id") or said.get("identifier") or ""
    return ""


_TEXT_KEYS = (
    "name", "display_name", "value", "text", "en", "title", "label", "full_name", "fullName", "tag", "term",
    "keyword", "category", "content", "p", "#text", "$", "$t", "authname", "creator", "author",
    "journal_title", "description",
)  # fmt: skip


def text(value: object) -> str:
    """A value as one string; a list's first non-empty member, what a mapping holds under a usual name."""
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, Mapping):
        named = next((found for name in _TEXT_KEYS if (found := text(value.get(name)))), "")
        return named or (text(next(iter(value.values()))) if len(value) == 1 else "")
    if isinstance(value, Sequence | set):
        return next((found for member in value if (found := text(member))), "")
    return str(value)


def abstract_text(value: object) -> str:
    """An abstract from text, from sections, from several texts of one paper, or from an inverted index.

    Several texts are paragraphs with a blank line between them: `topics.corpus.rows` takes the one in the
    language of the title.
    """
    if isinstance(value, str):
        is_index = value.startswith('{"') and (opened := _opened(value)) is not None
        return abstract_text(opened) if is_index else value.strip()
    if isinstance(value, Mapping):
        if value and all(isinstance(places, list) for places in value.values()) and _is_index(value):
            return rebuild(value)
        inner = next((held for held in value.values() if isinstance(held, list | Mapping)), None)
        return text(value) or abstract_text(inner)
    if isinstance(value, Sequence):
        members = [member for member in value if isinstance(member, Mapping)]
        if len(members) < len(value) or not members:
            return "\n\n".join(found for member in value if (found := text(member)))
        stated = [
            member for member in members if "abstract" in str(member.get("descriptionType", "")).lower()
        ]
        if any(_head(member) for member in members):
            return "\n".join(f"{_head(member)}: {_body(member)}" for member in members)
        return text(stated or members)
    return text(value)


def _head(section: Mapping[str, Any]) -> str:
    return text(next((section[name] for name in ("label", "@Label", "heading") if name in section), ""))


def _body(section: Mapping[str, Any]) -> str:
    return text(
        next((section[name] for name in ("text", "#text", "value", "content") if name in section), "")
    )


def _is_index(value: Mapping[str, Any]) -> bool:
    return all(type(place) is int for places in value.values() for place in places)


_MAX_WORDS = 100_000


def rebuild(index: Mapping[str, list[int]]) -> str:
    """The text whose words stand at the given places. Raises ValueError on places beyond any abstract."""
    words = {place: word for word, places in index.items() for place in places}
    if any(not 0 <= place < _MAX_WORDS for place in words):
        raise ValueError("a word of the abstract stands at an impossible place")
    return " ".join(words[place] for place in sorted(words))


def items(value: object) -> tuple[str, ...]:
    """A list of strings from a list, or from text divided by semicolons, bars, line ends or commas."""
    if isinstance(value, str):
        return _split(value, (";", "|", "\n", ","))
    if isinstance(value, Mapping) and (inner := _inner_list(value)) is not None:
        return items(inner)
    if isinstance(value, Sequence | set):
        return tuple(found for member in value if (found := text(member)))
    single = text(value)
    return (single,) if single else ()


def _inner_list(value: Mapping[str, Any]) -> list[Any] | None:
    return next((held for held in value.values() if isinstance(held, list)), None)


def people(value: object) -> tuple[str, ...]:
    """Names from a list, or from text.

    Commas divide names only where they cannot stand inside one: "Smith, J." is one person, "John Smith, Mary
    Jones" two, "Stol K.-J., Babar M." two.
    """
    if isinstance(value, Mapping) and (inner := _inner_list(value)) is not None:
        return people(inner)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(name for member in _authors_of(value) if (name := _person(member)))
    whole = text(value)
    if whole.startswith("["):
        opened = _opened(whole)
        return people(opened) if isinstance(opened, list) else _split(whole, (",",))
    for sign in (";", "|", "\n", " and ", " & "):
        if sign in whole:
            parts = [part.strip(" ,") for part in whole.split(sign)]
            if sign in (" and ", " & ") and all(" " in part for part in parts[0].split(", ")):
                parts = [name for part in parts for name in part.split(", ")]
            return tuple(part for part in parts if part)
    parts = [part.strip() for part in whole.split(",") if part.strip()]
    if len(parts) > 1 and all(" " in part for part in parts):
        if whole.endswith(".") and whole.count(".") == 1:
            parts[-1] = parts[-1].rstrip(".")
        return tuple(parts)
    return (whole,) if whole else ()


def _authors_of(members: Iterable[Any]) -> list[Any]:
    """The members without editors and others, where the list says who is what."""
    listed = list(members)
    roles = [str(member.get("creatorType", "")) if isinstance(member, Mapping) else "" for member in listed]
    if "author" in roles:
        return [member for member, role in zip(listed, roles, strict=True) if role in ("", "author")]
    return listed


_FAMILY = ("family", "lastName", "last_name", "lastname", "last", "surname", "familyName")
_GIVEN = ("given", "firstName", "first_name", "firstname", "first", "givenName", "forename")


def _person(member: object) -> str:
    if isinstance(member, Mapping):
        family, given = (
            text(next((member[name] for name in names if member.get(name)), ""))
            for names in (_FAMILY, _GIVEN)
        )
        if isinstance(inner := member.get("author"), Mapping) and not family:
            return _person(inner)
        return f"{given} {family}".strip() if family else text(member)
    return text(member)


def _split(whole: str, signs: tuple[str, ...]) -> tuple[str, ...]:
    """Members of a written list; a list of Python or JSON in a cell ("['a', 'b']") is read as such."""
    if whole.startswith("[") and whole.rstrip().endswith("]"):
        if isinstance(members := _opened(whole), list | tuple | set):
            return tuple(name for member in members if (name := text(member)))
        whole = whole.strip("[] ")
    sign = next((sign for sign in signs if sign in whole), None)
    parts = whole.split(sign) if sign else [whole]
    return tuple(part.strip() for part in parts if part.strip())


def _opened(whole: str) -> Any:
    """What a value written in a cell as JSON or Python stands for; None for anything else."""
    for read in (json.loads, ast.literal_eval) if len(whole) < _LONGEST_LIST else ():
        try:
            return read(whole)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return None


def clean_doi(value: str) -> str:
    """The bare DOI in lower case, without address or "doi:"; "" when there is none."""
    found = _DOI.search(value)
    return found.group().rstrip(".,;)").lower() if found else ""


def identifiers(
    *, doi: str = "", arxiv: str = "", pmid: str = "", hints: Iterable[str] = ()
) -> tuple[str, ...]:
    """What makes two records the same paper: "doi:...", "arxiv:..." (without version), "pmid:...".

    A PMID of zeros, which some tools write for want of one, is none.
    """
    found = []
    if doi:
        found.append(f"doi:{doi}")
    for value in (arxiv, doi, *hints):
        if match := ARXIV_ID.match(value) or _ARXIV_LINK.search(value):
            found.append(f"arxiv:{match[1].lower()}")
            break
    if pmid and (match := _PMID.match(pmid.strip())):
        found.append(f"pmid:{match[1]}")
    return tuple(found)
