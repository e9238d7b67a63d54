"""The servers that come with Hedgerow, for one machine with nothing installed by hand."""
