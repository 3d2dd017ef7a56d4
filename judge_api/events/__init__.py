"""Events: the rules as data, and a scoring engine without database, clock or framework."""
