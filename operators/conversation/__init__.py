"""Conversations of several turns: made from intents, personas and documents, continued, and checked turn by turn."""
