/* SPDX-License-Identifier: GPL-2.0-or-later */
/* longjmp(3) between stacks is what the checks of fortify take for an error. */
#undef _FORTIFY_SOURCE
#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "coro.h"
#include "wrap.h"

enum { STACK_SIZE = 512 * 1024, PAGE = 4096 };

struct coro {
	struct coro *next;
	void *stack;
	ucontext_t start;
	jmp_buf here;
	bool started;
	void (*main)(void *);
	void *arg;
};

static struct coro *spare, *now;
static ucontext_t main_start;
static jmp_buf main_here;

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>

/* The sanitizer is told of each switch, and switches are the slow ones. */
static void *main_fake;
static const void *main_stack;
static size_t main_size;

static void
begin(void)
{
	__sanitizer_finish_switch_fiber(NULL, &main_stack, &main_size);
	now->main(now->arg);
}

void
coro_resume(struct coro *c)
{
	now = c;
	if (!c->started) {
		c->started = true;
		c->start.uc_stack.ss_sp = c->stack;
		c->start.uc_stack.ss_size = STACK_SIZE;
		c->start.uc_link = NULL;
		makecontext(&c->start, begin, 0);
	}
	__sanitizer_start_switch_fiber(&main_fake, c->stack,
	    STACK_SIZE);
	(void)swapcontext(&main_start, &c->start);
	__sanitizer_finish_switch_fiber(main_fake, NULL, NULL);
}

void
coro_yield(void)
{
	void *fake;

	__sanitizer_start_switch_fiber(&fake, main_stack, main_size);
	(void)swapcontext(&now->start, &main_start);
	__sanitizer_finish_switch_fiber(fake, &main_stack, &main_size);
}

#else

static void
begin(void)
{
	now->main(now->arg);
}

static void
start(struct coro *c)
{
	c->started = true;
	c->start.uc_stack.ss_sp = c->stack;
	c->start.uc_stack.ss_size = STACK_SIZE;
	c->start.uc_link = NULL;
	makecontext(&c->start, begin, 0);
	(void)swapcontext(&main_start, &c->start);
}

void
coro_resume(struct coro *c)
{
	now = c;
	if (_setjmp(main_here) != 0)
		return;
	if (!now->started)
		start(now);
	else
		_longjmp(now->here, 1);
}

void
coro_yield(void)
{
	if (_setjmp(now->here) == 0)
		_longjmp(main_here, 1);
}

#endif

/* A page to be hit, the stack, and above it what is known of it. */
static struct coro *
map_stack(void)
{
	char *p = __real_mmap(NULL, PAGE + STACK_SIZE + PAGE,
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
	    MAP_NORESERVE, -1, 0);
	struct coro *c;

	if (p == MAP_FAILED || mprotect(p, PAGE, PROT_NONE) != 0)
		abort();
	c = (struct coro *)(p + PAGE + STACK_SIZE);
	c->stack = p + PAGE;
	return c;
}

struct coro *
coro_make(void (*main)(void *), void *arg)
{
	struct coro *c = spare;

	if (c)
		spare = c->next;
	else
		c = map_stack();
	(void)getcontext(&c->start);
	c->started = false;
	c->main = main;
	c->arg = arg;
	return c;
}

void
coro_free(struct coro *c)
{
	c->next = spare;
	spare = c;
}
