"""Runs everything on one machine: the embedded servers, the web server, the workers and the scheduler.

One thread and one event loop: the kernel ties a child to the thread that forked it, and a fork beside other threads
can inherit a lock that nobody will release.
"""


class CannotStart(Exception):
    """Why Hedgerow cannot start, in one plain sentence."""
