// SPDX-License-Identifier: GPL-2.0
/*
 * dsm-litmus: tests and times memory that nodes share; the program of swaplab-pager-dsm on each of
 * them. All meet at a barrier in the memory itself.
 *
 * A litmus test is one of a few short programs whose outcomes tell memory models apart: here, those
 * that sequential consistency forbids are counted. Each variable is in a page of its own. Before
 * each round a thread may have read a variable or not, at random, so that its page is there, or
 * has to come. Loads and stores are sequentially consistent, which on x86 makes a store wait until
 * it is out of the CPU's store buffer.
 */
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PAGE		4096
#define MAX_ROLES	8
#define NR_REGISTERS	2
/* Registers are 0 to 2, and the tests have four at most. */
#define NR_OUTCOMES	81
#define BENCH_MS	2000

/* Pages: the barrier, the registers, and the variables behind them. */
enum { BARRIER, REGISTERS, VARIABLES };

static char *memory;
static size_t nr_pages;
static unsigned int role, nr_roles;
static unsigned long nr_rounds, nr_barriers;

static atomic_uint *word_of(size_t page)
{
	return (atomic_uint *)(memory + page * PAGE);
}

static atomic_uint *variable(unsigned int number)
{
	return word_of(VARIABLES + number);
}

static atomic_uint *register_of(unsigned int of, unsigned int number)
{
	return word_of(REGISTERS) + of * NR_REGISTERS + number;
}

/* All begin with zero: a region is good for one run. */
static void meet(void)
{
	unsigned long wanted = ++nr_barriers * nr_roles;

	atomic_fetch_add(word_of(BARRIER), 1);
	while (atomic_load(word_of(BARRIER)) < wanted)
		usleep(100);
}

static void store(unsigned int number, unsigned int value)
{
	atomic_store(variable(number), value);
}

static void load(unsigned int number)
{
	unsigned int value = atomic_load(variable(number));

	atomic_store(register_of(role, 0), value);
}

/* Both before the registers, which are shared, too. */
static void load_two(unsigned int first, unsigned int second)
{
	unsigned int a = atomic_load(variable(first)), b = atomic_load(variable(second));

	atomic_store(register_of(role, 0), a);
	atomic_store(register_of(role, 1), b);
}

enum { X, Y, NR_VARIABLES };

static void pass_message(void)
{
	if (role == 0) {
		store(X, 1);
		store(Y, 1);
	} else {
		load_two(Y, X);
	}
}

static void buffer_stores(void)
{
	store(role, 1);
	load(!role);
}

static void read_writes(void)
{
	if (role < 2)
		store(role, 1);
	else if (role == 2)
		load_two(X, Y);
	else
		load_two(Y, X);
}

static void read_twice(void)
{
	if (role == 0) {
		store(X, 1);
		store(X, 2);
	} else {
		load_two(X, X);
	}
}

/* The other one looks after the barrier. */
static void write_twice(void)
{
	if (role == 0) {
		store(X, 1);
		store(X, 2);
	}
}

static bool is_new_before_old(const char *outcome)
{
	return outcome[0] > outcome[1];
}

static bool is_0(const char *outcome)
{
	return !strcmp(outcome, "00");
}

static bool is_10(const char *outcome)
{
	return !strcmp(outcome, "10");
}

static bool is_1010(const char *outcome)
{
	return !strcmp(outcome, "1010");
}

static bool is_not_last(const char *outcome)
{
	return strcmp(outcome, "22");
}

/**
 * struct litmus - a litmus test
 * @name: its name
 * @nr_roles: threads
 * @run: what each of them does
 * @registers: two digits each: the role, and its register, that make the outcome
 * @is_forbidden: would sequential consistency not have this outcome? One digit a register
 * @loads_late: the registers are loaded after the barrier
 */
struct litmus {
	const char *name;
	unsigned int nr_roles;
	void (*run)(void);
	const char *registers;
	bool (*is_forbidden)(const char *outcome);
	bool loads_late;
};

static const struct litmus tests[] = {
	{ "MP", 2, pass_message, "1011", is_10, false },
	{ "SB", 2, buffer_stores, "0010", is_0, false },
	{ "IRIW", 4, read_writes, "20213031", is_1010, false },
	{ "CoRR", 2, read_twice, "1011", is_new_before_old, false },
	{ "CoWW", 2, write_twice, "1011", is_not_last, true },
};

static void look_at_random(void)
{
	volatile unsigned int i, delay = rand() % 2000;
	unsigned int number;

	for (number = 0; number < NR_VARIABLES; number++)
		if (rand() % 2)
			atomic_load(variable(number));
	meet();
	for (i = 0; i < delay; i++)
		;
}

static void run_round(const struct litmus *test)
{
	unsigned int number;

	if (role == 0)
		for (number = 0; number < NR_VARIABLES; number++)
			store(number, 0);
	meet();
	look_at_random();
	test->run();
	meet();
	if (test->loads_late && role)
		load_two(X, X);
	if (test->loads_late)
		meet();
}

/* The digits of the registers, as text and as a number of base three. */
static unsigned int read_outcome(const struct litmus *test, char *outcome)
{
	const char *name = test->registers;
	unsigned int index = 0, value;

	for (; *name; name += 2) {
		value = atomic_load(register_of(name[0] - '0', name[1] - '0'));
		if (value > 2)
			errx(1, "%s: a register has %u", test->name, value);
		*outcome++ = '0' + value;
		index = index * 3 + value;
	}
	*outcome = '\0';
	return index;
}

static void print_outcomes(const struct litmus *test, const unsigned long *counts)
{
	size_t nr = strlen(test->registers) / 2, i;
	unsigned int index, rest;
	char outcome[5];

	for (index = 0; index < NR_OUTCOMES; index++) {
		if (!counts[index])
			continue;
		outcome[nr] = '\0';
		for (i = nr, rest = index; i; i--, rest /= 3)
			outcome[i - 1] = '0' + rest % 3;
		printf(" %s: %lu,", outcome, counts[index]);
	}
}

static int run_litmus(const struct litmus *test)
{
	unsigned long counts[NR_OUTCOMES] = { }, nr_forbidden = 0, round;
	char outcome[5];

	if (nr_roles != test->nr_roles)
		errx(2, "%s has %u roles", test->name, test->nr_roles);
	for (round = 0; round < nr_rounds; round++) {
		run_round(test);
		if (role == 0) {
			counts[read_outcome(test, outcome)]++;
			nr_forbidden += test->is_forbidden(outcome);
		}
		meet();
	}
	if (role)
		return 0;
	printf("%s: %lu rounds, outcomes", test->name, nr_rounds);
	print_outcomes(test, counts);
	printf(" forbidden %lu\n", nr_forbidden);
	return nr_forbidden > 0;
}

static int check_sum(const char *name)
{
	unsigned long sum;

	meet();
	sum = atomic_load(variable(X));
	if (role == 0)
		printf("%s: %lu of %lu increments\n", name, sum, nr_roles * nr_rounds);
	return sum != nr_roles * nr_rounds;
}

/* Atomic increments by all. */
static int run_counter(void)
{
	unsigned long round;

	for (round = 0; round < nr_rounds; round++)
		atomic_fetch_add(variable(X), 1);
	return check_sum("counter");
}

/* Increments that are not atomic, under a lock in another page. */
static int run_lock(void)
{
	volatile unsigned int *count = (volatile unsigned int *)variable(X);
	unsigned long round;

	for (round = 0; round < nr_rounds; round++) {
		while (atomic_exchange(variable(Y), 1))
			sched_yield();
		*count = *count + 1;
		atomic_store(variable(Y), 0);
	}
	return check_sum("lock");
}

static unsigned int value_of(unsigned long round, size_t page)
{
	return round * 1000003 + page;
}

static void write_page(unsigned long round, size_t page)
{
	*word_of(page) = value_of(round, page);
	memory[page * PAGE + PAGE - 1] = round;
}

static bool is_written(unsigned long round, size_t page)
{
	return *word_of(page) == value_of(round, page) &&
	       memory[page * PAGE + PAGE - 1] == (char)round;
}

/* Each writes its share of all pages, another one in each round, and reads all of them. */
static int run_pages(void)
{
	unsigned long round, nr_wrong = 0;
	size_t page;

	for (round = 1; round <= nr_rounds; round++) {
		for (page = VARIABLES; page < nr_pages; page++)
			if ((page + round) % nr_roles == role)
				write_page(round, page);
		meet();
		for (page = VARIABLES; page < nr_pages; page++)
			nr_wrong += !is_written(round, page);
		meet();
	}
	printf("pages: %lu rounds, %zu pages, %lu wrong\n", nr_rounds, nr_pages - VARIABLES,
	       nr_wrong);
	return nr_wrong > 0;
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

/* Microseconds a write, while all write to a word of their own. */
static double time_writes(atomic_uint *word)
{
	unsigned long nr = 0;
	double start, end;

	meet();
	start = now_us();
	do {
		atomic_store_explicit(word, ++nr, memory_order_relaxed);
		end = now_us();
	} while (end - start < BENCH_MS * 1e3);
	meet();
	return (end - start) / nr;
}

/* Microseconds a turn: each writes when it reads that the other one has written. */
static double time_turns(void)
{
	unsigned long turn;
	double start;

	meet();
	start = now_us();
	for (turn = role; turn < nr_rounds * nr_roles; turn += nr_roles) {
		while (atomic_load(variable(Y)) != turn)
			sched_yield();
		atomic_store(variable(Y), turn + 1);
	}
	meet();
	return (now_us() - start) / (nr_rounds * nr_roles);
}

static int run_bench(void)
{
	double same = time_writes(word_of(VARIABLES) + 16 * role);
	double apart = time_writes(word_of(VARIABLES + 2 + role));
	double turns = time_turns();

	if (role == 0)
		printf("bench: us a write: %.3f to one page, %.3f to pages apart; turn: %.0f us\n",
		       same, apart, turns);
	return 0;
}

static sigjmp_buf at_bus_error;

static void handle_bus_error(int number)
{
	siglongjmp(at_bus_error, number);
}

/* The page is in a pipe that nobody reads, and so pinned. */
static void pin_page(size_t page)
{
	struct iovec part = { word_of(page), PAGE };
	int ends[2];

	if (pipe(ends) || vmsplice(ends[1], &part, 1, 0) != PAGE)
		err(1, "vmsplice");
}

static bool is_any_of(const char *how, const char *a, const char *b, const char *c)
{
	return !strcmp(how, a) || !strcmp(how, b) || !strcmp(how, c);
}

/* For tests of what goes wrong: a page is written to, or read, and is lost or not. */
static int use_page(const char *how, size_t page, unsigned int value)
{
	signal(SIGBUS, handle_bus_error);
	if (sigsetjmp(at_bus_error, 1)) {
		printf("page %zu: SIGBUS\n", page);
		return 3;
	}
	if (is_any_of(how, "put", "hold", "pin"))
		*word_of(page) = value;
	if (!strcmp(how, "pin"))
		pin_page(page);
	printf("page %zu: %u\n", page, *word_of(page));
	fflush(stdout);
	while (is_any_of(how, "hold", "watch", "pin"))
		pause();
	return 0;
}

static unsigned long number_of(const char *name)
{
	const char *text = getenv(name);

	if (!text)
		errx(2, "%s is not set: this is a program for swaplab-pager-dsm", name);
	return strtoul(text, NULL, 10);
}

static void map_memory(void)
{
	nr_pages = number_of("SWAPLAB_DSM_PAGES");
	if (nr_pages < VARIABLES + 2 + MAX_ROLES)
		errx(2, "%d pages at least", VARIABLES + 2 + MAX_ROLES);
	memory = mmap(NULL, nr_pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		      number_of("SWAPLAB_DSM_FD"), 0);
	if (memory == MAP_FAILED)
		err(1, "mmap");
}

static int run(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		if (!strcmp(name, tests[i].name))
			return run_litmus(&tests[i]);
	if (!strcmp(name, "counter"))
		return run_counter();
	if (!strcmp(name, "lock"))
		return run_lock();
	if (!strcmp(name, "pages"))
		return run_pages();
	if (!strcmp(name, "bench"))
		return run_bench();
	errx(2, "there is no test %s", name);
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "page")) {
		map_memory();
		return use_page(argv[2], atoi(argv[3]), atoi(argv[4]));
	}
	if (argc != 5)
		errx(2, "usage: dsm-litmus TEST ROLE ROLES ROUNDS\n"
			"       dsm-litmus page put|get|hold|watch|pin PAGE VALUE\n"
			"tests: MP SB IRIW CoRR CoWW counter lock pages bench");
	role = atoi(argv[2]);
	nr_roles = atoi(argv[3]);
	nr_rounds = strtoul(argv[4], NULL, 10);
	if (!nr_roles || nr_roles > MAX_ROLES || role >= nr_roles || !nr_rounds)
		errx(2, "ROLE, ROLES, ROUNDS: 0 to %d, 1 to %d, and 1 or more", MAX_ROLES - 1,
		     MAX_ROLES);
	map_memory();
	srand(getpid());
	return run(argv[1]);
}
