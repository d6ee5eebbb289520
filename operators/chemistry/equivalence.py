"""Molecules found in a text compared with those that are right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from operators.chemistry.listed import Molecule, as_named, molecules_of
from operators.chemistry.molecules import Salts, Stereo, Tautomers, same_molecule, smiles_fault
from operators.core.kinds import Evaluate
from operators.tables.columns import Input, Output


class Compared(BaseModel):
    """A gold molecule with what was given for it, or one that was given beside them."""

    abbreviation: str
    gold: str
    given: str
    verdict: str
    """same, different, missing, unreadable, not asked for, or gold is unreadable."""


class SmilesEquivalenceEvaluator(Evaluate):
    """Check molecules against gold molecules, name by name, as molecules and not as texts: precision, recall and F1 of each row.

    Names are the same whatever their case, spaces and hyphens; of several with one name each is compared once, so that none hides another. `salts`,
    `tautomers` and `stereo` say what makes another molecule. What was given and is not among the gold molecules lowers the precision; a gold SMILES
    that RDKit cannot read is said, and counts neither way. `compared` has the verdict on each. Null where there are no gold molecules.
    """

    covers = ("SmilesEquivalenceDatasetEvaluator",)
    source = "RDKit: MolStandardize; stereochemistry by substructure"
    asks = (
        "check predicted SMILES against the gold structures",
        "precision and recall of extracted molecules",
        "do these SMILES mean the same compound",
    )
    packages = ("rdkit",)
    extra = "chemistry"

    input_gold = Input(Any, "golden_label", nulls="pass", description="a list of molecules, as structs, JSON, or as Python writes it")
    input_given = Input(Any, "molecules", nulls="pass")
    output_right = Output(int, "molecules_right")
    output_gold = Output(int, "molecules_gold", description="those that can be read")
    output_given = Output(int, "molecules_given")
    output_precision = Output(float, "smiles_precision", description="null where nothing was given")
    output_recall = Output(float, "smiles_recall")
    output_f1 = Output(float, "smiles_f1")
    output_compared = Output(list[Compared], "smiles_compared")

    salts: Salts = "distinct"
    tautomers: Tautomers = "distinct"
    stereo: Stereo = "exact"

    def evaluate(self, gold: Any, given: Any) -> dict[str, Any]:
        golds, found = molecules_of(gold), molecules_of(given)
        if not golds:
            nothing = dict.fromkeys(("right", "gold", "precision", "recall", "f1"))
            return {**nothing, "given": len(found), "compared": [_extra(one) for one in found]}
        compared = self._compared(golds, found)
        right = sum(one["verdict"] == "same" for one in compared)
        unreadable = sum(one["verdict"] == "gold is unreadable" for one in compared)
        wanted = len(golds) - unreadable
        counted = len(found) - sum(one["verdict"] == "gold is unreadable" and bool(one["given"]) for one in compared)
        return {
            "right": right,
            "gold": wanted,
            "given": len(found),
            "precision": right / counted if counted else None,
            "recall": right / wanted if wanted else None,
            "f1": 2 * right / (wanted + counted) if wanted else None,
            "compared": compared,
        }

    def _compared(self, golds: Sequence[Molecule], found: Sequence[Molecule]) -> list[dict[str, str]]:
        """Each gold molecule with a free one of its name: the same molecule if there is one, else the first."""
        free = list(found)
        partners: dict[int, Molecule] = {}
        for only_same in (True, False):
            for place, gold in enumerate(golds):
                if place in partners:
                    continue
                named = [one for one in free if _names(one) & _names(gold)]
                named = [one for one in named if not only_same or self._same(gold, one)]
                if named:
                    partners[place] = named[0]
                    free.remove(named[0])
        told = [_told(gold, partners.get(place), self._verdict(gold, partners.get(place))) for place, gold in enumerate(golds)]
        return [*told, *map(_extra, free)]

    def _verdict(self, gold: Molecule, given: Molecule | None) -> str:
        if smiles_fault(gold.smiles):
            return "gold is unreadable"
        if given is None:
            return "missing"
        if smiles_fault(given.smiles):
            return "unreadable"
        return "same" if self._same(gold, given) else "different"

    def _same(self, gold: Molecule, given: Molecule) -> bool:
        return same_molecule(gold.smiles, given.smiles, self.salts, self.tautomers, self.stereo) is True


def _names(one: Molecule) -> set[str]:
    """By its abbreviation; by its full name where it has none."""
    return {as_named(one.abbreviation or one.full_name)}


def _told(gold: Molecule, given: Molecule | None, verdict: str) -> dict[str, str]:
    return {
        "abbreviation": gold.abbreviation or gold.full_name,
        "gold": gold.smiles,
        "given": given.smiles if given is not None else "",
        "verdict": verdict,
    }


def _extra(given: Molecule) -> dict[str, str]:
    return {"abbreviation": given.abbreviation or given.full_name, "gold": "", "given": given.smiles, "verdict": "not asked for"}
