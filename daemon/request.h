#pragma once

#include "daemon/task.h"
#include "lib/base/must.h"

/* From a complete head to the operation's first step: route, caller, rate, role, headers, body,
 * shape, in this order; so a body is looked at only when its sender may send it.  These are steps
 * like any other; the connection fills the task's head and, later, its body. */

/* First step of a task whose http is set, and local or route when one was found. */
step_fn request_begin;

/* How long the body may be: known from the head. */
size_t request_body_max(const struct task *t);

/* The whole body is in t->body; or it will never be, and the task has no slot any more. */
void request_body_there(struct task *t);

/* The parser refused head or body. */
step_fn request_refused;
