// SPDX-License-Identifier: GPL-2.0
/*
 * swaplab-pager-dsm: runs a program on a region whose pages are shared with other machines. The
 * program has the region's descriptor, whose number is in SWAPLAB_DSM_FD, and maps
 * SWAPLAB_DSM_PAGES pages of it with MAP_SHARED. When it ends, its pages are written back.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lease.h"

/* Others must have time to notice; and renewals to be late. */
#define MIN_LEASE_MS		1500
#define MAX_LEASE_MS		600000
#define DEFAULT_LEASE_MS	3000

struct arguments {
	const char *device;
	struct directory_address address;
	unsigned long nr_pages;
	unsigned long number;
	unsigned long lease_ms;
	char **program;
};

static void end_with_usage(void)
{
	errx(2, "usage: swaplab-pager-dsm --redis HOST:PORT --name NAME --pages N --node ID\n"
		"       [--lease MS] DEVICE PROGRAM [ARGUMENT]...");
}

static unsigned long parse_number(const char *text, unsigned long min, unsigned long max,
				  const char *option)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value < min || value > max)
		errx(2, "%s: a number from %lu to %lu", option, min, max);
	return value;
}

static void parse_address(struct directory_address *address, char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon || colon == text)
		errx(2, "--redis: HOST:PORT");
	*colon = '\0';
	address->host = text;
	address->port = parse_number(colon + 1, 1, 65535, "--redis: port");
}

static void parse_name(struct directory_address *address, const char *text)
{
	if (!*text || strlen(text) > DSM_MAX_NAME)
		errx(2, "--name: 1 to %d bytes", DSM_MAX_NAME);
	address->name = text;
}

static void parse_option(struct arguments *arguments, int option)
{
	if (option == 'r')
		parse_address(&arguments->address, optarg);
	else if (option == 'n')
		parse_name(&arguments->address, optarg);
	else if (option == 'p')
		arguments->nr_pages = parse_number(optarg, 1, DSM_MAX_PAGES, "--pages");
	else if (option == 'i')
		arguments->number = parse_number(optarg, 1, DSM_MAX_NODES, "--node");
	else if (option == 'l')
		arguments->lease_ms = parse_number(optarg, MIN_LEASE_MS, MAX_LEASE_MS,
						   "--lease");
	else
		end_with_usage();
}

/* Options behind DEVICE are the program's. */
static void parse(struct arguments *arguments, int argc, char **argv)
{
	static const struct option options[] = {
		{ "redis", required_argument, NULL, 'r' },
		{ "name", required_argument, NULL, 'n' },
		{ "pages", required_argument, NULL, 'p' },
		{ "node", required_argument, NULL, 'i' },
		{ "lease", required_argument, NULL, 'l' },
		{ }
	};
	int option;

	*arguments = (struct arguments){ .lease_ms = DEFAULT_LEASE_MS };
	while ((option = getopt_long(argc, argv, "+r:n:p:i:l:", options, NULL)) != -1)
		parse_option(arguments, option);
	if (argc - optind < 2 || !arguments->address.host || !arguments->address.name ||
	    !arguments->nr_pages || !arguments->number)
		end_with_usage();
	arguments->device = argv[optind];
	arguments->program = argv + optind + 1;
}

static void join(struct directory *directory, const struct arguments *arguments)
{
	const struct directory_address *address = &arguments->address;
	int err;

	err = directory_open(directory, address, arguments->lease_ms);
	if (err)
		errx(1, "no Redis at %s:%d that can be used", address->host, address->port);
	err = directory_join(directory, arguments->number, arguments->nr_pages);
	if (err == -EEXIST)
		errx(1, "node %lu is there already, or has died a moment ago", arguments->number);
	if (err == -EINVAL)
		errx(1, "%s has another number of pages", address->name);
	if (err == -ESTALE)
		errx(1, "%s is of an earlier run of Redis, and may be old: use another name",
		     address->name);
	if (err == -ENOTSUP)
		errx(1, "Redis may evict keys: its maxmemory-policy has to be noeviction");
	if (err)
		errx(1, "Redis at %s:%d does not answer as it should", address->host,
		     address->port);
}

static void set_environment(const struct node *node)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%d", node->pager.region);
	setenv("SWAPLAB_DSM_FD", digits, 1);
	snprintf(digits, sizeof(digits), "%zu", node->nr_pages);
	setenv("SWAPLAB_DSM_PAGES", digits, 1);
	fcntl(node->pager.region, F_SETFD, 0);
}

/* The program ends with the node: it would use pages that others get. */
static void become_program(char **program, pid_t parent, const sigset_t *mask)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sigprocmask(SIG_SETMASK, mask, NULL);
	signal(SIGPIPE, SIG_DFL);
	execvp(*program, program);
	warn("%s", *program);
	_exit(127);
}

static pid_t start_program(struct node *node, char **program, const sigset_t *mask)
{
	pid_t parent = getpid(), child;

	set_environment(node);
	child = fork();
	if (child < 0)
		err(1, "fork");
	if (!child)
		become_program(program, parent, mask);
	atomic_store(&node->program, child);
	return child;
}

/*
 * Signals that would end this process go to the program: the node has to leave. Those of the
 * terminal the program has already.
 */
static int wait_for_program(pid_t program, const sigset_t *signals)
{
	int status = 0, number;
	siginfo_t info;

	while (waitpid(program, &status, WNOHANG) != program) {
		number = sigwaitinfo(signals, &info);
		if (number > 0 && number != SIGCHLD && info.si_code != SI_KERNEL)
			kill(program, number);
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* All threads are to have them blocked. */
static void block_signals(sigset_t *signals, sigset_t *mask)
{
	static const int blocked[] = {
		SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, 0
	};
	int i;

	sigemptyset(signals);
	for (i = 0; blocked[i]; i++)
		sigaddset(signals, blocked[i]);
	sigprocmask(SIG_BLOCK, signals, mask);
}

static void must(int err, const char *what)
{
	if (err)
		errx(1, "%s: %s", what, strerror(-err));
}

int main(int argc, char **argv)
{
	struct arguments arguments;
	struct directory directory;
	sigset_t signals, mask;
	struct lease lease;
	struct node node;
	int status;

	parse(&arguments, argc, argv);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	block_signals(&signals, &mask);
	must(node_open(&node, arguments.device, arguments.nr_pages), arguments.device);
	join(&directory, &arguments);
	must(node_start(&node, &directory, &arguments.address), "node");
	must(lease_start(&lease, &node), "lease");
	status = wait_for_program(start_program(&node, arguments.program, &mask), &signals);
	atomic_store(&node.program, 0);
	if (node_leave(&node) && !status)
		status = 1;
	lease_stop(&lease);
	must(directory_leave(&directory), "Redis");
	node_close(&node);
	directory_close(&directory);
	return status;
}
