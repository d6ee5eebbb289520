"""One door to the models for many workers: OpenAI's protocol in front of the one engine, with one cache, one budget, one rate and one ledger for all.

Workers are this project's runs on any machine, which need another base_url and nothing else, or any other client of the protocol. What they
say is not believed: every body is read field by field, and what the engine could not ask as it stands is refused.
"""
