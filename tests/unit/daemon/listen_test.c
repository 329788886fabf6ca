/* Sockets, certificates and log lines of the daemon's start. */
#include "daemon/listen.h"

#include <check.h>
#include <netinet/in.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/tls.h"
#include "tests/support/suite.h"

static char why[512];

START_TEST(sockets_of_all_loops_share_the_port_that_was_free)
{
	char name[LISTEN_NAME];
	struct sockaddr_in at[2];
	socklen_t len = sizeof at[0];
	int fds[3];

	ck_assert_msg(
		listen_bind("127.0.0.1:0", true, 8, fds, 3, name, why, sizeof why), "%s", why);
	ck_assert_int_eq(strncmp(name, "127.0.0.1:", 10), 0);
	ck_assert_str_ne(name, "127.0.0.1:0");
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(getsockname(fds[i], (struct sockaddr *)(void *)&at[i], &len), 0);
	ck_assert_int_eq(at[0].sin_port, at[1].sin_port);
	for (int i = 0; i < 3; i++)
		(void)close(fds[i]);
}
END_TEST

START_TEST(a_port_that_another_listens_on_is_refused)
{
	char name[LISTEN_NAME], again[LISTEN_NAME];
	int fds[1], more[1];

	ck_assert(listen_bind("127.0.0.1:0", true, 8, fds, 1, name, why, sizeof why));
	ck_assert(!listen_bind(name, true, 8, more, 1, again, why, sizeof why));
	ck_assert_ptr_nonnull(strstr(why, name));
	(void)close(fds[0]);
	ck_assert(listen_bind(name, true, 8, more, 1, again, why, sizeof why));
	ck_assert_str_eq(name, again);
	(void)close(more[0]);
}
END_TEST

START_TEST(address_must_be_numbers_and_plain_ones_loopback)
{
	char name[LISTEN_NAME];
	int fds[1];

	ck_assert(!listen_bind("localhost:80", true, 8, fds, 1, name, why, sizeof why));
	ck_assert(!listen_bind("8443", true, 8, fds, 1, name, why, sizeof why));
	ck_assert(!listen_bind("0.0.0.0:0", true, 8, fds, 1, name, why, sizeof why));
	ck_assert_ptr_nonnull(strstr(why, "loopback"));
	ck_assert(!listen_bind("192.0.2.1:0", false, 8, fds, 1, name, why, sizeof why));
}
END_TEST

START_TEST(certificate_is_made_once_for_this_machine)
{
	char folder[] = "/tmp/fairlot-tls-XXXXXX", cert[96], key[96], tls[64];
	struct ssl_ctx_st *ctx = NULL;
	struct stat st;
	X509 *x;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(tls, sizeof tls, "%s/tls", folder);
	(void)snprintf(cert, sizeof cert, "%s/cert.pem", tls);
	(void)snprintf(key, sizeof key, "%s/key.pem", tls);
	ck_assert(!tls_new(cert, key, &ctx, why, sizeof why));
	ck_assert_msg(tls_self_signed(cert, key, why, sizeof why), "%s", why);
	ck_assert_int_eq(stat(key, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	ck_assert_int_eq(stat(cert, &st), 0);
	ck_assert(tls_self_signed(cert, key, why, sizeof why));
	ck_assert_msg(tls_new(cert, key, &ctx, why, sizeof why), "%s", why);
	x = SSL_CTX_get0_certificate(ctx);
	ck_assert_int_eq(X509_check_host(x, "localhost", 0, 0, NULL), 1);
	ck_assert_int_eq(X509_check_ip_asc(x, "127.0.0.1", 0), 1);
	ck_assert_int_eq(X509_check_ip_asc(x, "::1", 0), 1);
	ck_assert_int_ne(X509_check_host(x, "example.org", 0, 0, NULL), 1);
	tls_unref(&ctx);
	ck_assert_ptr_null(ctx);
	(void)unlink(cert);
	(void)unlink(key);
	(void)rmdir(tls);
	(void)rmdir(folder);
}
END_TEST

START_TEST(log_line_is_one_json_object_however_long_and_odd)
{
	char path[] = "/tmp/fairlot-log-XXXXXX", line[8192] = "", *huge = calloc(1, 10001);
	int before = dup(STDERR_FILENO), fd = mkstemp(path);
	struct json_object *json;

	ck_assert_int_ge(fd, 0);
	memset(huge, '"', 10000);
	(void)dup2(fd, STDERR_FILENO);
	say(SAY_ERROR, "odd", say_str("a", "x\n\"\\\x01"), say_int("n", -7), say_str("huge", huge));
	say(SAY_DEBUG, "not written", say_int("n", 1));
	(void)dup2(before, STDERR_FILENO);
	ck_assert_int_gt(pread(fd, line, sizeof line - 1, 0), 0);
	ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
	json = json_tokener_parse(line);
	ck_assert_ptr_nonnull(json);
	ck_assert_str_eq(json_object_get_string(json_object_object_get(json, "a")), "x\n\"\\\x01");
	ck_assert_int_eq(json_object_get_int(json_object_object_get(json, "n")), -7);
	json_object_put(json);
	(void)close(fd);
	(void)close(before);
	(void)unlink(path);
	free(huge);
}
END_TEST

SUITE(listen, sockets_of_all_loops_share_the_port_that_was_free,
	a_port_that_another_listens_on_is_refused, address_must_be_numbers_and_plain_ones_loopback,
	certificate_is_made_once_for_this_machine, log_line_is_one_json_object_however_long_and_odd)
