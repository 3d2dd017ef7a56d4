"""Runs inside a worker container, and tries Redis commands that a worker may not use."""

import os

import redis

FOREIGN = """
FLUSHALL / FLUSHDB / KEYS * / CONFIG GET * / ACL LIST / SHUTDOWN / SET foo 1 / GET session:1
XRANGE gavel:reports - + / XTRIM gavel:reports MAXLEN 0 / DEL gavel:reports / RENAME gavel:reports x
XREADGROUP GROUP recorders me STREAMS gavel:reports > / MONITOR / SAVE / SWAPDB 0 1 / FUNCTION LIST
MODULE LIST / REPLICAOF a 1 / SUBSCRIBE other / PUBLISH other x / CLIENT KILL TYPE normal
"""

server = redis.Redis.from_url(os.environ["GAVEL_REDIS_URL"])
assert server.ping()
tried = [words.split() for words in FOREIGN.replace("\n", "/").split("/") if words.strip()]
for words in tried:
    try:
        server.execute_command(*words)
        print("ALLOWED", words)
    except redis.exceptions.NoPermissionError:
        continue
print(len(tried), "refused")
