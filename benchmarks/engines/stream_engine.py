# mypy: ignore-errors
"""A bare Redis stream with a consumer group. With the safest settings, a worker claims entries that were idle
for ten seconds."""

import contextlib
import os
import sys
import time

from job import REDIS_PORT, SAFEST, produce, work
from redis import Redis
from redis.exceptions import RedisError, ResponseError


def consume(redis: Redis, name: str) -> None:
    with contextlib.suppress(ResponseError):
        redis.xgroup_create("jobs", "workers", id="0", mkstream=True)
    while True:
        entries = []
        if SAFEST:
            entries = redis.xautoclaim("jobs", "workers", name, min_idle_time=10_000, count=1)[1]
        if not entries:
            found = redis.xreadgroup("workers", name, {"jobs": ">"}, count=1, block=1000)
            entries = [entry for _, of_stream in found for entry in of_stream]
        for id, fields in entries:
            work(int(fields[b"number"]))
            redis.xack("jobs", "workers", id)


def main(mode: str) -> None:
    redis = Redis(port=REDIS_PORT, socket_timeout=5, protocol=2)
    if mode == "produce":
        produce(lambda number: redis.xadd("jobs", {"number": number}))
        return
    while True:
        try:
            consume(redis, f"worker-{os.getpid()}")
        except RedisError as error:
            print(error, file=sys.stderr)
            time.sleep(0.5)


if __name__ == "__main__":
    main(sys.argv[1])
