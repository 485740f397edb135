/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the linker leads here, and the names of what it leads away from. */
#ifndef SIM_WRAP_H
#define SIM_WRAP_H

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "aside.h"
#include "conf.h"
#include "fs.h"
#include "guard.h"
#include "run.h"
#include "watch.h"

/* Both are of the type of what is led away. */
#define WRAP(f) __typeof__(f) __real_##f, __wrap_##f

WRAP(renameat);
WRAP(unlinkat);
WRAP(mkdirat);
WRAP(symlinkat);

WRAP(openat);
WRAP(open);
WRAP(close);
WRAP(dup3);
WRAP(read);
WRAP(write);
WRAP(pwrite);
WRAP(fsync);
WRAP(fs_sync_all);
WRAP(ftruncate);

WRAP(fstat);
WRAP(fstatat);
WRAP(lstat);
WRAP(statx);
WRAP(fstatfs);
WRAP(statvfs);
WRAP(fstatvfs);
WRAP(futimens);
WRAP(readlinkat);
WRAP(flock);
WRAP(fcntl);
WRAP(chmod);
WRAP(fchmod);
WRAP(fchmodat);

WRAP(fdopendir);
WRAP(readdir);
WRAP(closedir);
WRAP(dirfd);

WRAP(clock_gettime);
WRAP(nanosleep);
WRAP(poll);
WRAP(signalfd);
WRAP(sigprocmask);
WRAP(sigaction);
WRAP(kill);
WRAP(waitpid);
WRAP(getpid);
WRAP(geteuid);
WRAP(getrandom);
WRAP(gethostname);
WRAP(getenv);
WRAP(getpwuid_r);
WRAP(mmap);
WRAP(munmap);

/* Of the product: what would fork, or watch the real filesystem. */
WRAP(run_start);
WRAP(aside_start);
WRAP(guard_start);
WRAP(watch_open);
WRAP(watch_add);
WRAP(watch_drain);
WRAP(watch_close);
WRAP(conf_free);

#endif
