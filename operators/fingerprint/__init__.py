"""Which code and data a result depends on."""
