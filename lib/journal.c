/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "buf.h"
#include "journal.h"
#include "strs.h"

static const char own_socket[] = "/run/systemd/journal/socket";

/* $JOURNAL_STREAM is "device:inode" of what was made standard error. */
static int
is_journal(FILE *out)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;
	char *end;

	if (!stream || fstat(fileno(out), &st) != 0)
		return 0;
	device = strtoull(stream, &end, 10);
	if (*end != ':')
		return 0;
	inode = strtoull(end + 1, &end, 10);
	return *end == '\0' && device == st.st_dev && inode == st.st_ino;
}

int
journal_open(struct journal *j, const char *socket_path, FILE *out)
{
	const char *path = socket_path ? socket_path : own_socket;
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	*j = (struct journal){ .fd = -1 };
	if (!is_journal(out) || strlen(path) >= sizeof to.sun_path)
		return -1;
	memcpy(to.sun_path, path, strlen(path) + 1);
	j->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (j->fd >= 0 && connect(j->fd, (struct sockaddr *)&to,
	    sizeof to) != 0)
		journal_close(j);
	return 0;
}

void
journal_close(struct journal *j)
{
	if (j->fd >= 0)
		(void)close(j->fd);
	j->fd = -1;
}

/* A value of several lines is told by its length. */
static void
add_field(struct buf *b, const char *field)
{
	size_t name = strcspn(field, "="), size = strlen(field) - name - 1;
	uint64_t told = htole64(size);

	if (strchr(field, '\n')) {
		buf_addn(b, field, name);
		buf_add(b, "\n");
		buf_addn(b, (const char *)&told, sizeof told);
		buf_addn(b, field + name + 1, size);
	} else {
		buf_add(b, field);
	}
	buf_add(b, "\n");
}

int
journal_send(const struct journal *j, const struct strs *fields)
{
	struct buf b = { 0 };
	ssize_t sent;

	for (size_t i = 0; i < fields->n; i++)
		add_field(&b, fields->v[i]);
	sent = send(j->fd, b.s, b.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	buf_free(&b);
	return sent < 0 ? -1 : 0;
}
