#pragma once

struct pg;
struct pg_answer;
struct shape;

/* Asserts that the answer was not refused and that its body has this shape of proto/in. */
void shaped(struct pg *pg, const struct shape *shape, struct pg_answer a);
