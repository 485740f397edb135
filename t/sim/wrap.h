/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the linker leads here, and the names of what it leads away from. */
#ifndef SIM_WRAP_H
#define SIM_WRAP_H

#include <dirent.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <time.h>

struct fail;
struct guard;
struct log;
struct run;

#define WRAP(type, name, arguments) \
	type __real_##name arguments; \
	type __wrap_##name arguments

/* On directories. */
WRAP(int, renameat, (int from_fd, const char *from, int to_fd,
	const char *to));
WRAP(int, unlinkat, (int fd, const char *path, int flags));
WRAP(int, mkdirat, (int fd, const char *path, mode_t mode));
WRAP(int, symlinkat, (const char *target, int fd, const char *path));

/* On files. */
WRAP(int, openat, (int fd, const char *path, int flags, ...));
WRAP(int, open, (const char *path, int flags, ...));
WRAP(int, close, (int fd));
WRAP(ssize_t, read, (int fd, void *p, size_t n));
WRAP(ssize_t, write, (int fd, const void *p, size_t n));
WRAP(ssize_t, pwrite, (int fd, const void *p, size_t n, off_t at));
WRAP(int, fsync, (int fd));
WRAP(int, ftruncate, (int fd, off_t size));
WRAP(int, fstat, (int fd, struct stat *st));
WRAP(int, fstatat, (int fd, const char *path, struct stat *st, int flags));
WRAP(int, lstat, (const char *path, struct stat *st));
WRAP(int, fstatfs, (int fd, struct statfs *st));
WRAP(ssize_t, readlinkat, (int fd, const char *path, char *p, size_t n));
WRAP(int, dup3, (int from, int to, int flags));
WRAP(int, statvfs, (const char *path, struct statvfs *st));
WRAP(int, fstatvfs, (int fd, struct statvfs *st));
WRAP(int, futimens, (int fd, const struct timespec times[2]));
WRAP(int, flock, (int fd, int how));
WRAP(int, fcntl, (int fd, int what, ...));
WRAP(int, chmod, (const char *path, mode_t mode));
WRAP(int, fchmod, (int fd, mode_t mode));
WRAP(int, fchmodat, (int fd, const char *path, mode_t mode, int flags));
WRAP(DIR *, fdopendir, (int fd));
WRAP(struct dirent *, readdir, (DIR *d));
WRAP(int, closedir, (DIR *d));
WRAP(int, dirfd, (DIR *d));

/* On time, processes and the rest. */
WRAP(int, clock_gettime, (clockid_t clock, struct timespec *t));
WRAP(int, nanosleep, (const struct timespec *t, struct timespec *left));
WRAP(int, poll, (struct pollfd *p, nfds_t n, int ms));
WRAP(int, signalfd, (int fd, const sigset_t *set, int flags));
WRAP(int, sigprocmask, (int how, const sigset_t *set, sigset_t *old));
WRAP(int, sigaction, (int number, const struct sigaction *a,
	struct sigaction *old));
WRAP(int, kill, (pid_t pid, int number));
WRAP(pid_t, waitpid, (pid_t pid, int *status, int options));
WRAP(pid_t, getpid, (void));
WRAP(void *, mmap, (void *at, size_t n, int protection, int flags, int fd,
	off_t offset));
WRAP(int, munmap, (void *p, size_t n));
WRAP(uid_t, geteuid, (void));
WRAP(ssize_t, getrandom, (void *p, size_t n, unsigned flags));
WRAP(int, gethostname, (char *p, size_t n));
WRAP(char *, getenv, (const char *name));
WRAP(int, getpwuid_r, (uid_t uid, struct passwd *pw, char *p, size_t n,
	struct passwd **found));

/* Of the product: what would fork, or watch the real filesystem. */
int __wrap_guard_start(struct guard *g, const char *what,
	const struct log *log, struct fail *f);
pid_t __wrap_run_start(const struct run *r, struct fail *f);
int __wrap_watch_open(struct fail *f);
int __wrap_watch_add(const char *dir, struct fail *f);
int __wrap_watch_drain(void);
void __wrap_watch_close(void);

#endif
