"""Access to Redis: client, keys, status channel, worker registry, unreadable entries. The database is the
source of truth."""
