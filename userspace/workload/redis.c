// SPDX-License-Identifier: GPL-2.0
/*
 * A server of Redis for a run: a child that ends with this program, has a socket in a directory of
 * its own, which is gone as soon as there is a connection, and writes no files.
 */

#ifdef HAVE_HIREDIS

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "redis.h"

/* How often to try to connect, in 10 ms each: a minute, as a machine may be slow. */
#define TRIES	6000

/* Debian's package redis-server has the first of these, as a link to the other in redis-tools. */
static const char *const programs[] = { "redis-server", "redis-check-rdb", NULL };

/* The status of a child that could not become the server. */
#define NO_SERVER	127

/* The path of the socket is empty once the socket is removed. */
static char directory[40];
static char socket_path[sizeof(directory) + 8];

static void remove_socket(void)
{
	if (!*socket_path)
		return;
	unlink(socket_path);
	rmdir(directory);
	*socket_path = '\0';
}

static void make_socket_path(void)
{
	strcpy(directory, "/tmp/swaplab-workload-XXXXXX");
	if (!mkdtemp(directory))
		err(1, "%s", directory);
	snprintf(socket_path, sizeof(socket_path), "%s/socket", directory);
	atexit(remove_socket);
}

static void become_server(int log, pid_t parent)
{
	const char *const *program;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	/* Under the first name, either is the server. */
	for (program = programs; *program; program++)
		execlp(*program, "redis-server", "--port", "0", "--unixsocket", socket_path,
		       "--save", "", "--appendonly", "no", "--dir", "/", NULL);
	_exit(errno == ENOENT ? NO_SERVER : 1);
}

/* The server's last words are in its log. */
static void print_log(int log)
{
	char text[4096];
	ssize_t length = pread(log, text, sizeof(text), 0);

	if (length > 0)
		fwrite(text, 1, length, stderr);
}

static void check_server(pid_t pid, int log)
{
	int status;

	if (waitpid(pid, &status, WNOHANG) != pid)
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_SERVER)
		errx(1, "there is no redis-server: install Debian's package redis-tools");
	print_log(log);
	errx(1, "redis-server has ended");
}

static redisContext *connect_to_server(pid_t pid, int log)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	redisContext *context;
	int i;

	for (i = 0; i < TRIES; i++) {
		context = redisConnectUnix(socket_path);
		if (context && !context->err)
			return context;
		redisFree(context);
		check_server(pid, log);
		nanosleep(&pause, NULL);
	}
	print_log(log);
	errx(1, "redis-server does not answer");
}

static int open_log(void)
{
	FILE *file = tmpfile();

	if (!file)
		err(1, "a file for what redis-server tells");
	return fileno(file);
}

/**
 * redis_start() - start a server, and connect to it
 *
 * Return: the server.
 */
struct redis redis_start(void)
{
	pid_t parent = getpid();
	struct redis redis;
	int log = open_log();

	signal(SIGPIPE, SIG_IGN);
	make_socket_path();
	redis.pid = fork();
	if (redis.pid < 0)
		err(1, "fork");
	if (!redis.pid)
		become_server(log, parent);
	redis.context = connect_to_server(redis.pid, log);
	remove_socket();
	return redis;
}

/* A server that fails ends the program. */
static redisReply *check_reply(struct redis *redis, redisReply *reply, const char *command)
{
	if (!reply)
		errx(1, "redis-server: %s", redis->context->errstr);
	if (reply->type == REDIS_REPLY_ERROR)
		errx(1, "redis-server: %s: %s", command, reply->str);
	return reply;
}

/**
 * redis_send() - send a command, and wait for the reply
 * @redis: the server
 * @nr: words of the command
 * @words: the words
 * @lengths: of the words
 *
 * Return: the reply, for freeReplyObject().
 */
redisReply *redis_send(struct redis *redis, int nr, const char **words, const size_t *lengths)
{
	redisReply *reply = redisCommandArgv(redis->context, nr, words, lengths);

	return check_reply(redis, reply, words[0]);
}

/**
 * redis_call() - send a command, and wait for the reply
 * @redis: the server
 * @format: of the command: %s is a text, %b bytes with their number
 *
 * Return: the reply, for freeReplyObject().
 */
redisReply *redis_call(struct redis *redis, const char *format, ...)
{
	redisReply *reply;
	va_list args;

	va_start(args, format);
	reply = redisvCommand(redis->context, format, args);
	va_end(args);
	return check_reply(redis, reply, format);
}

/**
 * redis_stop() - end a server
 * @redis: the server
 */
void redis_stop(struct redis *redis)
{
	redisFree(redis->context);
	kill(redis->pid, SIGKILL);
	waitpid(redis->pid, NULL, 0);
}

#endif /* HAVE_HIREDIS */
