"""The published name of the only function that RQ may call. It is in :mod:`workers.rq_worker`."""

from workers.rq_worker import judge as judge
