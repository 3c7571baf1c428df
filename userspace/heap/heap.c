// SPDX-License-Identifier: GPL-2.0
/*
 * A process's region of a swaplab device, and the calls on its pages.
 *
 * The region is made at the first large mmap(). The allocator calls it at the first
 * malloc(), often before any constructor has run. So nothing here allocates, and it
 * needs no more of the C library than system calls and the environment.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/swaplab.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "heap.h"
#include "system.h"

/* Addresses take no memory: enough for any machine that this runs on. */
#define DEFAULT_BYTES	(256UL << 30)
/* Mappings from which on new ones are joined to others; joining has a cost. */
#define MANY_MAPPINGS	1000
/* States per request; on the stack. */
#define STATES		1024

static struct heap_report no_report;

struct heap heap = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.region.fd = -1,
	.report = &no_report,
	.report_file.fd = -1,
};

/* Programs do not use this number, and loops that close 0 to 20 do not reach it. */
static int move_descriptor(int fd)
{
	struct rlimit limit;
	int high = 1000, moved;

	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur <= 1024)
		high = limit.rlim_cur > 32 ? limit.rlim_cur - 24 : 0;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, high);
	if (moved < 0)
		return fd;
	system_close(fd);
	return moved;
}

/*
 * The pages of a region go with its last mapping. So there is one that stays, while others
 * are replaced.
 */
static bool prepare_region(int fd)
{
	return !ioctl(fd, SWAPLAB_FORK_PRIVATE) &&
	       system_mmap(NULL, WINDOW_PAGE, PROT_NONE, MAP_SHARED, fd, 0) !=
		       MAP_FAILED;
}

/* Returns the descriptor of a new region; -1: a line was said. */
static int open_region(const char *device)
{
	struct swaplab_version version;
	int fd = system_open(device, O_RDWR);

	if (fd >= 0 && (ioctl(fd, SWAPLAB_VERSION, &version) ||
			version.page_size != WINDOW_PAGE)) {
		system_say("%s: not a swaplab device", device);
		system_close(fd);
		return -1;
	}
	if (fd >= 0 && prepare_region(fd))
		return move_descriptor(fd);
	system_say("%s: %s; the heap of process %d is ordinary memory", device,
		   strerrordesc_np(errno), getpid());
	if (fd >= 0)
		system_close(fd);
	return -1;
}

static void note_file(struct heap_file *file, int fd)
{
	struct stat stat;

	if (fstat(fd, &stat))
		return;
	file->fd = fd;
	file->dev = stat.st_dev;
	file->ino = stat.st_ino;
}

/* The environment may be from elsewhere: another file has no seals. */
static void open_report(void)
{
	const char *number = secure_getenv(HEAP_ENV_REPORT);
	int fd = number ? atoi(number) : -1;
	struct stat stat;
	void *page;

	if (fd < 0 || fcntl(fd, F_GET_SEALS) < 0 || fstat(fd, &stat) ||
	    stat.st_size != WINDOW_PAGE)
		return;
	page = system_mmap(NULL, WINDOW_PAGE, PROT_READ | PROT_WRITE,
			   MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return;
	heap.report = page;
	note_file(&heap.report_file, fd);
}

/**
 * heap_is_file() - is a descriptor still the file that it was?
 * @file: noted before
 *
 * dup2() may have made it a file of the program's.
 */
bool heap_is_file(const struct heap_file *file)
{
	struct stat stat;

	return file->fd >= 0 && !fstat(file->fd, &stat) &&
	       stat.st_dev == file->dev && stat.st_ino == file->ino;
}

/* To be called before each use of heap.region.fd. If it returns false, errno is set. */
static bool check_descriptor(void)
{
	if (heap_is_file(&heap.region))
		return true;
	if (heap.region.fd >= 0)
		system_say("%s: the descriptor is gone; new memory of process %d is ordinary",
			   heap.device, getpid());
	heap.region.fd = -1;
	errno = ENOMEM;
	return false;
}

static void create_region(void)
{
	const char *device = secure_getenv(HEAP_ENV_DEVICE);
	const char *size = secure_getenv(HEAP_ENV_SIZE);
	size_t bytes = size ? strtoul(size, NULL, 0) : DEFAULT_BYTES;
	int fd;

	open_report();
	__atomic_add_fetch(&heap.report->processes, 1, __ATOMIC_RELAXED);
	if (!device || strlen(device) >= sizeof(heap.device))
		return;
	strcpy(heap.device, device);
	if (!window_reserve(&heap.window, bytes)) {
		system_say("no addresses for a heap of %zu bytes: see ulimit -v",
			   bytes);
		return;
	}
	fork_prepare_heap();
	fd = open_region(device);
	if (fd < 0)
		return;
	note_file(&heap.region, fd);
	__atomic_add_fetch(&heap.report->on_device, 1, __ATOMIC_RELAXED);
}

/**
 * heap_ready() - is there a region?
 *
 * Makes it, when first called. Called with heap.lock held.
 */
bool heap_ready(void)
{
	static bool begun;
	int error = errno;

	/* The C library itself is not ready before it has an environment. */
	if (!begun && environ) {
		begun = true;
		create_region();
		errno = error;
	}
	return heap.region.fd >= 0;
}

/*
 * The kernel does not merge mappings of the device, and allows 65,530. So when there are
 * many, a new one replaces those in front of it, in one call: no other thread sees a hole.
 */
static size_t find_start(size_t first, size_t nr, unsigned int attributes, int flags)
{
	if (heap.nr_mappings < MANY_MAPPINGS || flags & MAP_POPULATE)
		return first;
	return window_find_joint(&heap.window, first, nr, attributes);
}

static bool map_pages(size_t first, size_t nr, unsigned int attributes, int flags)
{
	char *addr = window_address(&heap.window, first);
	size_t length = nr * WINDOW_PAGE;

	if (system_mmap(addr, length, attributes & WINDOW_PROT, MAP_SHARED | MAP_FIXED | flags,
			heap.region.fd, first * WINDOW_PAGE) == MAP_FAILED)
		return false;
	if (attributes & WINDOW_DONTFORK)
		system_madvise(addr, length, MADV_DONTFORK);
	return true;
}

/*
 * The kernel unmaps what is in the way before it asks the device, which may refuse: then the
 * addresses are a hole, and are set aside again. If they are not, another thread's mapping is
 * there by now, and they are its own; or no memory was left, and nothing has changed.
 */
static void close_hole(size_t first, size_t nr)
{
	bool may_be_hole = errno != ENOMEM;
	int error = errno;

	if (!system_reserve_hole(window_address(&heap.window, first), nr * WINDOW_PAGE) &&
	    may_be_hole)
		window_take(&heap.window, first, nr, WINDOW_FOREIGN);
	errno = error;
}

/**
 * heap_map() - map free pages of the window
 * @first: page
 * @nr: how many
 * @attributes: WINDOW_* of the pages
 * @flags: more of them, for mmap()
 *
 * Return: whether it worked; if not, nothing is mapped there that was not before.
 */
bool heap_map(size_t first, size_t nr, unsigned int attributes, int flags)
{
	size_t start;

	if (!check_descriptor())
		return false;
	if (!map_pages(first, nr, attributes, flags)) {
		close_hole(first, nr);
		return false;
	}
	start = find_start(first, nr, attributes, flags);
	/* The device has taken the last of them, so it does not refuse those before. */
	if (start < first && !map_pages(start, first + nr - start, attributes, flags))
		start = first;
	window_take(&heap.window, first, nr, attributes);
	heap.nr_mappings += 1 - window_join(&heap.window, start, first + nr);
	return true;
}

/**
 * heap_discard() - make pages absent
 * @first: page
 * @nr: how many
 *
 * Return: 0, or -1 and errno.
 */
int heap_discard(size_t first, size_t nr)
{
	struct swaplab_range range = {
		.offset = first * WINDOW_PAGE,
		.length = nr * WINDOW_PAGE,
	};

	return check_descriptor() ? ioctl(heap.region.fd, SWAPLAB_DISCARD, &range) : -1;
}

static void copy_present(const unsigned char *states, char *to,
			 const char *from, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (states[i])
			memcpy(to + i * WINDOW_PAGE, from + i * WINDOW_PAGE,
			       WINDOW_PAGE);
}

static int copy_pages(char *to, const char *from, size_t first, size_t nr)
{
	unsigned char states[STATES];
	struct swaplab_page_states request = {
		.states = (unsigned long)states,
	};
	size_t done, some;

	for (done = 0; done < nr; done += some) {
		some = nr - done < STATES ? nr - done : STATES;
		request.range.offset = (first + done) * WINDOW_PAGE;
		request.range.length = some * WINDOW_PAGE;
		if (ioctl(heap.region.fd, SWAPLAB_PAGE_STATES, &request))
			return -1;
		copy_present(states, to + done * WINDOW_PAGE,
			     from + done * WINDOW_PAGE, some);
	}
	return 0;
}

/**
 * heap_copy() - copy the pages of the region that are not absent
 * @to: memory that is zero
 * @first: page
 * @nr: how many
 *
 * The pages are read at other addresses, because the program's mapping of them may
 * be inaccessible, or gone.
 *
 * Return: 0, or -1 and errno.
 */
int heap_copy(void *to, size_t first, size_t nr)
{
	void *from;
	int status;

	if (!check_descriptor())
		return -1;
	from = system_mmap(NULL, nr * WINDOW_PAGE, PROT_READ, MAP_SHARED, heap.region.fd,
			   first * WINDOW_PAGE);
	if (from == MAP_FAILED)
		return -1;
	status = copy_pages(to, from, first, nr);
	system_munmap(from, nr * WINDOW_PAGE);
	return status;
}
