"""Molecules that a text names, with their SMILES, by a language model; what RDKit cannot read is no molecule."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, Field

from operators.asking.prompt import PromptTemplate
from operators.asking.serving import LLMSession
from operators.chemistry.listed import Molecule, as_named, names_of
from operators.chemistry.molecules import canonical, smiles_fault
from operators.core.llm import LLMGenerate
from operators.tables.columns import Input, Output
from operators.tables.errors import RowFailed

_MOST: Final = 60


class NamedMolecule(BaseModel):
    abbreviation: str = Field(max_length=80, description="as the text writes it; the full name where there is none")
    full_name: str = Field(max_length=300)
    smiles: str = Field(max_length=1000, description="of the whole molecule, aromatic or Kekulé; no polymer, no reaction")


class NamedMolecules(BaseModel):
    molecules: list[NamedMolecule] = Field(max_length=_MOST, description="empty where the text names none")


class ExtractSmilesPrompt(PromptTemplate[NamedMolecules]):
    """The molecules of a text as SMILES."""

    system = (
        "You read chemical texts. You list the small molecules that they name (monomers, reagents, products), each once, with its SMILES. Polymers, "
        "classes of compounds and trade names of mixtures are no molecules: leave them out. Leave out what you cannot draw with certainty."
    )
    user = (
        "{% if names %}Only these, where the text has them: {{ names | join(', ') }}\n\n{% endif %}Text:\n{{ text | shorten(characters) }}\n\n"
        "List its molecules."
    )


class ExtractSmilesGenerator(LLMGenerate):
    """List the molecules that a text names with abbreviation, full name and SMILES, each SMILES read by RDKit.

    The model is told which of its SMILES are none, and answers again. Those that stay unreadable after `max_reasks` are left out of `molecules` and
    stand in `unreadable_smiles` with the reason. A text that names none has an empty list; a row about which the model gave no usable answer is set
    aside. With `abbreviations`, only those are asked for, and what has none of them as its abbreviation or full name is left out. `smiles` are in
    RDKit's canonical spelling. Polymers and classes of compounds, whose SMILES have open ends ("*"), are no molecules.
    """

    covers = ("ExtractSmilesFromTextGenerator",)
    source = "SMILES (Weininger 1988), read by RDKit"
    asks = ("find molecules in a chemistry paper", "convert compound names in a text to SMILES", "extract monomers with their structure")
    packages = ("rdkit",)
    extra = "chemistry"
    prompt_variables = ("names",)

    input_text = Input(str)
    input_abbreviations = Input(Any, optional=True, nulls="pass", description="names to look for: a list of texts, or of molecules")
    output_molecules = Output(list[Molecule])
    output_unreadable = Output(list[str], "unreadable_smiles", description="what RDKit cannot read, with the name that it was given for")

    prompt: PromptTemplate[NamedMolecules] = ExtractSmilesPrompt()
    characters: int = Field(20_000, ge=100, description="How much of the text the model sees.")
    max_tokens: int | None = Field(2048, ge=1, description="Longest answer, in tokens.")

    async def generate(self, llm: LLMSession, **values: Any) -> dict[str, Any]:
        try:
            names = names_of(values["abbreviations"])
        except ValueError as error:
            raise RowFailed(f"abbreviations: {error}") from error
        last: list[NamedMolecule] = []

        def check(answer: NamedMolecules) -> str | None:
            last[:] = answer.molecules
            faults = [f"{one.abbreviation}: {fault}" for one in answer.molecules if (fault := _fault(one.smiles))]
            return "; ".join(faults[:5]) or None

        try:
            answer: NamedMolecules = await self.ask(llm, {"text": values["text"], "names": names}, check=check)
            found = answer.molecules
        except RowFailed:
            if not last:
                raise
            found = last  # of the right shape, with SMILES that stayed unreadable
        return _columns(found, names)


def _fault(smiles: str) -> str | None:
    """Why it is the SMILES of no whole molecule; None where it is of one."""
    return smiles_fault(smiles) or ('it has open ends ("*"), and is no whole molecule' if "*" in smiles else None)


def _columns(found: list[NamedMolecule], names: list[str]) -> dict[str, Any]:
    wanted = {as_named(name) for name in names}
    molecules: list[dict[str, str]] = []
    unreadable: list[str] = []
    for one in found:
        if wanted and not wanted & {as_named(one.abbreviation), as_named(one.full_name)}:
            continue
        if fault := _fault(one.smiles):
            unreadable.append(f"{one.abbreviation}: {fault}")
            continue
        molecule = {"abbreviation": one.abbreviation.strip(), "full_name": one.full_name.strip(), "smiles": canonical(one.smiles) or ""}
        if molecule not in molecules:
            molecules.append(molecule)
    return {"molecules": molecules, "unreadable": unreadable}
