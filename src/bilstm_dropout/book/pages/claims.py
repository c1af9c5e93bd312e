"""The ledger as parts of a page: an overview, a section a claim, and the picture of the measured differences."""

from __future__ import annotations

from ...claims import table
from ...claims.claim import Claim
from ...errors import UserError
from ...experiments import ledger as experiments
from ...experiments import robustness
from ...figures.study import forest, forest_alt
from ...figures.svg import figure_html
from ...isolated import output_of
from ...paths import published_folder
from ...results.manifest import MANIFEST
from ...results.published import read
from .. import markdown
from ..bibliography import citation


def examined() -> dict[str, tuple[list[str], str]]:
    """By claim's number, what is wrong with its verdict and what was measured; in a process of its own, kept."""
    folder = published_folder()
    files = [folder / MANIFEST, robustness.Shift.file(), *sorted((folder / "probe").glob("*.json"))]
    return output_of("bilstm_dropout.claims", files=[path for path in files if path.is_file()])


def pages() -> dict[str, str]:
    """The generated files of the ledger, by name. UserError where evidence no longer carries a verdict."""
    found = examined()
    wrong = [f"claim {number}: {line}" for number, (lines, _) in found.items() for line in lines]
    if wrong:
        more = f"; and {len(wrong) - 2} more" if len(wrong) > 2 else ""
        raise UserError(
            f"The ledger says what its evidence does not carry: {'; '.join(wrong[:2])}{more}. Bring its verdicts up to "
            "date (claims/about_masks.py, claims/about_training.py), or publish the runs that they rest on."
        )
    rows = read(experiments.PART)
    labels = {name: label for name, (_, label, _, _) in experiments.CONTRASTS.items()}
    differences = {label: experiments.difference(rows, name) for name, label in labels.items()}
    return {
        "claims-overview.md": _overview(),
        "claims.md": "\n".join(_section(claim, found[str(claim.number)][1]) for claim in table()),
        "claims-differences.html": figure_html(
            forest(differences),
            alt=forest_alt(differences),
            caption=f"Paired differences on JapaneseVowels, {len(experiments.SEEDS)} seeds each, with 95 % intervals.",
        ),
    }


def _label(claim: Claim) -> str:
    return f"claim-{claim.number:02d}"


def _overview() -> str:
    rows = [[f"[{claim.number}](#{_label(claim)})", claim.text, f"**{claim.verdict}**"] for claim in table()]
    return markdown.table(["#", "claim", "verdict"], rows, "rll")


def _section(claim: Claim, measured: str) -> str:
    """A section: the claim and whose it is, the verdict, the evidence, and what to do instead."""
    version = f" (what it says of Keras: {claim.version})" if claim.version and claim.measure else ""
    version = f" (Keras: {claim.version})" if claim.version and not claim.measure else version
    lines = [f"({_label(claim)})=", f"### {claim.number}. {claim.text}", "", f"Source: {citation(claim.source)}.", "",
             f"**Verdict: {claim.verdict}**{version}. {claim.finding}", ""]  # fmt: skip
    if measured:
        lines += [f"**Measured.** {_listed(measured)}", ""]
    if claim.facts:
        lines += ["**Read from the installed Keras.** " + _facts(claim.facts) + ".", ""]
    for version, facts in claim.earlier.items():
        lines += [f"**Read from Keras {version}.** {_facts(facts)}.", ""]
    if claim.shapes:
        stated = "; ".join(f"`{name}`: `{shape}`" for name, shape in claim.shapes.items())
        lines += [f"**Masks, by the axes that draw for themselves.** {stated}.", ""]
    if claim.cites:
        lines += ["**Sources.** " + "; ".join(f"{citation(key)}, {where}" for key, where in claim.cites) + ".", ""]
    if claim.reason:
        lines += [f"**Why it is out of scope.** {claim.reason[0].upper()}{claim.reason[1:]}.", ""]
    lines += [f"**Instead.** {claim.instead}", "", f"Test: `pytest '{claim.test}'`", ""]
    return "\n".join(lines)


def _listed(measured: str) -> str:
    """A measured finding: as it stands, or, where it has many parts, as a list."""
    parts = [part[0].upper() + part[1:] for part in f"{measured}.".replace(". ", "; ").split("; ")]
    if len(parts) <= 2:
        return f"{measured[0].upper()}{measured[1:]}."
    return "\n\n" + "\n".join(f"- {part}" for part in parts)


def _facts(facts: dict[str, object]) -> str:
    said = {True: "yes", False: "no"}
    return ", ".join(
        f"`{name}`: {said[value] if isinstance(value, bool) else value}" for name, value in facts.items()
    )
