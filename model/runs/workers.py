"""Computes partitions in parallel: on threads of this process, or on a Dask cluster that is already running."""

import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from urllib.parse import urlsplit

from model.errors import InputError, Unfinished
from model.io.optional import needs

Mapper = Callable[..., Iterable[Any]]
"""Like `map`: takes a function and items, and yields the results in the order of the items."""
TRIES = 3


def mapper(address: str | None = None, workers: int = 1) -> AbstractContextManager[Mapper]:
    """A context with a mapper on the Dask cluster at `address`, or else on `workers` threads of this process."""
    if address is not None:
        return dask_cluster(address)
    return threads(workers) if workers > 1 else nullcontext(map)


@contextmanager
def threads(count: int) -> Iterator[Mapper]:
    """A context with a mapper on `count` threads.

    NumPy and Arrow release the interpreter lock while they compute, so threads use several cores without a second
    copy of the network.
    """
    with one_thread():
        pool = ThreadPoolExecutor(count)
        try:
            yield lambda function, items: _in_order(pool, function, items, 2 * count)
        finally:
            pool.shutdown(cancel_futures=True)


def _in_order(pool: Executor, function: Callable[[Any], Any], items: Iterable[Any], most: int) -> Iterator[Any]:
    """The results in order. At most `most` items are in work or waiting to be yielded.

    After an error, it waits for the items that are still being computed.
    """
    begun: deque[Future[Any]] = deque()
    try:
        for item in items:
            begun.append(pool.submit(function, item))
            if len(begun) == most:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        wait([future for future in begun if not future.cancel()])


@contextmanager
def dask_cluster(address: str) -> Iterator[Mapper]:
    """A context with a mapper on the workers of a running Dask cluster.

    `address`: of its scheduler, such as tcp://10.0.0.5:8786. If a worker dies, others compute its items again. An item
    that kills TRIES workers ends the run. Raises InputError when Dask is not installed or the
    scheduler does not answer.
    """
    with needs("distributed", "scale", "Work on a Dask cluster"):
        from distributed import Client
    _check_answers(address)
    try:
        client = Client(address, timeout="15s", set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(f"no Dask scheduler at {address} ({error})") from None
    with client:
        yield lambda function, items: _mapped(client, function, items)


def one_thread() -> AbstractContextManager[object]:
    """A context in which matrix products use one thread, so that results are the same everywhere, to the last digit.

    The limit applies to the whole process, and each context restores the limit that it found. So it is set before
    worker threads start: then none of them can lift it for another.
    """
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, "blas")


def _check_answers(address: str) -> None:
    """Fail at once if nothing listens at the address, instead of after Dask's own retries."""
    try:
        parts = urlsplit(address)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10):
            pass
    except (OSError, ValueError) as error:
        raise InputError(f"no Dask scheduler at {address} ({error}); an address is like tcp://10.0.0.5:8786") from None


def _mapped(client: Any, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    from distributed import KilledWorker

    futures = client.map(function, list(items), pure=False, retries=TRIES)
    try:
        for future in futures:
            yield future.result()
            future.release()
    except KilledWorker:
        raise Unfinished(f"{TRIES} workers died computing the same partition; is memory short?") from None
    finally:
        client.cancel(futures, force=True)
