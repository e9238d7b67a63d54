"""What an alert is, without clock, database or network: its states, its schedule, what a person's change does to it."""
