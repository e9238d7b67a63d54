"""The explorer of logs: one folder, readable at one glance."""
