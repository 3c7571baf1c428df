# SPDX-License-Identifier: GPL-2.0
#
# make help tells what there is.

# Against which kernel: the running one, one named by KDIR=, or, with KERNEL=6.1,
# Debian's stock one, fetched into the cache.
ifdef KERNEL
KDIR = $(shell selftests/vm/kernel $(KERNEL))/build
else
KDIR ?= /lib/modules/$(shell uname -r)/build
endif
kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR)

modules:
	$(kbuild) modules

modules_install:
	$(kbuild) modules_install

check:
	selftests/check $(TESTS)

clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean

.PHONY: modules modules_install check clean
