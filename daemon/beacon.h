#pragma once

struct task;

/* Whether a drand signature is its round's is a matter of pairings, which no library of ours knows:
 * a configured command says so (draw.beacon_check), run as a child without a shell. */
enum {
	BEACON_RUNNING_MAX = 8, /* children of one process; more are answered busy */
	BEACON_WORDS_MAX = 16	/* of the command */
};

enum beacon_verdict {
	BEACON_NONE,   /* no command is configured */
	BEACON_BUSY,   /* too many run, or none could be started: ask again */
	BEACON_SILENT, /* it did not end in time, or with a status that says nothing */
	BEACON_FALSE,  /* it ended with status 1 */
	BEACON_TRUE    /* it ended with status 0 */
};

/* For steps: runs `COMMAND ROUND SIGNATURE_HEX` for at most draw.beacon_wait; *ret_verdict lives in
 * the task's arena and is filled before the task is resumed. */
void beacon_ask(
	struct task *t, const char *round, const char *signature, enum beacon_verdict *ret_verdict);
