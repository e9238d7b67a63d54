"""ClickHouse: connections, limits, errors, tables and their migrations. Statements about logs come from queries."""

import os

# As it is imported, the driver makes a table of all dates from 1900 to 2299, which costs each process 0.15 s and 23 MB;
# asked like this, by its own spelling, it works out each date when it first meets it.
os.environ.setdefault("CLICKHOUSE_DRIVER_LASY_DATE_LUT", "1")
