// SPDX-License-Identifier: GPL-2.0
/*
 * What the library does that no sample needs.
 *
 * Usage: library DEVICE TEST. It says that the test has passed, or fails, or does not end in time.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include "../image.h"

#define NR_PAGES	4
#define NR_FILLERS	4
#define PATIENCE_S	60

static struct pager pager;
static const char *device;

static void begin(const struct pager_ops *ops)
{
	must(pager_open(&pager, device, NR_PAGES, ops, NULL), device);
	must(pager_serve(&pager, 1), "pager_serve");
}

static long fill_zeros(void *data, uint64_t page, size_t nr, char *to)
{
	return 0;
}

/* The child has all descriptors, also those by which threads are told to end. */
static bool test_fork(void)
{
	static const struct pager_ops ops = { .fill = fill_zeros };
	pid_t child;

	begin(&ops);
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child) {
		pause();
		_exit(0);
	}
	pager_close(&pager);
	kill(child, SIGKILL);
	return waitpid(child, NULL, 0) == child;
}

/* The module cannot copy from there. */
static long fill_nowhere(void *data, uint64_t page, size_t nr, char *to)
{
	uintptr_t end = (uintptr_t)to + nr * PAGER_PAGE;

	mprotect((void *)(end & -PAGER_PAGE), PAGER_PAGE, PROT_NONE);
	return nr;
}

static sigjmp_buf at_bus_error;

static void handle_bus_error(int number)
{
	siglongjmp(at_bus_error, number);
}

/* Half of the time that a pager has to answer. */
static bool test_answer(void)
{
	static const struct pager_ops ops = { .fill = fill_nowhere };
	time_t start = time(NULL);

	signal(SIGBUS, handle_bus_error);
	begin(&ops);
	if (!sigsetjmp(at_bus_error, 1)) {
		*(volatile char *)pager.map;
		return false;
	}
	return time(NULL) - start < 5;
}

static atomic_bool is_done;

static long fill_slowly(void *data, uint64_t page, size_t nr, char *to)
{
	usleep(20000);
	return nr;
}

static int save_nothing(void *data, uint64_t page, const char *from)
{
	return 0;
}

static void *fill_always(void *data)
{
	while (!atomic_load(&is_done))
		must(pager_prefetch(&pager, 0, 1), "pager_prefetch");
	return NULL;
}

/* At any time one of the threads fills. */
static bool test_take_back(void)
{
	static const struct pager_ops ops = { .fill = fill_slowly, .save = save_nothing };
	pthread_t threads[NR_FILLERS];
	int i;

	begin(&ops);
	for (i = 0; i < NR_FILLERS; i++) {
		if (pthread_create(&threads[i], NULL, fill_always, NULL))
			errx(1, "no thread");
		usleep(5000);
	}
	must(pager_take_back(&pager, 0, 1), "pager_take_back");
	atomic_store(&is_done, true);
	for (i = 0; i < NR_FILLERS; i++)
		pthread_join(threads[i], NULL);
	pager_close(&pager);
	return true;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		bool (*run)(void);
	} tests[] = {
		{ "fork", test_fork },
		{ "answer", test_answer },
		{ "take-back", test_take_back },
	};
	size_t i;

	if (argc != 3)
		errx(2, "usage: library DEVICE TEST");
	device = argv[1];
	alarm(PATIENCE_S);
	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		if (strcmp(argv[2], tests[i].name))
			continue;
		puts(tests[i].run() ? "passed" : "failed");
		return 0;
	}
	errx(2, "there is no test %s", argv[2]);
}
