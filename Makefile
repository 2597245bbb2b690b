# make demo   installs the project into .venv and grades the example class
# make test   runs every test
# make help   lists the rest

VENV    := .venv
BIN     := $(VENV)/bin
SOURCES := pyproject.toml CMakeLists.txt README.md \
           $(shell find csrc genai_course autograder -type f -not -name '*.pyc' -not -name '*.so' 2>/dev/null)
PIP     := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: demo test lint format release verify docs kill-test kernels-test gradescope-test contributor-test test-pythons bench bench-kernels bench-scale api wheels clean help

demo: $(VENV)/installed
	@rm -rf grading
	@$(BIN)/autograder grade examples/submissions --out grading || [ $$? -eq 1 ]

# In two processes, a file in one of them.
test: $(VENV)/installed-tests
	$(BIN)/pytest --numprocesses 2 --dist loadfile

lint: $(VENV)/installed-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict autograder genai_course
	$(BIN)/mypy --strict --python-version 3.14 --cache-dir .mypy_cache/3.14 autograder genai_course
	$(BIN)/clang-format --dry-run --Werror $$(find csrc -name '*.cpp' -o -name '*.hpp')

format: $(VENV)/installed-lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $$(find csrc -name '*.cpp' -o -name '*.hpp')

release: $(VENV)/installed
	$(BIN)/autograder release

verify: $(VENV)/installed
	$(BIN)/autograder verify

# Every warning is an error, every link is followed, nothing is loaded from another host.
docs: $(VENV)/installed-docs
	$(BIN)/sphinx-build --builder html --fresh-env --write-all --fail-on-warning --keep-going --quiet docs build/docs
	$(BIN)/python tools/check_links.py build/docs

# A hundred random ends of a run, and fifty kills that must leave nothing behind; about a quarter of an hour.
kill-test: $(VENV)/installed-tests
	AUTOGRADER_BLOWS=100 AUTOGRADER_KILLS=50 $(BIN)/pytest tests/test_crash.py tests/test_kill.py

# GCC and Clang, address, undefined-behaviour and thread sanitizers, older processors, valgrind; about ten minutes.
kernels-test: $(VENV)/installed-tests
	@$(PIP) install --group dev
	PATH="$$PWD/$(BIN):$$PATH" tests/kernels/builds.sh
	PATH="$$PWD/$(BIN):$$PATH" tests/kernels/sanitize.sh sanitize
	PATH="$$PWD/$(BIN):$$PATH" tests/kernels/sanitize.sh thread
	PATH="$$PWD/$(BIN):$$PATH" tests/kernels/emulate.sh sse2 avx2 $(if $(ARM64_ROOT),neon) valgrind

bench-scale: $(VENV)/installed-tests
	$(BIN)/python benchmarks/scale.py

bench-kernels: $(VENV)/installed-bench
	$(BIN)/python benchmarks/kernels.py

bench: bench-kernels
	$(BIN)/python benchmarks/grading.py

# Builds the package, installs it as Gradescope's container would and grades with it; some minutes, and pip's network.
gradescope-test: $(VENV)/installed-tests
	$(BIN)/pytest tests/formats/install_gradescope.py

# What CONTRIBUTING.md says, done in a clone: its commands, its hooks, its kernel; about ten minutes.
contributor-test: $(VENV)/installed-tests
	$(BIN)/pytest tests/paths/walk_contributor.py

# An environment for each Python of this machine, and three to four minutes.
test-pythons:
	@python=$$(PYTHON="$(PYTHON)" CXX="$(CXX)" sh tools/find-python.sh) && $$python tools/test_pythons.py

api: $(VENV)/installed-tests
	$(BIN)/python tools/public_api.py --write

wheels: $(VENV)/made
	@$(PIP) install --group wheels
	$(BIN)/cibuildwheel --output-dir dist

clean:
	rm -rf $(VENV) build dist grading .pytest_cache .mypy_cache .ruff_cache

help:
	@echo "make demo           install into .venv and grade the example class"
	@echo "make test           run every test"
	@echo "make lint           ruff, mypy, clang-format"
	@echo "make format         let ruff and clang-format rewrite the sources"
	@echo "make verify         check the course: references, tests, known mistakes"
	@echo "make release        rewrite exercises/ and make the bundles in dist/"
	@echo "make docs           build the documentation into build/docs, and follow its links"
	@echo "make bench          measure kernels and grading beside their peers"
	@echo "make bench-scale    classes of 100, 1,000 and 10,000 submissions"
	@echo "make gradescope-test  install the zip for Gradescope as it would be there, and grade with it"
	@echo "make contributor-test  do in a clone what CONTRIBUTING.md says"
	@echo "make test-pythons   build, install and test with each Python that is found here"
	@echo "make kill-test      end the grader at a hundred random moments, and grade on"
	@echo "make kernels-test   the kernels with two compilers, under sanitizers and on other processors"
	@echo "make bench-kernels  the kernels alone: the tables of benchmarks/README.md"
	@echo "make api            agree on the public signatures as they are"
	@echo "make wheels         build wheels with cibuildwheel (on Linux it needs Docker)"
	@echo "make clean          remove .venv and everything that was built"

# A virtual environment, after one look at what the machine lacks.
$(VENV)/made:
	@python=$$(PYTHON="$(PYTHON)" CXX="$(CXX)" sh tools/find-python.sh) && \
	    echo "making $(VENV) with $$($$python --version)" && \
	    $$python -m venv --clear $(VENV) && $(PIP) install --upgrade pip && touch $@

$(VENV)/installed: $(VENV)/made $(SOURCES)
	@echo "installing the project from source (some minutes the first time, and nothing is printed)"
	@$(PIP) install ".[instructor]"
	@touch $@

$(VENV)/installed-tests: $(VENV)/installed
	@echo "installing what the tests need"
	@$(PIP) install --group test
	@touch $@

$(VENV)/installed-lint: $(VENV)/installed-tests
	@$(PIP) install --group lint
	@touch $@

$(VENV)/installed-docs: $(VENV)/installed
	@$(PIP) install --group docs
	@touch $@

$(VENV)/installed-bench: $(VENV)/installed-tests
	@echo "installing what the benchmarks compare with (PyTorch is large)"
	@$(PIP) install --group bench
	@touch $@
