"""Functions that an assistant may call: defined, implemented, called in conversations, and every call checked by running it."""
