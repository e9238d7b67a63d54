"""The settings: one's own and those of a project, each section a page."""
