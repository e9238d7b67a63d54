"""ClickHouse: connections, limits, errors, tables and their migrations. Statements about logs come from queries."""
