# SPDX-License-Identifier: GPL-2.0-or-later
#
# adtspool: see README.md.  Everything that is built lands in $(B) but for the
# programs, bin/adtspool and bin/adtspool-*, so that a checkout runs as it
# stands.
PREFIX     = /usr/local
SYSCONFDIR = /etc
UNITS      = $(PREFIX)/lib/systemd/system
B          = build
PROG       = bin/adtspool
VERSION    = 0.1
CC         = gcc
# Inode numbers of 64 bits, where that is not how things are.
LFS       := $(shell getconf LFS_CFLAGS)
CFLAGS     = -O2 -g
WERROR     =
SANITIZE   =
WARN       = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes \
	     -Wmissing-prototypes -Wformat=2 -Wpointer-arith -Wcast-qual \
	     -Wwrite-strings -Wvla -Wundef
CPPFLAGS   = -D_GNU_SOURCE -D_FORTIFY_SOURCE=2 $(LFS) -iquote lib \
	     -DVERSION='"$(VERSION)"' -DSYSCONFDIR='"$(SYSCONFDIR)"'
ALL_CFLAGS = -std=c11 -fstack-protector-strong $(WARN) $(WERROR) $(CFLAGS) \
	     $(if $(SANITIZE),-fsanitize=$(SANITIZE) -U_FORTIFY_SOURCE \
	     -fno-sanitize-recover=all -fno-omit-frame-pointer)
# A program is linked to what it uses; and all that a function is looked up for
# is looked up at its start, and not again by each process that it forks.
ALL_LDFLAGS = -Wl,--as-needed -Wl,-z,relro -Wl,-z,now $(LDFLAGS)
# Asked for when a program is linked: by then pkg-config is installed.
LDLIBS     = $(shell pkg-config --libs libarchive yaml-0.1 jansson libmd zlib \
	     sqlite3 ncursesw) -linotifytools -lmicrohttpd
TEST_LIBS  = $(shell pkg-config --libs check)
LINK       = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

LIB     = $(patsubst %.c,$(B)/%.o,$(wildcard lib/*.c))
BIN     = $(patsubst %.c,$(B)/%.o,$(wildcard bin/*.c))
PROGS   = $(PROG) $(patsubst bin/adtspool%.c,$(PROG)%,$(wildcard bin/*-*.c))
TEST    = $(patsubst %.c,$(B)/%,$(wildcard t/check_*.c))
FUZZ    = $(patsubst %.c,$(B)/%,$(wildcard t/fuzz_*.c))
MAN     = $(wildcard doc/*.[1-8])
SCRIPTS = $(wildcard t/*.t t/*.sh .ci/run t/deps t/demo t/data/autopkgtest-* \
	  t/lab/ceph/* t/lab/nfs/* t/lab/systemd/* t/lab/virt/* \
	  t/model/check t/sim/escapes \
	  t/bench/run t/bench/peers t/bench/measure.sh t/bench/fleet.sh \
	  conf/hooks/mail conf/hooks/webhook)

all: $(PROGS)

# Who asks for the first program gets the others that it starts.
$(PROG): $(B)/bin/adtspool.o $(B)/libcommands.a $(B)/libadtspool.a | \
		$(filter-out $(PROG),$(PROGS))
	@mkdir -p $(@D)
	$(LINK)

$(PROG)-%: $(B)/bin/adtspool-%.o $(B)/libcommands.a $(B)/libadtspool.a
	@mkdir -p $(@D)
	$(LINK)

$(B)/libcommands.a: $(filter-out $(B)/bin/adtspool%,$(BIN))
	rm -f $@ && $(AR) rcs $@ $^

$(B)/libadtspool.a: $(LIB)
	rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c Makefile | $(B)/deps-build
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# What changes files goes through t/fault.c, which can make it fail.
MUTATING = renameat unlinkat mkdirat symlinkat openat write fsync ftruncate
$(B)/t/check_%: $(B)/t/check_%.o $(B)/t/harness.o $(B)/t/fault.o \
		$(B)/libadtspool.a
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(MUTATING:%=-Wl,--wrap=%) -o $@ $^ \
	    $(LDLIBS) $(TEST_LIBS)

# Here time, or room, is what the test says.
$(B)/t/check_observe $(B)/t/check_guard $(B)/t/check_sweep \
	$(B)/t/check_claim $(B)/t/check_health $(B)/t/check_elsewhere: \
	LDFLAGS += -Wl,--wrap=clock_boot_ms
$(B)/t/check_space: LDFLAGS += -Wl,--wrap=statvfs -Wl,--wrap=fstatvfs

$(TEST:=.o) $(B)/t/harness.o: | $(B)/deps-check

# The simulator: the product's own objects, led to a filesystem of its own.
SIM_WRAP = renameat unlinkat mkdirat symlinkat openat open close read write \
	   pwrite fsync ftruncate fstat fstatat lstat statx fstatfs readlinkat \
	   flock fcntl chmod fchmod fchmodat fdopendir readdir closedir \
	   clock_gettime nanosleep poll signalfd sigprocmask sigaction kill \
	   dirfd dup3 statvfs fstatvfs futimens mmap munmap waitpid getpid \
	   geteuid getrandom gethostname getenv getpwuid_r \
	   run_start aside_start guard_start watch_open watch_add watch_drain \
	   watch_close fs_sync_all commit_back commit_done recover_stage \
	   recover_left fs_each slots_adopt observe batch_move conf_free
# It has a calloc, which is not to be made of a malloc and a memset.
$(B)/t/sim/memory.o: ALL_CFLAGS += -fno-builtin
$(B)/t/sim/sim: $(patsubst %.c,$(B)/%.o,$(wildcard t/sim/*.c)) \
		$(B)/libadtspool.a
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(SIM_WRAP:%=-Wl,--wrap=%) -o $@ $^ \
	    $(LDLIBS)

# Beside the bare system calls and peers; BENCH=quick takes two minutes.
BENCH_PROGS = $(patsubst %,$(B)/t/bench/%,beanstalk claims cost floor \
	      latency noop nq packing)
$(B)/t/bench/claims: LDFLAGS += -Wl,--wrap=renameat -Wl,--wrap=readdir
$(B)/t/bench/claims $(B)/t/bench/scale: $(B)/t/bench/count.o
$(B)/t/bench/scale: LDFLAGS += -Wl,--wrap=renameat -Wl,--wrap=readdir \
	-Wl,--wrap=fdopendir -Wl,--wrap=clock_boot_ms -Wl,--wrap=clock_now_s
$(B)/t/bench/beanstalk $(B)/t/bench/amqp: $(B)/t/bench/peer.o
PEER_LIB = $(B)/peers/usr/lib/$(shell $(CC) -print-multiarch)
$(B)/t/bench/amqp.o: CPPFLAGS += -isystem $(B)/peers/usr/include
$(B)/t/bench/amqp: LDLIBS += -Wl,-rpath,$(abspath $(PEER_LIB)) \
	-L$(PEER_LIB) -l:librabbitmq.so.4
$(B)/t/bench/%: $(B)/t/bench/%.o $(B)/t/bench/bench.o $(B)/libadtspool.a
	$(LINK)

bench: $(PROG) $(BENCH_PROGS) $(B)/deps-bench
	t/bench/peers $(B)/peers
	-[ ! -e $(B)/peers/usr/include/amqp.h ] || \
	    $(MAKE) $(B)/t/bench/amqp
	ADTSPOOL=$(abspath $(PROG)) B=$(B) BENCH=$(BENCH) t/bench/run

# A fleet of 60 hosts in simulated time; REQUESTS=1000000.
bench-scale: $(PROG) $(B)/t/bench/scale
	ADTSPOOL=$(abspath $(PROG)) B=$(abspath $(B)) t/bench/fleet.sh

# The Debian packages that a target needs, installed if they are missing.
$(B)/deps-%: t/deps
	t/deps $*
	@mkdir -p $(@D) && touch $@

demo: $(PROG) $(B)/deps-demo
	t/demo

# Most of them wait some of the time: one more than there are processors.
JOBS   = $(shell expr $$(nproc) + 1)
CHECKS = $(wildcard t/*.t)
check: $(PROG) $(TEST) $(B)/deps-check
	ADTSPOOL=$(abspath $(PROG)) prove -j$(JOBS) -f --exec '' $(TEST) \
	    $(CHECKS)

check-san:
	$(MAKE) B=build/san PROG=build/san/bin/adtspool \
	    SANITIZE=address,undefined check

# SEEDS worlds of hosts on a hostile filesystem, after the oracle was tested.
SEEDS = 300
check-sim: $(B)/t/sim/sim
	@t/sim/escapes $(LIB) -- $(SIM_WRAP)
	$(B)/t/sim/sim --seeds $(SEEDS)

# On a CephFS of its own; the tests say why where that cannot be.
check-lab-ceph: $(PROG) $(B)/deps-check
	-[ ! -c /dev/fuse ] || t/deps lab-ceph
	ADTSPOOL=$(abspath $(PROG)) prove --timer --comments --exec '' \
	    t/lab/ceph/*.t

# Over NFS, in guests with a kernel of their own, several at a time; the tests
# say why where that cannot be.
check-lab-nfs: $(PROG) $(B)/deps-check
	ADTSPOOL=$(abspath $(PROG)) prove --timer --comments -j$(JOBS) \
	    --exec '' t/lab/nfs/*.t

# The units, below a systemd that it starts itself; the test says why where that
# cannot be.
check-lab-systemd: $(PROG) $(B)/deps-check
	ADTSPOOL=$(abspath $(PROG)) prove --timer --comments --exec '' \
	    t/lab/systemd/*.t

# With each virt server that this machine can have; the test says why not.
check-lab-virt: $(PROG) $(B)/deps-check
	-t/deps lab-virt
	ADTSPOOL=$(abspath $(PROG)) prove --timer --comments --exec '' \
	    t/lab/virt/*.t

# The protocol, to its last state.
check-model: $(B)/deps-model
	prove --verbose --exec '' t/model/check

check-headers: $(B)/deps-build
	for header in lib/*.h; do \
		$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -Werror -fsyntax-only \
		    -x c $$header || \
		exit 1; done

analyze: $(B)/deps-build $(B)/deps-analyze
	cppcheck --quiet --std=c11 --enable=warning,performance,portability \
	    --inline-suppr --error-exitcode=1 -D_GNU_SOURCE \
	    '-DVERSION="$(VERSION)"' '-DSYSCONFDIR="$(SYSCONFDIR)"' lib bin
	echo $(wildcard lib/*.c bin/*.c) | xargs -n 10 -P $$(nproc) clang \
	    --analyze --analyzer-output text -Xclang -analyzer-werror \
	    -std=c11 $(CPPFLAGS)
	shellcheck -x -P t $(SCRIPTS)
	mandoc -T lint -W warning $(MAN)

# A short run of each fuzzer; FUZZ_SECONDS=3600 for a long one.
FUZZ_SECONDS = 30
fuzz: $(FUZZ)
	for fuzzer in $^; do mkdir -p $$fuzzer.corpus && \
		$$fuzzer -max_total_time=$(FUZZ_SECONDS) -verbosity=0 \
		    -artifact_prefix=$$fuzzer- $$fuzzer.corpus || \
		exit 1; done

$(B)/t/fuzz_%: t/fuzz_%.c lib/*.c lib/*.h | $(B)/deps-build $(B)/deps-analyze
	@mkdir -p $(@D)
	clang -std=c11 $(CPPFLAGS) -U_FORTIFY_SOURCE -O1 -g \
	    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	    -o $@ $< lib/*.c $(LDLIBS)

coverage: $(B)/deps-coverage
	$(MAKE) B=build/cov PROG=build/cov/bin/adtspool \
	    CFLAGS='-Og -g --coverage' check
	gcovr --root . --filter lib/ --sort-percentage build/cov

install: $(PROGS)
	install -D -t $(DESTDIR)$(PREFIX)/bin $(PROGS)
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/adtspool \
	    README.md LICENSE doc/HACKING conf/adtspool.yaml conf/policy.yaml \
	    conf/failures.yaml conf/nginx.conf conf/rsyncd.conf
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/adtspool/hooks \
	    conf/hooks/*.*
	install -D -t $(DESTDIR)$(PREFIX)/share/adtspool/hooks \
	    conf/hooks/mail conf/hooks/webhook
	install -D -m 644 -t $(DESTDIR)$(UNITS) conf/systemd/*
	sed -i 's|/usr/local/bin|$(PREFIX)/bin|' \
	    $(DESTDIR)$(UNITS)/adtspool-*.service
	for page in $(MAN); do install -D -m 644 -t \
		$(DESTDIR)$(PREFIX)/share/man/man$${page##*.} $$page || \
		exit 1; done
	mkdir -p $(DESTDIR)$(SYSCONFDIR)/adtspool
	test -e $(DESTDIR)$(SYSCONFDIR)/adtspool/adtspool.yaml || \
	    sed 's|^spool:.*|spool: /var/spool/adtspool|' conf/adtspool.yaml \
	    >$(DESTDIR)$(SYSCONFDIR)/adtspool/adtspool.yaml
	test -e $(DESTDIR)$(SYSCONFDIR)/adtspool/failures.yaml || \
	    install -m 644 conf/failures.yaml \
	    $(DESTDIR)$(SYSCONFDIR)/adtspool/failures.yaml

clean:
	rm -rf build $(PROGS)

-include $(patsubst %.c,$(B)/%.d,$(wildcard t/sim/*.c t/bench/*.c))
-include $(LIB:.o=.d) $(BIN:.o=.d) $(TEST:=.d) $(B)/t/harness.d \
    $(B)/t/fault.d

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all bench bench-scale demo check check-san check-sim check-model \
	check-lab-ceph check-lab-nfs check-lab-systemd check-lab-virt \
	check-headers analyze coverage fuzz install clean
