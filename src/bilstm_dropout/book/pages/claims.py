"""The ledger as parts of a page: a table of the claims for each group, and their evidence, a fold a claim."""

from __future__ import annotations

from collections.abc import Mapping

from ...claims import groups
from ...claims.claim import Claim
from ...errors import UserError
from ...experiments import robustness
from ...isolated import output_of
from ...paths import published_folder
from ...results.manifest import MANIFEST
from ..bibliography import citation

_HEADER = ("Claim", "Verdict", "Why", "What to do, and what it is worth")


def examined() -> dict[str, dict]:
    """By claim's number: wrong, and what claims.said gives; in a process of its own, kept."""
    folder = published_folder()
    files = [folder / MANIFEST, robustness.Shift.file(), *sorted((folder / "probe").glob("*.json"))]
    return output_of("bilstm_dropout.claims", files=[path for path in files if path.is_file()])


def pages() -> dict[str, str]:
    """The generated files of the ledger, by name. UserError where evidence no longer carries a verdict."""
    found = examined()
    wrong = [f"claim {number}: {line}" for number, each in found.items() for line in each["wrong"]]
    if wrong:
        more = f"; and {len(wrong) - 2} more" if len(wrong) > 2 else ""
        raise UserError(
            f"The ledger says what its evidence does not carry: {'; '.join(wrong[:2])}{more}. Bring its verdicts up to "
            "date (claims/about_masks.py, claims/about_training.py), or publish the runs that they rest on."
        )
    return {
        f"claims-{place}.md": f"{_table(title, claims, found)}\n\n### Evidence: {title[0].lower()}{title[1:]}\n\n"
        + "\n\n".join(_evidence(claim, found[str(claim.number)]) for claim in claims)
        for place, (title, claims) in enumerate(groups().items(), start=1)
    }


def _label(claim: Claim) -> str:
    return f"claim-{claim.number:02d}"


def _table(title: str, claims: tuple[Claim, ...], found: Mapping[str, dict]) -> str:
    """A row a claim, which its first cell names."""
    options = (":header-rows: 1", ":stub-columns: 1", ":widths: 26 12 31 31", ":class: ledger")
    lines = [f"::::{{list-table}} Claims: {title[0].lower()}{title[1:]}", *options, ""]
    for row in [_HEADER, *(_row(claim, found[str(claim.number)]) for claim in claims)]:
        lines += [("* - " if place == 0 else "  - ") + cell for place, cell in enumerate(row)]
    return "\n".join([*lines, "::::"])


def _row(claim: Claim, said: Mapping[str, str]) -> tuple[str, ...]:
    version = claim.version if claim.version.startswith("every") else f"Keras {claim.version}"
    verdict = f"**{claim.verdict}**" + (f", {version}" if claim.version else "")
    worth = f" *{_sentence(said['worth'])}*" if said["worth"] else ""
    return f"[{claim.number}](#{_label(claim)}). {claim.text}", verdict, said["why"], said["instead"] + worth


def _evidence(claim: Claim, said: Mapping[str, str | list[str]]) -> str:
    """A fold: what a second look needs, what was measured, what was read, and the test."""
    # The label stands inside: a browser opens the fold that holds what a link goes to.
    lines = [f":::{{dropdown}} {claim.number}. {claim.text}", "", f"({_label(claim)})=", "",
             " ".join(filter(None, [said["more"], f"Said in: {citation(claim.source)}."])), ""]  # fmt: skip
    if claim.same:
        lines += [f"What was measured stands at [claim {claim.same}](#claim-{claim.same:02d}).", ""]
    lines += [f"- {_sentence(line)}" for line in said["lines"]]
    lines += [f"- Read from the installed Keras: {_facts(claim.facts)}."] * bool(claim.facts)
    lines += [f"- Read from Keras {version}: {_facts(facts)}." for version, facts in claim.earlier.items()]
    lines += [f"- Masks of `{name}`, by the axes that draw for themselves: `{shape}`."
              for name, shape in claim.shapes.items()]  # fmt: skip
    lines += [f"- {citation(key)}, {where}." for key, where in claim.cites]
    if claim.reason:
        lines.append(f"- {_sentence(claim.reason)}")
    return "\n".join([*lines, f"- Test: `pytest '{claim.test}'`", ":::"])


def _sentence(text: str) -> str:
    """With a capital, if it does not begin with a name in code, and a full stop."""
    return f"{text[0].upper()}{text[1:]}."


def _facts(facts: Mapping[str, object]) -> str:
    said = {True: "yes", False: "no"}
    return ", ".join(f"`{name}`: {said[value] if isinstance(value, bool) else value}" for name, value in facts.items())
