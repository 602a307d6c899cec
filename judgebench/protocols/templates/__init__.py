"""The wordings of the built-in protocols, as files that a user can copy, edit and name in a suite."""
