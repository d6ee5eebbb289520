"""Questions: checked, made, paired, rated and sorted."""
