"""The engine: grades a folder of submissions against a course folder; knows no topic."""
