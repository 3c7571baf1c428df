// SPDX-License-Identifier: GPL-2.0
/* Processes change their mappings while the daemon evicts. */
#include <linux/futex.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include "swaplab_test.h"

#define FRAMES	64
#define NR	128	/* pages of the region under test */

FIXTURE(mapping)
{
	struct pressure pressure;
	char *map;
	int fd;
};

FIXTURE_SETUP(mapping)
{
	ASSERT_EQ(pool_prepare(FRAMES), 0);
	self->map = region_map(&self->fd, NR);
	ASSERT_NE(self->map, NULL);
	pages_fill(self->map, 0, NR, 1);
	ASSERT_EQ(pressure_start(&self->pressure, 2 * FRAMES), 0);
}

FIXTURE_TEARDOWN(mapping)
{
	pressure_stop(&self->pressure);
	region_unmap(self->fd, self->map, NR);
	pool_restore();
}

TEST_F(mapping, unmapping_a_part_keeps_the_pages_in_the_region)
{
	char *again;

	ASSERT_EQ(munmap(self->map + 32 * PAGE, 32 * PAGE), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, 32, 1), 0);
	EXPECT_EQ(pages_wrong(self->map, 64, NR - 64, 1), 0);
	again = mmap(self->map + 32 * PAGE, 32 * PAGE, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_FIXED, self->fd, 32 * PAGE);
	ASSERT_EQ(again, self->map + 32 * PAGE);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(mapping, mremap_grows_it)
{
	char *grown = mremap(self->map, NR * PAGE, 2 * NR * PAGE,
			     MREMAP_MAYMOVE);

	ASSERT_NE(grown, MAP_FAILED);
	self->map = grown;
	EXPECT_EQ(pages_wrong(grown, 0, NR, 1), 0);
	EXPECT_TRUE(page_is_zero(grown + NR * PAGE));
	pages_fill(grown, NR, NR, 1);
	EXPECT_EQ(pages_wrong(grown, 0, 2 * NR, 1), 0);
	munmap(grown + NR * PAGE, NR * PAGE);
}

static bool is_kernel(const char *release)
{
	struct utsname name;

	return !uname(&name) && !strncmp(name.release, release, strlen(release));
}

TEST_F(mapping, mremap_grows_it_in_place)
{
	char *map = mmap(NULL, 2 * NR * PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	char *grown;

	ASSERT_NE(map, MAP_FAILED);
	munmap(map + NR * PAGE, NR * PAGE);
	grown = mremap(map, NR * PAGE, 2 * NR * PAGE, 0);
	if (grown == MAP_FAILED && errno == ENOMEM && !is_kernel("6.1."))
		SKIP(return, "after 6.1 the kernel refuses it for VM_MIXEDMAP");
	ASSERT_EQ(grown, map);
	EXPECT_EQ(pages_wrong(grown, 0, NR, 1), 0);
	munmap(grown, 2 * NR * PAGE);
}

TEST_F(mapping, mremap_moves_it_again_and_again)
{
	char *other = mmap(NULL, NR * PAGE, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *moved, *swap;
	int i;

	ASSERT_NE(other, MAP_FAILED);
	for (i = 0; i < 50; i++) {
		moved = mremap(self->map, NR * PAGE, NR * PAGE,
			       MREMAP_MAYMOVE | MREMAP_FIXED, other);
		ASSERT_EQ(moved, other);
		swap = self->map;
		self->map = moved;
		other = swap;
		ASSERT_EQ(pages_wrong(self->map, i % 8 * 16, 16, 1), 0);
	}
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(mapping, mprotect_forbids_writes_and_allows_them_again)
{
	int status;
	pid_t pid;

	ASSERT_EQ(mprotect(self->map, NR * PAGE, PROT_READ), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		*(volatile char *)self->map = 1;
		_exit(0);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	ASSERT_EQ(mprotect(self->map, NR * PAGE, PROT_READ | PROT_WRITE), 0);
	pages_fill(self->map, 0, NR, 2);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 2), 0);
}

TEST_F(mapping, madvise_dontneed_keeps_the_content)
{
	ASSERT_EQ(madvise(self->map, NR * PAGE, MADV_DONTNEED), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(mapping, msync_succeeds)
{
	EXPECT_EQ(msync(self->map, NR * PAGE, MS_SYNC), 0);
	EXPECT_EQ(msync(self->map, NR * PAGE, MS_ASYNC), 0);
	EXPECT_EQ(fsync(self->fd), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(mapping, several_mappings_show_the_same_pages)
{
	char *second = mmap(NULL, NR / 2 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_SHARED, self->fd, NR / 2 * PAGE);
	char *third = mmap(NULL, NR * PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	size_t i;

	ASSERT_NE(second, MAP_FAILED);
	ASSERT_NE(third, MAP_FAILED);
	for (i = NR / 2; i < NR; i++)
		page_fill(second + (i - NR / 2) * PAGE, i, 2);
	EXPECT_EQ(pages_wrong(self->map, 0, NR / 2, 1), 0);
	EXPECT_EQ(pages_wrong(self->map, NR / 2, NR / 2, 2), 0);
	EXPECT_EQ(pages_wrong(third, 0, NR / 2, 1), 0);
	EXPECT_EQ(pages_wrong(third, NR / 2, NR / 2, 2), 0);
	munmap(second, NR / 2 * PAGE);
	munmap(third, NR * PAGE);
}

TEST_F(mapping, a_duplicate_of_the_fd_maps_the_same_region)
{
	int fd = dup(self->fd);
	char *map;

	ASSERT_GE(fd, 0);
	map = mmap(NULL, NR * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(map, MAP_FAILED);
	close(fd);
	EXPECT_EQ(pages_wrong(map, 0, NR, 1), 0);
	munmap(map, NR * PAGE);
}

TEST_F(mapping, the_region_outlives_its_fd)
{
	close(self->fd);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	pages_fill(self->map, 0, NR, 2);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 2), 0);
	self->fd = open(DEVICE, O_RDWR);
}

TEST_F(mapping, another_open_gives_another_region)
{
	char *map;
	int fd;

	map = region_map(&fd, NR);
	ASSERT_NE(map, NULL);
	EXPECT_TRUE(page_is_zero(map));
	pages_fill(map, 0, NR, 2);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_EQ(pages_wrong(map, 0, NR, 2), 0);
	region_unmap(fd, map, NR);
}

TEST_F(mapping, a_read_only_fd_maps_shared_and_read_only)
{
	int fd = open(DEVICE, O_RDONLY);
	void *map;

	ASSERT_GE(fd, 0);
	map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(map, MAP_FAILED);
	EXPECT_TRUE(page_is_zero(map));
	EXPECT_NE(mprotect(map, PAGE, PROT_READ | PROT_WRITE), 0);
	munmap(map, PAGE);
	close(fd);
}

static long call_futex(volatile uint32_t *word, int op, uint32_t value,
		       const struct timespec *timeout)
{
	return syscall(SYS_futex, word, op, value, timeout, NULL, 0);
}

TEST_F(mapping, a_shared_futex_wakes_another_process_at_another_address)
{
	volatile uint32_t *word = (void *)self->map, *theirs;
	struct timespec patience = { 30, 0 };
	int status, i;
	char *map;
	pid_t pid;

	*word = 0;
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			   self->fd, 0);
		theirs = (void *)map;
		for (i = 1; i <= 20; i++) {
			while (*theirs != 2 * i - 1)
				call_futex(theirs, FUTEX_WAIT, 2 * i - 2, &patience);
			*theirs = 2 * i;
			call_futex(theirs, FUTEX_WAKE, 1, NULL);
		}
		_exit(0);
	}
	for (i = 1; i <= 20; i++) {
		*word = 2 * i - 1;
		call_futex(word, FUTEX_WAKE, 1, NULL);
		while (*word != 2 * i)
			if (call_futex(word, FUTEX_WAIT, 2 * i - 1, &patience) &&
			    errno == ETIMEDOUT)
				break;
		ASSERT_EQ(*word, 2 * i);
	}
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

TEST_F(mapping, core_dumps_leave_it_out)
{
	char line[512];
	bool ours = false, dontdump = false;
	FILE *smaps = fopen("/proc/self/smaps", "r");

	ASSERT_NE(smaps, NULL);
	while (fgets(line, sizeof(line), smaps)) {
		if (strtoul(line, NULL, 16) == (unsigned long)self->map &&
		    strchr(line, '-'))
			ours = true;
		if (ours && !strncmp(line, "VmFlags:", 8)) {
			dontdump = strstr(line, " dd");
			break;
		}
	}
	fclose(smaps);
	EXPECT_TRUE(dontdump);
}

/* A child that stops itself, with the region mapped. */
static pid_t stopped_child(void)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return pid;
}

TEST_F(mapping, ptrace_reads_and_writes_evicted_pages)
{
	uint64_t value;
	size_t i;
	pid_t pid;

	pid = stopped_child();
	ASSERT_GT(pid, 0);
	for (i = 0; i < NR; i++) {
		errno = 0;
		value = ptrace(PTRACE_PEEKDATA, pid, self->map + i * PAGE, NULL);
		EXPECT_EQ(errno, 0);
		EXPECT_EQ(value, word_of(i, 0, 1));
		EXPECT_EQ(ptrace(PTRACE_POKEDATA, pid, self->map + i * PAGE,
				 word_of(i, 0, 2)), 0);
	}
	for (i = 0; i < NR; i++)
		EXPECT_EQ(*(uint64_t *)(self->map + i * PAGE), word_of(i, 0, 2));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

TEST_F(mapping, proc_pid_mem_reads_and_writes_evicted_pages)
{
	char path[64], page[PAGE];
	size_t i;
	int mem;

	snprintf(path, sizeof(path), "/proc/%d/mem", getpid());
	mem = open(path, O_RDWR);
	ASSERT_GE(mem, 0);
	for (i = 0; i < NR; i++) {
		ASSERT_EQ(pread(mem, page, PAGE,
				(off_t)(uintptr_t)self->map + i * PAGE), PAGE);
		EXPECT_TRUE(page_holds(page, i, 1));
		page_fill(page, i, 2);
		ASSERT_EQ(pwrite(mem, page, PAGE,
				 (off_t)(uintptr_t)self->map + i * PAGE), PAGE);
	}
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 2), 0);
	close(mem);
}

TEST_F(mapping, process_vm_readv_and_writev_reach_evicted_pages)
{
	char *buffer = malloc(NR * PAGE);
	struct iovec local, remote;
	size_t i, len = 16 * PAGE;
	pid_t pid;

	ASSERT_NE(buffer, NULL);
	pid = stopped_child();
	ASSERT_GT(pid, 0);
	/* One call holds all its pages at once, so not more than there are. */
	for (i = 0; i < NR * PAGE; i += len) {
		local = (struct iovec){ buffer + i, len };
		remote = (struct iovec){ self->map + i, len };
		ASSERT_EQ(process_vm_readv(pid, &local, 1, &remote, 1, 0), len);
	}
	EXPECT_EQ(pages_wrong(buffer, 0, NR, 1), 0);
	pages_fill(buffer, 0, NR, 2);
	for (i = 0; i < NR * PAGE; i += len) {
		local = (struct iovec){ buffer + i, len };
		remote = (struct iovec){ self->map + i, len };
		ASSERT_EQ(process_vm_writev(pid, &local, 1, &remote, 1, 0), len);
	}
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 2), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	free(buffer);
}

TEST_F(mapping, mlock_of_more_than_the_frames_locks_nothing)
{
	ASSERT_EQ(mlock(self->map, NR * PAGE), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
	EXPECT_EQ(fdinfo_get(self->fd, "locked"), 0);
	ASSERT_EQ(munlock(self->map, NR * PAGE), 0);
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_F(mapping, children_that_exit_leave_the_pages_alone)
{
	int i, status;
	pid_t pid;

	for (i = 0; i < 20; i++) {
		pid = fork();
		ASSERT_GE(pid, 0);
		if (!pid) {
			status = pages_wrong(self->map, i * 4, 16, 1) != 0;
			if (i % 4 == 3)
				kill(getpid(), SIGKILL);
			_exit(status);
		}
		ASSERT_EQ(waitpid(pid, &status, 0), pid);
		EXPECT_TRUE(!status || WIFSIGNALED(status));
	}
	EXPECT_EQ(pages_wrong(self->map, 0, NR, 1), 0);
}

TEST_HARNESS_MAIN
