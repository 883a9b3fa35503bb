"""Titles and abstracts as databases export them, made readable for people and models.

Each function takes and returns plain text, and returns text that it has cleaned already as it is; the stored
original is never touched. What is removed is what the
authors did not write (tags, copyright lines, section heads, line-break hyphens) and what nobody reads (LaTeX
markup, broken encodings).
"""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from collections.abc import Callable

from topics.corpus.latex import readable

_PLACEHOLDERS = {
    "", "na", "n/a", "none", "null", "nan", "no title", "untitled", "no abstract", "abstract",
    "no abstract available", "abstract not available", "not available",
    "abstract available from the publisher",
    "publisher: abstract available from the publisher",
}  # fmt: skip

_BLOCKS = (
    "p|div|br|li|ul|ol|sec|title|h[1-6]|tr|td|table|section|abstract|abstracttext|copyrightinformation|"
    "disp-formula|list|list-item"
)
_INLINE = (
    "b|i|u|em|strong|sub|sup|span|small|italic|bold|underline|sc|tt|monospace|strike|a|font|img|inline-formula|"
    "inline-graphic|ext-link|xref|named-content|styled-content|math|m[a-z]{1,12}|alternatives|semantics|inf|roman"
)
_UNREAD = re.compile(
    r"<(?:(?P<tag>(?:jats:|mml:)?(?:tex-math|annotation|script|style))\b[^<>]*>|!--)", re.IGNORECASE
)
_BLOCK_TAG = re.compile(rf"</?(?:\w+:)?(?:{_BLOCKS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_INLINE_TAG = re.compile(rf"</?(?:jats:|mml:|ns\d:|[a-z]:)?(?:{_INLINE})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_SECTION_TITLE = re.compile(
    r"<(?P<tag>(?:jats:)?title|h[1-6])(?:\s[^<>]*)?>\s*+(?P<text>[^<>]{1,60}?)[\s:.]*+</(?P=tag)\s*+>",
    re.IGNORECASE,
)

_POWER = re.compile(r"(?<!\d)10<(?:jats:)?sup>([-−–+]?\d{1,3})</(?:jats:)?sup>")

_MOJIBAKE = re.compile("[ÂÃâÅÄÐÑÎÏãåæçèéêëïì][\x80-\xbf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ€]")
# Persian, Indic and other scripts write some words with a joiner or non-joiner after a letter.
_JOINING = "[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af]"
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufff9-\ufffb]"
    f"|[\u200c\u200d](?<!{_JOINING}.)|\u200c(?![\u200c\u200d]*{_JOINING})"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")

_BREAK = re.compile(r"-(?<=[^\W\d_]-)[ \t]*+\r?\n\s*+(?P<right>[^\W\d_]+)")
_LEFT = re.compile(r"(?P<word>[\w-]*?)(?P<left>[^\W\d_]+)$")
_LONGEST_WORD = 100
_FIRST_PARTS = set(
    "self non semi multi pre post co cross anti inter intra sub super meta hyper ultra high low long short "
    "well ill large small fine coarse end real time state data model task user human machine deep two three "
    "four one first second third single double triple many few zero open closed near far full half cost risk "
    "hard soft new old mid over under out in on off to the of and by quasi pseudo gene drug age sex dose "
    "rate x t".split()
)

_HEADS = (
    "abstract|summary|background(?:s)?|introduction|context|rationale|importance|objectives?|aims?|purposes?|goals?|"
    "hypothes[ie]s|questions?|problem|motivation|methods?|methodology|materials?|patients?|participants?|subjects?|"
    "animals|setting|design|study design|interventions?|exposures?|measurements?|main outcomes?|outcomes?|"
    "main outcome measures?|data sources?|data extraction|data synthesis|search strategy|selection criteria|"
    "main results|key results|results?|findings?|observations?|conclusions?|concluding remarks|discussions?|"
    "interpretations?|implications?|significance|limitations?|novelty|originality(?:/value)?|value|funding|"
    "trial registration|registration|clinical relevance|clinical trial registration|level of evidence|"
    "practical implications|research limitations(?:/implications)?|social implications|"
    "design/methodology/approach|approach|scope|statement of problem|keypoints|key points|highlights|"
    "statement of significance|evidence acquisition|evidence synthesis|lay summary|plain language summary"
)


def _by_letter(words: str) -> str:
    """Alternatives in any case, by their first letters: an alternative without one cannot be passed over
    without trying it.
    """
    found: dict[str, list[str]] = {}
    for word in words.split("|"):
        found.setdefault(word[0], []).append(word[1:])
    return "|".join(f"(?-i:[{one}{one.upper()}])(?:{'|'.join(rest)})" for one, rest in found.items())


_ANY_HEAD = _by_letter(_HEADS)
_JOINED = rf"(?:{_ANY_HEAD})(?:(?:\s?(?:,|&|/|and|of|for)){{1,2}}\s?(?:{_ANY_HEAD})){{0,4}}"
_PLAIN_HEADS = (
    "Background|Objectives?|Aims?|Purpose|Introduction|Context|Importance|Study Design|Evidence Review|"
    "(?:Materials? and |Patients and )?Methods?|Results?|Findings|Conclusions?(?: and Relevance)?|Discussion|"
    "Interpretation|Significance"
)
# A sentence's end comes first in each pattern: looking for it is what makes them fast.
_END = r"(?P<end>[.!?;)\]]\s?)"
# A known head with its punctuation; any in capitals with a colon; one glued to the next word ("AimGlobal").
_HEAD = re.compile(
    rf"{_END}(?:(?:\(?\d\)?\s)?(?i:{_JOINED})(?:\s?:|\s[-–—](?=\s)|\.(?=\s[A-Z]))\s*(?=\S)"
    r"|[A-Z][A-Z/&, ]{2,40}[A-Z]:\s+(?=[A-Z0-9(\"“])"
    rf"|(?:{_PLAIN_HEADS})(?=[A-Z][a-z]+\s|[AI]\s[a-z]))"
)
# "Background The ... Methods We ...": heads without punctuation, sure only where there are several.
_OPEN_HEAD = re.compile(rf"{_END}(?P<head>{_PLAIN_HEADS})\s(?=[A-Z])")
LANGUAGE_NAMES = (
    "English|Spanish|French|German|Portuguese|Italian|Chinese|Russian|Japanese|Korean|Polish|Turkish|Arabic|"
    "Persian|Dutch|Czech|Hungarian|Ukrainian|Indonesian|Malay|Vietnamese|Thai|Hindi|Catalan|Romanian|Swedish|"
    "Danish|Norwegian|Finnish|Greek|Hebrew|Croatian|Serbian|Slovak|Slovenian|Bulgarian|Lithuanian|Latvian|"
    "Estonian|Icelandic|Afrikaans|Bosnian|Español|Français|Deutsch|Português|Italiano|Polski|Türkçe|Nederlands|"
    "Русский|Українська|inglés|ingles|anglais|englisch|inglês|inglese|angielski|İngilizce|Ingilizce|中文|英文|"
    "日本語|英語|한국어|국문|영문|العربية|الإنجليزية"
)
_OWN_WORDS = (
    "(?:Deutsche |Englische |English )?Zusammenfassung|Resumen|Résumé|Resumo|Kurzfassung|Riassunto|Sommario|"
    "Samenvatting|Streszczenie|Abstrakt?|Özet|Аннотация|Реферат|Резюме|Анотація|Апстракт|Сажетак|"
    "Sammanfattning|Sammendrag|Tiivistelmä|Összefoglaló|Összefoglalás|Absztrakt|Rezumat|Sažetak|Povzetek|"
    "Súhrn|Souhrn|Περίληψη|Περιληψη|תקציר|Laburpena|Santrauka|Kokkuvõte|Tóm tắt|Ringkasan|Intisari"
)
_IN = (
    rf"(?:\s?[\[(/]\s?(?:in )?(?:{LANGUAGE_NAMES}|[A-Za-z]{{2,3}})\s?[\])]?"
    rf"|\s(?:in|en|em|auf) (?i:{LANGUAGE_NAMES}))?"
)
_SIGN = r"\s?(?:[.:：\n\]】]+|\s?-(?=\s)|[–—])"
ABSTRACT_HEAD = (
    rf"(?:\[(?:Abstract in )?(?:{LANGUAGE_NAMES})(?: abstract)?\]\s?:?"
    rf"|\((?:{LANGUAGE_NAMES})\)\s?:?(?!\s*(?:\[|$))"
    rf"|(?:{LANGUAGE_NAMES})(?: (?:[Aa]bstract|ABSTRACT|[Ss]ummary|version))?\s?:"
    rf"|(?:{LANGUAGE_NAMES}) (?:Abstract|ABSTRACT|Summary|SUMMARY)(?=\s)"
    r"|\[(?:[A-Z]{2,3}|en|fr|de|es|pt|it|ru|zh|nl|pl|ca|eu|tr)\](?=\s)|(?:EN|FR|ES|PT)\s?:(?=\s)"
    rf"|(?:{_OWN_WORDS}|{_OWN_WORDS.upper()}){_IN}(?:{_SIGN}|(?=\s+[^\W\d_a-z]))|(?:Öz|ÖZ|Resum){_IN}{_SIGN}"
    rf"|(?:摘\s?要|抄\s?録|要\s?旨|초\s?록|국문초록){_IN}(?:{_SIGN}|\s*)"
    rf"|(?:概\s?要|요\s?약|(?:ال)?ملخص|(?:ال)?مستخلص|(?:ال)?خلاصة|چکیده|सारांश|सार){_IN}(?:{_SIGN}|\s)"
    rf"|บทคัดย่อ{_IN}(?:{_SIGN}|\s*)"
    rf"|(?:Abstract|ABSTRACT|Summary|SUMMARY){_IN}{_SIGN}(?=\s*[^\sa-z]))"
)
"""A head before an abstract, in any language: "Resumen:", "Abstract (English):", "[Spanish]", "摘要"."""

_FIRST_HEAD = re.compile(
    rf"^[\[【]?(?:(?:ABSTRACT|Abstract|SUMMARY|Summary)[\s.:-]+(?=[A-Z0-9“\"(\[])|{ABSTRACT_HEAD}\s*)"
)

_MARK = (
    r"(?:(?:Crown )?©|Crown Copyright|\(copyright\)|\(\s?[cC]\s?\)(?=\s?(?:19|20)\d\d|\sThe\s)|(?i:copyright)"
    r"(?=\W|\d)|&y&)"
)
_OPEN = r"(?:^|(?<=[\s.!?)\]}>;:]))[\[(]?"
# Words that content has too count at the beginning of a sentence only.
_BEGINS = r"(?:^|(?<=[.!?)\]]\s)|(?<=[.!?)\]]))[\[(]?"
_PUBLISHERS = (
    "Elsevier|Wiley|John Wiley|Springer|Oxford|Cambridge|Sage|SAGE|BMJ|IOP|MDPI|Frontiers|Taylor|"
    "Informa|Lippincott|Wolters|American|Royal|EDP|S\\.? ?Karger|Karger|Georg Thieme|Thieme|Hindawi|"
    "AIP|Nature|Academic|Mosby|Company of|Mary Ann|Future|Dove|Hogrefe|IOS|World Scientific|Korean|"
    "Japan|European|British|International|Society|W\\.? ?B|Massachusetts|National|BioMed|Blackwell|"
    "Churchill|Emerald|De Gruyter|Walter de|PLOS|Public Library"
)
_ALL_RIGHTS = (
    "Todos los derechos reservados|Tous (?:les )?droits réservés|Alle Rechte vorbehalten|"
    "Todos os direitos reservados|Tutti i diritti (?:sono )?riservati|Alle rechten voorbehouden|"
    "Wszelkie prawa zastrzeżone|Все права защищены"
)
_OTHER_LICENCES = (
    r"(?:Est[ea]|Quest[oa]|Cet(?:te)?|Ceci|Dies(?:er|es|e)?|Quest['’])\s?"
    r"(?:artículo|obra|trabajo|artigo|trabalho|article|œuvre|opera|articolo|lavoro|Artikel|Werk|Beitrag)? ?"
    r"(?:es|está|se|é|est|ist|è|wird|wurde|steht|foi|fue)\b[^.]{0,80}?"
    r"(?:\b(?:bajo|sob|sous|unter|con)\b[^.]{0,50}?(?:[Ll]icen[cçs]|Lizenz|Creative|CC.BY)|Creative.Commons|"
    r"lizenziert|urheberrechtlich geschützt|protegid[oa] por (?:derechos|direitos)|"
    r"protégée? par (?:le droit|les droits))"
)
_RIGHTS = re.compile(
    rf"{_OPEN}(?:{_MARK}[\s,:]*)+[^.]{{0,20}}\b(?:19|20)\d\d\b"
    rf"|{_OPEN}(?:Copyright\b[^.©]{{0,60}})?©"
    rf"|{_OPEN}Copyright of .{{5,200}} is the property of .*$"
    rf"|{_BEGINS}(?:\(copyright\)|Crown copyright\b)[^.]{{0,120}}"
    rf"|{_OPEN}Psyc(?:INFO|Info) Database Record"
    rf"|{_OPEN}(?:(?:19|20)\d\d [A-Z][\w&,. -]{{2,40}} )?All rights reserved"
    rf"|{_OPEN}(?:{_ALL_RIGHTS})"
    rf"|{_BEGINS}(?:Publicado por|Publié par|Veröffentlicht (?:von|durch)|Pubblicato da) (?:{_PUBLISHERS})"
    rf"|{_BEGINS}{_OTHER_LICENCES}"
    rf"|{_OPEN}(?:Copyright |(?:19|20)\d\d )?Published (?:by|under licen[sc]e by|on behalf of)"
    rf" (?:the )?(?:{_PUBLISHERS})"
    rf"|{_BEGINS}(?:This|The(?: present)?) ?(?:article|paper|work|chapter|manuscript|publication|content)?"
    r" ?(?:is|was)"
    r" (?:written by [^.]{0,60}and is )?(?:an? |the )?(?:copyright|protected by copyright|"
    r"free of all copyright|in the public domain|"
    r"(?:open[- ]access|freely available)(?: article| paper| publication| chapter| work)[^.]{0,60}"
    r"(?:licen[sc]e|terms|copyright|distributed|CC.BY)|"
    r"(?:made )?available (?:in|under)[^.]{0,60}(?:licen[sc]e|Creative Commons|CC.BY|public domain)|"
    r"(?:licen[sc]ed|distributed|published) under (?:a |the )?(?:terms |conditions )?(?:of )?(?:a |the )?"
    r"(?:Creative|CC\b))"
    rf"|{_BEGINS}(?:Licensee|Exclusive licensee) [A-Z]\w+"
    rf"|{_BEGINS}(?:For (?:commercial |reprint )?permissions?\b|No commercial re-?use|"
    r"See rights and permissions|"
    r"Re-?use permitted under|Copyright (?:This|The)\b|Copyright\W*$|"
    r"(?:Reprinted|Reproduced|Adapted) (?:by|with)(?: kind)? permission|Adapted from the source document|"
    r"Users? licen[sc]e\b|Creative Commons (?:Attribution|CC|BY)|The authors? retains? copyright|"
    r"\(?CC[ -]BY(?:[ -](?:NC|ND|SA))*(?: \d\.\d)?(?: licen[sc]e)?\)?\W*$)"
)
_SENTENCE_END = re.compile(
    r"(?<!\b[A-Z])\.\s+(?=[A-Z(\[])|[)\]]\s+(?=[A-Z])|(?<=Ltd\.)(?=[A-Z])|(?<=Inc\.)(?=[A-Z])|$"
)
_LEGAL = re.compile(
    r"©|\(c\)|copyright|rights|publi(?:sh|cation)|licen[sc]|distribut|permi(?:t|ssion)|reproduc|elsevier|wiley|"
    r"reservad|réserv|vorbehalten|riservat|licen[cç]|lizen[zs]|publicad|publié|veröffentlicht|derechos|direitos|"
    r"droits|diritti|creative.commons|cc.by|"
    r"springer|abridged|warranty|original version|society|association|author\(s\)|the authors?|public domain|"
    r"\b(?:inc|ltd|llc|gmbh)\b|\b\d+[A-Z]?\s?[:;]\s?\d+[-–]\d+|, (?:19|20)\d\d\.?\s*$",
    re.IGNORECASE,
)
_START, _TAIL = 100, 900
_STOP = re.compile(r"(?<=[a-z\d)\]])(?<!\bal)(?<!\betc)(?<!\bvs)\.$")
# Looking for a bracket first is what makes it fast.
_REMARKS = re.compile(
    r"[\[(](?:(?:abstract|summary) (?:from|by|provided by|adapted from|reprinted (?:by|with)) "
    r"[^\])]{2,60}[\])]"
    r"|ABSTRACT TRUNCATED(?: AT \d+ WORDS)?\)|Display omitted\]|Copyright\b[^\](]{0,80}\]"
    r"|(?:(?:authors?|author['’]s|authors['’]|publishers?|publisher['’]s|publication|journal|original|english|"
    r"italian|french|german|spanish|editorial|modified|edited) (?:abstract|summary)|"
    r"from the (?:authors?|publisher)|"
    r"as provided(?: by [^\])]{2,40})?|abstract (?:adapted|modified|amended|edited)|verbatim)[\])]"
    r"|abstract shortened (?:by|with) [^\])]{2,60}[\])]"
    r"|Copies available (?:exclusively )?from [^\])]{2,200}[\])]"
    r"|The dissertation citations contained here [^\[\]]{2,700}\]"
    r"|Correction Notice: [^\])]{0,600}[\])]"
    r"|Contains \d+ (?:tables?|figures?|notes?|footnotes?|endnotes?|references?)\b[^)]{0,80}\)"
    r"|Authors?(?:/[A-Z]{2,5})?\)\.?\s*$"
    r"|(?:English|Spanish|French|German|Portuguese|Italian|Chinese)\)\s*(?=$|\[))",
    re.IGNORECASE,
)
_FROM_AUTHOR = re.compile(
    r"(?:ABSTRACT FROM (?:AUTHOR|PUBLISHER)"
    r"|Abstract shortened (?:by (?:UMI|ProQuest)|with permission[\w ]{0,20}))\.?\s*$"
)
_RIGHTS_HINTS = (
    "(c)", "( c )", "copyright", "rights reserved", "published ", "psycinfo database", "&y&", "licen",
    "permission", "open access", "open-access", "public domain", "re-use", "creative", "cc by", "cc-by",
    "source document", "reservados", "vorbehalten", "riservati", "publicado por", "pubblicato da", "lizen",
    "derechos de autor", "direitos autorais",
)  # fmt: skip
_ANY_RIGHTS_HINTS = ("©", "réservés", "publié par", "veröffentlicht", *_RIGHTS_HINTS)


_MOST_PASSES = 20


def clean_title(raw: str) -> str:
    """One line of readable text, without PubMed's stop; "" for a placeholder such as "No Title"."""
    return _settled(_title, raw)


def clean_name(raw: str) -> str:
    """A person's or a journal's name as one line of readable text."""
    return raw if raw.isalpha() else _settled(_plain, raw)


def clean_abstract(raw: str) -> str:
    """One paragraph of what the authors wrote; "" for a placeholder such as "N/A"."""
    return _settled(_abstract, raw)


def _settled(clean: Callable[[str], str], raw: str) -> str:
    """Cleaned until nothing changes any more: what a run shows of a paper must be read as the same text.

    One pass can lay bare what the next one takes out, as the formula in a group with a macro of its own.
    """
    text = raw
    for _ in range(_MOST_PASSES):
        before, text = text, clean(text)
        # Where only the blanks between words changed, another pass would find the same.
        if text == before or ("\\" not in text and text == " ".join(before.split())):
            break
    return text


def _title(raw: str) -> str:
    text = _STOP.sub("", _plain(raw))
    return "" if _is_placeholder(text) else text


def _abstract(raw: str) -> str:
    text = _plain(raw)
    if _is_placeholder(text):
        return ""
    if "[" in text or "(" in text:
        without = _REMARKS.sub(" ", text)
        text = text if without == text else " ".join(without.split())
    if "ABSTRACT FROM" in text or "bstract shortened" in text:
        text = _FROM_AUTHOR.sub("", text).strip()
    ends = f"{text[:_START]} {text[-_TAIL:]}".lower()
    if any(map(ends.__contains__, _RIGHTS_HINTS if ends.isascii() else _ANY_RIGHTS_HINTS)):
        text = _without_rights(text)
    return _without_heads(text)


def _is_placeholder(text: str) -> bool:
    return len(text) < 60 and text.lower().strip("[]() .-") in _PLACEHOLDERS


def _plain(raw: str) -> str:
    """Right letters, no tags, no LaTeX, no line breaks."""
    text = raw
    if not text.isascii():
        text = _right_letters(text)
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _without_tags(text)
    text = readable(text)
    if "-" in text and "\n" in text:
        text = _joined(text)
    if not text.isprintable():
        return " ".join(_CONTROL.sub("", text).split())
    return " ".join(text.split()) if "  " in text else text.strip()


def _right_letters(text: str) -> str:
    """Mojibake undone, composed letters, no invisible characters."""
    if _MOJIBAKE.search(text):
        import ftfy

        text = ftfy.fix_encoding(text)
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def _without_tags(text: str) -> str:
    """Text of HTML and JATS. Signs of comparison (p < 0.05) stay: only known tags are taken out."""
    text = _without_unread(text)
    text = _SECTION_TITLE.sub(r" \g<text>: ", text)
    if "sup>" in text:
        text = _POWER.sub(r"10^\1", text)
    return _INLINE_TAG.sub("", _BLOCK_TAG.sub(" ", text))


def _without_unread(text: str) -> str:
    """Text without comments and what is in tags that nobody reads; one that is never closed stays."""
    parts, start, place = list[str](), 0, 0
    open_to_the_end: set[str] = set()
    while found := _UNREAD.search(text, place):
        tag = (found["tag"] or "").lower()
        place = found.end()
        if tag in open_to_the_end:
            continue
        end = re.compile(rf"</{re.escape(tag)}\s*+>" if tag else "-->", re.IGNORECASE).search(text, place)
        if end is None:
            open_to_the_end.add(tag)
            continue
        parts.append(text[start : found.start()])
        start = place = end.end()
    return "".join([*parts, text[start:]])


def _joined(text: str) -> str:
    """Text with the words that were broken at a line's end put together, with or without their hyphens.

    The rest of the text decides if it has the word; else a hyphen stays after parts that usually carry one.
    """
    lower, done = text.lower(), 0
    written = functools.cache(lambda word: word in lower)

    def join(found: re.Match[str]) -> str:
        nonlocal done
        before = _LEFT.search(text[max(done, found.start() - _LONGEST_WORD) : found.start()])
        if before is None:
            return found.group()
        done = found.end()
        left, right = before["left"], found["right"]
        if written(f"{left}-{right}".lower()):
            return f"-{right}"
        is_compound = (
            before["word"].endswith("-")
            or left.lower() in _FIRST_PARTS
            or left.isupper()
            or right[0].isupper()
        )
        return f"{'-' if is_compound else ''}{right}"

    return _BREAK.sub(join, text)


def _without_rights(text: str) -> str:
    """Text without copyright lines at its beginning or in its last part.

    A line goes as far as its sentences speak of rights: some publishers print more of the abstract after it.
    """
    found = _RIGHTS.search(text, max(0, len(text) - _TAIL) if _RIGHTS.match(text) is None else 0)
    while found:
        end = _legal_end(text, found.end())
        text = f"{text[: found.start()].rstrip(' ([')} {text[end:].lstrip(' .)]')}".strip()
        found = _RIGHTS.search(text, max(found.start() - 1, 0))
    return text


def _legal_end(text: str, place: int) -> int:
    """The end of the sentence at `place` and of those after it that are about rights."""
    end = place
    while end < len(text):
        stop = _next_end(text, end)
        if end > place and not _LEGAL.search(text, end, stop):
            return end
        end = stop
    return end


def _next_end(text: str, place: int) -> int:
    found = _SENTENCE_END.search(text, place)
    return found.end() if found else len(text)


def _without_heads(text: str) -> str:
    """Text without "Abstract" at its beginning and section heads before its sentences."""
    text = _HEAD.sub(r"\g<end>", f". {_FIRST_HEAD.sub('', text)}")
    if len({found["head"] for found in _OPEN_HEAD.finditer(text)}) > 1:
        text = _OPEN_HEAD.sub(r"\g<end>", text)
    return text[1:].strip()
