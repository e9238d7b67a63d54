"""The ClickHouse server process: ``python clickhouse_server.py FOLDER``, with ``config.xml`` in that folder.

The ``chdb-core`` wheel carries clickhouse-local, which can listen for clients since 26.7. Only the private function
``_chdb.query`` reaches that, hence the exact pin. Stands alone: it starts before anything of Flask is imported.
"""

import ctypes
import importlib.util
import os
import signal
import sys
import threading
from pathlib import Path
from types import ModuleType

_RTLD_DEEPBIND = 0x8
# Past it the process ends as if killed, which loses nothing. Whoever starts us anew after the supervisor was killed
# waits for it, and the supervisor itself waits less.
_STOP_TIMEOUT_S = 5
# The session that keeps the process alive reads a pipe to its end: no query sleeps or polls, and closing the pipe
# is a clean stop. The settings keep that one thread out of every limit and log.
_HOLD = (
    "CREATE DATABASE IF NOT EXISTS {database} ENGINE = Atomic; SYSTEM START LISTEN TCP;"
    " SELECT * FROM file('/dev/fd/{pipe}', LineAsString, 'line String') FORMAT Null"
    " SETTINGS max_threads=1, input_format_parallel_parsing=0, storage_file_read_method='read',"
    " max_execution_time=0, log_queries=0"
)


def load_engine() -> ModuleType:
    """Load the engine without its Python package, which would import pandas and run a query of its own."""
    spec = importlib.util.find_spec("chdb")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("the package chdb-core is not installed")
    folder = Path(next(iter(spec.submodule_search_locations)))
    library = folder / "_chdb.abi3.so"
    here = Path.cwd()
    os.chdir(folder)  # its helper libraries are found beside it
    try:
        if sys.platform == "linux":  # as chdb itself does: its allocator must not be mixed with the system's
            ctypes.CDLL(str(library), mode=sys.getdlopenflags() | _RTLD_DEEPBIND)
        engine_spec = importlib.util.spec_from_file_location("_chdb", library)
        if engine_spec is None or engine_spec.loader is None:
            raise ImportError(f"{library} is not a Python extension")
        engine = importlib.util.module_from_spec(engine_spec)
        engine_spec.loader.exec_module(engine)
    finally:
        os.chdir(here)
    return engine


class Hold(threading.Thread):
    """The thread that starts listening and holds the server open until the pipe closes."""

    def __init__(self, engine: ModuleType, folder: Path, database: str) -> None:
        super().__init__(daemon=True)
        self.engine = engine
        self.path = str(folder / "store")
        self.error = ""
        read_end, self.write_end = os.pipe()
        self.sql = _HOLD.format(database=database, pipe=read_end)

    def run(self) -> None:
        """Hold the server open, then wake the main thread."""
        try:
            result = self.engine.query(self.sql, "CSV", path=self.path)
            if result is not None and result.has_error():
                self.error = result.error_message()
        except Exception as error:
            self.error = str(error)
        os.kill(os.getpid(), signal.SIGUSR1)

    def release(self) -> bool:
        """Close the pipe; return whether the server then stopped in time."""
        os.close(self.write_end)
        self.join(_STOP_TIMEOUT_S)
        return not self.is_alive()


def watch_standard_input() -> None:
    """Stop when the other end of standard input closes: the process that started us is gone."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def fail(sentence: str) -> int:
    """Say why on standard error, on one line, whatever the engine's message looks like."""
    print(" ".join(sentence.split()), file=sys.stderr, flush=True)  # noqa: T201 - our log is standard error
    return 1


def main() -> int:
    """Serve until a signal, or until standard input closes."""
    folder, database = Path(sys.argv[1]).resolve(), sys.argv[2]
    os.chdir(folder)  # config.xml is looked for in the working directory
    signals = {signal.SIGTERM, signal.SIGINT, signal.SIGUSR1}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # before the library starts threads, which inherit it
    try:
        engine = load_engine()
    except (ImportError, OSError) as error:
        return fail(f"The ClickHouse library cannot be loaded: {error}")
    hold = Hold(engine, folder, database)
    hold.start()
    threading.Thread(target=watch_standard_input, daemon=True).start()
    received = signal.sigwait(signals)
    if received != signal.SIGUSR1 and not hold.release():
        return fail(f"The ClickHouse server did not stop within {_STOP_TIMEOUT_S} seconds.")
    if hold.error and received == signal.SIGUSR1:
        return fail(hold.error)
    return 0


if __name__ == "__main__":
    os._exit(main())  # the library's own exit handlers wait for threads that never end
