// SPDX-License-Identifier: GPL-2.0
/* Pages of a swaplab device in regions and VMAs, and other processes that use it. */

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include "../../module/include/uapi/linux/swaplab.h"
#include "content.h"
#include "layout.h"

struct layout layout = { .pieces = 1, .nr_regions = 1 };

static int open_region(void)
{
	int fd = open(layout.path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		err(2, "%s", layout.path);
	if (layout.is_private && ioctl(fd, SWAPLAB_FORK_PRIVATE))
		err(2, "SWAPLAB_FORK_PRIVATE");
	return fd;
}

static char *map_pages(char *address, int fd, size_t pages, size_t first)
{
	char *start = mmap(address, pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
			   MAP_SHARED | (address ? MAP_FIXED_NOREPLACE : 0), fd,
			   (off_t)(first * PAGE_BYTES));

	if (start == MAP_FAILED)
		err(2, "mmap");
	return start;
}

/* Until the parent ends. */
static void run_idle(int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (write(ready, "", 1) != 1)
		err(2, "write");
	for (;;)
		pause();
}

static void run_other(int ready)
{
	*map_pages(NULL, open_region(), 1, 0) = 1;
	run_idle(ready);
}

static void start_processes(size_t nr, void (*run)(int ready))
{
	char byte;
	int ready[2];

	if (pipe(ready))
		err(2, "pipe");
	while (nr--) {
		pid_t pid = fork();

		if (pid < 0)
			err(2, "fork");
		if (!pid)
			run(ready[1]);
		if (read(ready[0], &byte, 1) != 1)
			err(2, "read");
	}
}

/**
 * layout_start_others() - start idle processes, each with a region and a page
 * @nr: how many
 *
 * To be called while this process is small.
 */
void layout_start_others(size_t nr)
{
	start_processes(nr, run_other);
}

/**
 * layout_start_children() - start idle processes that have the mappings of this one
 * @nr: how many
 *
 * Pages that this process touches later are its own, if layout.is_private is set.
 */
void layout_start_children(size_t nr)
{
	start_processes(nr, run_idle);
}

/* Static slots are reserved by mmap(), and stay for the region's pages. */
static void reserve_areas(size_t nr)
{
	size_t pages = layout.pages / nr, i;

	for (i = 0; i < nr; i++)
		munmap(map_pages(NULL, layout.regions[0], pages, i * pages), pages * PAGE_BYTES);
}

static void allow_descriptors(void)
{
	const rlim_t nr = layout.nr_regions + 64;
	const struct rlimit limit = { .rlim_cur = nr, .rlim_max = nr };

	if (layout.nr_regions > 1 && setrlimit(RLIMIT_NOFILE, &limit))
		err(2, "setrlimit");
}

/**
 * layout_map() - open the regions and map their pages
 * @areas: of static slots; 0: as mmap() makes them
 */
void layout_map(size_t areas)
{
	size_t stride, size, i;

	allow_descriptors();
	layout.piece_pages = (layout.pages + layout.pieces - 1) / layout.pieces;
	layout.pages = layout.piece_pages * layout.pieces;
	layout.regions = calloc(layout.nr_regions, sizeof(layout.regions[0]));
	if (!layout.regions)
		err(2, "calloc");
	for (i = 0; i < layout.nr_regions; i++)
		layout.regions[i] = open_region();
	if (areas)
		reserve_areas(areas);
	stride = (layout.piece_pages + 1) * PAGE_BYTES;
	size = layout.pieces * stride;
	layout.start = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (layout.start == MAP_FAILED || munmap(layout.start, size))
		err(2, "mmap");
	for (i = 0; i < layout.pieces; i++)
		map_pages(layout.start + i * stride,
			  layout.regions[i % layout.nr_regions], layout.piece_pages,
			  layout.nr_regions > 1 ? 0 : i * layout.piece_pages);
}

/**
 * layout_address() - the address of a page
 * @page: counted over all pieces
 *
 * Return: its first word.
 */
volatile uint64_t *layout_address(size_t page)
{
	size_t piece = page / layout.piece_pages;

	return (volatile uint64_t *)(layout.start + (page + piece) * PAGE_BYTES);
}

static size_t greatest_divisor(size_t a, size_t b)
{
	return b ? greatest_divisor(b, a % b) : a;
}

/**
 * layout_page() - the page of a touch
 * @touch: touches before it
 *
 * A permutation without neighbours, and without short cycles.
 *
 * Return: the page.
 */
size_t layout_page(size_t touch)
{
	static size_t step;

	if (!step) {
		step = layout.pages * 0.618;
		while (greatest_divisor(step ? step : ++step, layout.pages) != 1)
			step++;
	}
	return (uint64_t)touch * step % layout.pages;
}

/**
 * layout_states() - the state of each page
 *
 * Return: SWAPLAB_PAGE_* by page, for free().
 */
uint8_t *layout_states(void)
{
	uint8_t *states = calloc(layout.pages, 1);
	size_t pages = layout.pages / layout.nr_regions, i;

	if (!states)
		err(2, "calloc");
	for (i = 0; i < layout.nr_regions; i++) {
		struct swaplab_page_states request = {
			.range.length = pages * PAGE_BYTES,
			.states = (uintptr_t)(states + i * pages),
		};

		if (ioctl(layout.regions[i], SWAPLAB_PAGE_STATES, &request))
			err(2, "SWAPLAB_PAGE_STATES");
	}
	return states;
}
