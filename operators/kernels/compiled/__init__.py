"""Loops over UTF-8 bytes, compiled by numba at first use and kept on disk: in `__pycache__`, or in the user's cache folder where that is read-only.

Importing a module of this folder imports numba (0.4 s); `operators.kernels` does so only when a kernel is first called.
"""
