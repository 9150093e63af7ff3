"""Many workers through Dask: processes of this machine, or a cluster that is already there."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from model.errors import InputError

TRIES = 3


@contextmanager
def dask_workers(address: str | None = None, processes: int = 2) -> Iterator[Callable[..., Iterator[Any]]]:
    """A map that runs each item on some worker and gives the results in order.

    `address`: of a running scheduler, such as tcp://10.0.0.5:8786; without one, `processes` worker
    processes start here, reachable from this machine alone. A worker that dies costs only the items it
    held, which others take up; an item that kills TRIES workers ends the run. Raises InputError when
    Dask is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise InputError("Dask is not installed: pip install 'distributed'") from None
    cluster = None
    if address is None:
        cluster = LocalCluster(n_workers=processes, threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
                               silence_logs="ERROR")  # fmt: skip
    try:
        with Client(cluster or address, timeout="15s", set_as_default=False) as client:
            yield lambda function, items: _mapped(client, function, items)
    except (OSError, TimeoutError) as error:
        raise InputError(f"no Dask scheduler at {address} ({error})") from None
    finally:
        if cluster is not None:
            cluster.close()


def _mapped(client: Any, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    futures = client.map(function, list(items), pure=False, retries=TRIES)
    try:
        for future in futures:
            yield future.result()
            future.release()
    finally:
        client.cancel(futures, force=True)
