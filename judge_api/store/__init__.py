"""Nearly all SQL of the project: tables, one store for each noun, the outbox and the migrations."""
