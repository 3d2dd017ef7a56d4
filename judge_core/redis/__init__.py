"""Access to Redis: client, keys, status channel, worker registry, counters. The database is the source of
truth."""
