"""Molecules as SMILES, read by RDKit: whether a text is one, and whether two are the same molecule."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from rdkit.Chem import Mol

Salts: TypeAlias = Literal["distinct", "same"]
"""Whether a salt is another molecule than its acid or base; "same" compares the largest part, uncharged."""
Tautomers: TypeAlias = Literal["distinct", "same"]
"""Whether forms that differ in the place of a hydrogen are other molecules."""
Stereo: TypeAlias = Literal["exact", "as gold", "ignore"]
""" "as gold": what the gold molecule leaves open may be anything."""

LONGEST: Final = 2000
"""Characters of a SMILES that is read."""
_MOST_ATOMS_FOR_TAUTOMERS: Final = 150
_MOST_TAUTOMERS: Final = 200
_SALT_BOND: Final = "[Li,Na,K,Rb,Cs,Mg,Ca,Sr,Ba]~[#16,Cl,Br,I]"
"""Drawn as a bond by some, as charges by others; RDKit knows those to oxygen, nitrogen and fluorine itself."""


def smiles_fault(smiles: str) -> str | None:
    """Why a text is no SMILES of a molecule; None where it is one.

    >>> smiles_fault("c1ccccc1O"), smiles_fault("c1ccccc"), smiles_fault("phenol")
    (None, 'RDKit cannot read "c1ccccc" as a molecule', 'RDKit cannot read "phenol" as a molecule')
    """
    if not smiles.strip():
        return "it is empty"
    if len(smiles) > LONGEST:
        return f"it has {len(smiles):,} characters, more than {LONGEST:,}"
    return None if _molecule(smiles) is not None else f'RDKit cannot read "{_shown(smiles)}" as a molecule'


def same_molecule(gold: str, other: str, salts: Salts = "distinct", tautomers: Tautomers = "distinct", stereo: Stereo = "exact") -> bool | None:
    """Whether two SMILES are the same molecule, however they are written; None where one of them cannot be read.

    >>> same_molecule("OCC", "CCO"), same_molecule("CC(=O)[O-].[Na+]", "CC(=O)O"), same_molecule("CC(=O)[O-].[Na+]", "CC(=O)O", salts="same")
    (True, False, True)
    """
    from rdkit import Chem

    one, two = (_standard(smiles, salts, tautomers, stereo == "ignore") for smiles in (gold, other))
    if one is None or two is None:
        return None
    if stereo != "as gold":
        return one == two
    flat = (_standard(smiles, salts, tautomers, True) for smiles in (gold, other))
    if len(set(flat)) != 1:
        return False
    wanted, given = Chem.MolFromSmiles(one), Chem.MolFromSmiles(two)
    return bool(given.HasSubstructMatch(wanted, useChirality=True))


@functools.lru_cache(maxsize=4096)
def _standard(smiles: str, salts: Salts, tautomers: Tautomers, flat: bool) -> str | None:
    """One spelling for all SMILES of a molecule, also where charges (S=O, [S+][O-]) or a metal's bond ([Na]O, [Na+].[O-]) are drawn otherwise."""
    molecule = _molecule(smiles)
    if molecule is None:
        return None
    from rdkit import Chem, rdBase
    from rdkit.Chem.MolStandardize import rdMolStandardize

    with rdBase.BlockLogs():
        salts_apart = rdMolStandardize.MetalDisconnector()
        salts_apart.SetMetalNon(Chem.MolFromSmarts(_SALT_BOND))
        molecule = salts_apart.Disconnect(rdMolStandardize.MetalDisconnector().Disconnect(molecule))
        molecule = rdMolStandardize.Normalizer().normalize(molecule)
        if flat:
            Chem.RemoveStereochemistry(molecule)
        if salts == "same":
            molecule = rdMolStandardize.Uncharger().uncharge(rdMolStandardize.LargestFragmentChooser().choose(molecule))
        if tautomers == "same" and molecule.GetNumHeavyAtoms() <= _MOST_ATOMS_FOR_TAUTOMERS:
            enumerator = rdMolStandardize.TautomerEnumerator()
            enumerator.SetMaxTautomers(_MOST_TAUTOMERS)
            enumerator.SetMaxTransforms(_MOST_TAUTOMERS)
            enumerator.SetRemoveSp3Stereo(False)  # L-alanine is not D-alanine, though a hydrogen can leave its centre
            molecule = enumerator.Canonicalize(molecule)
        return str(Chem.MolToSmiles(molecule))


def canonical(smiles: str) -> str | None:
    """RDKit's spelling of a SMILES; None where it is none."""
    from rdkit import Chem

    molecule = _molecule(smiles)
    return None if molecule is None else str(Chem.MolToSmiles(molecule))


def _molecule(smiles: str) -> Mol | None:
    from rdkit import Chem, rdBase

    text = smiles.strip()
    if not text or len(text) > LONGEST or any(mark.isspace() for mark in text):
        return None  # RDKit reads what stands after a space as a name
    with rdBase.BlockLogs():
        molecule = Chem.MolFromSmiles(text)
    for atom in molecule.GetAtoms() if molecule is not None else ():
        atom.SetAtomMapNum(0)  # numbers of a reaction's atoms say nothing of the molecule
    return molecule


def _shown(smiles: str) -> str:
    return smiles if len(smiles) <= 80 else f"{smiles[:79]}…"
