#pragma once

/* What fairlotd can be told to do.  Each takes the whole command line and returns the exit
 * status: 0, 1 when it could not, 2 for wrong usage. */
int command_serve(int argc, char **argv);
int command_migrate(int argc, char **argv);
int command_load(int argc, char **argv);
int command_admin(int argc, char **argv);

/* One sentence on standard error; 2. */
int command_misused(const char *how);
