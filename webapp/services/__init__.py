"""The use cases. They own the SQL transactions: nothing else commits."""
