"""Programs and their tests, run in a sandbox: verdicts, and suites that were tested themselves."""
