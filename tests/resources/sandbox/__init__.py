"""The sandbox, run for real: these tests need bubblewrap."""
