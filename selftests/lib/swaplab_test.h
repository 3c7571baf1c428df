/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the tests: the device's files, page contents that all differ, and a pool that
 * is set up before a test and restored after it.
 *
 * The store is /dev/nullb0, or the device in SWAPLAB_STORE; its content is lost.
 */
#ifndef SWAPLAB_TEST_H
#define SWAPLAB_TEST_H

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/swaplab.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * A debug kernel on an emulated processor takes several times as long: a factor for
 * all limits of time, those of single tests included, which the harness has by alarm().
 */
static inline unsigned int timeout_factor(void)
{
	const char *factor = getenv("SWAPLAB_TIMEOUT_FACTOR");

	return factor && atoi(factor) > 0 ? atoi(factor) : 1;
}

#define alarm(seconds)	(alarm)((seconds) * timeout_factor())
#include "kselftest_harness.h"

/*
 * The harness counts seconds of a real CPU. An emulated one, on a busy host, may take
 * ten times as long for the same work.
 */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	150

#define PAGE		4096UL
#define WORDS		(PAGE / sizeof(uint64_t))
#define DEVICE		"/dev/swaplab0"
#define CLASS		"/sys/class/swaplab/"
#define POOL		CLASS "swaplab0/"
#define DEFAULT_FRAMES	1024

/*
 * SKIP() in the set-up of a fixture: where the harness would run the test all the
 * same, the exit status that it takes for a skip ends its process.
 */
#define SKIP_SETUP(...)	SKIP(_exit(255), __VA_ARGS__)

static inline const char *store_path(void)
{
	const char *path = getenv("SWAPLAB_STORE");

	return path ? path : "/dev/nullb0";
}

/* Is the running kernel older than this release? */
static inline bool kernel_before(unsigned int major, unsigned int minor)
{
	unsigned int has_major = 0, has_minor = 0;
	struct utsname name;

	if (!uname(&name))
		sscanf(name.release, "%u.%u", &has_major, &has_minor);
	return has_major < major || (has_major == major && has_minor < minor);
}

/* Runs a command with the words that printf() makes; returns its exit status. */
__attribute__((format(printf, 1, 2)))
static inline int run_shell(const char *format, ...)
{
	char words[512], command[640];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	snprintf(command, sizeof(command),
		 "PATH=$PATH:/usr/sbin:/sbin; { %s; } >/dev/null 2>&1", words);
	return system(command);
}

/* Writes a whole string; 0 or -errno. */
static inline int file_write(const char *path, const char *text)
{
	ssize_t len = strlen(text);
	int fd, err = 0;

	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != len)
		err = -errno;
	close(fd);
	return err;
}

/* Reads a whole small file without its last newline; 0 or -errno. */
static inline int file_read(const char *path, char *text, size_t size)
{
	ssize_t len;
	int fd;

	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -errno;
	len = read(fd, text, size - 1);
	close(fd);
	if (len < 0)
		return -errno;
	if (len && text[len - 1] == '\n')
		len--;
	text[len] = '\0';
	return 0;
}

/* The same for a file of the pool under test. */
static inline int pool_write(const char *file, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), POOL "%s", file);
	return file_write(path, text);
}

static inline int pool_set(const char *file, unsigned long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu\n", value);
	return pool_write(file, text);
}

static inline int pool_text(const char *file, char *text, size_t size)
{
	char path[256];

	snprintf(path, sizeof(path), POOL "%s", file);
	return file_read(path, text, size);
}

/* A number; all bits set if it cannot be read. */
static inline unsigned long pool_get(const char *file)
{
	char text[64];

	if (pool_text(file, text, sizeof(text)))
		return -1UL;
	return strtoul(text, NULL, 0);
}

static inline unsigned long stat_get(const char *counter)
{
	char file[64];

	snprintf(file, sizeof(file), "stats/%s", counter);
	return pool_get(file);
}

/* One line of /proc/self/fdinfo; all bits set if there is none. */
static inline unsigned long fdinfo_get(int fd, const char *name)
{
	char path[64], line[128];
	unsigned long value = -1UL;
	size_t len = strlen(name);
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, len) && line[len] == ':')
			value = strtoul(line + len + 1, NULL, 10);
	if (file)
		fclose(file);
	return value;
}

static inline double seconds_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static inline void msleep(unsigned int ms)
{
	struct timespec time = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&time, NULL);
}

/*
 * Waits until a condition holds; false if it does not within a minute: on a
 * busy machine milliseconds become seconds.
 */
#define SOON(condition)							\
({									\
	int tries_ = 6000 * timeout_factor();				\
	while (!(condition) && --tries_)				\
		msleep(10);						\
	tries_ > 0;							\
})

static inline void pool_restore(void)
{
	/* It fails where modprobe finds no policy. */
	pool_write("policy", "aging");
	pool_set("watermark_low", 0);
	pool_set("watermark_high", 0);
	pool_set("nr_frames", DEFAULT_FRAMES);
	pool_set("max_region_pages", 0);
	pool_set("max_user_pages", 0);
	pool_set("scan_interval_ms", 1000);
	pool_set("readahead_pages", 32);
	pool_set("readaround_pages", 64);
	pool_set("writeback_pages", 16);
	pool_set("pager_timeout_ms", 10000);
	pool_set("daemons", 1);
	pool_write("allocation", "global");
	pool_set("max_reserved_percent", 50);
	pool_set("max_user_reserved_percent", 90);
	pool_set("pff_low", 10);
	pool_set("pff_high", 50);
	pool_set("load_turn_ms", 0);
	pool_set("working_set_samples", 4);
	pool_write("slot_allocation", "dynamic");
	pool_set("discard_slots", 0);
	pool_set("soft_sampling", 0);
	pool_set("measure_latency", 0);
	/* A region may outlive its process for a moment. */
	if (!SOON(pool_write("swap_file", "none") != -EBUSY))
		printf("# a test has left a region behind\n");
}

/* A pool of its own size with the store attached; 0 or -errno. */
static inline int pool_prepare(unsigned long nr_frames)
{
	int err;

	pool_restore();
	err = pool_set("nr_frames", nr_frames);
	if (!err)
		err = pool_write("swap_file", store_path());
	pool_set("stats/reset", 1);
	return err;
}

/* Maps the first pages of a new region; NULL if that fails. */
static inline char *region_map(int *fd, size_t nr_pages)
{
	char *map;

	*fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (*fd < 0)
		return NULL;
	map = mmap(NULL, nr_pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		   *fd, 0);
	if (map != MAP_FAILED)
		return map;
	close(*fd);
	return NULL;
}

static inline void region_unmap(int fd, char *map, size_t nr_pages)
{
	munmap(map, nr_pages * PAGE);
	close(fd);
}

/* Each word tells its page, its place and the version: no two are alike. */
static inline uint64_t word_of(size_t page, size_t word, unsigned int version)
{
	return (page * WORDS + word + 1) * 0x9e3779b97f4a7c15ULL ^
	       (uint64_t)version << 32;
}

static inline void page_fill(void *page, size_t number, unsigned int version)
{
	volatile uint64_t *words = page;
	size_t i;

	for (i = 0; i < WORDS; i++)
		words[i] = word_of(number, i, version);
}

static inline bool page_holds(const void *page, size_t number,
			      unsigned int version)
{
	const volatile uint64_t *words = page;
	size_t i;

	for (i = 0; i < WORDS; i++)
		if (words[i] != word_of(number, i, version))
			return false;
	return true;
}

static inline bool page_is_zero(const void *page)
{
	const volatile uint64_t *words = page;
	size_t i;

	for (i = 0; i < WORDS; i++)
		if (words[i])
			return false;
	return true;
}

static inline void pages_fill(char *map, size_t first, size_t nr,
			      unsigned int version)
{
	size_t i;

	for (i = first; i < first + nr; i++)
		page_fill(map + i * PAGE, i, version);
}

/* How many of them do not hold the content that pages_fill() wrote. */
static inline size_t pages_wrong(const char *map, size_t first, size_t nr,
				 unsigned int version)
{
	size_t i, wrong = 0;

	for (i = first; i < first + nr; i++)
		wrong += !page_holds(map + i * PAGE, i, version);
	return wrong;
}

/* How many lines the module has written to the kernel's log since last asked. */
static inline int log_lines(void)
{
	static int log = -1;
	char record[2048];
	ssize_t len;
	int nr = 0;

	if (log < 0) {
		log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		lseek(log, 0, SEEK_END);
		return 0;
	}
	while ((len = read(log, record, sizeof(record) - 1)) > 0 ||
	       (len < 0 && errno == EPIPE)) {
		if (len < 0)
			continue;
		record[len] = '\0';
		nr += !!strstr(record, ";swaplab: swaplab");
	}
	return nr;
}

/* The pid of the thread of the kernel with this name, 0 if there is none. */
static inline pid_t kthread_pid(const char *name)
{
	char path[512], comm[64];
	struct dirent *entry;
	pid_t pid = 0;
	DIR *dir;

	dir = opendir("/proc");
	while (dir && !pid && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		if (isdigit(entry->d_name[0]) &&
		    !file_read(path, comm, sizeof(comm)) && !strcmp(comm, name))
			pid = atoi(entry->d_name);
	}
	if (dir)
		closedir(dir);
	return pid;
}

/* The pid of kswaplabd/N, 0 if there is none. */
static inline pid_t daemon_pid(int id)
{
	char name[32];

	snprintf(name, sizeof(name), "kswaplabd/%d", id);
	return kthread_pid(name);
}

/* One that was woken and has no CPU yet does not. */
static inline bool daemon_sleeps(pid_t pid)
{
	char path[64], stat[512];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return !file_read(path, stat, sizeof(stat)) && strstr(stat, ") S ");
}

static inline int keep_to_cpu(pid_t pid, int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(pid, sizeof(set), &set);
}

static inline int keep_to_no_cpu(pid_t pid)
{
	cpu_set_t set;

	memset(&set, 0xff, sizeof(set));
	return sched_setaffinity(pid, sizeof(set), &set);
}

/* Free frames once they have stopped to change, and the daemon has no more to do. */
static inline unsigned long settled_free_frames(void)
{
	unsigned long nr = stat_get("free_frames"), before;
	pid_t pid = daemon_pid(0);
	int calm = 0, tries;

	for (tries = 0; calm < 10 && tries < 1200; tries++) {
		msleep(50);
		before = nr;
		nr = stat_get("free_frames");
		calm = nr == before && daemon_sleeps(pid) ? calm + 1 : 0;
	}
	return nr;
}

/*
 * Keeps the daemon evicting: a thread that reads its way through pages of a
 * region that the test does not look at.
 */
struct pressure {
	pthread_t thread;
	volatile bool stop;
	char *map;
	size_t nr_pages;
	int fd;
};

static inline void *pressure_main(void *data)
{
	struct pressure *pressure = data;
	size_t i;

	while (!pressure->stop)
		for (i = 0; i < pressure->nr_pages && !pressure->stop; i++)
			*(volatile char *)(pressure->map + i * PAGE) += 1;
	return NULL;
}

static inline int pressure_start(struct pressure *pressure, size_t nr_pages)
{
	pressure->stop = false;
	pressure->nr_pages = nr_pages;
	pressure->map = region_map(&pressure->fd, nr_pages);
	if (!pressure->map)
		return -1;
	return pthread_create(&pressure->thread, NULL, pressure_main, pressure);
}

static inline void pressure_stop(struct pressure *pressure)
{
	pressure->stop = true;
	pthread_join(pressure->thread, NULL);
	region_unmap(pressure->fd, pressure->map, pressure->nr_pages);
}

#endif /* SWAPLAB_TEST_H */
