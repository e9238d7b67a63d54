"""OTLP requests become column blocks, and these become rows: decode, map, write."""
