"""Molecules found in texts and compared as molecules; and faults of the reference's operators that ours have not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from operators.asking.answers import Failure
from operators.chemistry.equivalence import SmilesEquivalenceEvaluator
from operators.chemistry.extraction import ExtractSmilesGenerator
from operators.chemistry.listed import molecules_of, names_of
from operators.tables.errors import ColumnError
from tests.faults import fault
from tests.math.asking import always, ask, in_turn, run
from tests.text.faults.asking import user_text

pytest.importorskip("rdkit", reason="rdkit is not installed: pip install 'dataflow-dagster[chemistry]'")

from operators.chemistry.molecules import Salts, Stereo, Tautomers, canonical, same_molecule, smiles_fault

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("DATAFLOW_SHARED_DATA", ROOT.parent / "shared" / "data"))

WATER = {"abbreviation": "W", "full_name": "water", "smiles": "O"}
ETHANOL = {"abbreviation": "EtOH", "full_name": "ethanol", "smiles": "OCC"}
BROKEN = {"abbreviation": "X", "full_name": "nothing", "smiles": "c1ccccc"}


# Extraction


@fault("SMILES are not validated")
def test_what_rdkit_cannot_read_is_asked_for_again_and_then_left_out_with_the_reason() -> None:
    answers = in_turn(json.dumps({"molecules": [ETHANOL, BROKEN]}), json.dumps({"molecules": [ETHANOL, {**BROKEN, "smiles": "c1ccccc1"}]}))
    kept, _, serving = ask(ExtractSmilesGenerator(), [{"text": "Ethanol and X."}], answers)
    assert [one["smiles"] for one in kept[0]["molecules"]] == ["CCO", "c1ccccc1"]
    assert kept[0]["unreadable_smiles"] == []
    assert 'RDKit cannot read "c1ccccc" as a molecule' in str(serving.requests[1].messages[-1].content)
    kept, _, serving = ask(ExtractSmilesGenerator(max_reasks=1), [{"text": "Ethanol and X."}], always(molecules=[ETHANOL, BROKEN]))
    assert [one["abbreviation"] for one in kept[0]["molecules"]] == ["EtOH"]
    assert kept[0]["unreadable_smiles"] == ['X: RDKit cannot read "c1ccccc" as a molecule']
    assert len(serving.requests) == 2


@fault("class default is refused (TypeError)")
@fault("failure and 'nothing found' look the same")
@fault("LLM exception is caught and the step returns without writing, so the next step fails far from the cause")
def test_nothing_found_is_an_empty_list_and_a_failure_is_a_row_set_aside() -> None:
    answers = in_turn(json.dumps({"molecules": []}), Failure("timeout", "no answer in 60 s"), "no JSON at all")
    kept, aside, _ = ask(ExtractSmilesGenerator(max_reasks=0), [{"text": text} for text in ("a", "b", "c")], answers)
    assert [(row["text"], row["molecules"]) for row in kept] == [("a", [])]
    assert [row["rejected_reason"].partition(":")[0] for row in aside] == ["timeout", "invalid_answer"]


def test_only_the_names_that_were_asked_for_stay_and_each_molecule_once() -> None:
    row = {"text": "Ethanol in water.", "abbreviations": "[{'abbreviation': 'etoh'}]"}
    answer = always(molecules=[WATER, ETHANOL, {**ETHANOL, "smiles": "CCO"}])
    kept, _, serving = ask(ExtractSmilesGenerator(), [row], answer)
    assert kept[0]["molecules"] == [{**ETHANOL, "smiles": "CCO"}]
    assert "Only these, where the text has them: etoh" in user_text(serving.requests[0])
    _, aside, serving = ask(ExtractSmilesGenerator(), [{"text": "a", "abbreviations": "{'a': "}])
    assert aside[0]["rejected_reason"].startswith("abbreviations: it is no list of molecules")
    assert serving.requests == []


@pytest.mark.parametrize("name", ["EtOH", "etoh", "Et-OH", "ethanol", " Ethanol "])
def test_what_was_asked_for_is_found_by_any_of_its_names_however_it_is_written(name: str) -> None:
    kept, _, _ = ask(ExtractSmilesGenerator(), [{"text": "Ethanol in water.", "abbreviations": [name]}], always(molecules=[WATER, ETHANOL]))
    assert [one["full_name"] for one in kept[0]["molecules"]] == ["ethanol"]


def test_a_polymer_is_no_molecule() -> None:
    polymer = {"abbreviation": "PE", "full_name": "polyethylene", "smiles": "*CC*"}
    kept, _, serving = ask(ExtractSmilesGenerator(max_reasks=1), [{"text": "Polyethylene in water."}], always(molecules=[WATER, polymer]))
    assert [one["abbreviation"] for one in kept[0]["molecules"]] == ["W"]
    assert kept[0]["unreadable_smiles"] == ['PE: it has open ends ("*"), and is no whole molecule']
    assert len(serving.requests) == 2


# Equivalence


@fault("tautomers, salts and missing stereo count as different")
@pytest.mark.parametrize(
    ("gold", "given", "chosen", "same"),
    [
        ("OCC", "CCO", {}, True),
        ("C1=CC=CC=C1", "c1ccccc1", {}, True),
        ("CC(=O)[O-].[Na+]", "CC(=O)O", {}, False),
        ("CC(=O)[O-].[Na+]", "CC(=O)O", {"salts": "same"}, True),
        ("C[NH3+].[Cl-]", "CN", {"salts": "same"}, True),
        ("CC(=O)C", "CC(O)=C", {}, False),
        ("CC(=O)C", "CC(O)=C", {"tautomers": "same"}, True),
        ("O=c1cccc[nH]1", "Oc1ccccn1", {"tautomers": "same"}, True),
        ("C[C@H](N)C(=O)O", "CC(N)C(=O)O", {}, False),
        ("C[C@H](N)C(=O)O", "CC(N)C(=O)O", {"stereo": "as gold"}, False),
        ("CC(N)C(=O)O", "C[C@H](N)C(=O)O", {"stereo": "as gold"}, True),
        ("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", {"stereo": "as gold"}, False),
        ("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", {"stereo": "ignore"}, True),
        ("C/C=C/C", "C/C=C\\C", {"stereo": "ignore"}, True),
        ("[2H]C", "CC", {"stereo": "ignore"}, False),
        ("CCO", "CCC", {"stereo": "ignore", "salts": "same", "tautomers": "same"}, False),
        ("CS(=O)C", "C[S+](C)[O-]", {}, True),
        ("CN(C)(C)=O", "C[N+](C)(C)[O-]", {}, True),
        ("CC(=O)O[Na]", "CC(=O)[O-].[Na+]", {}, True),
        ("CC(=O)O[Na]", "CC(=O)O", {"salts": "same"}, True),
        ("[Na]Cl", "[Cl-].[Na+]", {}, True),
        ("CC(=O)O[Na]", "CC(=O)O[K]", {}, False),
        ("[CH3:1][OH:2]", "CO", {}, True),
        ("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", {"tautomers": "same"}, False),
        ("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", {"tautomers": "same", "stereo": "ignore"}, True),
        ("CC(=O)/C=C(/C)O", "CC(=O)/C=C(\\C)O", {"tautomers": "same"}, True),
        ("N[C@@H](Cc1c[nH]cn1)C(=O)O", "N[C@@H](Cc1cnc[nH]1)C(=O)O", {"tautomers": "same"}, True),
    ],
)
def test_what_makes_another_molecule_is_chosen(gold: str, given: str, chosen: dict[str, Any], same: bool) -> None:
    assert same_molecule(gold, given, **chosen) is same
    rows = [{"golden_label": [{**WATER, "smiles": gold}], "molecules": [{**WATER, "smiles": given}]}]
    [row] = run(SmilesEquivalenceEvaluator(**chosen), rows)[0]
    assert row["smiles_compared"][0]["verdict"] == ("same" if same else "different")


@fault("duplicate abbreviations overwrite")
@fault("case-sensitive alignment")
def test_each_molecule_is_compared_once_whatever_the_case_of_its_name_and_none_hides_another() -> None:
    gold = [{**WATER, "abbreviation": "4,4'-ODA"}, {**WATER, "abbreviation": "4,4'-ODA", "smiles": "CCO"}]
    given = [{**WATER, "abbreviation": "4,4′-oda", "smiles": "CCO"}, {**WATER, "abbreviation": "4,4'-Oda"}]
    [row] = run(SmilesEquivalenceEvaluator(), [{"golden_label": gold, "molecules": given}])[0]
    assert (row["molecules_right"], row["molecules_gold"]) == (2, 2)
    [half] = run(SmilesEquivalenceEvaluator(), [{"golden_label": gold, "molecules": given[:1]}])[0]
    assert [one["verdict"] for one in half["smiles_compared"]] == ["missing", "same"]


@fault("extra predictions are not punished (recall only)")
def test_what_was_not_asked_for_lowers_the_precision() -> None:
    [row] = run(SmilesEquivalenceEvaluator(), [{"golden_label": [WATER], "molecules": [WATER, ETHANOL, BROKEN]}])[0]
    assert (row["smiles_precision"], row["smiles_recall"], row["smiles_f1"]) == (pytest.approx(1 / 3), 1.0, 0.5)
    assert [one["verdict"] for one in row["smiles_compared"]] == ["same", "not asked for", "not asked for"]


def test_what_cannot_be_judged_counts_neither_way() -> None:
    rows = [
        {"golden_label": json.dumps([WATER]), "molecules": json.dumps([{**WATER, "smiles": "c1ccccc"}])},
        {"golden_label": json.dumps([BROKEN, WATER]), "molecules": json.dumps([WATER])},
        {"golden_label": None, "molecules": json.dumps([WATER])},
        {"golden_label": json.dumps([WATER]), "molecules": None},
    ]
    kept, _ = run(SmilesEquivalenceEvaluator(), rows)
    assert [row["smiles_f1"] for row in kept] == [0.0, 1.0, None, 0.0]
    assert [row["smiles_precision"] for row in kept] == [0.0, 1.0, None, None]
    assert [row["smiles_compared"][0]["verdict"] for row in kept] == ["unreadable", "gold is unreadable", "not asked for", "missing"]


@fault("rdkit imported inside the inner loop")
def test_a_molecule_is_read_once_however_often_it_is_compared() -> None:
    from operators.chemistry import molecules

    molecules._standard.cache_clear()
    run(SmilesEquivalenceEvaluator(), [{"golden_label": [WATER], "molecules": [WATER]}] * 50)
    assert molecules._standard.cache_info().misses == 1


@pytest.mark.parametrize("text", ["", " ", "phenol", "c1ccccc", "C C", "C" * 3000, "C(" * 500, "[Na", "\x00", "水"])
def test_what_is_no_smiles_is_said_and_never_an_error(text: str) -> None:
    assert smiles_fault(text)
    assert same_molecule(text, "C") is None
    assert canonical(text) is None


def test_molecules_are_read_as_people_list_them() -> None:
    assert [one.smiles for one in molecules_of([WATER, ETHANOL])] == ["O", "OCC"]
    assert molecules_of(str([WATER])) == molecules_of(json.dumps([WATER])) == molecules_of(WATER)
    assert names_of("[{'abbreviation': 'PMDA'}, {'abbreviation': 'ODA'}]") == ["PMDA", "ODA"]
    for nonsense in ("nonsense", "[1]", "{'a': 1}", "(" * 5000):
        with pytest.raises(ValueError, match="molecule"):
            molecules_of(nonsense)


def test_without_rdkit_both_say_how_to_install_it_before_anything_runs() -> None:
    code = (
        "import sys; sys.modules['rdkit'] = None\n"
        "import importlib.util as util\n"
        "found = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'rdkit' else found(name, *rest)\n"
        "from operators.chemistry.equivalence import SmilesEquivalenceEvaluator\n"
        "from operators.chemistry.extraction import ExtractSmilesGenerator\n"
        "print(SmilesEquivalenceEvaluator().package_problems()[0]); print(ExtractSmilesGenerator().package_problems()[0])\n"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.count("pip install 'dataflow-dagster[chemistry]'") == 2


def test_a_missing_column_is_told_before_anything_runs() -> None:
    with pytest.raises(ColumnError, match='column "golden_label" does not exist'):
        SmilesEquivalenceEvaluator().run([{"molecules": [WATER]}])


def test_gold_molecules_of_real_papers_are_all_read_and_equal_to_themselves() -> None:
    file = SHARED / "dataflow_examples" / "chemistry" / "matched_sample_10.json"
    if not file.is_file():
        pytest.skip("the public data is not beside the checkout, nor named by DATAFLOW_SHARED_DATA")
    rows = [{"golden_label": row["golden_label"], "molecules": row["golden_label"]} for row in json.loads(file.read_text("utf-8"))]
    kept, _ = run(SmilesEquivalenceEvaluator(), rows)
    assert sum(row["molecules_gold"] for row in kept) == 24
    assert all(row["smiles_f1"] == 1.0 for row in kept)


@pytest.mark.parametrize("salts", ["distinct", "same"])
@pytest.mark.parametrize("tautomers", ["distinct", "same"])
@pytest.mark.parametrize("stereo", ["exact", "as gold", "ignore"])
def test_a_molecule_is_the_same_as_itself_under_every_choice(salts: Salts, tautomers: Tautomers, stereo: Stereo) -> None:
    for smiles in ("O", "CC(=O)Oc1ccccc1C(=O)O", "C[C@H](N)C(=O)O", "F/C=C/F", "[Na+].[Cl-]", "*CC*", "OC1=CC=CC=N1"):
        assert same_molecule(smiles, smiles, salts, tautomers, stereo) is True
