# make test   runs the tests below and adds up their results
# make NAME   runs one of them, or of the others; options for its program go into ARGS, as in:
#             make core ARGS="-k exr"
TESTS := build lint core formats blender gui demo
OTHERS := benchmark fuzz diagnose

# The first Python that the supported Blenders run on; nox finds the others by itself.
FITS := import ensurepip, sys, venv; sys.exit(sys.version_info[:2] not in {(3, 11), (3, 13)})
PYTHON := $(shell for python in python3.11 python3.13 python3; do \
	"$$python" -c '$(FITS)' 2>/dev/null && echo "$$python" && break; done)
NOX := .venv/bin/nox

.PHONY: test $(TESTS) $(OTHERS)

test: $(NOX)
	@rm -rf build/results
	@$(NOX) --session $(TESTS); status=$$?; \
	.venv/bin/python scripts/summary.py && exit $$status

$(TESTS) $(OTHERS): $(NOX)
	@$(NOX) --session $@ $(if $(ARGS),-- $(ARGS))

$(NOX):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.13 with its venv module is needed"; exit 1; }
	"$(PYTHON)" -m venv --clear .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check "nox>=2025.10,<2028"
