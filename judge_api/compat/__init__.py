"""Other judges' APIs, for clients written for those: each translates, and none of them judges."""
