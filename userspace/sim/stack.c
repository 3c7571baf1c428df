// SPDX-License-Identifier: GPL-2.0
/*
 * Stack distances: LRU keeps pages in the order of their last use, as a stack, whatever
 * the number of frames. A reference finds its page at a depth, and hits if there are as
 * many frames as that. So one pass counts the misses of LRU in pools of all sizes
 * (Mattson and others, "Evaluation techniques for storage hierarchies", IBM Systems
 * Journal 9, 1970).
 *
 * The depth is one more than the pages that were used since the last use of the page. A
 * tree over the trace, in which the last use of each page counts 1, gives their number in
 * logarithmic time (a binary indexed tree; Fenwick, 1994).
 */

#include "memory.h"
#include "stack.h"

struct stack {
	uint64_t nr;		/* references */
	uint32_t *tree;		/* 1 to @nr */
	uint64_t *last;		/* by page: its last use, from 1; 0: none yet */
	uint64_t *depths;	/* references by depth, from 1; at 0 first uses */
};

static void add_use(struct stack *stack, uint64_t at, int change)
{
	for (; at <= stack->nr; at += at & -at)
		stack->tree[at] += change;
}

/* The last uses from the first reference to @at. */
static uint64_t count_uses(const struct stack *stack, uint64_t at)
{
	uint64_t sum = 0;

	for (; at; at -= at & -at)
		sum += stack->tree[at];
	return sum;
}

static void refer_page(struct stack *stack, uint32_t page, uint64_t at)
{
	uint64_t last = stack->last[page], depth = 0;

	if (last) {
		depth = count_uses(stack, at - 1) - count_uses(stack, last - 1);
		add_use(stack, last, -1);
	}
	stack->depths[depth]++;
	add_use(stack, at, 1);
	stack->last[page] = at;
}

static void print_depths(const struct trace *trace, const struct stack *stack, FILE *file)
{
	uint64_t misses = trace->nr;
	uint32_t frames;

	for (frames = 1; frames <= trace->pages.nr; frames++) {
		misses -= stack->depths[frames];
		fprintf(file, "%s,%u,%lu,%lu,%.6f\n", trace->name, frames,
			stack->depths[frames], misses, (double)misses / trace->nr);
	}
}

/**
 * stack_print() - write the stack distances of a trace, as lines of CSV
 * @trace: the trace
 * @file: where to
 *
 * Each line has a number of frames, the references at that depth, and the misses of LRU
 * with so many frames.
 */
void stack_print(const struct trace *trace, FILE *file)
{
	struct stack stack = {
		.nr = trace->nr,
		.tree = memory_array(trace->nr + 1, sizeof(*stack.tree)),
		.last = memory_array(trace->pages.nr, sizeof(*stack.last)),
		.depths = memory_array(trace->pages.nr + 1, sizeof(*stack.depths)),
	};
	uint64_t i;

	for (i = 0; i < trace->nr; i++)
		refer_page(&stack, TRACE_PAGE(trace->references[i]), i + 1);
	print_depths(trace, &stack, file);
	free(stack.depths);
	free(stack.last);
	free(stack.tree);
}
