// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the checks of SQLite's and Redis' answers: what is changed behind the workload's back
 * is found. Prints TAP. Includes the sources, to call their static functions.
 */

#include <stdio.h>
#include "../btree.c"
#include "../ycsb.c"

/* main.c's. */
void *workload_allocate(size_t nr, size_t size)
{
	return calloc(nr ? nr : 1, size);
}

static int nr_tests, has_failed;

static void ok(bool is_good, const char *name)
{
	printf("%sok %d %s\n", is_good ? "" : "not ", ++nr_tests, name);
	has_failed |= !is_good;
}

#ifdef HAVE_SQLITE
static uint64_t count_wrong(struct tree *tree, const char *change)
{
	uint64_t before = tree->wrong;

	execute(tree, change);
	check_tree(tree);
	return tree->wrong - before;
}

static void test_btree(void)
{
	struct tree tree = { .nr = 1000, .random = { 1 } };
	uint64_t wrong, key;

	tree.values = workload_allocate(tree.nr, sizeof(*tree.values));
	open_tree(&tree);
	insert_rows(&tree);
	use_rows(&tree, 10000);
	ok(!tree.wrong, "btree: all answers are right");
	ok(!count_wrong(&tree, ""), "btree: the table is right");
	/* Neither is deleted then. */
	for (key = 8; key <= 9; key++) {
		step_with(&tree, DELETE, key, 0);
		write_row(&tree, INSERT, key);
	}
	ok(count_wrong(&tree, "UPDATE item SET value = value + 1 WHERE key = 8") == 1,
	   "btree: a wrong value is found");
	wrong = tree.wrong;
	select_row(&tree, 8);
	find_by_value(&tree, 8);
	ok(tree.wrong == wrong + 2, "btree: by its row and by the index, too");
	ok(count_wrong(&tree, "UPDATE item SET value = value - 1 WHERE key = 8;"
		       "DELETE FROM item WHERE key = 8") == 1,
	   "btree: a row that is lost is found");
	wrong = tree.wrong;
	execute(&tree, "INSERT INTO item SELECT 8, value, text FROM item WHERE key = 9;"
		"UPDATE item SET text = 'x' WHERE key = 9");
	select_row(&tree, 9);
	ok(tree.wrong == wrong + 1, "btree: a wrong text is found");
	close_tree(&tree);
}
#else
static void test_btree(void)
{
	ok(true, "btree: # SKIP built without SQLite");
}
#endif

#ifdef HAVE_HIREDIS
static uint64_t call_and_read(struct client *client, const char *change, uint64_t record)
{
	uint64_t before = client->wrong;

	freeReplyObject(redis_call(&client->redis, change));
	read_record(client, record);
	return client->wrong - before;
}

static void test_mix(char name)
{
	struct client client = { .records.seed = 2, .random = { 2 } };
	const struct mix *mix = find_mix(name);
	char text[64];
	int i;

	choice_begin(&client.choice, mix->distribution, 200, 1000 * mix->inserts / 100);
	client.redis = redis_start();
	while (client.records.nr < 200)
		insert_record(&client);
	for (i = 0; i < 1000; i++)
		do_operation(&client, mix);
	check_all(&client);
	snprintf(text, sizeof(text), "ycsb-%c: all values are right", name);
	ok(!client.wrong, text);
	/* 1,000 operations with 5 % of inserts, of which 20 to 80 are as good as certain. */
	snprintf(text, sizeof(text), "ycsb-%c: records are inserted if the mix says so", name);
	ok(mix->inserts ? client.records.nr > 220 && client.records.nr < 280 :
			  client.records.nr == 200, text);
	redis_stop(&client.redis);
	free(client.records.versions);
}

static void test_ycsb(void)
{
	struct client client = { .random = { 1 } };
	uint64_t wrong;

	client.redis = redis_start();
	while (client.records.nr < 200)
		insert_record(&client);
	read_record(&client, 100);
	scan_records(&client, 100);
	ok(!client.wrong, "ycsb: records and scans are right");
	ok(call_and_read(&client, "HSET user100 field3 x", 100) == 1,
	   "ycsb: a wrong value is found");
	update_record(&client, 100);
	ok(call_and_read(&client, "HDEL user100 field3", 100) == 1,
	   "ycsb: a field that is lost is found");
	ok(call_and_read(&client, "DEL user100", 100) == 1,
	   "ycsb: a record that is lost is found");
	ok(call_and_read(&client, "ZREM _indices user100", 99) == 0,
	   "ycsb: another one is right");
	wrong = client.wrong;
	scan_records(&client, 100);
	ok(client.wrong > wrong, "ycsb: a scan finds that its first record is not in the index");
	wrong = client.wrong;
	check_all(&client);
	ok(client.wrong == wrong + 2, "ycsb: so does the check at the end");
	redis_stop(&client.redis);
	free(client.records.versions);
}

static void test_redis(void)
{
	const char *mix;

	if (system("{ command -v redis-server || command -v redis-check-rdb; } > /dev/null")) {
		ok(true, "ycsb: # SKIP no redis-tools");
		return;
	}
	test_ycsb();
	for (mix = "abcdef"; *mix; mix++)
		test_mix(*mix);
}
#else
static void test_redis(void)
{
	ok(true, "ycsb: # SKIP built without hiredis");
}
#endif

int main(void)
{
	test_btree();
	test_redis();
	printf("1..%d\n", nr_tests);
	return has_failed;
}
