"""How fast, how fair, how flat: one module a question, each compared with its floor in the same run."""
