"""The services of a project, and what each logs."""
