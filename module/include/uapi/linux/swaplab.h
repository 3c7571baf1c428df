/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The ioctls of /dev/swaplabN.
 *
 * Every open() of the device makes a region: a set of pages indexed by file
 * offset, zero until written, or from a file (SWAPLAB_BACK) or a program (SWAPLAB_PAGER), and
 * shared by all mappings and duplicates of that file description. SWAPLAB_OPEN opens a region by
 * its name, so that programs which know only the name share it. A range is given in bytes from
 * the start of the region; both ends are multiples of the page size. Fields named reserved, and
 * flags without a meaning yet, must be zero (EINVAL), so that they can get one.
 *
 * Errors common to all: ENOTTY for an unknown request, EFAULT for a bad
 * pointer, EINVAL for a range that is empty, not aligned or wraps, or beyond
 * max_region_pages.
 */
#ifndef _UAPI_LINUX_SWAPLAB_H
#define _UAPI_LINUX_SWAPLAB_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Grows when a request or a flag is added; nothing is ever taken away. */
#define SWAPLAB_API_VERSION	10

/**
 * struct swaplab_version - answer of SWAPLAB_VERSION
 * @api: SWAPLAB_API_VERSION of the loaded module
 * @page_size: bytes in a page, the unit of every range
 */
struct swaplab_version {
	__u32 api;
	__u32 page_size;
};

/**
 * struct swaplab_range - pages of a region
 * @offset: first byte, a multiple of the page size
 * @length: bytes, a multiple of the page size, not 0
 * @flags: 0
 * @reserved: 0
 */
struct swaplab_range {
	__u64 offset;
	__u64 length;
	__u64 flags;
	__u64 reserved;
};

/**
 * struct swaplab_page_states - request of SWAPLAB_PAGE_STATES
 * @range: the pages asked about
 * @states: address of an array with one __u8 a page, filled in with
 *	SWAPLAB_PAGE_* bits
 */
struct swaplab_page_states {
	struct swaplab_range range;
	__u64 states;
};

/* One byte a page; no bit set: absent (never touched, or discarded). */
#define SWAPLAB_PAGE_RESIDENT	0x01	/* a frame holds it */
#define SWAPLAB_PAGE_SWAPPED	0x02	/* only the store holds it */
#define SWAPLAB_PAGE_DIRTY	0x04	/* newer than any copy in the store */
#define SWAPLAB_PAGE_TRANSIT	0x08	/* being read or written just now */
#define SWAPLAB_PAGE_LOCKED	0x10	/* kept resident by SWAPLAB_LOCK */
#define SWAPLAB_PAGE_REFERENCED	0x20	/* used since the policy last looked */

/**
 * struct swaplab_process_states - request of SWAPLAB_PROCESS_STATES
 * @range: the pages asked about
 * @states: as in struct swaplab_page_states
 * @pid: the process
 * @reserved: 0
 */
struct swaplab_process_states {
	struct swaplab_range range;
	__u64 states;
	__u32 pid;
	__u32 reserved;
};

/**
 * struct swaplab_record - request of SWAPLAB_RECORD
 * @mode: SWAPLAB_RECORD_EXACT or SWAPLAB_RECORD_SAMPLED
 * @window: exact: pages that may be mapped at a time, 0: 8; sampled: 0
 * @ring: records that are kept until they are read, rounded up to a power of two;
 *	0: 65,536
 * @reserved: 0
 */
struct swaplab_record {
	__u32 mode;
	__u32 window;
	__u32 ring;
	__u32 reserved;
};

/* Each use of a page that is not in the window. */
#define SWAPLAB_RECORD_EXACT	1
/* Each page that a sample, once a scan_interval_ms, finds used since the last. */
#define SWAPLAB_RECORD_SAMPLED	2

/*
 * An instruction may need six pages at once: itself and two operands, each across
 * the end of a page.
 */
#define SWAPLAB_RECORD_MIN_WINDOW	6
#define SWAPLAB_RECORD_MAX_WINDOW	256
#define SWAPLAB_RECORD_MIN_RING		16
#define SWAPLAB_RECORD_MAX_RING		16777216

/*
 * A record is a little-endian __u64:
 *
 *	region << (INDEX_BITS + 1) | page's index << 1 | is it a write?
 *
 * of the lowest bits of each. A region's number is the "id" in its file's fdinfo;
 * the first one is 1. Samples do not know writes, and each ends with a record that
 * is no page's.
 */
#define SWAPLAB_RECORD_INDEX_BITS	40
#define SWAPLAB_RECORD_END		0

/**
 * struct swaplab_record_counters - answer of SWAPLAB_RECORD_COUNTERS
 * @records: that could be read, or still can
 * @dropped: that found the ring full
 */
struct swaplab_record_counters {
	__u64 records;
	__u64 dropped;
};

/* Bytes of a name, with the zero byte at its end. A name has no slash. */
#define SWAPLAB_NAME_SIZE	256

/**
 * struct swaplab_open - request of SWAPLAB_OPEN
 * @name: of the region, 1 to 255 bytes and a zero byte
 * @flags: O_RDONLY or O_RDWR, and any of O_CREAT, O_EXCL (with O_CREAT alone) and
 *	O_CLOEXEC, as open() has them
 * @mode: permissions of a region that is made, of 0777, under the umask; else ignored
 * @options: 0, or SWAPLAB_OPEN_STAYS (with O_CREAT alone)
 * @reserved: 0
 */
struct swaplab_open {
	char name[SWAPLAB_NAME_SIZE];
	__u32 flags;
	__u32 mode;
	__u32 options;
	__u32 reserved;
};

/* A region that is made stays after its last close and munmap(), until SWAPLAB_UNLINK. */
#define SWAPLAB_OPEN_STAYS	1

/**
 * struct swaplab_unlink - request of SWAPLAB_UNLINK
 * @name: of the region
 * @reserved: 0
 */
struct swaplab_unlink {
	char name[SWAPLAB_NAME_SIZE];
	__u64 reserved;
};

/**
 * struct swaplab_name - request and answer of SWAPLAB_NEXT_NAME
 * @name: the name to go on behind, empty for the first; set to the next one
 * @region: answer: the region's number, "id" in fdinfo
 * @mode: answer: its permissions
 * @uid: answer: its owner
 * @gid: answer: its group
 * @nr_files: answer: how many open files it has; a mapping holds one, too
 * @options: answer: SWAPLAB_OPEN_STAYS, or 0
 * @resident: answer: pages in frames
 * @swapped: answer: pages in the store only
 */
struct swaplab_name {
	char name[SWAPLAB_NAME_SIZE];
	__u32 region;
	__u32 mode;
	__u32 uid;
	__u32 gid;
	__u32 nr_files;
	__u32 options;
	__u64 resident;
	__u64 swapped;
};

/**
 * struct swaplab_move - request and answer of SWAPLAB_MOVE
 * @from_fd: descriptor of the region that has the pages
 * @flags: 0
 * @from_offset: of the first byte there, a multiple of the page size
 * @to_offset: where it is to go, a multiple of the page size
 * @length: bytes, a multiple of the page size, not 0
 * @moved: answer: bytes from the start of the range that have moved, after an error, too
 * @reserved: 0
 */
struct swaplab_move {
	__s32 from_fd;
	__u32 flags;
	__u64 from_offset;
	__u64 to_offset;
	__u64 length;
	__u64 moved;
	__u64 reserved;
};

/**
 * struct swaplab_advise - request and answer of SWAPLAB_ADVISE
 * @offset: first byte, a multiple of the page size
 * @length: bytes, a multiple of the page size, not 0
 * @advice: SWAPLAB_ADVISE_*
 * @flags: 0
 * @pages: answer: pages that are being read, were told to the policy, or were evicted; after
 *	an error, too
 * @reserved: 0
 */
struct swaplab_advise {
	__u64 offset;
	__u64 length;
	__u32 advice;
	__u32 flags;
	__u64 pages;
	__u64 reserved;
};

/*
 * Read the pages that only the store has, in the background. Waits for frames, as a fault
 * does, and takes no more of them than could be locked. madvise(MADV_WILLNEED) and
 * posix_fadvise(POSIX_FADV_WILLNEED) do the same.
 */
#define SWAPLAB_ADVISE_WILLNEED	1
/*
 * These pages will not be used for a while: they count as unused, and the policy may choose
 * them next.
 */
#define SWAPLAB_ADVISE_COLD	2
/*
 * Evict these pages now, also if they are in use; waits until they are written. Pages stay
 * that are locked, pinned or in transit, and dirty ones if the store is full or fails.
 */
#define SWAPLAB_ADVISE_PAGEOUT	3

/**
 * struct swaplab_back - request of SWAPLAB_BACK
 * @offset: first byte of the pages, a multiple of the page size
 * @length: bytes, a multiple of the page size, not 0
 * @file_offset: where the first page is in the file, a multiple of the page size
 * @fd: descriptor of the file; -1: none: the pages are the pager's, or zeros without one
 * @flags: 0
 * @reserved: 0
 */
struct swaplab_back {
	__u64 offset;
	__u64 length;
	__u64 file_offset;
	__s32 fd;
	__u32 flags;
	__u64 reserved;
};

/* The pager may supply pages read-only, and is asked before they are written to. */
#define SWAPLAB_PAGER_PROTECT	1

/**
 * struct swaplab_pager_open - request of SWAPLAB_PAGER
 * @flags: 0 or SWAPLAB_PAGER_PROTECT
 * @reserved: 0
 */
struct swaplab_pager_open {
	__u32 flags;
	__u32 reserved;
};

/* A task reads from the page, or writes to it; SWAPLAB_LOCK counts as a read. */
#define SWAPLAB_PAGER_READ	1
#define SWAPLAB_PAGER_WRITE	2
/* A task is about to write to a page that is there, but read-only. */
#define SWAPLAB_PAGER_UPGRADE	3

/* Requests of one pager that can be under way; further faults wait for one of them to end. */
#define SWAPLAB_PAGER_MAX_REQUESTS	64

/**
 * struct swaplab_pager_request - what read() of a pager gives
 * @id: of the request, never 0, and not used again
 * @offset: first byte that is asked for, a multiple of the page size
 * @length: bytes: one page, so far
 * @kind: SWAPLAB_PAGER_READ or SWAPLAB_PAGER_WRITE. Pagers with SWAPLAB_PAGER_PROTECT, and those
 *	that follow one, also get SWAPLAB_PAGER_UPGRADE. Other values, of later versions, can be
 *	ignored
 * @reserved: 0
 */
struct swaplab_pager_request {
	__u64 id;
	__u64 offset;
	__u64 length;
	__u32 kind;
	__u32 reserved;
};

/* The pages come in read-only. */
#define SWAPLAB_SUPPLY_READONLY	1

/**
 * struct swaplab_supply - an answer of a pager
 * @id: of the request. 0: no request, the pages are supplied before they are asked for
 * @offset: first byte that is supplied, a multiple of the page size
 * @length: bytes, a multiple of the page size, not 0; the pages of the request are among them
 * @address: where the content is, not 0; SWAPLAB_PAGER_UNAVAILABLE, GRANT and ERROR: 0
 * @flags: 0; SWAPLAB_PAGER_SUPPLY and UNAVAILABLE: or SWAPLAB_SUPPLY_READONLY
 * @done: answer: bytes from the start of the range that are there now, after an error, too
 */
struct swaplab_supply {
	__u64 id;
	__u64 offset;
	__u64 length;
	__u64 address;
	__u64 flags;
	__u64 done;
};

/* Pages that one SWAPLAB_PAGER_REVOKE can take. */
#define SWAPLAB_REVOKE_MAX_PAGES	64

/* The pages stay, but read-only. */
#define SWAPLAB_REVOKE_READONLY	1

/**
 * struct swaplab_revoke - pages that a pager takes back
 * @offset: first byte, a multiple of the page size
 * @length: bytes, a multiple of the page size, not 0; SWAPLAB_REVOKE_MAX_PAGES pages at most
 * @address: of as many bytes, for the content of pages that were written to
 * @flags: 0 or SWAPLAB_REVOKE_READONLY
 * @written: answer: bit n is set if page n of the range was written to after it was supplied, and
 *	its content is at @address + n pages
 * @done: answer: bytes from the start of the range that have been dealt with, after an error, too
 */
struct swaplab_revoke {
	__u64 offset;
	__u64 length;
	__u64 address;
	__u64 flags;
	__u64 written;
	__u64 done;
};

/* The least max, beside 0: no policy works with fewer frames. */
#define SWAPLAB_QUOTA_LEAST_MAX	16

/**
 * struct swaplab_quota - request of SWAPLAB_QUOTA
 * @min: frames that the region should have at least, if it has so many pages
 * @max: frames that its quota is at most, @min or more, and SWAPLAB_QUOTA_LEAST_MAX or more;
 *	0: any number
 * @flags: 0
 * @reserved: 0
 */
struct swaplab_quota {
	__u64 min;
	__u64 max;
	__u32 flags;
	__u32 reserved;
};

#define SWAPLAB_IOC_MAGIC	0xba

/* Tells the version of this interface. */
#define SWAPLAB_VERSION		_IOR(SWAPLAB_IOC_MAGIC, 0, struct swaplab_version)

/*
 * Makes the pages of a range absent: frames and slots are free again, the next
 * touch reads zeros, or what the page's file or pager has. Waits for pages in transit.
 * EBADF if the file is not open for writing; EBUSY, and nothing is discarded, if a page of the
 * range is locked; EINTR after a fatal signal.
 */
#define SWAPLAB_DISCARD		_IOW(SWAPLAB_IOC_MAGIC, 1, struct swaplab_range)

/*
 * Tells the state of each page of a range, as a snapshot: a page may have
 * changed by the time the caller looks. Costs no page-in.
 */
#define SWAPLAB_PAGE_STATES	_IOW(SWAPLAB_IOC_MAGIC, 2, struct swaplab_page_states)

/*
 * Brings the pages of a range in and keeps them resident until SWAPLAB_UNLOCK,
 * or the end of the region; locks do not nest. ENOMEM if the caller lacks
 * CAP_IPC_LOCK and the locked pages of all regions that the region's user has open
 * would exceed RLIMIT_MEMLOCK, or if the pool would keep too few frames to work with
 * (a quarter, at least 8), or a frame is needed and none can be freed; ENOSPC
 * beyond the area of static slots or max_user_pages; EIO if a page cannot be read;
 * EBADF if the file is not open for writing; EINTR after a fatal signal. On failure the
 * pages that this call locked are unlocked again.
 */
#define SWAPLAB_LOCK		_IOW(SWAPLAB_IOC_MAGIC, 3, struct swaplab_range)

/*
 * Lets the pages of a range be evicted again; pages not locked are skipped. EBADF as for
 * SWAPLAB_LOCK.
 */
#define SWAPLAB_UNLOCK		_IOW(SWAPLAB_IOC_MAGIC, 4, struct swaplab_range)

/*
 * Records which pages of the device are used, by all processes, from its return on.
 * Returns a file descriptor, close-on-exec, and recording ends with its last
 * duplicate. read() gives whole records, and waits for the first unless the file is
 * O_NONBLOCK (EAGAIN); EINVAL if there is no room for one. poll() tells when there
 * are records.
 *
 * EPERM without CAP_SYS_ADMIN; EBUSY if the device is being recorded; EINVAL for an
 * unknown mode, or sizes beyond SWAPLAB_RECORD_MIN_* and MAX_*; ENOMEM; EMFILE;
 * EINTR after a fatal signal.
 */
#define SWAPLAB_RECORD		_IOW(SWAPLAB_IOC_MAGIC, 5, struct swaplab_record)

/* To the descriptor that SWAPLAB_RECORD returned: how much was recorded? */
#define SWAPLAB_RECORD_COUNTERS	\
	_IOR(SWAPLAB_IOC_MAGIC, 6, struct swaplab_record_counters)

/*
 * Makes the pages of a region private to the process that maps it, and to each child that
 * it forks: the child has the pages as they were, and each side keeps its own writes.
 * To be called before the first mmap() and the first request on a range; EBUSY after it.
 * One address space maps the region, and its pages go with its last mapping, even if a
 * descriptor is open. A child uses the descriptor that it inherited: mmap() and the
 * requests on a range mean its own pages; EBUSY in a process that has none. EINVAL with
 * static slots; SWAPLAB_LOCK says EOPNOTSUPP; ENOMEM.
 */
#define SWAPLAB_FORK_PRIVATE	_IO(SWAPLAB_IOC_MAGIC, 7)

/*
 * Returns a new descriptor of the device's region of this name. A descriptor that is open
 * for reading can be mapped read-only, and never makes the region larger: mmap() beyond
 * the pages that writers have mapped is ENXIO. All requests work through any descriptor of
 * the region but SWAPLAB_FORK_PRIVATE, which is EINVAL.
 *
 * The region and its name live while a descriptor is open or mapped, unless it was made
 * to stay. The pages count against max_user_pages of the user that has made the region,
 * one page at least; and SWAPLAB_LOCK of any of its descriptors against what that user may
 * lock.
 *
 * ENOENT if there is no such region; EEXIST, with O_CREAT and O_EXCL; EACCES if
 * the permissions of the region say so; EBADF if the device is not open for writing, and
 * O_RDWR or O_CREAT is asked for; ENAMETOOLONG if the name has no end; EINVAL if it is
 * empty or has a slash, or for other flags, options, or bits of the mode; ENOSPC if the user
 * may not have another page; EMFILE, ENFILE, ENOMEM; EINTR after a fatal signal.
 */
#define SWAPLAB_OPEN		_IOW(SWAPLAB_IOC_MAGIC, 8, struct swaplab_open)

/*
 * Takes a name away. The region lives on while a descriptor is open or mapped; the next
 * SWAPLAB_OPEN of this name makes another one. ENOENT; EACCES if the caller is neither
 * the region's owner nor has CAP_FOWNER; EBADF if the device is not open for writing;
 * ENAMETOOLONG and EINVAL as for SWAPLAB_OPEN; EINTR after a fatal signal.
 */
#define SWAPLAB_UNLINK		_IOW(SWAPLAB_IOC_MAGIC, 9, struct swaplab_unlink)

/*
 * Tells the next name, in the order of strcmp(), and about its region. ENOENT if there is
 * none; ENAMETOOLONG if the name has no end; EINTR after a fatal signal.
 */
#define SWAPLAB_NEXT_NAME	_IOWR(SWAPLAB_IOC_MAGIC, 10, struct swaplab_name)

/*
 * Moves pages from another region of the device, or from elsewhere in the same one, to pages
 * that are absent; afterwards the pages they came from are absent. Nothing is copied: a
 * resident page keeps its frame, a swapped one its slot. Each page moves at once. A task that
 * touches it meanwhile has it on one side, and on the other side an absent page. The
 * call goes page by page and stops at the first one that cannot move; @moved says how far it
 * came. An absent page moves if its target is absent.
 *
 * EEXIST if the target has a page there, be it one of zeros that was touched, or made ahead
 * of touches: SWAPLAB_DISCARD makes it absent. EBUSY if the
 * page is locked, or pinned by a transfer; ENOSPC if the target may not have
 * the page (max_user_pages); ENOMEM; EINTR after a fatal signal. Before anything has moved:
 * EBADF if there is no such descriptor, or one of the two is not open for writing; EXDEV if they
 * are of different devices; EINVAL if the other one is of no device, for static slots or
 * SWAPLAB_FORK_PRIVATE on either side, if either region ever had a file (SWAPLAB_BACK) or a
 * pager (SWAPLAB_PAGER), and for ranges that overlap.
 */
#define SWAPLAB_MOVE		_IOWR(SWAPLAB_IOC_MAGIC, 11, struct swaplab_move)

/*
 * Gives advice on the pages of a range. No advice changes their content. Absent pages are
 * skipped, and SWAPLAB_ADVISE_COLD and PAGEOUT leave out those that fork() has made shared.
 * EINVAL for an unknown advice; EBADF if the file is not open for writing, for
 * SWAPLAB_ADVISE_COLD and PAGEOUT; EBUSY as with SWAPLAB_FORK_PRIVATE; ENOMEM; EINTR after a
 * fatal signal.
 */
#define SWAPLAB_ADVISE		_IOWR(SWAPLAB_IOC_MAGIC, 12, struct swaplab_advise)

/*
 * As SWAPLAB_PAGE_STATES, of the pages that another process means by the descriptor: its own,
 * after SWAPLAB_FORK_PRIVATE. ESRCH if there is no such process; EPERM if the caller
 * neither has CAP_SYS_PTRACE nor is the user of the process; EBUSY in a process that has no
 * pages of the region.
 */
#define SWAPLAB_PROCESS_STATES	\
	_IOW(SWAPLAB_IOC_MAGIC, 13, struct swaplab_process_states)

/*
 * Makes a file the origin of a range of pages, as mmap() with MAP_PRIVATE and MAP_FIXED does:
 * the pages that are there are discarded, and the next touch of each shows what the file has.
 * A page that is not written to is dropped when its frame is needed, and read from the file
 * again; one that is written to is the region's own, goes to the store, and the file is never
 * written to. SWAPLAB_DISCARD makes it the file's again. A change of the file may show in
 * pages that are not written to, or not. Bytes behind the end of the file are zeros up to the
 * end of its last page; a touch behind that is SIGBUS, as is one of a page that cannot be
 * read. A child of fork() with SWAPLAB_FORK_PRIVATE has the same files. The file stays open
 * until the region ends.
 *
 * EBADF if there is no such descriptor, or the device is not open for writing; EACCES if
 * the file is not open for reading; EINVAL or ENODEV if it is no regular file, or its
 * filesystem has no page cache, also with DAX, and for an offset that is not aligned; EBUSY,
 * and nothing is changed, if a page of the range is locked, or as with SWAPLAB_FORK_PRIVATE;
 * ENOMEM, also for more than 4,096 ranges in a region; EINTR after a fatal signal, and then
 * pages may be left that were there before.
 */
#define SWAPLAB_BACK		_IOW(SWAPLAB_IOC_MAGIC, 14, struct swaplab_back)

/*
 * Makes the caller the pager of a region: it says what absent pages have. Returns a descriptor,
 * close-on-exec. read() gives struct swaplab_pager_request, as many as there are and fit, and
 * waits for the first unless the file is O_NONBLOCK (EAGAIN); EINVAL if there is no room for one;
 * 0 when the region is gone. poll() says POLLIN when there is a request, and POLLHUP when the
 * region is gone. Several tasks may read and answer.
 *
 * A task that touches an absent page sleeps until the pager has answered; a fatal signal ends
 * that. It gets SIGBUS if the pager says so, or does not answer within pager_timeout_ms, or is
 * closed; and where the kernel does not let a fault wait. A fault from kernel mode, as that of
 * a system call which copies from the page, or of MADV_POPULATE, waits only if the pager had
 * CAP_SYS_PTRACE when it called this; else it fails (EFAULT).
 *
 * A page that is not written to is dropped when its frame is needed, and asked for again. One that
 * is written to is the region's own, goes to the store and comes back from there; the pager does
 * not see it, unless it takes it back (SWAPLAB_PAGER_REVOKE). SWAPLAB_DISCARD makes it the
 * pager's again. Pages with a file (SWAPLAB_BACK) are
 * the file's. Only touches and SWAPLAB_LOCK ask: readahead and other advice do not.
 *
 * With SWAPLAB_PAGER_PROTECT pages may be there read-only. A write to one asks the pager, which
 * makes the page writable (SWAPLAB_PAGER_GRANT). The region must not have been mapped before,
 * unless an earlier pager had this flag. SWAPLAB_BACK is EINVAL from then on, and from Linux 6.5 on
 * the kernel does not pin its pages for long to write to them.
 *
 * A descriptor keeps the device, but not the region. When it is closed, the pages that are there
 * stay, and a touch of an absent one is SIGBUS, until the next SWAPLAB_PAGER.
 *
 * EBADF if the device is not open for writing; EACCES if the caller is neither the region's owner
 * nor has CAP_FOWNER; EBUSY if the region has a pager, or has been mapped without
 * SWAPLAB_PAGER_PROTECT and is to have it; ENOTEMPTY if it never had a pager, and has pages; EINVAL
 * for flags, or with SWAPLAB_FORK_PRIVATE, which is EBUSY from then on; SWAPLAB_MOVE is EINVAL.
 * EMFILE, ENFILE, ENOMEM.
 */
#define SWAPLAB_PAGER		\
	_IOW(SWAPLAB_IOC_MAGIC, 15, struct swaplab_pager_open)

/*
 * To the descriptor that SWAPLAB_PAGER returned: the content of pages. Pages behind and before
 * that of the request, or without a request, may be supplied as well, within those that have
 * been mapped ("charged" in fdinfo). The content of a page that is there already is left alone; if
 * it is read-only, and SWAPLAB_SUPPLY_READONLY is not set, it becomes writable. The call goes
 * page by page and stops at the first one that fails; @done says how far it came. Each page that
 * is there ends the request for it, also if that is another one than @id; but one that was there
 * and stays read-only does not end a request of the kind SWAPLAB_PAGER_UPGRADE.
 *
 * ESTALE if the request has ended, or the region is gone; EINVAL if its page is not in the range;
 * EFAULT for a bad address, and then the request stays; ENXIO for a page that may not be;
 * ENOMEM if there is no frame and none can be had; EINTR after a fatal signal.
 */
#define SWAPLAB_PAGER_SUPPLY	\
	_IOWR(SWAPLAB_IOC_MAGIC, 16, struct swaplab_supply)

/* The same with zeros: the pager has no such pages. */
#define SWAPLAB_PAGER_UNAVAILABLE	\
	_IOWR(SWAPLAB_IOC_MAGIC, 17, struct swaplab_supply)

/* The tasks that wait for the request get SIGBUS; the next touch asks again. ESTALE and EINVAL. */
#define SWAPLAB_PAGER_ERROR	\
	_IOWR(SWAPLAB_IOC_MAGIC, 18, struct swaplab_supply)

/*
 * Takes pages back from the region: they are absent afterwards, and their next touch asks the
 * pager. Those that were written to since they were supplied are copied to the pager first,
 * also from the store. No write is lost: a task that writes does so before the copy, or asks.
 * With SWAPLAB_REVOKE_READONLY the pages stay and become read-only. Those in the store are read in
 * for that. A task that writes to one afterwards asks the pager.
 *
 * Pages that are absent, and those with a file (SWAPLAB_BACK), are skipped. The call goes page by
 * page and stops at the first one that fails; @done says how far it came, and @written which of
 * these have been copied. Memory at the place of any other page is undefined.
 *
 * Requests for these pages end, and the tasks ask again. An answer that is under way at the time
 * leaves these pages alone, since it may have their content of before. An answer that is
 * made later is the pager's care: it has to save what it got before it supplies the pages again.
 *
 * A page that was supplied and has not been used stays for up to 10 milliseconds of the call, so
 * that a task which has waited for it gets on.
 *
 * EBUSY if the page is locked, or others use it for the moment, as a transfer that has pinned it
 * does; EIO if it cannot be read from the store, or its memory is bad; EFAULT for a bad address, or
 * if the memory there is one of the pages; ESTALE if the region is gone; EINVAL; ENOMEM if there is
 * no frame to read a page into; EINTR after a fatal signal.
 */
#define SWAPLAB_PAGER_REVOKE	\
	_IOWR(SWAPLAB_IOC_MAGIC, 19, struct swaplab_revoke)

/*
 * Pages that are there read-only become writable, with the content that they have. The answer to
 * SWAPLAB_PAGER_UPGRADE, if the pager need not look at the page; else as SWAPLAB_PAGER_SUPPLY.
 *
 * A page that is taken back meanwhile is left alone. A page may also be writable by now: then
 * nothing is to be done. ENOENT for a page that is absent; for example, it has been dropped
 * meanwhile: then the request stays, and the page has to be supplied.
 */
#define SWAPLAB_PAGER_GRANT	\
	_IOWR(SWAPLAB_IOC_MAGIC, 21, struct swaplab_supply)

/*
 * Sets how many frames a region should have, in place of what was set before. While the device's
 * allocation divides the frames, the region's quota is @min at least and @max at most. A region
 * at or below its quota loses no page while another one is above its own. A region is lent more
 * than @max while frames are free. With the allocation "global" the bounds have no effect, and are
 * kept for when that changes; likewise for a region that has no instance of the policy for itself.
 *
 * Any process may set the bounds, by any descriptor of the region; they end with the region.
 * The mins of all regions of the device are limited by max_reserved_percent of its frames, and
 * those of the regions that one user has made by max_user_reserved_percent, unless the file was
 * opened with CAP_SYS_RESOURCE. If the device has fewer frames later, all mins count for less, in
 * proportion.
 *
 * EBADF if the file is not open for writing; EINVAL if @max is not 0 and less than @min or than
 * SWAPLAB_QUOTA_LEAST_MAX; ENOSPC, and nothing is changed, if the mins would be too many frames.
 * A min that becomes smaller is never refused.
 */
#define SWAPLAB_QUOTA		_IOW(SWAPLAB_IOC_MAGIC, 20, struct swaplab_quota)

#endif /* _UAPI_LINUX_SWAPLAB_H */
