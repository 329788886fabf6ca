#pragma once

#include "daemon/loop.h"

/* The only way from one thread to another, and the only mutex of the program.  A message is run
 * on the loop that gets it; who posts it gives arg away. */
struct mailbox;

struct mailbox *mailbox_new(struct loop *loop);
void mailbox_free(struct mailbox **box);

/* From any thread. */
void mailbox_post(struct loop *to, void (*run)(struct loop *loop, void *arg), void *arg);
