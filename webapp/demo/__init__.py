"""A small shop that does not exist, and the log lines it writes: ``./hedgerow demo``.

``traffic`` and what it imports are pure: they turn a seed and moments into lines, with no clock and no I/O.
``emit`` sends them through the OpenTelemetry SDK, ``command`` is the command.
"""
