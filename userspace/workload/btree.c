// SPDX-License-Identifier: GPL-2.0
/*
 * A table of SQLite in memory, with an index, both of which are B-trees. Rows are inserted in a
 * random order, selected, summed up by ranges, found by the index, updated and deleted, as SQLite's
 * speedtest1 does it. Each answer is compared with what was written last.
 */

#include <err.h>

#include "workload.h"

#ifdef HAVE_SQLITE
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "random.h"

#define ROW_BYTES	160
#define TEXT_LENGTH	100
/* Rows of a sum. */
#define RANGE		100
#define GONE		UINT32_MAX

enum statement { INSERT, SELECT, SUM, FIND, UPDATE, DELETE, NR_STATEMENTS };

static const char *const statement_texts[NR_STATEMENTS] = {
	"INSERT INTO item VALUES (?1, ?2, ?3)",
	"SELECT value, text FROM item WHERE key = ?1",
	"SELECT count(*), total(value) FROM item WHERE key BETWEEN ?1 AND ?2",
	"SELECT key FROM item WHERE value = ?1 AND key = ?2",
	"UPDATE item SET value = ?2, text = ?3 WHERE key = ?1",
	"DELETE FROM item WHERE key = ?1",
};

/**
 * struct tree - the table, and what it should have
 * @db: the database
 * @statements: by enum statement
 * @values: of each row; GONE: the row is deleted
 * @nr: rows
 * @random: chooses rows and values
 * @operations: that were done
 * @wrong: answers that were
 */
struct tree {
	struct sqlite3 *db;
	struct sqlite3_stmt *statements[NR_STATEMENTS];
	uint32_t *values;
	uint64_t nr;
	struct random random;
	uint64_t operations;
	uint64_t wrong;
};

static void check_done(struct tree *tree, int code)
{
	if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
		errx(1, "SQLite: %s", sqlite3_errmsg(tree->db));
}

static void execute(struct tree *tree, const char *text)
{
	check_done(tree, sqlite3_exec(tree->db, text, NULL, NULL, NULL));
}

/* The text of a row follows from its key and value. */
static void make_text(char text[TEXT_LENGTH + 1], uint64_t key, uint32_t value)
{
	struct random random = { key << 32 | value };
	int at;

	for (at = 0; at < TEXT_LENGTH; at += 10)
		snprintf(text + at, 11, "%010u", (uint32_t)random_next(&random));
}

/* Returns whether there is a row. */
static bool step_with(struct tree *tree, enum statement statement, uint64_t first,
		      uint64_t second)
{
	sqlite3_stmt *prepared = tree->statements[statement];
	int code;

	tree->operations++;
	check_done(tree, sqlite3_reset(prepared));
	check_done(tree, sqlite3_bind_int64(prepared, 1, first));
	if (sqlite3_bind_parameter_count(prepared) > 1)
		check_done(tree, sqlite3_bind_int64(prepared, 2, second));
	code = sqlite3_step(prepared);
	check_done(tree, code);
	return code == SQLITE_ROW;
}

static void write_row(struct tree *tree, enum statement statement, uint64_t key)
{
	uint32_t value = random_next(&tree->random) >> 33;
	char text[TEXT_LENGTH + 1];

	make_text(text, key, value);
	check_done(tree, sqlite3_reset(tree->statements[statement]));
	check_done(tree, sqlite3_bind_text(tree->statements[statement], 3, text, -1,
					   SQLITE_STATIC));
	step_with(tree, statement, key, value);
	tree->values[key] = value;
}

static void select_row(struct tree *tree, uint64_t key)
{
	bool is_found = step_with(tree, SELECT, key, 0);
	sqlite3_stmt *row = tree->statements[SELECT];
	const char *found;
	char text[TEXT_LENGTH + 1];

	if (!is_found || tree->values[key] == GONE) {
		tree->wrong += is_found != (tree->values[key] != GONE);
		return;
	}
	make_text(text, key, tree->values[key]);
	found = (const char *)sqlite3_column_text(row, 1);
	tree->wrong += sqlite3_column_int64(row, 0) != tree->values[key] || !found ||
		       strcmp(found, text);
}

static void sum_range(struct tree *tree, uint64_t first)
{
	uint64_t last = first + RANGE - 1 < tree->nr ? first + RANGE - 1 : tree->nr - 1, key;
	bool is_found = step_with(tree, SUM, first, last);
	sqlite3_stmt *row = tree->statements[SUM];
	int64_t count = 0, sum = 0;

	for (key = first; key <= last; key++) {
		count += tree->values[key] != GONE;
		sum += tree->values[key] != GONE ? tree->values[key] : 0;
	}
	tree->wrong += !is_found || sqlite3_column_int64(row, 0) != count ||
		       sqlite3_column_double(row, 1) != sum;
}

static void find_by_value(struct tree *tree, uint64_t key)
{
	if (tree->values[key] != GONE)
		tree->wrong += !step_with(tree, FIND, tree->values[key], key);
}

static void delete_row(struct tree *tree, uint64_t key)
{
	step_with(tree, DELETE, key, 0);
	tree->wrong += sqlite3_changes(tree->db) != (tree->values[key] != GONE);
	tree->values[key] = GONE;
}

static uint64_t greatest_divisor(uint64_t a, uint64_t b)
{
	return b ? greatest_divisor(b, a % b) : a;
}

/* All keys, each once, in an order that jumps. */
static void insert_rows(struct tree *tree)
{
	uint64_t step = tree->nr * 0.618 + 1, key = 0, i;

	while (greatest_divisor(step, tree->nr) != 1)
		step++;
	for (i = 0; i < tree->nr; i++) {
		write_row(tree, INSERT, key);
		key = (key + step) % tree->nr;
	}
}

static uint64_t random_key(struct tree *tree)
{
	return random_below(&tree->random, tree->nr);
}

static void use_rows(struct tree *tree, uint64_t count)
{
	uint64_t i;

	for (i = 0; i < count; i++)
		select_row(tree, random_key(tree));
	for (i = 0; i < count / 100; i++)
		sum_range(tree, random_key(tree));
	for (i = 0; i < count / 2; i++)
		write_row(tree, UPDATE, random_key(tree));
	for (i = 0; i < count / 10; i++)
		find_by_value(tree, random_key(tree));
	for (i = 0; i < count / 10; i++)
		delete_row(tree, random_key(tree));
	for (i = 0; i < count / 4; i++)
		select_row(tree, random_key(tree));
}

static void open_tree(struct tree *tree)
{
	int i;

	check_done(tree, sqlite3_open(":memory:", &tree->db));
	execute(tree, "CREATE TABLE item (key INTEGER PRIMARY KEY, value INTEGER, text TEXT);"
		"CREATE INDEX item_value ON item (value); BEGIN");
	for (i = 0; i < NR_STATEMENTS; i++)
		check_done(tree, sqlite3_prepare_v2(tree->db, statement_texts[i], -1,
						    &tree->statements[i], NULL));
}

/* Not measured: all rows at once, and SQLite's own check of its trees. */
static void check_tree(struct tree *tree)
{
	sqlite3_stmt *check;
	uint64_t key;

	for (key = 0; key < tree->nr; key += RANGE)
		sum_range(tree, key);
	check_done(tree, sqlite3_prepare_v2(tree->db, "PRAGMA integrity_check", -1, &check, NULL));
	check_done(tree, sqlite3_step(check));
	tree->wrong += strcmp((const char *)sqlite3_column_text(check, 0), "ok") != 0;
	sqlite3_finalize(check);
}

static void close_tree(struct tree *tree)
{
	int i;

	for (i = 0; i < NR_STATEMENTS; i++)
		sqlite3_finalize(tree->statements[i]);
	sqlite3_close(tree->db);
	free(tree->values);
}

struct result btree_run(const struct workload *workload, const struct request *request)
{
	struct tree tree = { .nr = request->bytes / ROW_BYTES,
			     .random = { random_mix(request->seed) } };
	struct result result = { .bytes = tree.nr * ROW_BYTES };

	(void)workload;
	if (!tree.nr || tree.nr > INT32_MAX)
		errx(2, "--size %zu: not from 1 to %d rows of %d bytes", request->bytes, INT32_MAX,
		     ROW_BYTES);
	tree.values = workload_allocate(tree.nr, sizeof(*tree.values));
	open_tree(&tree);
	measure_begin(&result.measure);
	insert_rows(&tree);
	use_rows(&tree, request->count ? request->count : tree.nr);
	measure_end(&result.measure);
	result.operations = tree.operations;
	check_tree(&tree);
	result.wrong = tree.wrong;
	close_tree(&tree);
	return result;
}

#else

struct result btree_run(const struct workload *workload, const struct request *request)
{
	(void)request;
	errx(1, "%s needs SQLite, which this was built without: install libsqlite3-dev, and\n"
	     "build again", workload->name);
}

#endif /* HAVE_SQLITE */
