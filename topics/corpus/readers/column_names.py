"""The names that fields have in tables, JSON, Parquet and Excel, in the languages of those who export them.

Names are compared without case, accents, spaces, punctuation and a plural s, so "Source Title",
"source_title" and "SourceTitles" are one. The name of a nested field is its path: `journal.title` is
"journaltitle".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from topics.config import CorpusSettings

CONVENTIONS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "paperid", "articleid", "recordid", "docid", "documentid", "halid", "bibcode"),
    "title": (
        "title", "documenttitle", "articletitle", "papertitle", "itemtitle", "primarytitle", "titleprimary",
        "displayname", "titledisplay", "maintitle", "dctitle", "titleen", "entitle", "englishtitle", "ti",
        "t1", "titel", "titre", "titulo", "titolo", "tytuł", "başlık", "название", "заглавие", "题名",
        "標題", "标题", "篇名", "タイトル", "論文タイトル", "論文名", "제목", "논문명", "논문제목",
        "titulodelarticulo", "titulodeldocumento", "titredelarticle", "titredudocument", "titulodoartigo",
        "titulododocumento", "titolodellarticolo", "titoloarticolo", "titolodeldocumento", "titelartikel",
        "artikeltitel", "aufsatztitel", "titeldesartikels", "dokumenttitel", "tytułartykułu", "tytułpracy",
        "tytułpublikacji", "makalebaslıgı", "makaleadı", "названиестатьи", "заглавиестатьи",
        "названиепубликации", "названиеработы", "论文题名", "论文标题", "文章标题", "文献标题", "题目",
        "中文标题", "中文题名", "題名", "題目", "文章標題", "論文名稱", "和文標題", "論文題目", "表題",
        "文献タイトル", "記事タイトル", "국문제목", "논문명국문", "서명", "العنوان", "назва", "nazev",
        "judul",
    ),
    "abstract": (
        "abstract", "abstractnote", "notesabstract", "abstracttext", "paperabstract", "articleabstract",
        "summary", "description", "dcdescription", "summaries", "abstracten", "enabstract",
        "englishabstract", "ab", "n2", "abstractinvertedindex", "zusammenfassung", "kurzfassung",
        "abstrakt", "resume", "resumen", "resumo", "riassunto", "samenvatting", "streszczenie", "özet",
        "аннотация", "реферат", "摘要", "抄録", "要旨", "초록", "resumendelarticulo", "resumendelautor",
        "resumedelarticle", "resumedelauteur", "resumodoartigo", "riassuntodellarticolo", "sommario",
        "uittreksel", "inhaltsangabe", "oz", "аннотациястатьи", "текстаннотации", "中文摘要", "内容摘要",
        "文摘", "论文摘要", "内容提要", "英文摘要", "和文抄録", "要約", "概要", "内容記述",
        "アブストラクト", "国文抄録", "국문초록", "초록국문", "요약", "영문초록", "الملخص", "анотація",
        "abstrak",
    ),
    "date": (
        "date", "publicationdate", "datepublished", "published", "publisheddate", "pubdate", "coverdate",
        "prismcoverdate", "prismpublicationdate", "dateofpublication", "publishedprint", "publishedonline",
        "issued", "produceddate", "firstpublicationdate", "publishtime", "pubtime", "earliestdate", "year",
        "publicationyear", "publishedyear", "pubyear", "yearpublished", "publicationdateyear", "dcdate",
        "dcyear", "pubdatefreeform", "pubdatefreefrom", "py", "yr", "dp", "y1", "jahr", "erscheinungsjahr",
        "publikationsjahr", "datum", "erscheinungsdatum", "annee", "anneedepublication",
        "datedepublication", "ano", "anodepublicacion", "anodepublicacao", "fecha", "fechadepublicacion",
        "datadepublicacao", "anno", "annodipubblicazione", "jaar", "rok", "yıl", "год", "发表时间",
        "出版年", "発行年", "年", "연도", "발행연도", "발행년도", "出版日", "veroffentlichungsjahr",
        "jahrderveroffentlichung", "produceddatetdate", "produceddateyi", "publicationdatetdate",
        "publicationdateyi", "pdate", "cdate", "created", "updatedate", "datedeparution", "anneedeparution",
        "datededition", "datadapublicacao", "datadipubblicazione", "publicatiejaar", "jaarvanpublicatie",
        "publicatiedatum", "publikationsdatum", "veroffentlichungsdatum", "datumderveroffentlichung",
        "rokwydania", "rokpublikacji", "datawydania", "datapublikacji", "yayınyılı", "yayıntarihi",
        "basımyılı", "tarih", "годпубликации", "годиздания", "годвыпуска", "датапубликации", "дата", "рік",
        "年份", "发表年", "发表年度", "发表日期", "出版时间", "出版日期", "出版年度", "发表年份", "日期",
        "年代", "發表時間", "刊行年", "発行日", "公開日", "発行年月", "出版年月", "発表年", "발행년",
        "출판년도", "출판연도", "발행일", "발행일자", "게재년도", "연도년", "السنة", "tahun",
    ),
    "authors": (
        "authors", "author", "authornames", "authorfullnames", "authfullname", "authorstring",
        "authordisplay", "authorsprimary", "firstauthors", "creators", "creator", "dccreator",
        "contributors", "authorshipsauthordisplayname", "authorships", "au", "af", "a1", "fau", "autoren",
        "autor", "verfasser", "auteur", "autores", "autori", "autore", "autorzy", "yazarlar", "авторы",
        "автор", "作者", "著者", "著者名", "저자", "저자명", "yazar", "autora", "autoresas", "autorin",
        "autorinnen", "autorinnenundautoren", "verfasserin", "auteurs", "auteursdelarticle", "nomedosautores",
        "nombredelosautores", "yazaradı", "фиоавторов", "автори", "作者姓名", "全部作者", "责任者",
        "執筆者", "発表者", "著者所属", "저자소속", "지은이", "연구자", "المؤلف", "المؤلفون", "penulis",
        "第一作者",
    ),
    "url": (
        "url", "link", "pdflink", "sourceurls", "externalurl", "weburl", "documenturl", "articleurl",
        "dimensionsurl", "plink", "embaselink", "primarylocationlandingpageurl", "dcidentifieruri", "uri",
        "internetadresse", "网址", "enlace", "lien", "enlacepermanente", "enlaceweb", "adresurl",
        "baglantı", "ссылка", "链接", "全文链接", "链接地址", "リンク", "링크", "원문링크",
    ),
    "doi": (
        "doi", "itemdoi", "digitalobjectidentifier", "externalidsdoi", "identifiersdoi", "idsdoi", "doiid",
        "prismdoi", "doidoi", "articledoi", "publicationdoi", "dois", "dcdoi", "di", "do", "doi编号", "doi号",
        "doidelarticle", "doidelarticulo",
    ),
    "venue": (
        "venue", "journal", "journaltitle", "journalinfojournaltitle", "sourcetitle",
        "sourcetitleanthologytitle", "publicationtitle", "pubtitle", "secondarytitle", "titlesecondary",
        "containertitle", "journalname", "periodicalfull", "publicationname", "prismpublicationname",
        "primarylocationsourcedisplayname", "hostvenuedisplayname", "publicationinfo", "container",
        "journalbook", "booktitle", "conference", "conferencename", "conferencetitle", "publication", "so",
        "jf", "jt", "jo", "jn", "t2", "source", "dcsource", "pub", "periodicalabbrev", "zeitschrift",
        "quelle", "revue", "revista", "periodico", "rivista", "tijdschrift", "czasopismo", "dergi",
        "журнал", "источник", "文献来源", "刊名", "期刊", "雑誌名", "誌名", "刊行物名", "학술지명",
        "titelderveroffentlichung", "titredelapublication", "titulodelapublicacion", "titulodapublicacao",
        "fuente", "fonte", "titulodelarevista", "nombredelarevista", "titulodelafuente", "publicacion",
        "titredelarevue", "titredujournal", "titredelasource", "periodique", "titulodoperiodico",
        "titulodarevista", "titulodafonte", "nomedarevista", "titolodellarivista", "titolodellafonte",
        "tijdschrifttitel", "bron", "zeitschriftentitel", "titelderzeitschrift", "titelderquelle",
        "publikationstitel", "journaltitel", "quellentitel", "tytułczasopisma", "zrodło", "nazwaczasopisma",
        "dergiadı", "kaynak", "названиежурнала", "названиеисточника", "издание", "期刊名称", "来源",
        "来源刊名", "来源出版物", "出处", "出版物名称", "期刊名", "期刊名稱", "出處", "資料名", "収載誌",
        "掲載誌", "掲載誌名", "収録刊行物", "雑誌", "학술지", "저널명", "저널", "간행물명", "간행물",
        "수록지", "출처", "게재지", "المجلة",
    ),
    "keywords": (
        "keywords", "authorkeywords", "keyword", "authkeywords", "identifierkeywords", "keywordlistkeyword",
        "keywordsdisplayname", "indextermsauthorterms", "tags", "manualtags", "de", "kw", "ot",
        "schlagworter", "schlagworte", "stichworter", "motscles", "motsclefs", "palabrasclave",
        "palavraschave", "parolechiave", "trefwoorden", "słowakluczowe", "anahtarkelimeler",
        "ключевыеслова", "关键词", "キーワード", "키워드", "주제어", "manuelletags", "marqueurs",
        "etiquetas", "palabrasclavedelautor", "palabraclave", "descriptores", "motsclesdauteur", "motcle",
        "descripteurs", "palavraschavedoautor", "palavrachave", "descritores", "parolachiave",
        "sleutelwoorden", "kernwoorden", "schlusselworter", "stichworte", "schlusselbegriffe",
        "słowokluczowe", "anahtarsozcukler", "anahtarkelime", "ключевоеслово", "ключовіслова", "关键字",
        "中文关键词", "作者关键词", "主题词", "英文关键词", "關鍵詞", "關鍵字", "索引語", "件名", "핵심어",
        "국문키워드", "الكلماتالمفتاحية", "katakunci",
    ),
    "categories": (
        "categories", "category", "subjects", "subject", "subjectareas", "subjectterms", "fieldsofstudy",
        "s2fieldsofstudy", "primarytopicdisplayname", "topicsdisplayname", "domain", "terms", "labels",
        "meshterms", "ieeeterms", "woscategories", "dcsubject", "wc", "mh", "materias", "temas",
        "areatematica", "sujets", "domaines", "fachgebiete", "themen", "学科", "学科分类", "专题",
        "рубрики", "тематика",
    ),
    "language": (
        "language", "languageoforiginaldocument", "languageofarticle", "articlelanguage", "dclanguage",
        "lang", "la", "sprache", "langue", "idioma", "lingua", "taal", "язык", "语言", "dil", "언어",
        "lengua", "idiomadeldocumento", "languedudocument", "idiomadodocumento", "linguadeldocumento",
        "sprachedesdokuments", "jezyk", "yayındili", "языкпубликации", "语种", "文献语种", "語言", "語種",
        "言語", "本文の言語", "記述言語", "본문언어", "작성언어", "اللغة", "bahasa",
    ),
    "kind": (
        "documenttype", "publicationtype", "itemtype", "typeofreference", "referencetype", "contenttype",
        "doctype", "subtypedescription", "type", "dt", "dokumenttyp", "tipodedocumento", "tipo",
        "typededocument", "tipodidocumento", "tipologia", "dokumentart", "publikationstyp", "typdokumentu",
        "belgeturu", "yayınturu", "типдокумента", "типпубликации", "文献类型", "文档类型", "文獻類型",
        "資料種別", "論文種別", "文献種別", "자료유형", "문서유형",
    ),
    "pmid": (
        "pmid", "pubmedid", "medlinepmid", "externalidspubmed", "identifierspmid", "idspmid", "pm",
    ),
    "arxiv": ("arxivid", "arxiv", "externalidsarxiv", "identifiersarxiv", "arxiveprint", "eprint"),
}  # fmt: skip


def normal(name: str) -> str:
    """A column's name without case, spaces and punctuation."""
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
    if len(latin) > 1 and any(sign > "\u0370" for sign in found):
        found = latin
    return found[:-1] if len(found) > 4 and found.endswith("s") else found


ALIASES: Mapping[str, tuple[str, ...]] = {
    field: tuple(dict.fromkeys(map(key, aliases))) for field, aliases in CONVENTIONS.items()
}
"""The conventions as `key` writes them."""


_REPEATED = re.compile(
    r"(?P<name>.+?)(?:[\s._/-]*\(?\d{1,2}\)?|[\s._-]+\(?(?:en|es|fr|de|pt|it|zh|ja|ko|ru|pl|tr|nl|ar)\)?"
    r"|\s*[(\[](?:English|Spanish|French|German|Portuguese|Italian|Chinese|Japanese|Korean|Russian|Polish|Turkish|"
    r"Dutch|Arabic|inglés|anglais|inglês|inglese|Englisch|英文|英語|영문|original)[)\]])",
    re.IGNORECASE,
)
_ALL = frozenset(alias for aliases in ALIASES.values() for alias in aliases)


@lru_cache(maxsize=10_000)
def heading(name: str) -> str:
    """The key of a column's name without the number or the language that tells it from others of that name,
    as in "Abstract (2)", "Author 1", "title_es" and "Title / Titel"; of a name that is known as it stands its
    own key.
    """
    own = key(name)
    if own in _ALL:
        return own
    found = _REPEATED.fullmatch(name.strip())
    parts = [found["name"]] if found else re.split(r"\s+[/|]\s+", name)
    return next((short for part in parts if (short := key(part)) in _ALL), own)


def repeated(name: str, names: Iterable[str]) -> list[str]:
    """The names among some that are the same heading as one of them."""
    return [other for other in names if heading(other) == heading(name)] if name else []


def columns_of(names: Iterable[str], settings: CorpusSettings) -> dict[str, tuple[str, ...]]:
    """Which of these columns hold which field, the best first. A column named in the settings comes alone."""
    held, repeats = dict[str, list[str]](), dict[str, list[str]]()
    for name in names:
        held.setdefault(key(name), []).append(name)
        if (short := heading(name)) != key(name):
            repeats.setdefault(short, []).append(name)
    chosen: dict[str, tuple[str, ...]] = {}
    for field, aliases in ALIASES.items():
        named = getattr(settings.columns, field, None)
        wanted = aliases if named is None else (key(named),)
        chosen[field] = tuple(
            name for having in (held, repeats) for alias in wanted for name in having.get(alias, ())
        )
    return chosen
