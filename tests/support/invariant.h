#pragma once

struct pg;

/* Runs tests/sql/invariant.sql and fails the running test for each row that it returns. */
void invariants_hold(struct pg *pg);
