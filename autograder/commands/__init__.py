"""The verbs of the ``autograder`` command, a module each: thin layers over functions of the engine."""
