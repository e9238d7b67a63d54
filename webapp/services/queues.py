"""The queues between the processes that find work and the workers that do it.

A job is named by the import path of its function, because services do not know the layer above them.
"""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from webapp.settings import Settings

QUEUES = ("alerts", "deliveries", "rollups", "exports", "maintenance")  # the most urgent first
# Arguments are ids and numbers. Pickle, the library's default, would run whatever it finds in Redis.
SERIALIZER = JSONSerializer
# What became of a job is in SQL. Redis keeps it only long enough to look at; the library's default is a year.
RESULT_TTL_S = 60
FAILURE_TTL_S = 3600


def connect_queues(settings: Settings) -> Redis:
    """Return a connection for a process that lives on the queues.

    A broken connection is opened anew once; how long to wait for a Redis that is away is for the caller to say.
    """
    return Redis.from_url(
        settings.redis_url or "redis://127.0.0.1:6379/0",
        retry=Retry(NoBackoff(), 1),
        socket_connect_timeout=3,
        socket_timeout=10,
    )


def enqueue(
    connection: Redis,
    queue: str,
    function: str,
    args: tuple[int | str, ...],
    *,
    job_id: str,
    timeout_s: int,
    wait_s: int,
) -> None:
    """Hand a job to the workers of a queue.

    Args:
        connection: to the Redis that the workers listen on.
        queue: one of ``QUEUES``.
        function: import path of the job's function.
        args: what it is called with.
        job_id: letters, digits, ``-`` and ``_``; never used twice, since Redis remembers ids of the past.
        timeout_s: seconds after which the job is ended.
        wait_s: seconds after which no worker takes it any more, because its lease has run out by then.
    """
    Queue(queue, connection=connection, serializer=SERIALIZER).enqueue_call(
        function,
        args=args,
        job_id=job_id,
        timeout=timeout_s,
        ttl=wait_s,
        result_ttl=RESULT_TTL_S,
        failure_ttl=FAILURE_TTL_S,
    )
