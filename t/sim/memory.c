/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "memory.h"
#include "wrap.h"

enum {
	CHUNK_CLASS = 18,
	LEAST_CLASS = 5,
	WORLD_SHIFT = 33,	/* address space alone, until it is used */
};

static char *world, *world_next;

static void *
map(size_t n)
{
	void *p = __real_mmap(NULL, n, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

void *
world_alloc(size_t n)
{
	void *p;

	if (!world)
		world = world_next = map((size_t)1 << WORLD_SHIFT);
	p = world_next;
	world_next += (n + 15) & ~(size_t)15;
	if (world_next > world + ((size_t)1 << WORLD_SHIFT))
		abort();
	return memset(p, 0, n);
}

char *
world_dup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(world_alloc(n), s, n);
}

void
world_reset(void)
{
	world_next = world;
}

#ifdef __SANITIZE_ADDRESS__

/* The sanitizer's malloc(3) sees more; what the killed had is lost. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0:detect_stack_use_after_return=0";
}

void
heap_use(struct heap *h)
{
	(void)h;
}

void
heap_drop(struct heap *h)
{
	(void)h;
}

#else

/* In front of each block. */
struct block {
	struct heap *heap;
	uint64_t class;
};

/* In front of each chunk. */
struct chunk {
	struct chunk *next;
	uint64_t class;
};

static struct heap staying, *heap = &staying;
static struct chunk *spare[HEAP_CLASSES];

void
heap_use(struct heap *h)
{
	heap = h ? h : &staying;
}

void
heap_drop(struct heap *h)
{
	for (struct chunk *c = h->chunks, *next; c; c = next) {
		next = c->next;
		c->next = spare[c->class];
		spare[c->class] = c;
	}
	memset(h, 0, sizeof *h);
}

/* A chunk of 2^class bytes, for h. */
static struct chunk *
take_chunk(struct heap *h, uint64_t class)
{
	struct chunk *c = spare[class];

	if (c)
		spare[class] = c->next;
	else
		c = map((size_t)1 << class);
	c->class = class;
	c->next = h->chunks;
	h->chunks = c;
	return c;
}

static struct block *
take_block(struct heap *h, uint64_t class)
{
	size_t size = (size_t)1 << class;
	struct block *b;

	if (class >= CHUNK_CLASS)
		b = (struct block *)(take_chunk(h, class + 1) + 1);
	else {
		if ((size_t)(h->end - h->next) < size) {
			struct chunk *c = take_chunk(h, CHUNK_CLASS + 1);

			h->next = (char *)(c + 1);
			h->end = (char *)c + (1 << (CHUNK_CLASS + 1));
		}
		b = (struct block *)h->next;
		h->next += size;
	}
	b->heap = h;
	b->class = class;
	return b;
}

static uint64_t
class_of(size_t n)
{
	size_t all = n + sizeof(struct block);

	return all <= 1 << LEAST_CLASS ? LEAST_CLASS :
	    64 - (uint64_t)__builtin_clzl(all - 1);
}

static size_t
room_of(const struct block *b)
{
	return ((size_t)1 << b->class) - sizeof *b;
}

void *
malloc(size_t n)
{
	uint64_t class = class_of(n);
	void *p;

	if (class >= HEAP_CLASSES - 1) {
		errno = ENOMEM;
		return NULL;
	}
	p = heap->free[class];
	if (!p)
		return take_block(heap, class) + 1;
	memcpy(&heap->free[class], p, sizeof(void *));
	return p;
}

void
free(void *p)
{
	struct block *b = (struct block *)p - 1;

	if (!p)
		return;
	memcpy(p, &b->heap->free[b->class], sizeof(void *));
	b->heap->free[b->class] = p;
}

void *
calloc(size_t n, size_t size)
{
	void *p = NULL;

	if (size && n > SIZE_MAX / size)
		errno = ENOMEM;
	else
		p = malloc(n * size);
	return p ? memset(p, 0, n * size) : NULL;
}

void *
realloc(void *p, size_t n)
{
	const struct block *b = (struct block *)p - 1;
	void *fresh;

	if (!p)
		return malloc(n);
	if (n <= room_of(b))
		return p;
	fresh = malloc(n);
	if (!fresh)
		return NULL;
	memcpy(fresh, p, room_of(b));
	free(p);
	return fresh;
}

size_t
malloc_usable_size(void *p)
{
	return p ? room_of((struct block *)p - 1) : 0;
}

/* Nothing that is linked asks for more than malloc's alignment. */
void *
memalign(size_t alignment, size_t n)
{
	if (alignment > sizeof(struct block))
		abort();
	return malloc(n);
}

void *
aligned_alloc(size_t alignment, size_t n)
{
	return memalign(alignment, n);
}

int
posix_memalign(void **p, size_t alignment, size_t n)
{
	*p = memalign(alignment, n);
	return *p ? 0 : ENOMEM;
}

#endif
