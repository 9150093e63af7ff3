"""Many workers through Dask: processes of this machine, or a cluster that is already there."""

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Any
from urllib.parse import urlsplit

from model.errors import InputError, Unfinished
from model.io.optional import needs

Mapper = Callable[..., Iterable[Any]]
"""Like `map`: a function and items to the results in the order of the items."""
TRIES = 3
# In place of Dask's own settings, whose MALLOC_TRIM_THRESHOLD_ gives the memory of every large array back to the
# system at once: scoring then takes five times as long.
ONE_THREAD = {"OMP_NUM_THREADS": 1, "MKL_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1}


def mapper(address: str | None = None, processes: int = 1) -> AbstractContextManager[Mapper]:
    """A map in this process where nothing else is asked for; else as `dask_workers`."""
    return dask_workers(address, processes) if address or processes > 1 else nullcontext(map)


@contextmanager
def dask_workers(address: str | None = None, processes: int = 2) -> Iterator[Mapper]:
    """A map that runs each item on some worker and gives the results in order.

    `address`: of a running scheduler, such as tcp://10.0.0.5:8786; without one, `processes` worker
    processes start here, reachable from this machine alone. A worker that dies costs only the items it
    held, which others take up; an item that kills TRIES workers ends the run. Raises InputError when
    Dask is not installed or the scheduler does not answer.
    """
    with needs("distributed", "scale", "Work on several workers"):
        from distributed import Client, LocalCluster
    import dask.config

    if address is not None:
        _check_answers(address)
    with ExitStack() as stack, dask.config.set({"distributed.nanny.pre-spawn-environ": ONE_THREAD}):
        try:
            cluster = address or stack.enter_context(
                LocalCluster(n_workers=processes, threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
                             silence_logs="ERROR")
            )  # fmt: skip
            client = stack.enter_context(Client(cluster, timeout="15s", set_as_default=False))
        except (OSError, ValueError) as error:
            raise InputError(f"no Dask scheduler at {address or 'this machine'} ({error})") from None
        yield lambda function, items: _mapped(client, function, items)


def one_thread() -> AbstractContextManager[object]:
    """Matrix products in one thread, so that their sums, and the last digit of a result, are the same everywhere."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, "blas")


def _check_answers(address: str) -> None:
    """A scheduler that is not there is told at once, without the complaints of Dask's own tries."""
    try:
        place = urlsplit(address)
        with socket.create_connection((place.hostname or "", place.port or 0), timeout=10):
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
        raise Unfinished(f"a part of the cohort ended {TRIES} workers one after the other; is memory short?") from None
    finally:
        client.cancel(futures, force=True)
