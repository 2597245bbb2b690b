# rows: 8
# what: writes the files that graders read their results from
# expect: graded 0
import json
import os
import pickle

NAMES = (
    "results.json results.jsonl results.pkl results.csv grades.csv gradebook.db .OTTER_LOG otter.log report.xml "
    "junit.xml token .pytest_cache __init__.py metadata.json submission.zip"
)
FOLDERS = [".", "..", "/", "/tmp", "/box", "/autograder/results", "@folder@", "@folder@/open", "@course@", "@course@/grading"]
RESULT = {"score": 10, "total": 10, "status": "graded", "output": "all passed"}

for folder in FOLDERS:
    for name in NAMES.split():
        try:
            with open(os.path.join(folder, name), "wb") as file:
                file.write(pickle.dumps(RESULT) if name.endswith("pkl") else json.dumps(RESULT).encode())
            if os.path.realpath(folder) != os.getcwd() and "autograder-" not in os.path.realpath(folder):
                print("LEAK", folder, name)
        except OSError:
            pass


# %%
def normalise(x):
    return RESULT


tally = root = normalise


def pick(options, score):
    return "results.json"
