/* Copyright: the dockmaster.harbor contributors
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Preloaded, it lets one process live AHEAD seconds ahead. Intervals stay right. Nothing is set up and no memory taken: the memory allocator
 * of Redis asks for the time before anything else, and stops for ever in libfaketime's set-up, which asks for memory.
 */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *moment)
{
	int status = syscall(SYS_clock_gettime, clock, moment);

	if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		moment->tv_sec += AHEAD;
	return status;
}

int gettimeofday(struct timeval *moment, void *zone)
{
	int status = syscall(SYS_gettimeofday, moment, zone);

	if (status == 0)
		moment->tv_sec += AHEAD;
	return status;
}

time_t time(time_t *moment)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (moment)
		*moment = now.tv_sec;
	return now.tv_sec;
}
