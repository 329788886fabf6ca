#pragma once

/* What the program's exit says (docs/CLI.md). */
enum status {
	STATUS_OK = 0,
	STATUS_REFUSED = 1,    /* the server or a rule refused (4xx); a check of verify failed */
	STATUS_USAGE = 2,      /* the command line is wrong; nothing was sent */
	STATUS_INCOMPLETE = 3, /* verify: all that could be checked holds, but parts are absent */
	STATUS_UNREACHED = 4,  /* no connection, 5xx, or the outcome is not known */
};
