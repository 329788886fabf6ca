#include "proto/http_field.h"

#include <check.h>
#include <string.h>

#include "tests/support/suite.h"

START_TEST(an_idempotency_key_is_quoted_or_bare_printable_ascii)
{
	char longest[258];
	struct text key;

	memset(longest, 'k', sizeof longest);
	ck_assert(field_key(text_of("\"a-1 b\""), &key) && text_is(key, "a-1 b"));
	ck_assert(field_key(text_of("a"), &key) && text_is(key, "a"));
	ck_assert(field_key(text_span(longest, 255), &key) && key.len == 255);
	ck_assert(!field_key(text_span(longest, 256), &key));
	ck_assert(!field_key(text_of(""), &key));
	ck_assert(!field_key(text_of("\"\""), &key));
	ck_assert(!field_key(text_of("\"a"), &key));
	ck_assert(!field_key(text_of("a\"b"), &key));
	ck_assert(!field_key(text_of("\"a\\\"b\""), &key));
	ck_assert(!field_key(text_of("\xe4\xb8\xad"), &key));
	ck_assert(!field_key(text_of("a\tb"), &key));
}
END_TEST

START_TEST(if_match_is_one_strong_tag_of_ours)
{
	int64_t v = -7;

	ck_assert(field_version(text_of("\"17\""), &v) && v == 17);
	ck_assert(field_version(text_of("\"0\""), &v) && v == 0);
	ck_assert(!field_version(text_of("17"), &v));
	ck_assert(!field_version(text_of("W/\"17\""), &v));
	ck_assert(!field_version(text_of("\"17\", \"18\""), &v));
	ck_assert(!field_version(text_of("*"), &v));
	ck_assert(!field_version(text_of("\"\""), &v));
	ck_assert(!field_version(text_of("\"-1\""), &v));
	ck_assert(!field_version(text_of("\"9223372036854775808\""), &v));
	ck_assert_int_eq(v, 0);
}
END_TEST

START_TEST(if_none_match_looks_through_its_list)
{
	ck_assert(field_none_match(text_of("\"3\""), 3));
	ck_assert(field_none_match(text_of("\"1\" ,W/\"3\""), 3));
	ck_assert(field_none_match(text_of("*"), 3));
	ck_assert(!field_none_match(text_of("\"33\""), 3));
	ck_assert(!field_none_match(text_of("3"), 3));
	ck_assert(!field_none_match(text_of(""), 3));
}
END_TEST

START_TEST(a_bearer_token_follows_its_scheme)
{
	struct text t;

	ck_assert(field_bearer(text_of("Bearer flk_a"), &t) && text_is(t, "flk_a"));
	ck_assert(field_bearer(text_of("bearer  x"), &t) && text_is(t, "x"));
	ck_assert(!field_bearer(text_of("Basic x"), &t));
	ck_assert(!field_bearer(text_of("Bearer"), &t));
	ck_assert(!field_bearer(text_of("Bearer "), &t));
	ck_assert(!field_bearer(text_of("Bearer a b"), &t));
	ck_assert(!field_bearer(text_of("Bearer a,b"), &t));
	ck_assert(!field_bearer(text_of("Bearer \xff"), &t));
}
END_TEST

START_TEST(json_is_recognised_with_its_charset)
{
	ck_assert(field_is_json(text_of("application/json")));
	ck_assert(field_is_json(text_of("Application/JSON ; charset=\"UTF-8\"")));
	ck_assert(field_is_json(text_of("application/json;x=y")));
	ck_assert(!field_is_json(text_of("application/json;charset=gbk")));
	ck_assert(!field_is_json(text_of("text/json")));
	ck_assert(!field_is_json(text_of("application/jsonx")));
	ck_assert(!field_is_json(text_of("")));
}
END_TEST

START_TEST(the_most_exact_range_of_accept_decides)
{
	ck_assert(field_accepts(text_of(""), "text/csv"));
	ck_assert(field_accepts(text_of("*/*"), "text/csv"));
	ck_assert(field_accepts(text_of("text/html, text/*;q=0.1"), "text/csv"));
	ck_assert(field_accepts(text_of("*/*;q=0, TEXT/CSV"), "text/csv"));
	ck_assert(!field_accepts(text_of("text/csv;q=0, */*"), "text/csv"));
	ck_assert(!field_accepts(text_of("text/*;q=0.0,*/*"), "text/csv"));
	ck_assert(!field_accepts(text_of("application/json"), "text/csv"));
	ck_assert(!field_accepts(text_of("text/csvx"), "text/csv"));
}
END_TEST

START_TEST(a_request_id_is_short_and_plain)
{
	ck_assert(field_is_request_id(text_of("a-b_C.9")));
	ck_assert(field_is_request_id(text_of("12345678901234567890123456789012345")));
	ck_assert(!field_is_request_id(text_of("123456789012345678901234567890123456")));
	ck_assert(!field_is_request_id(text_of("a b")));
	ck_assert(!field_is_request_id(text_of("a\"")));
	ck_assert(!field_is_request_id(text_of("")));
}
END_TEST

SUITE(http_field, an_idempotency_key_is_quoted_or_bare_printable_ascii,
	if_match_is_one_strong_tag_of_ours, if_none_match_looks_through_its_list,
	a_bearer_token_follows_its_scheme, json_is_recognised_with_its_charset,
	the_most_exact_range_of_accept_decides, a_request_id_is_short_and_plain)
