"""Pictures and sounds: questions about them, what is said in them, and what can be measured."""
