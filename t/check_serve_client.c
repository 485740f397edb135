/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "harness.h"
#include "serve_client.h"

static int pair[2];

/* An address of either family. */
static const struct sockaddr *
address(const char *text)
{
	static struct sockaddr_storage at;
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	void *p = &at;

	if (strchr(text, ':')) {
		ck_assert_int_eq(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
		memcpy(&at, &in6, sizeof in6);
	} else {
		ck_assert_int_eq(inet_pton(AF_INET, text, &in.sin_addr), 1);
		memcpy(&at, &in, sizeof in);
	}
	return p;
}

static struct serve_client *
begin(struct serve_clients *all)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	return serve_client_begin(all, address("192.0.2.1"), pair[0]);
}

static bool
is_shut(void)
{
	char c;

	return recv(pair[1], &c, 1, MSG_DONTWAIT) == 0;
}

/* Sweeps as if so many seconds had passed. */
static unsigned
sweep(struct serve_clients *all, int s)
{
	return serve_clients_sweep(all, clock_boot_ms() + s * 1000);
}

START_TEST(who_sends_no_request_is_shut_out)
{
	struct serve_clients *all = serve_clients_new(2, 0);
	struct serve_client *c = begin(all);

	ck_assert_uint_eq(sweep(all, SERVE_CLIENT_REQUEST_S - 5), 0);
	ck_assert(!is_shut());
	ck_assert_uint_eq(sweep(all, SERVE_CLIENT_REQUEST_S + 5), 1);
	ck_assert(is_shut());
	serve_client_end(c);
	ck_assert_uint_eq(sweep(all, 1000), 0);
	serve_clients_free(all);
}
END_TEST

START_TEST(who_waits_for_us_is_not_shut_out)
{
	struct serve_clients *all = serve_clients_new(2, 0);
	struct serve_client *c = begin(all);

	serve_client_works(c);
	ck_assert_uint_eq(serve_clients_busy(all), 1);
	ck_assert_uint_eq(sweep(all, 1000), 0);
	serve_client_sends(c, 0);
	ck_assert_uint_eq(serve_clients_busy(all), 1);
	serve_client_waits(c);
	ck_assert_uint_eq(serve_clients_busy(all), 0);
	ck_assert_uint_eq(sweep(all, SERVE_CLIENT_REQUEST_S + 5), 1);
	serve_client_end(c);
	serve_clients_free(all);
}
END_TEST

START_TEST(who_takes_an_answer_has_time_by_its_bytes)
{
	struct serve_clients *all = serve_clients_new(2, 0);
	struct serve_client *c = begin(all);

	serve_client_sends(c, 100 * SERVE_CLIENT_RATE);
	ck_assert_uint_eq(sweep(all, SERVE_CLIENT_ANSWER_S + 95), 0);
	ck_assert_uint_eq(sweep(all, SERVE_CLIENT_ANSWER_S + 105), 1);
	ck_assert(is_shut());
	serve_client_end(c);
	serve_clients_free(all);
}
END_TEST

START_TEST(who_waited_longest_makes_room)
{
	struct serve_clients *all = serve_clients_new(2, 0);
	struct serve_client *works = begin(all), *waits;

	serve_client_works(works);
	waits = begin(all);
	ck_assert(serve_clients_accept(all, address("192.0.2.2")));
	ck_assert(is_shut());
	serve_client_works(waits);
	ck_assert_uint_eq(serve_clients_busy(all), 1);
	ck_assert_uint_eq(sweep(all, 1000), 0);
	ck_assert_ptr_nonnull(begin(all));
	ck_assert(!is_shut());
	ck_assert(serve_clients_accept(all, address("192.0.2.2")));
	ck_assert(is_shut());
	serve_clients_free(all);
}
END_TEST

START_TEST(there_are_no_more_places_than_there_are)
{
	struct serve_clients *all = serve_clients_new(2, 0);
	struct serve_client *c = NULL;

	for (int i = 0; i < 2 + SERVE_CLIENTS_SPARE; i++)
		ck_assert_ptr_nonnull(c = begin(all));
	ck_assert_ptr_null(begin(all));
	serve_client_end(c);
	ck_assert_ptr_nonnull(begin(all));
	serve_clients_free(all);
}
END_TEST

static const struct { const char *there, *comes; bool may; } pairs[] = {
	{ "192.0.2.1", "192.0.2.1", false },
	{ "192.0.2.1", "::ffff:192.0.2.1", false },
	{ "192.0.2.1", "192.0.2.2", true },
	{ "127.0.0.1", "127.0.0.1", true },
	{ "::1", "::1", true },
	{ "2001:db8::1", "2001:db8::2", false },
	{ "2001:db8::1", "2001:db8:0:1::1", true },
};

START_TEST(an_address_has_only_so_many)
{
	struct serve_clients *all = serve_clients_new(3, 1);
	struct serve_client *c = serve_client_begin(all,
	    address(pairs[_i].there), 0);

	ck_assert_str_eq(serve_client_name(c), pairs[_i].there);
	ck_assert_int_eq(serve_clients_accept(all, address(pairs[_i].comes)),
	    pairs[_i].may);
	serve_client_end(c);
	ck_assert(serve_clients_accept(all, address(pairs[_i].comes)));
	serve_clients_free(all);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, who_sends_no_request_is_shut_out);
	tcase_add_test(tc, who_waits_for_us_is_not_shut_out);
	tcase_add_test(tc, who_takes_an_answer_has_time_by_its_bytes);
	tcase_add_test(tc, who_waited_longest_makes_room);
	tcase_add_test(tc, there_are_no_more_places_than_there_are);
	tcase_add_loop_test(tc, an_address_has_only_so_many, 0,
	    (int)(sizeof pairs / sizeof *pairs));
}
