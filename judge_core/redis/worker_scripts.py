"""The scripts that workers run in Redis, and how the main server loads them.

A worker's own user may run scripts by their hash only, and load none. A thief of its credentials could
otherwise load a script that never ends. Redis answers no client while a script runs, and refuses to kill one
that has written.
"""

from __future__ import annotations

from judge_core.redis.client import LuaScript, PersistentConnections, translate_redis_errors
from judge_core.redis.status_channel import PUBLISH_SCRIPT

# A lease that no worker has written (another type, or no attempt in it) counts as none.
_READ_LEASE = """
    local kept = redis.pcall('GET', KEYS[1])
    if type(kept) ~= 'string' or not string.match(kept, '^%d+:') then kept = false end
"""
LEASED_JOB_SECONDS = 604_800
"""How long a job is kept that a worker has leased, or has found leased by another one. ``LEASE`` has the same
number in its text, which must not change: workers of two releases run it by its hash."""
LEASE = LuaScript(
    _READ_LEASE
    + """
    if kept then
        local attempt, holder = string.match(kept, '^(%d+):(.*)$')
        attempt = tonumber(attempt)
        local mine = tonumber(ARGV[1])
        if attempt > mine then return 0 end
        if attempt == mine and holder ~= '-' and holder ~= ARGV[2] then return 0 end
    end
    redis.call('SET', KEYS[1], ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[3])
    -- From here on the attempt is charged: a job with an expiry is one that a worker has leased.
    redis.call('EXPIRE', KEYS[2], 604800)
    return 1
    """
)
RENEW_LEASE = LuaScript(
    _READ_LEASE
    + """
    if kept and kept ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return 1
    """
)
FINISH = LuaScript(
    _READ_LEASE
    + """
    local lost = kept and kept ~= ARGV[1]
    if not lost then
        local fields = {'submission', ARGV[3], 'attempt', ARGV[5], 'report', ARGV[4]}
        if ARGV[6] ~= '' then fields[7], fields[8] = 'proof', ARGV[6] end
        redis.call('XADD', KEYS[4], '*', unpack(fields))
        redis.call('DEL', KEYS[1], KEYS[2])
    end
    redis.pcall('LREM', KEYS[3], 1, ARGV[2])
    return lost and 0 or 1
    """
)
# Redis soon forgets a final status: a worker that was stopped for minutes must not publish an older one.
PUBLISH_PROGRESS = LuaScript(
    f"""
    if redis.pcall('GET', KEYS[2]) ~= ARGV[3] then return 0 end
    {PUBLISH_SCRIPT.text}
    """
)
# The data of a job, or its length when it is longer than a job's may be: it is not read then.
READ_JOB = LuaScript(
    """
    local length = redis.pcall('HSTRLEN', KEYS[1], 'data')
    if type(length) == 'table' then return -1 end
    if length > tonumber(ARGV[1]) then return length end
    return redis.call('HGET', KEYS[1], 'data')
    """
)
WORKER_SCRIPTS = (LEASE, RENEW_LEASE, FINISH, PUBLISH_PROGRESS, READ_JOB)


def load_worker_scripts(connections: PersistentConnections) -> None:
    """Load the scripts that Redis does not know: all of them after it was started again."""
    with translate_redis_errors():
        known = connections.execute("SCRIPT", "EXISTS", *(script.sha for script in WORKER_SCRIPTS))
        for script, is_known in zip(WORKER_SCRIPTS, known, strict=True):
            if not is_known:
                connections.execute("SCRIPT", "LOAD", script.text)
