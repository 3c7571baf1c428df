/* SPDX-License-Identifier: GPL-2.0 */
/* Devices, and their files in sysfs. */
#ifndef SWAPLAB_DEVICE_H
#define SWAPLAB_DEVICE_H

#include <stdbool.h>

#define DEVICE_CLASS	"/sys/class/swaplab"
#define DEVICE_CONTROL	"/sys/class/swaplab-control"
#define DEVICE_MAX_NUMBER	255
/* The fewest that nr_frames takes. */
#define DEVICE_MIN_FRAMES	16

/**
 * struct device - a device
 * @name: "swaplabN"
 * @path: "/dev/swaplabN"
 * @number: N
 */
struct device {
	char name[16];
	char path[24];
	unsigned char number;
};

bool device_is_name(const char *text);
struct device device_named(const char *text);
unsigned int device_list(struct device **devices);
char *device_read(const struct device *device, const char *file);
char *device_value(const struct device *device, const char *file);
unsigned long device_number(const struct device *device, const char *file);
unsigned int device_files(const struct device *device, const char *directory,
			  char ***names);
char *device_policy(const struct device *device);
unsigned long device_max_frames(void);
int device_write(const struct device *device, const char *file,
		 const char *value);
int device_write_unused(const struct device *device, const char *file,
			const char *value);
bool device_wait_unused(const struct device *device);
void device_set(const struct device *device, const char *file,
		const char *value);
int device_open(const struct device *device);
int device_add(struct device *device);
int device_remove(const struct device *device);

#endif /* SWAPLAB_DEVICE_H */
