#pragma once

/* Removes a folder and all in it, without following links. */
void folder_remove(const char *path);

/* The whole text of a file of the source tree ($FAIRLOT_SOURCE); the caller frees it. */
char *folder_source(const char *path);
