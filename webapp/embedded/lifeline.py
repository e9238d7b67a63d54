"""Run a command that ends when standard input does: ``lifeline.py COMMAND ARGUMENT…``.

For systems where the kernel cannot tie a child to its parent. The parent holds the other end of the pipe;
however it dies, the pipe closes. Stands alone, so that it starts in a few milliseconds.
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Run the command; end it on a signal, or when the pipe closes."""
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: child.send_signal(received))

    def watch() -> None:
        while os.read(0, 4096):
            pass
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()

    threading.Thread(target=watch, daemon=True).start()
    return child.wait()


if __name__ == "__main__":
    sys.exit(main())
