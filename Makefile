# run    the window, from a fresh checkout: makes .venv first      make run BACKEND=cpu|cuda|metal|vulkan
# test   checks, then the suite                                    make test ARGS="-k tokenizer"
# check  formatter, linter, types                                  make fix mends what can be mended
# trials the long trials at full count, resumable; writes docs/trials.md
# frozen the program without Python (PyInstaller), then its proof
# starter  grow the bundled model anew from its recipes (half an hour on two cores)

BACKEND ?= cpu
PYTHON ?= python3
BIN := .venv/bin
ENVIRONMENT = $(PYTHON) tools/environment.py --backend $(BACKEND)

.PHONY: run test check fix trials frozen starter clean

run:
	@$(ENVIRONMENT)
	@$(BIN)/python -m app

test: check
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest $(ARGS)

check:
	@$(ENVIRONMENT) --with test
	@$(BIN)/ruff format --check --quiet . || { $(BIN)/ruff format --diff . ; echo "make fix formats"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy

fix:
	@$(ENVIRONMENT) --with test
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

trials:
	@$(ENVIRONMENT) --with test
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest --trials $(ARGS)

frozen:
	@$(ENVIRONMENT) --with test --with frozen
	@$(BIN)/pyinstaller --noconfirm --log-level WARN build.spec
	@$(BIN)/python tools/check_frozen.py

# every step is skipped when its result stands, and goes on where it was stopped; `rm -rf build/starter` begins anew
starter:
	@$(ENVIRONMENT)
	$(BIN)/python tools/starter_chats.py build/starter/chats.jsonl
	test -d build/starter/base/model || $(BIN)/seedling train resources/starter/base.toml --out build/starter/base --resume
	test -d build/starter/chat/model || $(BIN)/seedling train resources/starter/chat.toml --out build/starter/chat --resume
	$(BIN)/seedling export build/starter/chat build/starter/model --to hf --quantize bf16
	$(BIN)/seedling export build/starter/model build/starter/starter-q8_0.gguf --to gguf --quantize q8_0 --check
	cp build/starter/model/* build/starter/starter-q8_0.gguf resources/starter/

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
