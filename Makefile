# The commands of this project. `make demo` to look at it, `make test` before a commit.
.DEFAULT_GOAL := help
.PHONY: help demo test check install static wheel lock clean

# The first Python >= 3.11 on this machine.
PYTHON := $(shell for name in python3.13 python3.12 python3.11 python3 python3.14; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$name"; exit; }; done)
INSTALL := $(if $(PYTHON),$(PYTHON) -m scripts.install,@echo "GeoCommons needs Python 3.11 or newer, and none was found on the PATH. Install it and run make again." >&2; exit 1)
VENV := .venv/bin

help:  ## list the commands
	@sed -n 's/^\([a-z]*\):.*##/\1:/p' $(MAKEFILE_LIST)

demo:  ## install, make the sample city and serve it on http://127.0.0.1:8000
	@$(INSTALL)
	@$(VENV)/geocommons demo || [ $$? -eq 130 ]  # Ctrl+C is how it is stopped

test:  ## run every test, on SQLite, on PostGIS and in a browser
	@$(INSTALL) --dev
	@$(VENV)/python -m scripts.parts
	@$(VENV)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check:  ## run every check that is not a test: ruff, mypy, import-linter, TypeScript, sizes
	@$(INSTALL) --dev
	@$(VENV)/python -m scripts.check

wheel:  ## build the wheel and try it in an empty environment
	@$(INSTALL) --dev
	@$(VENV)/python -m scripts.try_wheel

install:  ## make .venv with the developers' tools and build the browser code
	@$(INSTALL) --dev

static:  ## build the browser code (api/static)
	@$(INSTALL) --static

lock:  ## choose the newest allowed versions again
	@$(VENV)/python -m scripts.lock

clean:  ## remove all that was installed or built, and the demo's register
	rm -rf .venv var dist build api/static api/web/node_modules
