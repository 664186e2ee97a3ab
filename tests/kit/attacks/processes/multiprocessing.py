"""Uses the standard library's pools of processes and of threads."""
import concurrent.futures
import multiprocessing


def double(x):
    try:
        with multiprocessing.get_context("fork").Pool(2) as pool:
            pool.map(print, range(10))
    except OSError:
        pass
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        return list(pool.map(print, [1]))
