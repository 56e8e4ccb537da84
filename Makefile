# make            build/dtlscat and build/libdtlscat.a
# make help       the other targets
#
# Set on the command line: V=1 (show commands), CC, AR, OBJCOPY, CFLAGS, LDFLAGS, WERROR (-Werror for
# check, lint and san: a warning fails), PREFIX, DESTDIR, BUILD (where everything made goes), TESTS
# (names of tests to run), SUITE, ARCH, GOALS (for check-on: tests/chroot).

V ?= 0
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
AR ?= ar
OBJCOPY ?= $(shell $(CC) -print-prog-name=objcopy)
INSTALL ?= install

CFLAGS ?= -O2 -g
# A compiler newer than the source may warn of something new, which must not keep anybody from building.
WERROR ?= $(if $(filter check lint san,$(MAKECMDGOALS)),-Werror)
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wvla -Wundef -Wwrite-strings -Wcast-qual
# Fortified headers warn in a build without optimization.
HARDENING = -fstack-protector-strong \
	$(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
# The library may become a part of a shared object, too.
PIE = -fPIE
PIC = -fPIC -fno-semantic-interposition
SANITIZE =
FLAGS = -std=c11 -D_GNU_SOURCE -Ilib -Icli -Itests $(CPPFLAGS) $(CFLAGS) $(WARNINGS) $(HARDENING) \
	$(PIE) $(SANITIZE)
LINK = $(CC) $(CFLAGS) $(SANITIZE) -pie -Wl,-z,relro,-z,now $(LDFLAGS)
LIBS = -lcrypto
STATIC_LIBS ?= $(shell pkg-config --static --libs libcrypto 2>/dev/null || echo $(LIBS))

objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
program = $(BUILD)/dtlscat
# From outside only what dtls.h has can be named; the tests link the archive where all can.
library = $(BUILD)/libdtlscat.a
internals = $(BUILD)/internals.a
static = $(BUILD)/static/dtlscat
lib_objects = $(call objects,$(wildcard lib/*/*.c))
cli_objects = $(call objects,$(wildcard cli/*.c cli/*/*.c))

# A C file in a test directory is a program, except common*.c: linked into each of its neighbours.
test_sources = $(wildcard $(foreach dir,unit sim api hostile cli,tests/$(dir)/*.c) tests/shim/common*.c \
	tests/shim/*_test.c)
bench_sources = $(wildcard tests/bench/*.c)
main_sources = $(foreach file,$(test_sources) $(bench_sources),\
	$(if $(filter common%,$(notdir $(file))),,$(file)))
programs = $(patsubst %.c,$(BUILD)/%,$(main_sources))
test_programs = $(filter-out $(BUILD)/tests/bench/%,$(programs))
bench_programs = $(filter $(BUILD)/tests/bench/%,$(programs))
# The scripts take longest, so they start first.
test_scripts = $(wildcard $(foreach dir,interop cli api package lint,tests/$(dir)/*.sh))
san_scripts = $(wildcard tests/cli/*.sh)
cov_scripts = $(wildcard tests/cli/*.sh tests/interop/*.sh)
# Those of the tool take what they need of it, without the network in one process of tests/net.c.
tool = $(BUILD)/cli.a
tool_programs = $(filter $(BUILD)/tests/cli/%,$(programs))
tool_support = $(call objects,tests/test.c tests/stack.c $(wildcard tests/cli/common*.c))
support_objects = $(call objects,$(wildcard tests/*.c))
# Driven by a test runner of TLS, of which tests/shim/runner_test.c is a small one.
shim = $(BUILD)/tests/shim/shim
shim_objects = $(call objects,$(addprefix tests/shim/,shim.c flags.c errors.c common_frames.c))
# A network that loses datagrams, for the scripts.
relay = $(BUILD)/tests/peers/relay
# A service that is no DTLS server.
answer = $(BUILD)/tests/peers/answer
# Searches a process for secrets.
memory = $(BUILD)/tests/peers/memory
# A peer without heartbeats.
plain = $(BUILD)/tests/peers/plain
# For measurements on slow and lossy links: the data, and a cable with a delay.
link_tools = $(BUILD)/tests/links/flow $(BUILD)/tests/links/wire
# Fuzz targets. With the fuzzer of clang (make fuzz) it has main(), otherwise common_main.c.
FUZZ_ENGINE =
fuzz_sources = $(wildcard tests/fuzz/*.c)
fuzz_programs = $(patsubst %.c,$(BUILD)/%,$(filter-out tests/fuzz/common%,$(fuzz_sources)))
fuzz_support = $(call objects,$(filter-out $(if $(FUZZ_ENGINE),tests/fuzz/common_main.c),\
	$(filter tests/fuzz/common%,$(fuzz_sources))))
fuzz_wrap = -Wl,--wrap=lines_put
test_objects = $(call objects,$(test_sources) $(bench_sources) $(fuzz_sources) \
	$(wildcard tests/peers/*.c tests/links/*.c))

# mode:file:place below PREFIX
library_files = 644:lib/dtls.h:include/dtlscat/dtls.h \
	644:$(library):lib/libdtlscat.a \
	644:$(BUILD)/dtlscat.pc:lib/pkgconfig/dtlscat.pc
program_files = 755:$(program):bin/dtlscat \
	644:docs/dtlscat.1:share/man/man1/dtlscat.1 \
	644:completions/dtlscat.bash:share/bash-completion/completions/dtlscat \
	644:completions/dtlscat.fish:share/fish/vendor_completions.d/dtlscat.fish \
	644:completions/_dtlscat:share/zsh/site-functions/_dtlscat
put = $(INSTALL) -D -m $(word 1,$(1)) $(word 2,$(1)) '$(DESTDIR)$(PREFIX)/$(word 3,$(1))'

formatted = $(wildcard lib/*.h lib/*/*.[ch] cli/*.[ch] cli/*/*.[ch] tests/*.[ch] tests/*/*.[ch])
# For tests/run, and through it for the scripts.
test_environment = DTLSCAT='$(abspath $(program))' BUILD='$(BUILD)' CC='$(CC)' COMPILE='$(CC) $(FLAGS) $(WERROR)'

ifeq ($(V),0)
say = @printf '  %-7s %s\n' $(1) $(2);
.SILENT:
endif

MAKEFLAGS += --no-print-directory
ifeq (0,$(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)))
MAKEFLAGS += -j$(shell nproc)
endif

.PHONY: all static deb demo check soak sim memcheck cov mutate fuzz fuzz-afl fuzz-programs fuzz-seeds check-on interop tests shim san lint fmt links bench bench-record install install-program \
	install-library uninstall clean help deps-build deps-check deps-tools FORCE

all: $(program) $(library)

static: $(static)

demo: all
	tests/demo $(program)

check: all tests
	$(test_environment) tests/run $(test_scripts) $(test_programs) $(fuzz_programs)

# Long runs: the tests of random input with ten times as many seeds, then 50,000 handshakes with one listener,
# of the library and of the tool.
soak: tests
	SEEDS=10 $(test_environment) tests/run $(BUILD)/tests/api/chaos $(BUILD)/tests/hostile/mutate \
		$(BUILD)/tests/sim/pair
	SEEDS=50 $(BUILD)/tests/sim/soak
	$(test_environment) tests/hostile/soak.sh

# The C tests under valgrind, with a tenth of the seeds of random tests.
memcheck = valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
	--suppressions=$(abspath tests/constant/memcheck.supp)
memcheck: tests
	tests/deps tools || true
	SEEDS='$(or $(SEEDS),0.1)' $(test_environment) TEST_LIMIT=9000 TEST_RUNNER='$(memcheck)' tests/run $(test_programs)

# The lines and branches that the C tests and the tests of the tool reach. COV: the build directory. What fails a test
# keeps no figure away.
COV = $(BUILD)/cov
cov_flush = $(COV)/tests/cov/flush.o
cov_make = $(MAKE) BUILD=$(COV) CFLAGS='-O0 -g' SANITIZE=--coverage LDFLAGS=$(cov_flush)
cov:
	tests/deps cov
	+$(cov_make) $(cov_flush)
	+$(cov_make) tests
	tests/cov/report --clear $(COV)
	+$(cov_make) check test_scripts='$(cov_scripts)'; status=$$?; tests/cov/report $(COV) && exit $$status

# The random pairs of tests/sim/pair.c, SEEDS of them, in parallel.
sim: $(BUILD)/tests/sim/pair
	seq 1 500 '$(or $(SEEDS),100000)' | \
		xargs -P "$$(nproc)" -I {} env SEED={} COUNT=500 $(BUILD)/tests/sim/pair

# TIME: seconds for each target. FUZZ: only these targets. FUZZ_CC: clang.
TIME ?= 60
FUZZ ?= $(notdir $(fuzz_programs))
FUZZ_CC ?= $(shell command -v clang-14 || echo clang)
fuzz_flags = CFLAGS='-O1 -g -fno-omit-frame-pointer' FUZZ_ENGINE=-fsanitize=fuzzer \
	SANITIZE='-fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all'
fuzz:
	FUZZ_CC='$(FUZZ_CC)' tests/deps fuzz
	+$(MAKE) fuzz-programs BUILD=$(BUILD)/fuzz CC='$(FUZZ_CC)' $(fuzz_flags)
	+$(MAKE) fuzz-programs BUILD=$(BUILD)/fuzz-coverage CC='$(FUZZ_CC)' CFLAGS='-O1 -g' \
		SANITIZE='-fprofile-instr-generate -fcoverage-mapping'
	BUILD='$(BUILD)' CC='$(FUZZ_CC)' tests/fuzz/run '$(TIME)' $(FUZZ)

# The same targets with AFL++.
fuzz-afl:
	tests/deps afl
	+$(MAKE) fuzz-programs BUILD=$(BUILD)/afl CC=afl-clang-fast AFL_QUIET=1 $(fuzz_flags)
	BUILD='$(BUILD)' tests/fuzz/afl '$(TIME)' $(FUZZ)

fuzz-programs: $(fuzz_programs)

# The seeds of the corpus in the tree, from recordings.
fuzz-seeds:
	tests/fuzz/seeds $(BUILD)/fuzz-seeds

# Small faults in a copy of the source, SEEDS of them; QUICK=1: only the C tests.
mutate:
	tests/deps check
	BUILD='$(BUILD)' CC='$(CC)' QUICK='$(QUICK)' tests/mutate '$(or $(SEEDS),300)'

check-on:
	tests/chroot '$(SUITE)' $(GOALS)

interop: all $(relay) $(answer)
	for group in check tools interop; do tests/deps $$group; done || true
	bad=0; for script in captures matrix; do $(test_environment) tests/interop/$$script || bad=1; done; exit $$bad

tests: all $(internals) $(test_programs) $(fuzz_programs) $(shim) $(relay) $(answer) $(memory) $(plain)

shim: $(shim)

san:
	+$(MAKE) check BUILD=$(BUILD)/san CFLAGS='-O1 -g -fno-omit-frame-pointer' \
		SANITIZE='-fsanitize=address,undefined -fno-sanitize-recover=all' \
		test_scripts='$(san_scripts)'

lint: all $(internals)
	$(test_environment) tests/run $(wildcard tests/lint/*.sh)

fmt:
	clang-format-14 -i $(formatted)

links: $(program) $(link_tools)
	tests/deps links || true
	$(test_environment) tests/links/run

# BENCH=NAME...: only those measurements of tests/bench. REPORT=1: write docs/BENCHMARKS.md.
bench: $(program) $(bench_programs) $(relay)
	tests/deps bench || true
	$(test_environment) REPORT='$(REPORT)' tests/bench/run $(BENCH)

# The counts of instructions that `make bench` compares with.
bench-record: $(program) $(bench_programs)
	$(test_environment) tests/bench/instructions.sh --record

install: install-program install-library

install-program: $(program)
	$(foreach file,$(program_files),$(call put,$(subst :, ,$(file))) &&) true

install-library: $(library) $(BUILD)/dtlscat.pc
	$(foreach file,$(library_files),$(call put,$(subst :, ,$(file))) &&) true

deb: $(program)
	rm -rf $(BUILD)/deb
	+$(MAKE) install-program DESTDIR=$(BUILD)/deb PREFIX=/usr
	tests/package/make-deb $(BUILD)/deb $(BUILD)

uninstall:
	rm -f $(foreach file,$(program_files) $(library_files),'$(DESTDIR)$(PREFIX)/$(lastword $(subst :, ,$(file)))')

clean:
	rm -rf $(BUILD)

help:
	printf '%s\n' 'make            build build/dtlscat' \
		'make static     build/static/dtlscat, without shared libraries; see README.md' \
		'make demo       install what the build needs, then show one exchange' \
		'make check      install what the tests need, then run them all' \
		'make soak       long runs: random input, and 50,000 handshakes with one listener' \
		'make sim SEEDS=100000         random pairs of a client and a server on a random network' \
		'make fuzz       fuzz each target for TIME=60 seconds; FUZZ="server keyed": only these' \
		'make fuzz-afl   the same targets with AFL++' \
		'make mutate SEEDS=300         make small faults, and show which of them no test catches' \
		'make check-on SUITE=trixie    demo, check and deb in a minimal Debian; see tests/chroot' \
		'make interop    install the other stacks, and show what works with each; compare --json' \
		'                with tshark in each kind of run' \
		'make shim       build/tests/shim/shim, for the test runner of BoringSSL' \
		'make san        the C tests and the tests of the tool with ASan and UBSan' \
		'make memcheck   the C tests under valgrind; takes long' \
		'make cov        which lines and branches of lib/ and cli/ the tests reach' \
		'make lint       the checks of the source' \
		'make fmt        format the source with clang-format 14' \
		'make bench      measure; BENCH="many bulk": only that; REPORT=1: write docs/BENCHMARKS.md' \
		'make bench-record             record instruction counts, which bench compares with' \
		'make links      measure on slow, lossy and long links; see tests/links/run' \
		'make install    to PREFIX (/usr/local) below DESTDIR; install-program and' \
		'                install-library do a part; make uninstall' \
		'make deb        a Debian package in build/' \
		'make clean      remove build/'

# demo, check, interop, links and bench first install what is missing; nothing else does.
deps-build deps-check:
	tests/deps $(@:deps-%=%)
deps-tools: | deps-check
	tests/deps tools || true
ifneq (,$(filter demo interop links bench bench-record,$(MAKECMDGOALS)))
$(lib_objects) $(cli_objects) $(support_objects) $(test_objects): | deps-build
endif
ifneq (,$(filter check,$(MAKECMDGOALS)))
$(lib_objects) $(cli_objects) $(support_objects) $(test_objects) $(shim_objects): | deps-build
check: deps-tools
deps-check: | deps-build
endif

# What was made with other flags, or of other files, is made again.
$(BUILD)/flags: now = $(CC) $(FLAGS) $(PIC) $(LINK)
$(BUILD)/members: now = $(lib_objects) $(cli_objects)
$(BUILD)/flags $(BUILD)/members: FORCE
	mkdir -p $(@D)
	printf '%s\n' '$(subst ','\'',$(now))' | cmp -s - $@ || printf '%s\n' '$(subst ','\'',$(now))' >$@

$(lib_objects): private PIE = $(PIC)
$(BUILD)/%.o: %.c $(BUILD)/flags
	$(call say,CC,$<) mkdir -p $(@D) && \
		{ $(CC) $(FLAGS) $(WERROR) -MMD -MP -c -o $@ $< 2>$@.log; status=$$?; cat $@.log >&2; exit $$status; }

# Where a warning fails, what was made with one is made again.
ifneq (,$(WERROR))
$(patsubst %.log,%,$(shell find $(BUILD) -name '*.o.log' -size +0 2>/dev/null)): FORCE
endif

$(internals): $(lib_objects) $(BUILD)/members
	$(call say,AR,$@) rm -f $@ && $(AR) rcs $@ $(lib_objects)

# A name that is made local must not be in a section group, as __x86.get_pc_thunk.* is: of two equal groups
# the linker keeps one, and does not find the names of the other.
$(library): $(lib_objects) $(BUILD)/members Makefile
	$(call say,AR,$@) $(CC) $(CFLAGS) -r -nostdlib -Wl,--force-group-allocation -o $(BUILD)/dtlscat.o $(lib_objects) && \
		$(OBJCOPY) --wildcard --keep-global-symbol='dtls_*' $(BUILD)/dtlscat.o && \
		rm -f $@ && $(AR) rcs $@ $(BUILD)/dtlscat.o

$(BUILD)/dtlscat.pc: lib/dtlscat.pc.in lib/api/ctx.c FORCE
	mkdir -p $(@D)
	sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|'"$$(sed -n 's/^#define VERSION "\(.*\)"$$/\1/p' lib/api/ctx.c)|" $< >$@

$(program): $(cli_objects) $(library)
	$(call say,LINK,$@) $(LINK) -o $@ $^ $(LIBS)

# The linker warns of what README.md says of a static build; it is heard only if it fails.
$(static): $(cli_objects) $(library)
	$(call say,LINK,$@) mkdir -p $(@D) && $(LINK) -static-pie -o $@ $^ $(STATIC_LIBS) 2>$@.log || \
		{ cat $@.log >&2; false; }

$(shim): $(shim_objects) $(library)
	$(call say,LINK,$@) $(LINK) -o $@ $^ $(LIBS)

$(tool): $(cli_objects) $(BUILD)/members
	$(call say,AR,$@) rm -f $@ && $(AR) rcs $@ $(cli_objects)

$(tool_programs): $(BUILD)/%: $(BUILD)/%.o $(tool_support) $(tool) $(library)
	$(call say,LINK,$@) $(LINK) -o $@ $^ $(LIBS) -lm

comma = ,
$(BUILD)/tests/fuzz/tool: fuzz_wrap += -Wl,--wrap=secretfile_read
$(BUILD)/tests/fuzz/options: fuzz_wrap += -Wl,--wrap=home_path
$(BUILD)/tests/fuzz/keyed: fuzz_wrap += $(patsubst %,-Wl$(comma)--wrap=%,aead_seal aead_open aead_seal_record \
	aead_open_record mask_make mac_finish)
$(fuzz_programs): $(BUILD)/%: $(BUILD)/%.o $(fuzz_support) $(tool) $(internals)
	$(call say,LINK,$@) $(LINK) $(FUZZ_ENGINE) $(fuzz_wrap) -o $@ $^ $(LIBS) -lm

$(answer) $(memory) $(link_tools): %: %.o
	$(call say,LINK,$@) $(LINK) -o $@ $^

# The rules of its network are those of the tool.
$(relay): %: %.o $(tool)
	$(call say,LINK,$@) $(LINK) -o $@ $^

$(plain): %: %.o $(library)
	$(call say,LINK,$@) $(LINK) -o $@ $^ $(LIBS)

# Two library contexts with the network of the tool between them.
$(BUILD)/tests/sim/impair: private TEST_LIBS = $(tool)
$(BUILD)/tests/sim/impair: $(tool)

.SECONDEXPANSION:
$(filter-out $(tool_programs),$(programs)): $(BUILD)/%: $(BUILD)/%.o $(support_objects) $$(call objects,$$(wildcard $$(dir $$*)common*.c)) $(internals)
	$(call say,LINK,$@) $(LINK) -o $@ $^ $(LIBS) $(TEST_LIBS)

-include $(patsubst %.o,%.d,$(lib_objects) $(cli_objects) $(support_objects) $(test_objects) $(shim_objects))
