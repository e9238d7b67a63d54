"""Commands beside the running server, in groups; ``webapp.cli`` has what they share."""
