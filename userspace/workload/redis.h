/* SPDX-License-Identifier: GPL-2.0 */
/* A server of Redis for a run. */
#ifndef WORKLOAD_REDIS_H
#define WORKLOAD_REDIS_H

#include <hiredis/hiredis.h>
#include <sys/types.h>

/**
 * struct redis - a server, and the connection to it
 * @context: the connection
 * @pid: the server
 */
struct redis {
	redisContext *context;
	pid_t pid;
};

struct redis redis_start(void);
redisReply *redis_send(struct redis *redis, int nr, const char **words, const size_t *lengths);
redisReply *redis_call(struct redis *redis, const char *format, ...);
void redis_stop(struct redis *redis);

#endif /* WORKLOAD_REDIS_H */
