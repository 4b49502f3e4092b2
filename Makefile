# run    the window, from a fresh checkout: makes .venv first      make run BACKEND=cpu|cuda|metal|vulkan
# test   checks, then the suite, in two processes                  make test ARGS="-k tokenizer" PROCESSES=0
# check  formatter, linter, types                                  make fix mends what can be mended
# test-gpu  training, export and both backends on the graphics processor      make test-gpu BACKEND=cuda|metal
# trials the long trials at full count, resumable; writes docs/trials.md
# frozen the program without Python (PyInstaller), then its proof; llama.cpp is built for every processor first, once
# installer  the frozen program as dist/seedling_VERSION_amd64.deb and as a portable .tar.gz (docs/releasing.md)
# installer-test  the .deb on a bare Debian: as root, half an hour; journeys with the frozen program      make installer-test DEB=…
# starter  grow the bundled model anew from its recipes, and measure it (an hour and a half on two cores)
# peers  the programs that benchmarks/ compares with, in .venv-peers
# screenshots  take the pictures of docs/images anew

BACKEND ?= cpu
PROCESSES ?= 2
PYTHON ?= python3
BIN := .venv/bin
ENVIRONMENT = $(PYTHON) tools/environment.py --backend $(BACKEND)

.PHONY: run test test-gpu check fix trials frozen installer installer-test starter peers screenshots clean

run:
	@$(ENVIRONMENT)
	@$(BIN)/python -m app

test: check
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile $(ARGS)

test-gpu:
	@$(ENVIRONMENT) --with test
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest --gpu tests/devices $(ARGS)

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
	@$(BIN)/python -m installer.llama
	@$(BIN)/pyinstaller --noconfirm --log-level ERROR --distpath dist --workpath build/pyinstaller build.spec
	@$(BIN)/python -m installer.sizes
	@$(BIN)/python -m tools.check_frozen

installer: frozen
	@$(BIN)/python -m installer.linux.deb
	@$(BIN)/python -m installer.linux.archive

DEB = $(firstword $(wildcard dist/seedling_*_amd64.deb))
installer-test:
	@$(ENVIRONMENT) --with test
	@test -n "$(DEB)" || { echo "There is no dist/seedling_*_amd64.deb: make installer writes it."; exit 1; }
	@$(BIN)/python -m pytest --installed $(DEB) tests/installed $(ARGS)
	@SEEDLING_PROGRAM=dist/seedling/seedling QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest tests/journeys $(ARGS)

# every step is skipped when its result stands, and goes on where it was stopped; `rm -rf build/starter` begins anew
GROWN := build/starter
starter:
	@$(ENVIRONMENT)
	test -f $(GROWN)/text.txt || $(BIN)/python -m tools.starter.text $(GROWN)/text.txt
	test -d $(GROWN)/base/model || $(BIN)/seedling train resources/starter/base.toml --out $(GROWN)/base --resume
	test -f $(GROWN)/chats.jsonl || $(BIN)/python -m tools.starter.chats $(GROWN)/chats.jsonl
	test -d $(GROWN)/chat/model || $(BIN)/seedling train resources/starter/chat.toml --out $(GROWN)/chat --resume
	test -d $(GROWN)/settled/model || $(BIN)/seedling train resources/starter/settle.toml --out $(GROWN)/settled --resume
	$(BIN)/seedling export $(GROWN)/settled $(GROWN)/model --to hf --quantize bf16
	$(BIN)/seedling export $(GROWN)/model $(GROWN)/starter-q8_0.gguf --to gguf --quantize q8_0 --check --json > $(GROWN)/export.jsonl
	cp $(GROWN)/model/* $(GROWN)/starter-q8_0.gguf resources/starter/
	$(BIN)/seedling evaluate starter --task card --data $(GROWN) --out $(GROWN)/card.json
	tail -1 $(GROWN)/export.jsonl > $(GROWN)/export.json
	$(BIN)/python -m tools.starter.card $(GROWN)/base $(GROWN)/chat $(GROWN)/settled $(GROWN)/card.json $(GROWN)/export.json resources/starter/README.md

peers: .venv-peers/installed

.venv-peers/installed: constraints-peers.txt
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --requirement constraints-peers.txt
	@touch $@

screenshots:
	@$(ENVIRONMENT)
	$(BIN)/python tools/screenshots.py

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
