"""LaTeX to readable text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.corpus.latex import readable


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("no marks at all", "no marks at all"),
        ("the $n$-body problem", "the n-body problem"),
        ("$\\alpha$ and $\\beta_1$", "α and β1"),
        ("$^6$He nuclei", "6He nuclei"),
        ("of order $ O(\\epsilon) $ here", "of order  O(ϵ) here"),
        ('M\\"odersheim and Erd\\H{o}s', "Mödersheim and Erdős"),
        ("{\\it Anal. PDE}", "Anal. PDE"),
        ("\\emph{restricted} \\textbf{continuity}", "restricted continuity"),
        ("see \\cite{knuth} and \\url{https://x.org}", "see  and https://x.org"),
        ("``guardrails'' and 50\\%", '"guardrails" and 50%'),
        ("{``}Why?{''} {A} study", '"Why?" A study'),
        ("costs $5 to $10 a day", "costs $5 to $10 a day"),
        ("$5-$10 a day", "$5-$10 a day"),
        ("P$<$0.7 GPa", "P<0.7 GPa"),
        ("{Bayesian} {DNA}", "Bayesian DNA"),
        (
            "Costs \\& \\textit{in vitro} tests rose by 5 \\% \\emph{per year}, for 3 \\% \\alpha-blockers.",
            "Costs & in vitro tests rose by 5 % per year, for 3 % α-blockers.",
        ),
        ("\\$ \\textbf{5} \\# \\emph{one} \\_ \\it{x}", "$ 5 # one _ x"),
        (
            "p {\\textless} 0.05; n {\\textgreater} 30; {\\textasciitilde}40\\% of cases",
            "p < 0.05; n > 30; ~40% of cases",
        ),
        ("{\\textbeta}-carotene, \\textalpha-helix and 5 \\textmu m", "β-carotene, α-helix and 5 μm"),
        ("P(A{\\textbar}B) of 2{\\textasciicircum}n", "P(A|B) of 2^n"),
        ("{\\textless}i{\\textgreater}Apis{\\textless}/i{\\textgreater}", "<i>Apis</i>"),
        ("\\textless b\\textgreater", "<b>"),
        ("\\'\\i{}, \\^{\\i}, \\' e, \\~n, \\'{\\ae}", "í, î, é, ñ, ǽ"),
        ("see~Fig.~1 and about {\\textasciitilde}5 \\%", "see Fig. 1 and about ~5 %"),
        ("H$_{2}$O and CO$_2$", "H2O and CO2"),
        ("an open { brace", "an open { brace"),
        ("$$E = mc^2$$", "E = mc^2"),
        ("\\texttt{code\\_x} in \\mbox{the box} of \\textsf{BERT}", "code_x in the box of BERT"),
        ("\\href{https://x.org}{our page} and \\unknown{words}", "our page and words"),
        ("$\\mathbf{x} \\in \\mathcal{X}$ and $\\mathrm{H}_2$", "x ∈ X and H2"),
        ("$x \\to \\infty$, $\\{0, 1\\}$", "x → ∞, {0, 1}"),
        ("the set \\{1, 2\\} of {IEEE}", "the set {1, 2} of IEEE"),
        ("C:{\\textbackslash}Users, the sign {\\textbackslash}", "C:∖Users, the sign ∖"),
        (
            "10\\textsuperscript{6} cells, the 1\\textsuperscript{st}, cm\\textsuperscript{2}",
            "10^6 cells, the 1st, cm2",
        ),
        (
            "CO\\textsubscript{2}, \\ensuremath{\\leq} 5, \\ce{Fe^{3+}}, 37$^{\\circ}$C",
            "CO2, ≤ 5, Fe3+, 37°C",
        ),
        (
            "\\SI{5}{\\micro\\metre}, \\SI[per-mode=symbol]{3e-4}{\\kilo\\gram\\per\\cubic\\metre}",
            "5 µm, 3e-4 kg/m3",
        ),
        ("\\qty{20}{\\percent} at \\SI{300}{K}, \\si{\\kilo\\hertz}", "20 % at 300 K, kHz"),
        ("\\num{1e6}, \\SIrange{1}{10}{\\mega\\pascal}, \\ang{45}", "1e6, 1–10 MPa, 45°"),
        ("\\textpm 3, 5 \\textdegree C, \\LaTeX{} and \\TeX", "±3, 5 °C, LaTeX and TeX"),
        ("\\begin{itemize}\\item one \\item two\\end{itemize}", "* one * two"),
    ],
)
def test_readable(raw: str, text: str) -> None:
    assert " ".join(readable(raw).split()) == " ".join(text.split())


@given(st.text(st.sampled_from("ab\\${}^_ []()\n%&~'\"emphbegin"), max_size=80))
def test_malformed_latex_raises_nothing(raw: str) -> None:
    assert isinstance(readable(raw), str)


@given(st.text(st.characters(blacklist_characters="\\${}"), max_size=80))
def test_text_without_marks_is_unchanged(raw: str) -> None:
    assert readable(raw) == raw


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"S\o rensen and Erd\H os", "Sørensen and Erdős"),
        (r"Na\"\i ve Bayes and \v Cech sets", "Naïve Bayes and Čech sets"),
        (r"Stra\ss e, \L ukasz, \AA sa, Mar\'\i a", "Straße, Łukasz, Åsa, María"),
        (r"Ji\v r\'i", "Jiří"),
        (r"slits 3 \AA wide", "slits 3 Å wide"),
    ],
)
def test_the_space_that_ends_a_macro_of_a_letter_parts_no_word(written, read):
    assert readable(written) == read
