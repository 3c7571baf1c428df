// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a program and records which pages of a swaplab device are used meanwhile, by
 * any process, in the simulator's format pg.
 */

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/swaplab.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "output.h"

/*
 * A fault that is recorded takes some microseconds: a million records last for
 * seconds, and are looked for much more often. To be woken for each would cost the
 * program more than the recording.
 */
#define RING_RECORDS	1048576
#define PERIOD_MS	5

static unsigned long long nr_references;

static const char usage[] =
" [OPTION]... -o FILE -- PROGRAM [ARGUMENT]...\n"
"Runs PROGRAM and writes to FILE which pages of a swaplab device are used until\n"
"it ends, by all processes, for swaplab sim --trace FILE. Ends with PROGRAM's\n"
"status; 125 if the recording fails, 126 or 127 if PROGRAM does not start.\n"
"\n"
"  -o, --output FILE    compressed by zstd if it ends in .zst; end it in .pg or\n"
"                       .pg.zst\n"
"  -d, --device DEVICE  /dev/swaplab0 unless given\n"
"  --mode {exact|sampled}  exact: each use, by a fault (default); sampled: pages\n"
"                       found used, once a scan_interval_ms: costs little, and\n"
"                       has no order within a sample, and no writes\n"
"  --window K           exact: pages whose use is not seen: the last K in the\n"
"                       trace (8)\n"
"  --help               show this\n"
"\n"
"A program that does not map the device itself has its heap there by:\n"
"  swaplab record -o FILE -- swaplab run -- PROGRAM [ARGUMENT]...\n";

static void print_usage(FILE *file)
{
	fprintf(file, "Usage: %s%s", program_invocation_short_name, usage);
}

struct options {
	const char *device;
	const char *path;
	struct swaplab_record request;
};

static unsigned int parse_window(const char *text)
{
	unsigned long number;
	char *end;

	number = strtoul(text, &end, 10);
	if (end == text || *end || number < SWAPLAB_RECORD_MIN_WINDOW ||
	    number > SWAPLAB_RECORD_MAX_WINDOW)
		errx(125, "--window %s: not a number from %d to %d", text,
		     SWAPLAB_RECORD_MIN_WINDOW, SWAPLAB_RECORD_MAX_WINDOW);
	return number;
}

static unsigned int parse_mode(const char *text)
{
	if (!strcmp(text, "exact"))
		return SWAPLAB_RECORD_EXACT;
	if (!strcmp(text, "sampled"))
		return SWAPLAB_RECORD_SAMPLED;
	errx(125, "--mode %s: neither exact nor sampled", text);
}

static void parse_options(struct options *options, int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "device", required_argument, NULL, 'd' },
		{ "mode", required_argument, NULL, 'm' },
		{ "window", required_argument, NULL, 'w' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	int option;

	while ((option = getopt_long(argc, argv, "+o:d:", longopts, NULL)) != -1) {
		switch (option) {
		case 'o':
			options->path = optarg;
			break;
		case 'd':
			options->device = optarg;
			break;
		case 'm':
			options->request.mode = parse_mode(optarg);
			break;
		case 'w':
			options->request.window = parse_window(optarg);
			break;
		case 'h':
			print_usage(stdout);
			exit(0);
		default:
			print_usage(stderr);
			exit(125);
		}
	}
	if (!options->path || optind == argc) {
		print_usage(stderr);
		exit(125);
	}
	if (options->request.mode == SWAPLAB_RECORD_SAMPLED &&
	    options->request.window)
		errx(125, "--window: there is none with --mode sampled");
}

static const char *explain_error(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return "recording shows what others do, and is for root";
	case EBUSY:
		return "it is being recorded already";
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return "no such device; is the module loaded?";
	case ENOTTY:
		return "not a swaplab device, or the module is older than this program";
	default:
		return strerror(error);
	}
}

static int start_recording(const struct options *options)
{
	int device, recorder = -1;

	device = open(options->device, O_RDWR | O_CLOEXEC);
	if (device >= 0)
		recorder = ioctl(device, SWAPLAB_RECORD, &options->request);
	if (recorder < 0)
		errx(125, "%s: %s", options->device, explain_error(errno));
	close(device);
	fcntl(recorder, F_SETFL, O_NONBLOCK);
	return recorder;
}

/**
 * struct program - the program that is recorded
 * @pid: its process
 * @signals: a signalfd for those that would end this process, which are blocked here
 */
struct program {
	pid_t pid;
	int signals;
};

static struct program run_program(char **argv)
{
	struct program program;
	sigset_t signals, mask;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGQUIT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, &mask);
	program.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (program.signals < 0)
		err(125, "signalfd");
	program.pid = fork();
	if (program.pid < 0)
		err(125, "fork");
	if (!program.pid) {
		sigprocmask(SIG_SETMASK, &mask, NULL);
		execvp(argv[0], argv);
		warn("%s", argv[0]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	/* FILE may be a pipe: this process has to follow the program when its reader has gone. */
	signal(SIGPIPE, SIG_IGN);
	return program;
}

/* The terminal has sent its own to the program, too, as with time(1). */
static void pass_signals_on(const struct program *program)
{
	struct signalfd_siginfo info;

	while (read(program->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_code != SI_KERNEL)
			kill(program->pid, info.ssi_signo);
}

/* The ends of samples are no references; returns how many are left. */
static size_t remove_ends(__u64 *records, size_t nr)
{
	size_t i, left = 0;

	for (i = 0; i < nr; i++)
		if (records[i] != SWAPLAB_RECORD_END)
			records[left++] = records[i];
	return left;
}

static void drain_ring(int recorder, struct output *output)
{
	static __u64 records[65536];
	ssize_t len;
	size_t nr;

	while ((len = read(recorder, records, sizeof(records))) > 0) {
		nr = remove_ends(records, len / sizeof(records[0]));
		output_write(output, records, nr * sizeof(records[0]));
		nr_references += nr;
	}
	if (errno != EAGAIN && errno != EINTR)
		err(125, "reading the recording");
}

/* Until the program ends; returns its status as a shell tells it. */
static int follow_program(int recorder, struct output *output, struct program program)
{
	struct pollfd end = { syscall(SYS_pidfd_open, program.pid, 0), POLLIN, 0 };
	int status;

	if (end.fd < 0)
		err(125, "pidfd_open");
	while (poll(&end, 1, PERIOD_MS) <= 0) {
		pass_signals_on(&program);
		drain_ring(recorder, output);
	}
	if (waitpid(program.pid, &status, 0) != program.pid)
		err(125, "waitpid");
	drain_ring(recorder, output);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}

static void report_counters(const struct options *options, int recorder)
{
	struct swaplab_record_counters counters;

	if (ioctl(recorder, SWAPLAB_RECORD_COUNTERS, &counters))
		err(125, "%s", options->device);
	warnx("%llu references, %llu dropped", nr_references, counters.dropped);
	if (!nr_references && !counters.dropped)
		warnx("nothing was recorded: no page of %s was used meanwhile. For a program that\n"
		      "does not map the device itself: swaplab record -o %s -- swaplab run -- PROGRAM",
		      options->device, options->path);
	if (counters.dropped)
		warnx("%s is not complete", options->path);
}

int main(int argc, char **argv)
{
	struct options options = {
		.device = "/dev/swaplab0",
		.request = {
			.mode = SWAPLAB_RECORD_EXACT,
			.ring = RING_RECORDS,
		},
	};
	struct output *output;
	int recorder, status;

	parse_options(&options, argc, argv);
	recorder = start_recording(&options);
	output = output_open(options.path);
	status = follow_program(recorder, output, run_program(argv + optind));
	report_counters(&options, recorder);
	return output_close(output) ? status : 125;
}
