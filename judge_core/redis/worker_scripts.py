"""The scripts that workers run in Redis, and how the main server loads them.

A worker's own user may run scripts only by their hash, and may not load any. A thief of its credentials could
otherwise load a script that never ends. Redis answers no client while a script runs, and refuses to kill one
that has written.
"""

from __future__ import annotations

from judge_core.redis.client import LuaScript, PersistentConnections, translate_redis_errors
from judge_core.redis.keys import lease_key
from judge_core.redis.status_channel import PUBLISH_SCRIPT

# A lease that no worker has written (another type, or no attempt in it) counts as none.
_READ_LEASE = """
    local kept = redis.pcall('GET', KEYS[1])
    if type(kept) ~= 'string' or not string.match(kept, '^%d+:') then kept = false end
"""
LEASED_JOB_SECONDS = 604_800
"""The seconds for which a job is kept after a worker has leased it, or has found it leased by another
worker."""
# Leases the attempt of a popped job and returns the job's data. Otherwise it returns nil if the job is gone,
# -1 if the key holds no job, and the length of data that is too long for a job. It returns 0 if another
# worker has this attempt or a later one, or if the attempt was cancelled.
TAKE_JOB = LuaScript(
    f"""
    local data = redis.pcall('HGET', KEYS[2], 'data')
    if type(data) == 'table' then return -1 end
    if not data then
        redis.pcall('LREM', KEYS[3], 1, ARGV[5])
        return false
    end
    if #data > tonumber(ARGV[4]) then return #data end
    local own = ARGV[1] .. ':' .. ARGV[2]
    if not redis.call('SET', KEYS[1], own, 'PX', ARGV[3], 'NX') then
        local kept = redis.pcall('GET', KEYS[1])
        -- A lease that no worker has written (another type, or no attempt in it) counts as none.
        local attempt, holder = string.match(type(kept) == 'string' and kept or '', '^(%d+):(.*)$')
        if attempt then
            attempt = tonumber(attempt)
            local mine = tonumber(ARGV[1])
            if attempt > mine or (attempt == mine and holder ~= '-' and holder ~= ARGV[2]) then
                redis.pcall('LREM', KEYS[3], 1, ARGV[5])
                redis.call('EXPIRE', KEYS[2], {LEASED_JOB_SECONDS})
                return 0
            end
        end
        redis.call('SET', KEYS[1], own, 'PX', ARGV[3])
    end
    -- From here on the attempt is charged: a job with an expiry is one that a worker has leased.
    redis.call('EXPIRE', KEYS[2], {LEASED_JOB_SECONDS})
    return data
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
# Sends the last report of an attempt. Returns 0, and sends nothing, if the lease was lost. Returns 2 if the
# job is no longer among the popped ones, as in a repeated call. Otherwise returns 1. With a queue in ARGV[7],
# it also pops the next job there, leases it, and returns its id and data. A job that needs the checks of
# TAKE_JOB (an invalid id, data that is missing or too large, a lease) is popped and not leased. If an older
# users.acl does not allow LMOVE, no job is popped.
FINISH = LuaScript(
    _READ_LEASE
    + f"""
    local function take_next()
        local id = redis.pcall('LMOVE', ARGV[7], KEYS[3], 'LEFT', 'RIGHT')
        if type(id) ~= 'string' then return 1 end
        local submission, attempt = string.match(id, '^(.+)%-([1-9]%d*)$')
        if not submission or #attempt > 6 then return {{id}} end
        local data = redis.pcall('HGET', ARGV[9] .. id, 'data')
        if type(data) ~= 'string' or #data > tonumber(ARGV[10]) then return {{id}} end
        local own = attempt .. ':' .. ARGV[8]
        local leased = redis.pcall('SET', '{lease_key("")}' .. submission, own, 'PX', ARGV[11], 'NX')
        if not leased or leased.err then return {{id}} end
        redis.pcall('EXPIRE', ARGV[9] .. id, {LEASED_JOB_SECONDS})
        return {{id, data}}
    end
"""
    + """
    local lost = kept and kept ~= ARGV[1]
    if not lost then
        local fields = {'submission', ARGV[3], 'attempt', ARGV[5], 'report', ARGV[4]}
        if ARGV[6] ~= '' then fields[7], fields[8] = 'proof', ARGV[6] end
        redis.call('XADD', KEYS[4], '*', unpack(fields))
        redis.call('DEL', KEYS[1], KEYS[2])
    end
    local removed = redis.pcall('LREM', KEYS[3], 1, ARGV[2])
    if lost then return 0 end
    if removed ~= 1 then return 2 end
    return ARGV[7] == '' and 1 or take_next()
    """
)
# Removes a job that cannot be judged. If another worker has the lease, the lease and the job's data stay,
# since that worker may be reading the data. Both expire.
DISCARD = LuaScript(
    _READ_LEASE
    + f"""
    if kept and kept ~= ARGV[1] then
        redis.call('EXPIRE', KEYS[2], {LEASED_JOB_SECONDS})
    else
        redis.call('DEL', KEYS[1], KEYS[2])
    end
    redis.pcall('LREM', KEYS[3], 1, ARGV[2])
    """
)
# Publishes a status only while the worker has the lease. Redis keeps a final status for a minute. A worker
# that was stopped for longer must not publish an older status after that.
PUBLISH_PROGRESS = LuaScript(
    f"""
    if redis.pcall('GET', KEYS[2]) ~= ARGV[3] then return 0 end
    {PUBLISH_SCRIPT.text}
    """
)
WORKER_SCRIPTS = (TAKE_JOB, RENEW_LEASE, FINISH, DISCARD, PUBLISH_PROGRESS)


def load_worker_scripts(connections: PersistentConnections) -> None:
    """Load the scripts that Redis does not know: all of them after it was started again."""
    with translate_redis_errors():
        known = connections.execute("SCRIPT", "EXISTS", *(script.sha for script in WORKER_SCRIPTS))
        for script, is_known in zip(WORKER_SCRIPTS, known, strict=True):
            if not is_known:
                connections.execute("SCRIPT", "LOAD", script.text)
