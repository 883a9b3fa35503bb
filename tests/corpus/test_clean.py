"""Titles and abstracts as databases export them become what the authors wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.corpus.clean import clean_abstract, clean_name, clean_title

SAID = "We counted moss on forty roofs and found more of it than in the year before."


SPANISH = "Contamos el musgo en cuarenta tejados y encontramos más que en el año anterior."
ENDINGS = [
    "(Abstract shortened by UMI.)",
    "(Abstract shortened with permission of author.) (Publication abstract)",
    "Abstract shortened by ProQuest.",
    "(Copies available exclusively from Micrographics Department, Doheny Library, USC.)",
    "[The dissertation citations contained here are published with the permission of ProQuest Llc. Copies of "
    "dissertations may be obtained by Telephone (800) 1-800-521-0600. Web page: http://www.proquest.com.]",
    "© 2020 Los Autores. Publicado por Elsevier España, S.L.U. Todos los derechos reservados.",
    "Este es un artículo de acceso abierto distribuido bajo los términos de la licencia Creative Commons.",
    "Esta obra está bajo una licencia Creative Commons Atribución 4.0 Internacional.",
    "© 2018 Elsevier Masson SAS. Tous droits réservés.",
    "Cet article est sous licence Creative Commons Attribution 4.0.",
    "© 2019 Springer Medizin Verlag. Alle Rechte vorbehalten.",
    "Veröffentlicht von Elsevier GmbH. Dies ist ein Open-Access-Artikel unter der Lizenz CC BY-NC-ND.",
    "Todos os direitos reservados.",
    "Este é um artigo Open Access sob uma licença CC BY-NC-ND (http://creativecommons.org/licenses/by-nc-nd/4.0/).",
    "Pubblicato da Elsevier Srl. Tutti i diritti riservati.",
    "Quest'opera è distribuita con Licenza Creative Commons Attribuzione 4.0 Internazionale.",
]


@pytest.mark.parametrize("end", ENDINGS)
@pytest.mark.parametrize("said", [SAID, SPANISH])
def test_endings_about_rights_in_several_languages(end: str, said: str) -> None:
    assert clean_abstract(f"{said} {end}") == said


@pytest.mark.parametrize(
    "said",
    [
        "Nous étudions les licences libres et les droits d'auteur. Tous les droits sont comparés.",
        "Este artículo estudia las licencias Creative Commons. Los derechos de autor se comparan.",
        "Die Rechte der Tiere werden hier verglichen. Alle Rechte der Kinder stehen daneben.",
    ],
)
def test_papers_about_rights_stay(said: str) -> None:
    assert clean_abstract(said) == said


@pytest.mark.parametrize(
    "raw",
    [
        f"<p>{SAID}</p>",
        f"<jats:title>Abstract</jats:title><jats:p>{SAID}</jats:p>",
        f"<jats:sec><jats:title>Background</jats:title><jats:p>{SAID}</jats:p></jats:sec>",
        f"&lt;p&gt;{SAID}&lt;/p&gt;",
        f"Abstract {SAID}",
        f"ABSTRACT: {SAID}",
        f"BACKGROUND: {SAID}",
        f"Background and aims: {SAID}",
        f"(1) Background: {SAID}",
        f"{SAID} © 2019 Elsevier Ltd. All rights reserved.",
        f"{SAID} (C) 2018 Elsevier B.V. All rights reserved.",
        f"{SAID} Copyright (c) 2021 The Author(s). Published by Elsevier Ltd.",
        f"{SAID} Copyright © 2022. Published by Elsevier Inc.",
        f"{SAID} © 2018",
        f"{SAID} © Springer Nature Switzerland AG 2019.",
        f"{SAID} © 2013 Wiley Periodicals, Inc. J Biomed Mater Res Part B 101B: 1310-1320, 2013.",
        f"{SAID} (PsycINFO Database Record (c) 2019 APA, all rights reserved) (journal abstract)",
        f"{SAID} [ABSTRACT FROM AUTHOR] Copyright of Moss Letters is the property of Some Press and its "
        "content may not be copied or emailed without written permission. However, users may print it.",
        f"{SAID} This article is protected by copyright. All rights reserved.",
        f"{SAID} All rights reserved.",
        f"© 2019, Springer Nature Limited. {SAID}",
        f"© 2019 Elsevier B.V. All rights reserved. {SAID}",
        SAID.replace("moss", "mo\u00adss\u200b"),
        SAID.replace("found more", "found\n   more"),
        SAID.replace("counted", "coun-\nted"),
        SAID.replace("moss", "{moss}"),
        SAID.replace("moss", "\\emph{moss}"),
        SAID.replace("forty", "<b>forty</b>"),
        f"{SAID} (ABSTRACT TRUNCATED AT 250 WORDS)",
    ],
)
def test_only_what_the_authors_wrote_is_left(raw: str) -> None:
    assert clean_abstract(raw) == SAID


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("یادگیری ماشین می\u200cشود", None),
        ("क्\u200dष और अवन്\u200d", None),
        ("ش\u200c ب\u200c\u200cت", "ش ب\u200cت"),
        ("mo\u200css \u200don\u200c stones", "moss on stones"),
        ("می&zwnj;شود", "می\u200cشود"),
    ],
)
def test_joiners_stay_in_the_scripts_that_need_them(raw: str, cleaned: str | None) -> None:
    """Persian writes its verbs with a non-joiner, Indic scripts half letters and chillus with a joiner."""
    assert clean_title(raw) == (cleaned or raw)
    assert clean_title(clean_title(raw)) == clean_title(raw)


@pytest.mark.parametrize(
    "text",
    [
        SAID,
        "We find p < 0.05 and q > 3 in all cases, and R&D <5% of it.",
        "It costs $5 million to build and $10 to run.",
        "The autologous matrix (AMIC©) is a new technique for repair of cartilage.",
        "Groups were (a) mild, (b) moderate and (c) severe, as in (c) above.",
        "The results: a new method is better. Methods matter.",
        "Copyright law in the digital age: we study how courts decide.",
        "We searched Medline and PsycINFO for studies published by Elsevier journals.",
        "Naïve Bayes, Erdős and Ångström are spelt right here: Ã is a letter too.",
        "Sets like (1, 2) and intervals [0, 1] stay.",
    ],
)
def test_text_that_only_looks_like_it_stays(text: str) -> None:
    assert clean_abstract(text) == text


def test_text_after_a_copyright_line_stays() -> None:
    raw = "First part. Copyright © 2015 John Wiley & Sons, Ltd. Key message: moss grows everywhere."
    assert clean_abstract(raw) == "First part. Key message: moss grows everywhere."


def test_heads_inside_are_taken_out() -> None:
    raw = "AIM: To count. METHODS: We counted. RESULTS: Ten. CONCLUSIONS: More is needed."
    assert clean_abstract(raw) == "To count. We counted. Ten. More is needed."
    raw = "Background The roof is old. Methods We counted. Results It was ten."
    assert clean_abstract(raw) == "The roof is old. We counted. It was ten."


def test_glued_heads_are_taken_out() -> None:
    raw = "AimGlobal roofs are old. MethodsWe counted. ResultsA roof had ten."
    assert clean_abstract(raw) == "Global roofs are old. We counted. A roof had ten."
    assert clean_abstract("MethodsX and ResultsDB are names.") == "MethodsX and ResultsDB are names."


def test_one_open_head_alone_may_be_a_word() -> None:
    assert clean_abstract("Context Aware roofs count moss.") == "Context Aware roofs count moss."


@pytest.mark.parametrize(
    "added",
    [
        "[Author Abstract]",
        "[Author abstract]",
        "(As Provided)",
        "(As Provided by Publisher)",
        "(Author/ABC)",
        "(Author)",
        "(Contains 3 tables and 2 figures.)",
        "[ABSTRACT FROM AUTHOR]",
        "(English) [ABSTRACT FROM AUTHOR]",
        "[PUBLICATION ABSTRACT]",
        "(Original abstract)",
        "(Italian abstract)",
        "ABSTRACT FROM AUTHOR",
        "[Copyright &y& Elsevier]",
        "Adapted from the source document.",
        "Reprinted by permission of the publisher.",
        "Copyright",
        "Copyright Published by Elsevier B.V.",
        "Copyright This work is available in Open Access model and licensed under a CC BY-NC 3.0 PL license.",
        "Crown Copyright © 2019. Published by Elsevier B.V. All rights reserved.",
        "(copyright) Georg Thieme Verlag KG Stuttgart.",
        "No commercial re-use. See rights and permissions. Published by BMJ.",
        "© Author(s) (or their employer(s)) 2020. Re-use permitted under CC BY-NC. No commercial re-use. See "
        "rights and permissions. Published by BMJ.",
        "© 2019 The Authors. Published by Elsevier Ltd. This is an open access article under the CC BY-NC-ND "
        "license (http://creativecommons.org/licenses/by-nc-nd/4.0/).",
        "This is an open-access article distributed under the terms of the Creative Commons Attribution "
        "License, which permits unrestricted use, distribution, and reproduction in any medium, provided the "
        "original author and source are credited.",
        "This is an open access article, free of all copyright, and may be freely reproduced, "
        "distributed, transmitted, modified, built upon, or otherwise used by anyone for any lawful purpose. "
        "The work is made available under the Creative Commons CC0 public domain dedication.",
        "This article is licensed under a Creative Commons Attribution 4.0 International License, which "
        "permits use, sharing, adaptation, distribution and reproduction in any medium or format. To view "
        "a copy of this licence, visit http://creativecommons.org/licenses/by/4.0/.",
        "This work is written by US Government employees and is in the public domain in the US.",
        "© 2020 by the authors. Licensee MDPI, Basel, Switzerland.",
        "Published under licence by IOP Publishing Ltd.",
        "For permissions, please e-mail: journals.permissions@oup.com.",
        "CC BY 4.0",
    ],
)
def test_remarks_and_licence_texts_at_the_end_go_whole(added: str) -> None:
    assert clean_abstract(f"{SAID} {added}") == SAID


@pytest.mark.parametrize(
    "said",
    [
        "The code is released under the CC BY license.",
        "We study open access articles and their licence terms.",
        "This dataset is freely available under the MIT license.",
        "Creative Commons licences are studied here.",
        "This paper is about open access and copyright in the public domain of many countries.",
        "The data are published under an open licence.",
    ],
)
def test_papers_about_licences_keep_their_text(said: str) -> None:
    assert clean_abstract(f"{SAID} {said}") == f"{SAID} {said}"


@pytest.mark.parametrize("raw", ["", "NA", "n/a", "[No abstract available]", "Abstract", "null", " - ", "."])
def test_placeholders_are_no_abstract(raw: str) -> None:
    assert clean_abstract(raw) == ""


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("No Title", ""),
        ("Moss on roofs.", "Moss on roofs"),
        ("Moss on roofs in the U.S.", "Moss on roofs in the U.S."),
        ("A reply to Smith et al.", "A reply to Smith et al."),
        ("Moss on\n  roofs", "Moss on roofs"),
        ("<i>Bryophyta</i> &amp; roofs", "Bryophyta & roofs"),
        ("H<sub>2</sub>O on roofs", "H2O on roofs"),
        ("The {DNA} of {\\it moss}", "The DNA of moss"),
        ("Moss growth at $\\alpha$-sites", "Moss growth at α-sites"),
        ("Scaling to 100$\\times$ on CO$_2$", "Scaling to 100× on CO2"),
        ("Moss na rÃ³wninie", "Moss na równinie"),
    ],
)
def test_titles(raw: str, clean: str) -> None:
    assert clean_title(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Tram{\\`e}r, Florian", "Tramèr, Florian"),
        ("{\\O}deg{\\aa}rd, Chiara", "Ødegård, Chiara"),
        ("Erd\\H{o}s, P.", "Erdős, P."),
        ("O'Neil, Ann-Marie", "O'Neil, Ann-Marie"),
    ],
)
def test_names(raw: str, clean: str) -> None:
    assert clean_name(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a self-\nsupervised model", "a self-supervised model"),
        ("compu-\ntation and computation", "computation and computation"),
        ("a well-known and well-\nknown thing", "a well-known and well-known thing"),
        ("state-of-the-\nart models", "state-of-the-art models"),
        ("anti-\r\nCD20 cells", "anti-CD20 cells"),
        ("an ordi-\n   nary break", "an ordinary break"),
        ("pre- and post-test", "pre- and post-test"),
    ],
)
def test_broken_words_are_joined(raw: str, clean: str) -> None:
    assert clean_abstract(raw) == clean


@pytest.mark.parametrize(
    "piece",
    [
        "background and  and ",
        "background and \\",
        "(",
        "{",
        "$",
        "<p ",
        "<!--",
        "\\a{",
        "© 2019 ",
        "a-\n",
        ". A ",
        "Ã©",
    ],
)
def test_long_repetition_comes_back(piece: str) -> None:
    assert isinstance(clean_abstract(piece * 2000), str)


TEXTS = st.text(st.sampled_from("ab AB.:-–<>&;$\\{}[]()©1 \n'\"éÃ©\u00ad_^%"), max_size=120)


@given(st.one_of(TEXTS, st.text(max_size=120)))
def test_cleaning_takes_anything_and_gives_one_line(raw: str) -> None:
    for clean in (clean_title, clean_abstract, clean_name):
        text = clean(raw)
        assert "\n" not in text
        assert clean is clean_name or text == text.strip()


@given(st.lists(st.sampled_from(SAID.split()), min_size=1, max_size=30).map(" ".join))
def test_plain_words_are_untouched(text: str) -> None:
    assert clean_abstract(text) == text


@given(st.one_of(TEXTS, st.text(max_size=120)))
def test_clean_text_stays_as_it_is(raw: str) -> None:
    for clean in (clean_title, clean_abstract, clean_name):
        assert clean(clean(raw)) == clean(raw)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("known as {\\it weaving knots of type $(p,m)$.} They", "known as weaving knots of type (p,m). They"),
        ("by \\textbf{$\\mathit{CAR_{RBAC}}$} for access", "by CAR_RBAC for access"),
        ("the Wiedemann&shy;-Franz law", "the Wiedemann-Franz law"),
    ],
)
def test_what_one_pass_lays_bare_the_next_takes_out(raw: str, clean: str) -> None:
    assert clean_abstract(raw) == clean
