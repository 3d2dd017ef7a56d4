"""Nearly all SQL of the project: the tables, a store for each kind of record, the outbox and the
migrations."""
