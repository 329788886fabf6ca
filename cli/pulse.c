/* `fairlot draw pulse`: a pulse as NIST's beacon answers it, into what a draw takes. */
#include "cli/pulse.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "cli/file.h"
#include "cli/say.h"
#include "cli/special.h"
#include "lib/base/arena.h"
#include "lib/base/cert.h"
#include "lib/base/hex.h"
#include "lib/draw/freeze.h"
#include "lib/draw/pulse.h"
#include "proto/json_scan.h"

enum {
	PULSE_FILE_MAX = 65536,
	CERTIFICATE_FILE_MAX = 16384
};

/* Takes members of an object; wrong: the first one that is not there or of another kind. */
struct taker {
	struct arena *arena;
	const char *wrong;
};

static struct json_object *
member(struct taker *t, struct json_object *o, const char *name, enum json_type type)
{
	struct json_object *m = NULL;

	if (!json_object_object_get_ex(o, name, &m) || !json_object_is_type(m, type)) {
		t->wrong = t->wrong == NULL ? name : t->wrong;
		return NULL;
	}
	return m;
}

static struct text
words(struct taker *t, struct json_object *o, const char *name)
{
	struct json_object *m = member(t, o, name, json_type_string);

	return m == NULL
		? (struct text){0}
		: text_span(json_object_get_string(m), (size_t)json_object_get_string_len(m));
}

static uint64_t
number(struct taker *t, struct json_object *o, const char *name, uint64_t most)
{
	struct json_object *m = member(t, o, name, json_type_int);
	int64_t n = m == NULL ? 0 : json_object_get_int64(m);

	if (n < 0 || (uint64_t)n > most)
		t->wrong = t->wrong == NULL ? name : t->wrong;
	return (uint64_t)n;
}

/* NIST writes hex in capitals. */
static struct text
bytes(struct taker *t, struct json_object *o, const char *name)
{
	struct text hex = words(t, o, name);
	char *lower = arena_str(t->arena, hex.at == NULL ? "" : hex.at, hex.len);
	uint8_t *at = arena_alloc(t->arena, hex.len / 2 + 1);

	for (size_t i = 0; i < hex.len; i++)
		if (lower[i] >= 'A' && lower[i] <= 'F')
			lower[i] = (char)(lower[i] - 'A' + 'a');
	if (!hex_decode(text_span(lower, hex.len), at, hex.len / 2))
		t->wrong = t->wrong == NULL ? name : t->wrong;
	return text_span((const char *)at, hex.len / 2);
}

static void
links_take(struct taker *t, struct json_object *o, struct pulse *ret_pulse)
{
	static const char *const types[PULSE_LINKS] = {"previous", "hour", "day", "month", "year"};
	struct json_object *list = member(t, o, "listValues", json_type_array);

	if (list == NULL)
		return;
	if (json_object_array_length(list) != PULSE_LINKS) {
		t->wrong = "listValues";
		return;
	}
	for (size_t i = 0; i < PULSE_LINKS; i++) {
		struct json_object *link = json_object_array_get_idx(list, i);

		if (!text_is(words(t, link, "type"), types[i]))
			t->wrong = t->wrong == NULL ? "listValues" : t->wrong;
		ret_pulse->links[i] = bytes(t, link, "value");
	}
}

static struct pulse
fields_take(struct taker *t, struct json_object *o)
{
	struct json_object *external = member(t, o, "external", json_type_object);
	struct pulse p = {.uri = words(t, o, "uri"),
		.version = words(t, o, "version"),
		.cipher_suite = (uint32_t)number(t, o, "cipherSuite", UINT32_MAX),
		.period_ms = (uint32_t)number(t, o, "period", UINT32_MAX),
		.certificate = bytes(t, o, "certificateId"),
		.chain = number(t, o, "chainIndex", INT64_MAX),
		.number = number(t, o, "pulseIndex", INT64_MAX),
		.time = words(t, o, "timeStamp"),
		.local = bytes(t, o, "localRandomValue"),
		.external_source = bytes(t, external, "sourceId"),
		.external_status = (uint32_t)number(t, external, "statusCode", UINT32_MAX),
		.external_value = bytes(t, external, "value"),
		.precommitment = bytes(t, o, "precommitmentValue"),
		.status = (uint32_t)number(t, o, "statusCode", UINT32_MAX),
		.signature = bytes(t, o, "signatureValue")};

	links_take(t, o, &p);
	return p;
}

bool
pulse_of_json(struct arena *a, struct text json, struct text *ret_given, const char **reterr)
{
	struct taker t = {a, NULL};
	struct json_object *whole = NULL;
	struct scan_fault fault;
	uint8_t value[HASH512_LEN];
	struct text given, output;
	struct pulse p;

	if (scan_parse(json, a, &whole, &fault) != OK) {
		*reterr = say(fault.zh, fault.en);
		return false;
	}
	whole = member(&t, whole, "pulse", json_type_object);
	p = fields_take(&t, whole);
	output = bytes(&t, whole, "outputValue");
	if (t.wrong != NULL) {
		*reterr = arena_printf(a, say("脉冲缺少或写错 %s", "no pulse: %s"), t.wrong);
		return false;
	}
	given = pulse_build(a, &p);
	hash512_of(given, value);
	if (!pulse_parse(given, &p) ||
		!text_eq(output, text_span((const char *)value, sizeof value))) {
		*reterr = say("outputValue 不是这些字段的哈希",
			"outputValue is not the hash of these fields");
		return false;
	}
	*ret_given = given;
	return true;
}

/* What the signature is worth is said on standard error. */
static enum status
signature_say(struct session *s, const struct pulse *p)
{
	const char *path = s->options.nist_certificate;
	struct contributor self = {.source = DRAW_NIST,
		.name = text_of(arena_printf(s->arena, "%" PRIu64, p->chain)),
		.round = p->number};
	enum pulse_fault fault;
	uint8_t id[HASH512_LEN];
	struct text pem;

	if (path == NULL)
		return STATUS_OK;
	if (!file_read(path, CERTIFICATE_FILE_MAX, s->arena, &pem))
		return session_usage(arena_printf(s->arena, "%s: %s", path, strerror(errno)));
	if (!cert_id(pem, id))
		return session_usage(arena_printf(s->arena, "%s: %s", path,
			say("不是 RSA 证书（PEM）", "no RSA certificate (PEM)")));
	fault = pulse_judge(p, &self, pem);
	if (fault == PULSE_HOLDS)
		return STATUS_OK;
	fprintf(stderr, "fairlot: %s\n",
		fault == PULSE_BROKEN ? say("该脉冲的状态表明其链或预承诺中断",
						"by its status the pulse begins a chain or lost "
						"a precommitment")
			: fault == PULSE_UNPINNED
			? say("该脉冲使用另一证书", "the pulse names another certificate")
			: say("该脉冲的签名不成立", "the signature of the pulse does not hold"));
	return STATUS_REFUSED;
}

/* The contributor of a draw whose value this pulse is; NULL with a word on standard error. */
static const char *
place_of(struct session *s, struct json_object *draw, const struct pulse *p)
{
	struct json_object *list = NULL;

	(void)json_object_object_get_ex(draw, "contributions", &list);
	for (size_t i = 0;
		json_object_is_type(list, json_type_array) && i < json_object_array_length(list);
		i++) {
		struct json_object *line = json_object_array_get_idx(list, i), *round, *index;
		const char *kind = json_text(line, "kind");

		if (kind != NULL && strcmp(kind, "nist") == 0 &&
			json_object_object_get_ex(line, "round", &round) &&
			(uint64_t)json_object_get_int64(round) == p->number &&
			json_object_object_get_ex(line, "index", &index))
			return arena_printf(s->arena, "%d", json_object_get_int(index));
	}
	fprintf(stderr, "fairlot: %s\n",
		say("该抽取不等待此脉冲", "the draw does not wait for this pulse"));
	return NULL;
}

static enum status
pulse_send(struct session *s, const char *draw, const struct pulse *p, const char *hex)
{
	struct request put = {.op = &op_table[OP_draw_contribute]};
	struct json_object *json = NULL;
	struct answer answer;
	const char *args[2] = {draw, NULL};
	enum status status;

	if ((status = session_open(s)) != STATUS_OK ||
		(status = session_fetch(s, &op_table[OP_draw_get], &draw, 1, &json, &answer)) !=
			STATUS_OK)
		return status;
	if ((args[1] = place_of(s, json, p)) == NULL)
		return STATUS_REFUSED;
	put.path = command_path(put.op, args, 2, s->arena);
	put.body = text_of(arena_printf(s->arena, "{\"value\":\"%s\"}", hex));
	session_send(s, &put, &answer, NULL);
	return session_show(s, put.op, &answer);
}

enum status
draw_pulse_run(struct session *s, int argc, char *const *argv)
{
	const char *args[2] = {NULL, NULL}, *err = NULL;
	struct text json, given;
	enum status status;
	struct pulse p;
	char *hex;

	if (!special_args(s, argc, argv, 1, 2, args))
		return session_usage(
			say("用法：fairlot draw pulse 文件 [抽取] [--nist-certificate 文件]",
				"usage: fairlot draw pulse FILE [DRAW] [--nist-certificate FILE]"));
	if (!file_read(args[0], PULSE_FILE_MAX, s->arena, &json))
		return session_usage(arena_printf(s->arena, "%s: %s", args[0], strerror(errno)));
	if (!pulse_of_json(s->arena, json, &given, &err))
		return session_usage(arena_printf(s->arena, "%s: %s", args[0], err));
	must(pulse_parse(given, &p));
	if ((status = signature_say(s, &p)) != STATUS_OK)
		return status;
	hex = arena_alloc(s->arena, 2 * given.len + 1);
	hex_encode((const uint8_t *)given.at, given.len, hex);
	if (args[1] != NULL)
		return pulse_send(s, args[1], &p, hex);
	printf("%s\n", hex);
	return STATUS_OK;
}
