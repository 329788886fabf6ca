/* Who takes part in the data set: agencies with their certificates, owners, operator, regulators,
 * auditor, witness, and their users.  Names are made of common words and are nobody's. */
#include <string.h>

#include "daemon/load_set.h"
#include "lib/base/time.h"
#include "lib/base/text.h"
#include "lib/ident/uscc.h"

enum {
	USERS_BATCH = 1000,
	ORGANISATIONS = LOAD_AGENCIES + LOAD_OWNERS + LOAD_BUREAUS + 3,
	GROUPS = 12,	  /* of two agencies under one control */
	AGENCY_FEWEST = 8 /* of a category: a draw needs candidates */
};

struct place {
	const char *code, *name;
};

static const struct place places[] = {{"430702", "武陵区"}, {"430703", "鼎城区"},
	{"430721", "安乡县"}, {"430722", "汉寿县"}, {"430723", "澧县"}, {"430724", "临澧县"},
	{"430725", "桃源县"}, {"430726", "石门县"}, {"430781", "津市市"}, {"430700", "常德市"}};
static const char *const away[] = {"430100", "430600", "430900", "430700"};

static const char *const bureaus[] = {"住房和城乡建设局", "自然资源和规划局", "发展和改革局",
	"交通运输局", "水利局", "农业农村局", "林业局", "生态环境分局", "教育局", "卫生健康局",
	"文化旅游广电体育局", "财政局", "应急管理局", "市场监督管理局", "民政局", "城市管理局",
	"人民医院", "中医医院", "第一中学", "第二中学", "职业中专", "图书馆", "体育中心",
	"城市建设服务中心", "公路建设养护中心", "土地储备中心", "水资源管理中心",
	"项目建设服务中心"};

static const char *const firsts[] = {"中", "华", "安", "鼎", "盛", "恒", "天", "正", "博", "宏",
	"金", "信", "瑞", "诚", "泰", "嘉", "德", "万", "永", "兴", "长", "广", "新", "启"};
static const char *const seconds[] = {"达", "通", "源", "禾", "和", "业", "成", "远", "睿", "立",
	"方", "测", "衡", "科", "环", "宇", "翔", "辰", "明", "筑", "建", "元", "合", "峰"};
static const char *const surnames[] = {"王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周",
	"徐", "孙", "马", "朱", "胡", "郭", "何", "高", "林", "罗", "郑", "梁", "谢", "宋", "唐",
	"许", "韩", "冯", "邓", "曹", "彭", "曾", "肖", "田", "董", "袁", "潘", "于", "蒋", "蔡"};
static const char *const givens[] = {"伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋",
	"勇", "艳", "杰", "娟", "涛", "明", "超", "秀", "霞", "平", "刚", "桂", "文", "辉", "建",
	"玲", "华", "红", "志", "海", "波", "宁", "佳", "雪", "晨", "宇", "思", "子", "雨", "嘉"};

#define COUNT(list)   ((int)(sizeof(list) / sizeof(list)[0]))
#define PICK(l, list) ((list)[load_below((l), (uint32_t)COUNT(list))])

struct organisation {
	char id[LOAD_ID];
	const char *kind, *region;
	int roles, users;
	int64_t registered_us;
};

struct crowd {
	struct organisation at[ORGANISATIONS];
	int count;
	struct buf lines; /* of the batch of organisations */
	int serial;	  /* of certificates */
};

/* The n-th of 576 trade names; neighbours have nothing in common. */
static const char *
trade_name(struct load *l, int n)
{
	int k = n * 167 % (COUNT(firsts) * COUNT(seconds));

	return arena_printf(
		&l->scratch, "%s%s", firsts[k / COUNT(seconds)], seconds[k % COUNT(seconds)]);
}

static const char *
person_name(struct load *l)
{
	const char *surname = PICK(l, surnames), *given = PICK(l, givens);

	return arena_printf(&l->scratch, "%s%s%s", surname, given,
		load_below(l, 3) == 0 ? "" : PICK(l, givens));
}

/* kind: 11 an organ, 12 an institution, 91 a firm.  The n-th code differs from all others. */
static const char *
credit_code(struct load *l, const char *kind, const char *region, int n)
{
	char *code = arena_printf(&l->scratch, "%s%s%08d00", kind, region,
		10000000 + n * 4999 + load_between(l, 0, 4998));

	must(uscc_org_complete(text_span(code + 8, 8), code + 16));
	must(uscc_complete(text_span(code, 17), code + 17));
	return code;
}

/* A moment of a weekday of 2020, or of a working day in the first months of 2021. */
static int64_t
registration(struct load *l, bool late)
{
	int32_t day;

	if (late)
		return load_hour(l, l->days[load_between(l, 5, 75)]);
	do
		day = civil_day((struct civil){2020, 1, 6}) + load_between(l, 0, 340);
	while (day_weekday(day) > 5);
	return load_hour(l, day);
}

static void
list_open(struct buf *b, struct load *l)
{
	buf_init(b, &l->scratch, 4096);
	buf_char(b, '[');
}

static void
list_next(struct buf *b)
{
	if (b->len > 1)
		buf_char(b, ',');
}

static bool
list_send(struct load *l, struct buf *b, const char *name)
{
	buf_str(b, "]");
	buf_char(b, '\0');
	return load_call(l, name, 1, (const char *const[]){b->at});
}

static struct organisation *
organisation_add(struct load *l, struct crowd *c, const char *kind, const char *code_kind,
	const char *name, const char *region, int64_t registered_us)
{
	struct organisation *o = &c->at[c->count++];
	const char *code = credit_code(l, code_kind, region, c->count);

	load_id(l, "org", o->id);
	o->kind = kind;
	o->region = region;
	o->registered_us = registered_us;
	list_next(&c->lines);
	buf_printf(&c->lines,
		"{\"id\":\"%s\",\"kind\":\"%s\",\"name\":\"%s\",\"credit_code\":\"%s\","
		"\"region\":\"%s\",\"at\":\"%s\"}",
		o->id, kind, name, code, region, load_time(l, registered_us));
	return o;
}

static void
staff_make(struct load *l, struct crowd *c)
{
	int64_t first = load_at(civil_day((struct civil){2020, 1, 2}), 9, 0);
	struct organisation *o = organisation_add(
		l, c, "operator", "12", "常德市中介服务超市管理中心（示例）", "430700", first);

	o->roles = 4;
	o->users = 10;
	o = organisation_add(l, c, "auditor", "11", "常德市审计局（示例）", "430700", first);
	o->roles = 16;
	o->users = 6;
	o = organisation_add(l, c, "witness", "12", "常德市公证协会（示例）", "430700", first);
	o->roles = 32;
	o->users = 1;
	for (int i = 0; i < LOAD_BUREAUS; i++) {
		o = organisation_add(l, c, "regulator", "11",
			arena_printf(&l->scratch, "常德市%s（行业主管）", bureaus[i]), "430700",
			first + (i + 1) * 60 * UTC_SECOND);
		o->roles = 8;
		o->users = load_between(l, 5, 9);
	}
}

static void
owners_make(struct load *l, struct crowd *c)
{
	for (int i = 0; i < LOAD_OWNERS; i++) {
		bool organ = i < LOAD_ORGANS;
		const struct place *place = organ ? &places[i % COUNT(places)] : &PICK(l, places);
		int firm = i - LOAD_ORGANS, names = COUNT(firsts) * COUNT(seconds);
		const char *name = organ
			? arena_printf(&l->arena, "%s%s", place->name, bureaus[i / COUNT(places)])
			: arena_printf(&l->arena, "常德%s%s有限公司", trade_name(l, firm % names),
				  firm < names ? "置业" : "实业");
		int64_t at = registration(l, load_below(l, 5) == 0);
		struct organisation *o =
			organisation_add(l, c, "owner", organ ? "11" : "91", name, place->code, at);

		o->roles = 1;
		o->users = 1;
		l->owners[i].registered_us = at;
		l->owners[i].name = name;
		l->owners[i].organ = organ;
		memcpy(l->owners[i].organisation, o->id, LOAD_ID);
	}
}

static const char *
agency_name(struct load *l, int i)
{
	return arena_printf(&l->scratch, "湖南%s%s有限公司", trade_name(l, i),
		l->category_names[l->agencies[i].categories[0]]);
}

static void
agencies_make(struct load *l, struct crowd *c)
{
	int weights[LOAD_CATEGORIES], total = 0;

	for (int i = 0; i < LOAD_CATEGORIES; i++)
		total += weights[i] = load_between(l, 1, 4) * load_between(l, 1, 4);
	for (int i = 0; i < LOAD_AGENCIES; i++) {
		struct load_agency *a = &l->agencies[i];
		const char *region = load_below(l, 4) == 0 ? PICK(l, away) : PICK(l, places).code;
		bool late = i >= 2 * GROUPS && load_below(l, 8) == 0;
		int category = i % LOAD_CATEGORIES, left = load_between(l, 0, total - 1);
		int64_t at = registration(l, late);
		struct organisation *o;

		if (i >= AGENCY_FEWEST * LOAD_CATEGORIES)
			for (category = 0; left >= weights[category]; category++)
				left -= weights[category];
		a->categories[0] = category;
		a->categories[1] =
			load_below(l, 4) == 0 ? load_between(l, 0, LOAD_CATEGORIES - 1) : -1;
		if (a->categories[1] == category)
			a->categories[1] = -1;
		/* i and i + LOAD_CATEGORIES are of one category. */
		a->group = i < GROUPS || (i >= LOAD_CATEGORIES && i < LOAD_CATEGORIES + GROUPS)
			? i % LOAD_CATEGORIES
			: -1;
		o = organisation_add(l, c, "agency", "91", agency_name(l, i), region, at);
		o->roles = 2;
		o->users = load_between(l, 2, 7);
		load_id(l, "agc", a->id);
		memcpy(a->organisation, o->id, LOAD_ID);
		a->active_us = o->registered_us + 9 * UTC_DAY;
	}
}

/* Whoever is left over after the others works for owners; most for few of them. */
static void
users_spread(struct load *l, struct crowd *c, int first_owner)
{
	int left = LOAD_USERS;

	for (int i = 0; i < c->count; i++)
		left -= c->at[i].users;
	must(left >= 0);
	for (; left > 0; left--) {
		int wide = load_below(l, 3) == 0 ? LOAD_OWNERS : LOAD_OWNERS / 4;

		c->at[first_owner + load_between(l, 0, wide - 1)].users++;
	}
}

/* The first user of an organisation is the one who acts in the set. */
static void
user_keep(struct load *l, const struct crowd *c, int org, int nth, const char *id, int first_owner)
{
	int agency = org - first_owner - LOAD_OWNERS;

	if (org == 0 && nth < COUNT(l->operators))
		memcpy(l->operators[nth], id, LOAD_ID);
	if (nth > 0)
		return;
	if (strcmp(c->at[org].kind, "regulator") == 0)
		memcpy(l->regulator, id, LOAD_ID);
	else if (agency >= 0)
		memcpy(l->agencies[agency].user, id, LOAD_ID);
	else if (org >= first_owner)
		memcpy(l->owners[org - first_owner].user, id, LOAD_ID);
}

/* The first user enters with the organisation, the others within ten weeks. */
static void
user_add(struct load *l, struct buf *b, const struct organisation *o, int nth, const char *id)
{
	int weeks = nth == 0 ? 0 : load_between(l, 1, 10);
	int64_t at =
		o->registered_us + weeks * 7 * UTC_DAY + load_between(l, 1, 50) * 60 * UTC_SECOND;

	list_next(b);
	buf_printf(b, "{\"id\":\"%s\",\"org\":\"%s\",\"name\":\"%s\",\"roles\":%d,\"at\":\"%s\"}",
		id, o->id, person_name(l), o->roles, load_time(l, at));
}

static bool
users_send(struct load *l, const struct crowd *c, int first_owner)
{
	struct buf lines;
	int waiting = 0;
	char id[LOAD_ID];

	list_open(&lines, l);
	for (int org = 0; org < c->count; org++)
		for (int nth = 0; nth < c->at[org].users; nth++) {
			/* Users enter within ten weeks of their organisation, in office hours. */
			load_id(l, "usr", id);
			user_keep(l, c, org, nth, id, first_owner);
			user_add(l, &lines, &c->at[org], nth, id);
			if (++waiting < USERS_BATCH)
				continue;
			if (!list_send(l, &lines, "people"))
				return false;
			list_open(&lines, l);
			waiting = 0;
		}
	return waiting == 0 || list_send(l, &lines, "people");
}

/* --- certificates --- */

static int
grades_count(const char *grades)
{
	int n = *grades != '\0';

	for (; *grades != '\0'; grades++)
		n += *grades == '|';
	return n;
}

/* The qualification's shortest list of grades in the agency's categories: who holds one of these
 * may take every item that asks for it.  NULL when row i is not the first to name it. */
static const struct load_need *
need_of(const struct load *l, const struct load_agency *a, size_t i)
{
	const struct load_need *best = NULL;

	for (size_t k = 0; k < l->needs_count; k++) {
		const struct load_need *n = &l->needs[k];

		if ((n->category != a->categories[0] && n->category != a->categories[1]) ||
			strcmp(n->qualification, l->needs[i].qualification) != 0)
			continue;
		if (best == NULL && k != i)
			return NULL;
		if (best == NULL || grades_count(n->grades) < grades_count(best->grades))
			best = n;
	}
	return best;
}

static void
certificate_add(struct load *l, struct crowd *c, struct buf *b, const struct load_need *n)
{
	int grades = grades_count(n->grades), nth = grades == 0 ? 0 : load_between(l, 1, grades);
	struct text rest = text_of(n->grades), grade = {NULL, 0};
	char id[LOAD_ID], expires[DATE_TEXT];
	int32_t day;

	while (nth-- > 0)
		(void)text_cut(&rest, '|', &grade);
	day = civil_day((struct civil){2036, 1, 1}) + load_between(l, 0, 6 * 365);
	date_format(day, expires);
	load_id(l, "crt", id);
	if (b->at[b->len - 1] != '[')
		buf_char(b, ',');
	buf_printf(b,
		"{\"id\":\"%s\",\"qualification\":\"%s\",\"grade\":%s" TEXT_FMT "%s,"
		"\"issuer\":\"湖南省主管部门（示例）\",\"number\":\"SYN-%06d\",\"expires_on\":\"%"
		"s\"}",
		id, n->qualification, grade.len == 0 ? "null" : "\"", TEXT_ARG(grade),
		grade.len == 0 ? "" : "\"", ++c->serial, expires);
}

static void
agency_add(struct load *l, struct crowd *c, struct buf *b, int i, int first_agency)
{
	const struct load_agency *a = &l->agencies[i];
	const struct organisation *o = &c->at[first_agency + i];
	int site = a->group >= 0 ? a->group : 100 + i; /* one control: one phone and address */
	int low = a->categories[0], high = a->categories[1];

	if (high >= 0 && high < low) {
		low = a->categories[1];
		high = a->categories[0];
	}
	list_next(b);
	buf_printf(b,
		"{\"id\":\"%s\",\"organisation_id\":\"%s\",\"name\":\"%s\",\"categories\":[\"%s\"",
		a->id, o->id, agency_name(l, i), l->category_codes[low]);
	if (high >= 0)
		buf_printf(b, ",\"%s\"", l->category_codes[high]);
	buf_printf(b,
		"],\"region\":\"%s\",\"legal_representative\":\"%s\",\"phone\":\"0736-70%05d\","
		"\"address\":\"示例大道%d号\",",
		o->region, person_name(l), site, site);
	if (a->group >= 0)
		buf_printf(b, "\"controller_group\":\"%s\",", l->agencies[a->group].id);
	buf_printf(b, "\"registered_at\":\"%s\",\"active_at\":\"%s\",\"certificates\":[",
		load_time(l, o->registered_us), load_time(l, a->active_us));
	for (size_t n = 0; n < l->needs_count; n++) {
		const struct load_need *need = need_of(l, a, n);

		if (need != NULL)
			certificate_add(l, c, b, need);
	}
	buf_str(b, "]}");
}

static bool
agencies_send(struct load *l, struct crowd *c, int first_agency)
{
	struct buf lines;

	list_open(&lines, l);
	for (int i = 0; i < LOAD_AGENCIES; i++)
		agency_add(l, c, &lines, i, first_agency);
	return list_send(l, &lines, "agencies");
}

bool
load_people(struct load *l)
{
	struct crowd *c = arena_new(&l->arena, struct crowd);
	int first_owner;

	list_open(&c->lines, l);
	staff_make(l, c);
	first_owner = c->count;
	owners_make(l, c);
	agencies_make(l, c);
	users_spread(l, c, first_owner);
	if (!list_send(l, &c->lines, "organisations") || !users_send(l, c, first_owner) ||
		!agencies_send(l, c, first_owner + LOAD_OWNERS))
		return false;
	if (l->progress != NULL)
		(void)fprintf(l->progress, "%d agencies, %d owners, %d users\n", LOAD_AGENCIES,
			LOAD_OWNERS, LOAD_USERS);
	return true;
}
