// SPDX-License-Identifier: GPL-2.0
/* The flags of a page frame, as /proc/kpageflags tells them. Only root can read it. */

#include <errno.h>
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <sys/types.h>
#include <unistd.h>
#include "frame_flags.h"

/*
 * The names are those of KPF_*. Above bit 31 are flags that the kernel shows for debugging,
 * for which no header has names; bit 33 says whether the page is mlocked.
 */
static const char *const flag_names[FRAME_FLAGS_BITS] = {
	[KPF_LOCKED] = "locked",
	[KPF_ERROR] = "error",
	[KPF_REFERENCED] = "referenced",
	[KPF_UPTODATE] = "uptodate",
	[KPF_DIRTY] = "dirty",
	[KPF_LRU] = "lru",
	[KPF_ACTIVE] = "active",
	[KPF_SLAB] = "slab",
	[KPF_WRITEBACK] = "writeback",
	[KPF_RECLAIM] = "reclaim",
	[KPF_BUDDY] = "buddy",
	[KPF_MMAP] = "mmap",
	[KPF_ANON] = "anon",
	[KPF_SWAPCACHE] = "swapcache",
	[KPF_SWAPBACKED] = "swapbacked",
	[KPF_COMPOUND_HEAD] = "compound_head",
	[KPF_COMPOUND_TAIL] = "compound_tail",
	[KPF_HUGE] = "huge",
	[KPF_UNEVICTABLE] = "unevictable",
	[KPF_HWPOISON] = "hwpoison",
	[KPF_NOPAGE] = "nopage",
	[KPF_KSM] = "ksm",
	[KPF_THP] = "thp",
	[KPF_OFFLINE] = "offline",
	[KPF_ZERO_PAGE] = "zero_page",
	[KPF_IDLE] = "idle",
	[KPF_PGTABLE] = "pgtable",
	[32] = "reserved",
	[33] = "mlocked",
	[34] = "mappedtodisk",
	[35] = "private",
	[36] = "private_2",
	[37] = "owner_private",
	[38] = "arch",
	[39] = "uncached",
	[40] = "softdirty",
	[41] = "arch_2",
};

/**
 * frame_flags_read() - read the flags of a frame
 * @frame: its number
 * @flags: set to the flags, a bit each
 *
 * Return: 0; or -errno: -ENODATA if there is no such frame.
 */
int frame_flags_read(uint64_t frame, uint64_t *flags)
{
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC), err;
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = pread(fd, flags, sizeof(*flags), frame * sizeof(*flags));
	err = length < 0 ? -errno : length == sizeof(*flags) ? 0 : -ENODATA;
	close(fd);
	return err;
}

/**
 * frame_flags_name() - the name of a flag
 * @bit: its number
 *
 * Return: the name; NULL if the flag has none.
 */
const char *frame_flags_name(int bit)
{
	return flag_names[bit];
}
