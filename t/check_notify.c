/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "harness.h"
#include "notify.h"

static int manager;
static char got[1024];

static void
set_scene(struct notify *n, const char *watchdog_us)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	(void)snprintf(at.sun_path, sizeof at.sun_path, "%s",
	    harness_path("notify"));
	manager = socket(AF_UNIX, SOCK_DGRAM, 0);
	ck_assert_int_eq(bind(manager, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(setenv("NOTIFY_SOCKET", at.sun_path, 1), 0);
	ck_assert_int_eq(watchdog_us ? setenv("WATCHDOG_USEC", watchdog_us, 1) :
	    unsetenv("WATCHDOG_USEC"), 0);
	notify_open(n);
}

/* The next that it was told; "" where there is none. */
static const char *
told(void)
{
	ssize_t size = recv(manager, got, sizeof got - 1, MSG_DONTWAIT);

	got[size < 0 ? 0 : size] = '\0';
	return got;
}

START_TEST(each_state_is_told_and_a_status_once)
{
	struct notify n;

	set_scene(&n, NULL);
	ck_assert_ptr_null(getenv("NOTIFY_SOCKET"));
	notify_ready(&n);
	ck_assert_str_eq(told(), "READY=1");
	notify_status(&n, "running 1 of 2\nREADY=1");
	ck_assert_str_eq(told(), "STATUS=running 1 of 2");
	notify_status(&n, "running 1 of 2");
	ck_assert_str_eq(told(), "");
	notify_stopping(&n);
	ck_assert_str_eq(told(), "STOPPING=1");
	notify_extend(&n, 1500);
	ck_assert_str_eq(told(), "EXTEND_TIMEOUT_USEC=1500000");
	notify_close(&n);
}
END_TEST

START_TEST(a_reload_tells_its_time)
{
	struct notify n;

	set_scene(&n, NULL);
	notify_reloading(&n);
	ck_assert_ptr_nonnull(strstr(told(), "RELOADING=1\nMONOTONIC_USEC="));
	ck_assert(strtoll(strrchr(got, '=') + 1, NULL, 10) > 0);
	notify_close(&n);
}
END_TEST

START_TEST(signs_of_life_come_when_they_are_due)
{
	struct notify n;

	set_scene(&n, "60000000");
	notify_alive(&n);
	ck_assert_str_eq(told(), "WATCHDOG=1");
	notify_alive(&n);
	ck_assert_str_eq(told(), "");
	n.alive_ms = clock_boot_ms() - 15000;
	notify_alive(&n);
	ck_assert_str_eq(told(), "WATCHDOG=1");
	notify_patience(&n, 50000);
	ck_assert_str_eq(told(), "");
	notify_patience(&n, 600000);
	ck_assert_str_eq(told(), "WATCHDOG_USEC=600000000");
	n.alive_ms = clock_boot_ms() - 100000;
	notify_alive(&n);
	ck_assert_str_eq(told(), "");
	notify_close(&n);
}
END_TEST

START_TEST(without_a_watchdog_there_are_none)
{
	struct notify n;

	set_scene(&n, NULL);
	notify_alive(&n);
	notify_patience(&n, 600000);
	ck_assert_str_eq(told(), "");
	notify_close(&n);
	ck_assert_int_eq(setenv("WATCHDOG_PID", "1", 1), 0);
	(void)unlink(harness_path("notify"));
	set_scene(&n, "60000000");
	notify_alive(&n);
	ck_assert_str_eq(told(), "");
	notify_close(&n);
}
END_TEST

START_TEST(nobody_is_told_nothing)
{
	struct notify n;

	ck_assert_int_eq(setenv("NOTIFY_SOCKET", "relative", 1), 0);
	notify_open(&n);
	ck_assert_int_eq(n.fd, -1);
	notify_ready(&n);
	notify_ready(NULL);
	notify_status(NULL, "x");
	notify_alive(NULL);
	notify_close(&n);
}
END_TEST

void
add_tests(TCase *tc)
{
	tcase_add_test(tc, each_state_is_told_and_a_status_once);
	tcase_add_test(tc, a_reload_tells_its_time);
	tcase_add_test(tc, signs_of_life_come_when_they_are_due);
	tcase_add_test(tc, without_a_watchdog_there_are_none);
	tcase_add_test(tc, nobody_is_told_nothing);
}
