# SPDX-License-Identifier: GPL-2.0-only
#
# Whatever is built goes to build/. What each rung of the tests needs is installed on Debian
# by tests/vm/packages, and guest kernels are kept in $CACHE (~/.cache/ringlog).

SHELL := /bin/bash
BUILD := $(abspath build)
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ringlog
export CACHE

# A row of the table in tests/vm/kernel; `make check` goes through KERNELS, the first with
# every test, the others with those that a kernel can make a difference to.
KERNEL ?= 6.1
KERNELS ?= 6.1 6.1-rt
SUITES = $(addprefix vm:,$(firstword $(KERNELS))) lint unit kunit models cost \
	$(addprefix device:,$(wordlist 2,$(words $(KERNELS)),$(KERNELS)))
# Files of tests/bats to run, as a glob.
TESTS ?= *.bats

USER_DIRS := libshim tools tests/selftests tests/fuzz tests/bench tests/bench/native \
	tests/examples

# V=1 shows the commands.
ifeq ($(V),1)
Q :=
else
Q := @
MAKEFLAGS += --no-print-directory
endif

PACKAGES := $(Q)tests/vm/packages

.PHONY: help
help:
	@echo 'Ringlog: logs in rings of memory, served by the kernel at /dev/stream.'
	@echo
	@echo '  make demo          see it work, in a virtual machine; needs no root once packages are there'
	@echo '  make check         lint, user space, UML, models, guests with Debian 6.1 and 6.1-rt'
	@echo '  make shell         a shell in a guest with the module loaded (KERNEL=6.1-rt for another)'
	@echo
	@echo '  make module        the module, for a guest (KERNEL=) or for a release (KVER=)'
	@echo '  make user          libraries, tools, selftests and benchmarks'
	@echo '  make install       the ringlog tool and the libraries, with their manuals (PREFIX=/usr/local,'
	@echo '                     DESTDIR=)'
	@echo '  make load          build for this machine'"'"'s own kernel and load it; make unload'
	@echo
	@echo '  make check-unit    ring, group and latency in user space, with sanitizers: seconds'
	@echo '  make check-kunit   the tests in the module itself, in a kernel under UML: seconds,'
	@echo '                     and minutes the first time'
	@echo '  make check-models  models of the concurrency, searched whole by spin (V=1 shows how it breaks)'
	@echo '  make check-vm      the device, in one guest (KERNEL=6.1-rt, TESTS=glob)'
	@echo '  make check-kernels the same on Debian 6.1, 6.1-rt, 6.12 and the newest 7.x'
	@echo '  make check-debug   the same on kernels with KASAN, lockdep, kmemleak ..., and with KCSAN'
	@echo '  make check-mutants planted bugs, each of which some rung must report (MUTANTS=glob)'
	@echo '  make fuzz          programs of random calls in a guest (TIME=10m, SEED=; KERNEL=debug: guided)'
	@echo '  make fuzz-ring     libFuzzer on the ring in user space (TIME=60s)'
	@echo '  make fuzz-window   libFuzzer on the library that reads it, and on hostile rings (TIME=60s)'
	@echo '  make bench-insn    instructions per operation, the same figures on every machine'
	@echo '  make bench-native  how long a message takes, beside shared memory, pipe and socket (GUEST=1:'
	@echo '                     in a guest, through the device too); wants a quiet machine'
	@echo '  make bench-dump    instructions per byte of a long list, against ip -j link'
	@echo '  make lint          sparse, checkpatch, coccinelle, clang-tidy, shellcheck ...: all must be silent'
	@echo '  make clean'

# --- building --------------------------------------------------------------------------

# kbuild writes beside its sources, so it gets a directory of links to them. The lock is for
# guests that are started at the same time. BTF of modules needs a vmlinux that nobody has.
KMOD_OUT ?= $(BUILD)/kmod

.PHONY: module
module:
	+$(Q)set -euo pipefail; \
	kver='$(KVER)'; headers='$(HEADERS)'; \
	if [[ -z $$kver ]]; then \
		found=$$(tests/vm/kernel --headers '$(KERNEL)'); \
		kver=$${found%% *}; headers=$${found#* }; \
	fi; \
	if [[ -z $$headers ]]; then \
		for headers in /lib/modules/$$kver/build /usr/src/linux-headers-$$kver \
			"$$CACHE/kernels/$$kver/usr/src/linux-headers-$$kver"; do \
			[[ ! -d $$headers ]] || break; \
		done; \
	fi; \
	[[ -d $$headers ]] || { echo "no headers for $$kver; run: apt-get install linux-headers-$$kver" >&2; exit 1; }; \
	out='$(KMOD_OUT)'/$$kver; mkdir -p "$$out"; \
	exec {lock}>"$$out.lock"; flock "$$lock"; \
	find "$$out" -xtype l -delete; \
	cp -rsf '$(CURDIR)/kmod/.' "$$out/"; \
	MAKE='$(MAKE)' tests/vm/kbuild "$$headers" "$$out" CONFIG_RINGLOG=m CONFIG_DEBUG_INFO_BTF_MODULES= $(KBUILD_ARGS) modules

.PHONY: user
user:
	+$(Q)set -e; for dir in $(USER_DIRS); do \
		[[ ! -e $$dir/Makefile ]] || $(MAKE) -C $$dir BUILD='$(BUILD)'; \
	done

# What was built is installed as it is; the module is for make load.
PREFIX ?= /usr/local

.PHONY: install
install:
	+$(Q)set -e; for dir in libshim tools; do \
		$(MAKE) -C $$dir install BUILD='$(BUILD)' DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)'; \
	done
	$(Q)install -d '$(DESTDIR)$(PREFIX)'/share/man/man{3,8}
	$(Q)install -m 644 Documentation/man/*.3 '$(DESTDIR)$(PREFIX)'/share/man/man3
	$(Q)install -m 644 Documentation/man/*.8 '$(DESTDIR)$(PREFIX)'/share/man/man8

# --- seeing it work --------------------------------------------------------------------

.PHONY: demo
demo:
	$(PACKAGES) build guest demo
	$(Q)tests/vm/kernel '$(KERNEL)' >/dev/null
	$(Q)$(MAKE) module
	$(Q)$(MAKE) user
	$(Q)tools/demo/run

.PHONY: shell
shell:
	$(PACKAGES) build guest test
	$(Q)$(MAKE) user
	$(Q)tests/vm/run --kernel '$(KERNEL)' --shell

.PHONY: load
load:
	$(Q)tests/vm/own-kernel check
	$(Q)$(MAKE) module KVER="$$(uname -r)"
	$(Q)tests/vm/own-kernel load '$(BUILD)'/kmod/"$$(uname -r)"/ringlog.ko $(PARAMS)

.PHONY: unload
unload:
	$(Q)tests/vm/own-kernel unload

# --- tests -----------------------------------------------------------------------------

.PHONY: check
check:
	$(PACKAGES) build build-rt guest test unit lint kunit models
	$(Q)TESTS='$(TESTS)' tests/check $(SUITES)

.PHONY: check-unit
check-unit:
	$(PACKAGES) unit
	$(Q)tests/check unit

.PHONY: check-kunit
check-kunit:
	$(PACKAGES) kunit
	$(Q)tests/check kunit

.PHONY: check-models
check-models:
	$(PACKAGES) models
	$(Q)V='$(V)' tests/check models

.PHONY: check-vm
check-vm:
	$(PACKAGES) build guest test
	$(Q)TESTS='$(TESTS)' tests/check 'vm:$(KERNEL)'

# In guests whose kernels report mistakes; see tests/vm/config.
.PHONY: check-debug
check-debug:
	$(PACKAGES) build guest test kernel
	$(Q)TESTS='$(TESTS)' tests/check $(addprefix vm:,$(or $(DEBUG_KERNELS),debug kcsan))

.PHONY: check-kernels
check-kernels:
	$(PACKAGES) build build-rt guest test root
	$(Q)TESTS='$(TESTS)' tests/check $(addprefix vm:,6.1 6.1-rt 6.12 7)

# MUTANTS=GLOB for a part, JOBS=N at a time.
.PHONY: check-mutants
check-mutants:
	$(PACKAGES) build guest test unit lint mutants
	$(Q)MUTANTS='$(MUTANTS)' tests/check mutants

# How long to fuzz; and the seed, and the round of it to begin with, to repeat what was found.
TIME ?= 60s
SEED ?=
ROUND ?=

.PHONY: fuzz
fuzz:
	$(PACKAGES) build guest fuzz
	$(Q)tests/fuzz/run --kernel '$(KERNEL)' --time '$(TIME)' $(if $(SEED),--seed '$(SEED)') $(if $(ROUND),--round '$(ROUND)')

.PHONY: fuzz-ring
fuzz-ring:
	$(PACKAGES) unit fuzz-ring
	$(Q)tests/fuzz/user ring --time '$(TIME)'

.PHONY: fuzz-window
fuzz-window:
	$(PACKAGES) unit fuzz-ring
	$(Q)tests/fuzz/user window --time '$(TIME)'

.PHONY: bench-insn
bench-insn:
	$(PACKAGES) build guest bench
	$(Q)$(MAKE) user
	$(Q)tests/bench/insn

# GUEST=1 for a guest.
.PHONY: bench-native
bench-native:
	$(PACKAGES) build bench $(if $(GUEST),guest)
	$(Q)$(MAKE) user
	$(Q)tests/bench/native/run $(if $(GUEST),--guest)

.PHONY: bench-dump
bench-dump:
	$(PACKAGES) build guest test
	$(Q)tests/bench/dump

.PHONY: lint
lint:
	$(PACKAGES) build lint
	$(Q)tests/check lint:all

.PHONY: clean
clean:
	$(Q)rm -rf '$(BUILD)'
