"""Molecules in texts: named by SMILES, read by RDKit, and compared as molecules."""
