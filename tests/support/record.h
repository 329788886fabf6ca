#pragma once

struct answer;

/* Writes an answer of the interface into a file of this test program, one line of JSON each, in
 * the folder $FAIRLOT_ANSWERS; without it nothing is written.  The test `answers` holds all of
 * them against the schemas of proto/openapi.json. */
void record_answer(const char *method, const char *target, const struct answer *a);
