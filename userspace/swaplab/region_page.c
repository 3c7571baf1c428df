// SPDX-License-Identifier: GPL-2.0
/*
 * What a device tells about one page of another process's region. A mapping does not
 * say which of the process's regions it maps, so a process with several regions has to
 * be given with a file descriptor.
 */

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "region.h"
#include "region_page.h"

/**
 * region_page_device() - the device of a path
 * @path: of the file that is mapped
 * @device: filled in
 *
 * Return: whether it is a device's.
 */
bool region_page_device(const char *path, struct device *device)
{
	struct device *devices;
	unsigned int i, nr = device_list(&devices);
	bool found = false;

	for (i = 0; i < nr && !found; i++) {
		found = !strcmp(devices[i].path, path);
		if (found)
			*device = devices[i];
	}
	free(devices);
	return found;
}

static const char *explain_error(int error)
{
	if (error == EPERM)
		return "only root may ask for it: use sudo";
	if (error == EBUSY)
		return "the process has the file of another one, and no pages there";
	return strerror(error);
}

static void read_state(struct region_page *page, const struct holder *holder)
{
	int fd = process_borrow_fd(holder);

	if (fd < 0 || !region_states(fd, holder->pid, page->index, 1, &page->state))
		snprintf(page->why, sizeof(page->why), "%s", explain_error(errno));
	if (fd >= 0)
		close(fd);
}

/**
 * region_page_ask() - ask the device for the state of a page
 * @page: with its device and index; the other members are filled in
 * @pid: the process
 * @fd: its descriptor of the region; -1: any, if it has one region alone
 *
 * Ends the program if @fd is not a descriptor of a region of the device.
 */
void region_page_ask(struct region_page *page, pid_t pid, int fd)
{
	struct region region = {};
	unsigned int nr = region_find(&page->device, pid, fd, &region);

	if (!nr && fd >= 0)
		errx(1, "process %d has no region of %s with file descriptor %d", pid,
		     page->device.path, fd);
	if (nr > 1) {
		snprintf(page->why, sizeof(page->why),
			 "the process has %u regions: say which, by %d:FD", nr, pid);
	} else if (!nr || region.holder.fd < 0) {
		snprintf(page->why, sizeof(page->why),
			 "the process has closed the file that it has mapped");
	} else {
		/* A child has the descriptor of its parent's region. */
		if (!region.is_private)
			page->region = region.id;
		read_state(page, &region.holder);
	}
}
