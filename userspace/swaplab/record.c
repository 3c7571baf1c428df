// SPDX-License-Identifier: GPL-2.0
/* swaplab record: the recorder, which is a program of its own. */

#include "libexec.h"
#include "verb.h"

static int run_record(int argc, char **argv)
{
	(void)argc;
	libexec_exec("swaplab-record", argv);
}

const struct swaplab_verb record_verb = {
	.name = "record",
	.arguments = "-o FILE -- PROGRAM [ARGUMENT]...",
	.summary = "write which pages of a device a program uses",
	.run = run_record,
};
