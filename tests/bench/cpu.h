#pragma once

#include <sys/types.h>

/* Seconds of CPU so far: of a process, or of one and all children it has or had. */
double cpu_of(pid_t pid);
double cpu_of_tree(pid_t pid);

pid_t parent_of(pid_t pid);
