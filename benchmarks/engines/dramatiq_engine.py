# mypy: ignore-errors
"""Dramatiq over Redis. With the safest settings, a dead worker's messages are given out again after ten
seconds."""

import sys

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from job import REDIS_PORT, SAFEST, produce, work

options = {"heartbeat_timeout": 10_000, "maintenance_chance": 1_000_000} if SAFEST else {}
broker = RedisBroker(port=REDIS_PORT, **options)
dramatiq.set_broker(broker)
actor = dramatiq.actor(work, actor_name="work")


def main(mode: str) -> None:
    if mode == "work":
        from dramatiq.cli import main as run
        from dramatiq.cli import make_argument_parser

        run(make_argument_parser().parse_args(["dramatiq_engine", "--processes", "1", "--threads", "1"]))
    else:
        produce(actor.send)


if __name__ == "__main__":
    main(sys.argv[1])
