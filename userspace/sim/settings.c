// SPDX-License-Identifier: GPL-2.0
/* Parameters of policies, as the user sets them. */

#include <ctype.h>
#include <string.h>
#include "memory.h"
#include "settings.h"
#include "space.h"

/* With commas between them. */
static void parse_values(struct setting *setting, const char *text)
{
	unsigned long value;
	char *end;

	do {
		value = strtoul(text, &end, 10);
		if (!isdigit((unsigned char)*text) || (*end && *end != ',') || value > UINT_MAX)
			errx(2, "--param %s: not a number", setting->name);
		setting->values = memory_resize(setting->values, setting->nr_values + 1,
						sizeof(*setting->values));
		setting->values[setting->nr_values++] = value;
		text = end + 1;
	} while (*end);
}

/**
 * settings_add() - set a parameter
 * @settings: those that were set before
 * @text: NAME=VALUE, or NAME=VALUE,VALUE... of a policy without frames; it must stay
 *
 * Ends the program with a message if no policy has it, or a value is not in range.
 */
void settings_add(struct settings *settings, const char *text)
{
	const char *equals = strchr(text, '=');
	struct setting setting = { .name = text };
	bool found;

	if (!equals || equals == text)
		errx(2, "--param %s: not of the form NAME=VALUE", text);
	setting.name_length = equals - text;
	parse_values(&setting, equals + 1);
	found = registry_check(&setting);
	if (!space_check(&setting) && !found)
		errx(2, "--param %s: no policy has such a parameter", text);
	settings->all = memory_resize(settings->all, settings->nr + 1, sizeof(*settings->all));
	settings->all[settings->nr++] = setting;
}

/**
 * settings_destroy() - undo settings_add()
 * @settings: all of them
 */
void settings_destroy(struct settings *settings)
{
	unsigned int i;

	for (i = 0; i < settings->nr; i++)
		free(settings->all[i].values);
	free(settings->all);
}
