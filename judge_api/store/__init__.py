"""The only SQL of the house: tables, one store for each noun, the outbox and the migrations."""
