// SPDX-License-Identifier: GPL-2.0
/*
 * The core workloads of YCSB against Redis, by one client: mixes of reads, updates, inserts, scans
 * and reads with an update. As in YCSB's binding for Redis, a record is a hash, and a sorted set of
 * all keys, by their hashes, is the index for scans. Each value that is read is checked, and after
 * the run all records are read once more. Keys have the numbers of records (YCSB's
 * insertorder=ordered), so that the client knows which record a scan has found. See choice.c for
 * the sources.
 */

#include <err.h>
#include "workload.h"

#ifdef HAVE_HIREDIS

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "choice.h"
#include "records.h"
#include "redis.h"

#define MAX_SCAN	100

/**
 * struct mix - a mix of operations
 * @name: YCSB's, in small letters
 * @reads: percents
 * @updates: likewise
 * @inserts: likewise
 * @scans: likewise; the rest reads and updates the same record
 * @distribution: unless another one is asked for
 */
struct mix {
	char name;
	int reads;
	int updates;
	int inserts;
	int scans;
	enum distribution distribution;
};

static const struct mix mixes[] = {
	{ 'a', .reads = 50, .updates = 50, .distribution = ZIPFIAN },
	{ 'b', .reads = 95, .updates = 5, .distribution = ZIPFIAN },
	{ 'c', .reads = 100, .distribution = ZIPFIAN },
	{ 'd', .reads = 95, .inserts = 5, .distribution = LATEST },
	{ 'e', .scans = 95, .inserts = 5, .distribution = ZIPFIAN },
	{ 'f', .reads = 50, .distribution = ZIPFIAN },
};

/**
 * struct client - the client
 * @redis: the server
 * @records: what should be there
 * @room: for so many records
 * @choice: of records
 * @random: for all that is
 * @wrong: values that were
 */
struct client {
	struct redis redis;
	struct records records;
	uint64_t room;
	struct choice choice;
	struct random random;
	uint64_t wrong;
};

struct key {
	char text[32];
};

static struct key key_of(uint64_t record)
{
	struct key key;

	snprintf(key.text, sizeof(key.text), "user%" PRIu64, record);
	return key;
}

/* In the index; a number that a double has exactly. */
static struct key score_of(uint64_t record)
{
	struct key score;

	snprintf(score.text, sizeof(score.text), "%" PRIu64, choice_hash(record) >> 11);
	return score;
}

static void grow_room(struct client *client)
{
	if (client->records.nr < client->room)
		return;
	client->room += client->room / 4 + 1;
	client->records.versions = realloc(client->records.versions,
					   client->room * sizeof(*client->records.versions));
	if (!client->records.versions)
		err(1, "memory");
}

static void insert_record(struct client *client)
{
	uint64_t record = client->records.nr;
	struct key key = key_of(record), score = score_of(record);
	char names[RECORD_FIELDS][8], values[RECORD_FIELDS][RECORD_FIELD];
	const char *words[2 + 2 * RECORD_FIELDS] = { "HMSET", key.text };
	size_t lengths[2 + 2 * RECORD_FIELDS] = { 5, strlen(key.text) };
	int i;

	grow_room(client);
	memset(client->records.versions[record], 0, sizeof(*client->records.versions));
	for (i = 0; i < RECORD_FIELDS; i++) {
		lengths[2 + 2 * i] = snprintf(names[i], sizeof(names[i]), "field%d", i);
		words[2 + 2 * i] = names[i];
		record_value(&client->records, record, i, values[i]);
		words[3 + 2 * i] = values[i];
		lengths[3 + 2 * i] = RECORD_FIELD;
	}
	freeReplyObject(redis_send(&client->redis, 2 + 2 * RECORD_FIELDS, words, lengths));
	freeReplyObject(redis_call(&client->redis, "ZADD _indices %s %s", score.text, key.text));
	client->records.nr++;
}

/* Of fields in any order. */
static void check_record(struct client *client, uint64_t record, const redisReply *reply)
{
	unsigned int seen = 0, field;
	const redisReply *value;
	size_t i;

	for (i = 0; i + 1 < reply->elements; i += 2) {
		if (sscanf(reply->element[i]->str, "field%u", &field) != 1 ||
		    field >= RECORD_FIELDS)
			continue;
		value = reply->element[i + 1];
		if (record_is(&client->records, record, field, value->str, value->len))
			seen |= 1U << field;
	}
	client->wrong += seen != (1U << RECORD_FIELDS) - 1;
}

static void read_record(struct client *client, uint64_t record)
{
	struct key key = key_of(record);
	redisReply *reply = redis_call(&client->redis, "HGETALL %s", key.text);

	check_record(client, record, reply);
	freeReplyObject(reply);
}

/* One field, as YCSB's default is. */
static void update_record(struct client *client, uint64_t record)
{
	int field = random_below(&client->random, RECORD_FIELDS);
	struct key key = key_of(record);
	char value[RECORD_FIELD];

	client->records.versions[record][field]++;
	record_value(&client->records, record, field, value);
	freeReplyObject(redis_call(&client->redis, "HMSET %s field%d %b", key.text, field, value,
				   sizeof(value)));
}

/* The record of a key; one that is none is no record's. */
static uint64_t record_of(const redisReply *key)
{
	uint64_t record;

	return key->str && sscanf(key->str, "user%" SCNu64, &record) == 1 ? record : UINT64_MAX;
}

/* The index must have records behind each other, from the first on. */
static void scan_records(struct client *client, uint64_t first)
{
	int length = 1 + random_below(&client->random, MAX_SCAN);
	uint64_t before = choice_hash(first) >> 11, record;
	struct key score = score_of(first);
	redisReply *keys;
	size_t i;

	keys = redis_call(&client->redis, "ZRANGEBYSCORE _indices %s +inf LIMIT 0 %d", score.text,
			  length);
	client->wrong += !keys->elements;
	for (i = 0; i < keys->elements; i++) {
		record = record_of(keys->element[i]);
		if (record >= client->records.nr || (choice_hash(record) >> 11) < before) {
			client->wrong++;
			continue;
		}
		before = choice_hash(record) >> 11;
		client->wrong += !i && before != choice_hash(first) >> 11;
		read_record(client, record);
	}
	freeReplyObject(keys);
}

static void do_operation(struct client *client, const struct mix *mix)
{
	int percent = random_below(&client->random, 100);
	uint64_t record;

	if (percent >= 100 - mix->inserts) {
		insert_record(client);
		return;
	}
	record = choice_next(&client->choice, client->records.nr, &client->random);
	if (percent < mix->reads) {
		read_record(client, record);
	} else if (percent < mix->reads + mix->updates) {
		update_record(client, record);
	} else if (percent < mix->reads + mix->updates + mix->scans) {
		scan_records(client, record);
	} else {
		read_record(client, record);
		update_record(client, record);
	}
}

/* Not measured: all records, and as many in the index. */
static void check_all(struct client *client)
{
	redisReply *reply = redis_call(&client->redis, "ZCARD _indices");
	uint64_t record;

	client->wrong += (uint64_t)reply->integer != client->records.nr;
	freeReplyObject(reply);
	for (record = 0; record < client->records.nr; record++)
		read_record(client, record);
}

static const struct mix *find_mix(char name)
{
	const struct mix *mix = mixes;

	while (mix->name != name)
		mix++;
	return mix;
}

struct result ycsb_run(const struct workload *workload, const struct request *request)
{
	const struct mix *mix = find_mix(workload->mix);
	uint64_t nr = request->bytes / RECORD_BYTES, i;
	struct result result = { .bytes = nr * RECORD_BYTES };
	struct client client = { .records.seed = request->seed,
				 .random = { random_mix(request->seed) } };

	if (!nr)
		errx(2, "--size %zu: less than a record of %d bytes", request->bytes,
		     RECORD_BYTES);
	result.operations = request->count ? request->count : nr;
	choice_begin(&client.choice,
		     request->distribution ? request->distribution : mix->distribution, nr,
		     result.operations * mix->inserts / 100);
	client.redis = redis_start();
	while (client.records.nr < nr)
		insert_record(&client);
	measure_begin(&result.measure);
	for (i = 0; i < result.operations; i++)
		do_operation(&client, mix);
	measure_end(&result.measure);
	check_all(&client);
	result.wrong = client.wrong;
	redis_stop(&client.redis);
	free(client.records.versions);
	return result;
}

#else

struct result ycsb_run(const struct workload *workload, const struct request *request)
{
	(void)request;
	errx(1, "%s needs hiredis, which this was built without: install libhiredis-dev, and\n"
	     "build again", workload->name);
}

#endif /* HAVE_HIREDIS */
