"""Questions that need their documents: made from quoted evidence, joined to longer ones, and tested for every shortcut."""
