"""What several domains build on, one idea a file. A domain imports core, kernels and bases, never another domain."""
