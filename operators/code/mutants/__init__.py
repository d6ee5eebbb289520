"""Mutants: programs that differ from a right one in one place, so that tests which pass both are seen to prove nothing."""

from operators.code.mutants.mutants import Mutant, mutants_of

__all__ = ["Mutant", "mutants_of"]
