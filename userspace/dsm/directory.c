// SPDX-License-Identifier: GPL-2.0
/*
 * The directory in Redis: each step is a script, see lua/common.lua, and one command of one of the
 * node's connections. A step is not repeated when the connection fails: it may have been done or
 * not, and a node that cannot reach the directory has to end anyway.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "directory.h"
#include "script.h"

/* Words of the longest call: EVALSHA, digest, 0, and seven arguments. */
#define MAX_WORDS	10

static const char *const bodies[NR_SCRIPTS] = {
	[SCRIPT_JOIN] = script_join,
	[SCRIPT_ACQUIRE] = script_acquire,
	[SCRIPT_CANCEL] = script_cancel,
	[SCRIPT_READ] = script_read,
	[SCRIPT_RELEASE] = script_release,
	[SCRIPT_LOSE] = script_lose,
	[SCRIPT_RENEW] = script_renew,
	[SCRIPT_LEAVE] = script_leave,
};

/* What the first word of a script's reply means. */
static const struct answer {
	const char *word;
	int result;
} answers[] = {
	{ "ok", 0 },
	{ "r", 0 },
	{ "w", 0 },
	{ "wait", DIRECTORY_WAIT },
	{ "lost", DIRECTORY_LOST },
	{ "fenced", -EOWNERDEAD },
	{ "taken", -EEXIST },
	{ "pages", -EINVAL },
	{ "run", -ESTALE },
};

/* The arguments of a call, behind those that all have. */
struct call {
	const char *words[MAX_WORDS];
	size_t lengths[MAX_WORDS];
	int nr;
};

static void add_bytes(struct call *call, const char *bytes, size_t length)
{
	call->words[call->nr] = bytes;
	call->lengths[call->nr++] = length;
}

static void add(struct call *call, const char *word)
{
	add_bytes(call, word, strlen(word));
}

static void begin_call(struct call *call, const struct directory *directory,
		       enum directory_script script, const char *page)
{
	call->nr = 0;
	add(call, "EVALSHA");
	add(call, directory->scripts[script]);
	add(call, "0");
	add(call, directory->region);
	add(call, directory->node);
	add(call, page);
}

/* -ENOSPC: nothing has been done: Redis looks at its limit before the first write of a script. */
static int report_error(const redisReply *reply)
{
	fprintf(stderr, "swaplab-pager-dsm: Redis: %s\n", reply->str);
	return strstr(reply->str, "OOM command") ? -ENOSPC : -EIO;
}

static int find_answer(const redisReply *reply)
{
	size_t i;

	if (reply->type == REDIS_REPLY_ERROR)
		return report_error(reply);
	if (reply->type != REDIS_REPLY_ARRAY || !reply->elements ||
	    reply->element[0]->type != REDIS_REPLY_STRING)
		return -EIO;
	for (i = 0; i < sizeof(answers) / sizeof(*answers); i++)
		if (!strcmp(reply->element[0]->str, answers[i].word))
			return answers[i].result;
	return -EIO;
}

/* The reply is the caller's if there is no error. */
static int end_call_on(redisContext *redis, struct call *call, redisReply **reply)
{
	int result = -EIO;

	*reply = redisCommandArgv(redis, call->nr, call->words, call->lengths);
	if (*reply)
		result = find_answer(*reply);
	if (result < 0)
		freeReplyObject(*reply);
	return result;
}

static int end_call(struct directory *directory, struct call *call, redisReply **reply)
{
	int result;

	pthread_mutex_lock(&directory->lock);
	result = end_call_on(directory->redis, call, reply);
	pthread_mutex_unlock(&directory->lock);
	return result;
}

/* The second word of a reply. A page that no node has written to yet is zeros. */
static int copy_content(const redisReply *reply, char *content)
{
	const redisReply *data = reply->elements > 1 ? reply->element[1] : NULL;

	if (!data || data->type == REDIS_REPLY_NIL) {
		memset(content, 0, DSM_PAGE);
		return 0;
	}
	if (data->type != REDIS_REPLY_STRING || data->len != DSM_PAGE)
		return -EIO;
	memcpy(content, data->str, DSM_PAGE);
	return 0;
}

static void copy_name(const redisReply *reply, char *name)
{
	const redisReply *node = reply->elements > 1 ? reply->element[1] : NULL;

	snprintf(name, DSM_NODE_SIZE, "%s", node && node->str ? node->str : "");
}

static int end_call_without_reply(struct directory *directory, struct call *call)
{
	redisReply *reply;
	int err = end_call(directory, call, &reply);

	if (!err)
		freeReplyObject(reply);
	return err;
}

static redisReply *command(redisContext *redis, const char *format, ...)
{
	redisReply *reply;
	va_list args;

	va_start(args, format);
	reply = redisvCommand(redis, format, args);
	va_end(args);
	if (reply && reply->type != REDIS_REPLY_ERROR)
		return reply;
	if (reply)
		report_error(reply);
	freeReplyObject(reply);
	return NULL;
}

/* As redis-cli, which has the password from there, too. */
static int give_password(redisContext *redis)
{
	const char *password = getenv("REDISCLI_AUTH");
	redisReply *reply;

	if (!password)
		return 0;
	reply = command(redis, "AUTH %s", password);
	freeReplyObject(reply);
	return reply ? 0 : -EACCES;
}

static redisContext *connect_to(const struct directory_address *address, unsigned int lease_ms)
{
	const unsigned int ms = lease_ms / 3;
	const struct timeval timeout = { ms / 1000, ms % 1000 * 1000 };
	redisContext *redis = redisConnectWithTimeout(address->host, address->port, timeout);

	/* The program is not to have it: hiredis leaves it open. */
	if (redis && !redis->err && !fcntl(redis->fd, F_SETFD, FD_CLOEXEC) &&
	    !redisSetTimeout(redis, timeout) && !give_password(redis))
		return redis;
	redisFree(redis);
	return NULL;
}

static int load_script(struct directory *directory, enum directory_script script)
{
	redisReply *reply = command(directory->redis, "SCRIPT LOAD %s%s", script_common,
				    bodies[script]);
	int err = -EIO;

	if (reply && reply->type == REDIS_REPLY_STRING &&
	    reply->len < sizeof(directory->scripts[script])) {
		strcpy(directory->scripts[script], reply->str);
		err = 0;
	}
	freeReplyObject(reply);
	return err;
}

int directory_open(struct directory *directory, const struct directory_address *address,
		   unsigned int lease_ms)
{
	int err = 0, script;

	*directory = (struct directory){ .lease_ms = lease_ms };
	snprintf(directory->region, sizeof(directory->region), "swaplab-dsm:%s", address->name);
	pthread_mutex_init(&directory->lock, NULL);
	directory->redis = connect_to(address, lease_ms);
	directory->renewals = connect_to(address, lease_ms);
	if (!directory->redis || !directory->renewals)
		err = -EIO;
	for (script = 0; script < NR_SCRIPTS && !err; script++)
		err = load_script(directory, script);
	if (err)
		directory_close(directory);
	return err;
}

/* The value behind NAME: in what INFO says, up to the end of the line. */
static void copy_info(const redisReply *info, const char *name, char *value, size_t size)
{
	const char *found = strstr(info->str, name);

	*value = '\0';
	if (found)
		snprintf(value, size, "%.*s", (int)strcspn(found + strlen(name), "\r\n"),
			 found + strlen(name));
}

/* Content must not go unseen: by a server that evicts keys, or one that starts from an old copy. */
static int check_server(struct directory *directory, char *run, size_t size)
{
	redisReply *info = command(directory->redis, "INFO");
	char policy[32];

	if (!info || info->type != REDIS_REPLY_STRING) {
		freeReplyObject(info);
		return -EIO;
	}
	copy_info(info, "run_id:", run, size);
	copy_info(info, "maxmemory_policy:", policy, sizeof(policy));
	freeReplyObject(info);
	if (!*run)
		return -EIO;
	return strcmp(policy, "noeviction") ? -ENOTSUP : 0;
}

static int name_node(struct directory *directory, unsigned int number)
{
	redisReply *reply = command(directory->redis, "INCR %s:joins", directory->region);
	int err = -EIO;

	if (reply && reply->type == REDIS_REPLY_INTEGER) {
		snprintf(directory->node, sizeof(directory->node), "%u.%lld", number,
			 reply->integer);
		directory->number = number;
		err = 0;
	}
	freeReplyObject(reply);
	return err;
}

int directory_join(struct directory *directory, unsigned int number, size_t nr_pages)
{
	char digits[3][24], run[64];
	struct call call;
	int err;

	err = check_server(directory, run, sizeof(run));
	if (!err)
		err = name_node(directory, number);
	if (err)
		return err;
	snprintf(digits[0], sizeof(digits[0]), "%u", number);
	snprintf(digits[1], sizeof(digits[1]), "%zu", nr_pages);
	snprintf(digits[2], sizeof(digits[2]), "%u", directory->lease_ms);
	begin_call(&call, directory, SCRIPT_JOIN, "");
	add(&call, digits[0]);
	add(&call, digits[1]);
	add(&call, run);
	add(&call, digits[2]);
	return end_call_without_reply(directory, &call);
}

static void begin_page_call(struct call *call, const struct directory *directory,
			    enum directory_script script, char digits[24], uint64_t page)
{
	snprintf(digits, 24, "%llu", (unsigned long long)page);
	begin_call(call, directory, script, digits);
}

int directory_acquire(struct directory *directory, uint64_t page, enum directory_right wanted,
		      struct directory_grant *grant, char *content)
{
	const char right[] = { wanted, '\0' };
	struct call call;
	redisReply *reply;
	char digits[24];
	int result;

	begin_page_call(&call, directory, SCRIPT_ACQUIRE, digits, page);
	add(&call, right);
	add(&call, content ? "1" : "0");
	result = end_call(directory, &call, &reply);
	if (result < 0)
		return result;
	grant->right = *reply->element[0]->str;
	if (!result && content)
		result = copy_content(reply, content);
	else if (result == DIRECTORY_LOST)
		copy_name(reply, grant->dead);
	freeReplyObject(reply);
	return result;
}

int directory_read(struct directory *directory, uint64_t page, char *content)
{
	struct call call;
	redisReply *reply;
	char digits[24];
	int err;

	begin_page_call(&call, directory, SCRIPT_READ, digits, page);
	err = end_call(directory, &call, &reply);
	if (err)
		return err;
	err = copy_content(reply, content);
	freeReplyObject(reply);
	return err;
}

int directory_release(struct directory *directory, uint64_t page, enum directory_right kept,
		      const char *content)
{
	struct call call;
	char digits[24];

	begin_page_call(&call, directory, SCRIPT_RELEASE, digits, page);
	add(&call, kept == RIGHT_READ ? "r" : "-");
	if (content)
		add_bytes(&call, content, DSM_PAGE);
	return end_call_without_reply(directory, &call);
}

int directory_cancel(struct directory *directory, uint64_t page)
{
	struct call call;
	char digits[24];

	begin_page_call(&call, directory, SCRIPT_CANCEL, digits, page);
	return end_call_without_reply(directory, &call);
}

int directory_lose(struct directory *directory, uint64_t page)
{
	struct call call;
	char digits[24];

	begin_page_call(&call, directory, SCRIPT_LOSE, digits, page);
	return end_call_without_reply(directory, &call);
}

int directory_renew(struct directory *directory)
{
	struct call call;
	redisReply *reply;
	char digits[24];
	int err;

	snprintf(digits, sizeof(digits), "%u", directory->lease_ms);
	begin_call(&call, directory, SCRIPT_RENEW, "");
	add(&call, digits);
	err = end_call_on(directory->renewals, &call, &reply);
	if (!err)
		freeReplyObject(reply);
	return err;
}

int directory_leave(struct directory *directory)
{
	struct call call;
	char digits[24];

	snprintf(digits, sizeof(digits), "%u", directory->number);
	begin_call(&call, directory, SCRIPT_LEAVE, "");
	add(&call, digits);
	return end_call_without_reply(directory, &call);
}

void directory_close(struct directory *directory)
{
	redisFree(directory->redis);
	redisFree(directory->renewals);
	pthread_mutex_destroy(&directory->lock);
}

redisContext *mailbox_open(const struct directory_address *address, unsigned int lease_ms)
{
	return connect_to(address, lease_ms);
}

/* As the scripts write it: the page, and the right that is wanted. */
static int parse_message(const char *text, uint64_t *page, enum directory_right *wanted)
{
	unsigned long long number;
	char right = 'w';

	if (sscanf(text, "%llu %c", &number, &right) < 1)
		return -EIO;
	*page = number;
	*wanted = right == 'r' ? RIGHT_READ : RIGHT_WRITE;
	return 1;
}

int mailbox_wait(redisContext *redis, const struct directory *directory, const char *box,
		 unsigned int ms, uint64_t *page, enum directory_right *wanted)
{
	redisReply *reply = command(redis, "BLPOP %s:%s:%s %u.%03u", directory->region, box,
				    directory->node, ms / 1000, ms % 1000);
	int result = -EIO;

	if (reply && reply->type == REDIS_REPLY_NIL)
		result = 0;
	else if (reply && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2)
		result = parse_message(reply->element[1]->str, page, wanted);
	freeReplyObject(reply);
	return result;
}
