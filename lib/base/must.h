#pragma once

/* A bug aborts, in release builds too, with the place and the text of the condition.
 * For what the world can cause (input, peers, clocks) there is enum err instead. */
#define must(cond) ((cond) ? (void)0 : must_fail(__FILE__, __LINE__, #cond))

__attribute__((noreturn, cold)) void must_fail(const char *file, int line, const char *cond);

#define MUST_USE __attribute__((warn_unused_result))
