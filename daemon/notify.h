#pragma once

/* Tells the service manager (sd_notify(3), a datagram to $NOTIFY_SOCKET) how this process is.
 * Without one, nothing happens. */
void notify(const char *state); /* "READY=1", "STOPPING=1", "RELOADING=1" */

/* "WATCHDOG=1", at half of $WATCHDOG_USEC; call it often, from the loop that would hang. */
void notify_watchdog(void);
