"""nbgrader: assignments made from the masters, and this engine in the place of nbgrader's own.

``sources`` makes what lies in nbgrader's ``source/``. ``executor`` holds what ``nbgrader autograde`` and the
formgrader's button run instead of a kernel. ``autograder.formats.nbgrader`` writes a class that has been graded
already into the gradebook.
"""
