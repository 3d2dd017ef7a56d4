"""The only Flask of the house: pages, API, events, and the dialects of other judges."""
