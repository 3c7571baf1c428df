# SPDX-License-Identifier: GPL-2.0
#
# make help tells what there is.

# Against which kernel: the running one, one whose headers KDIR= names, or
# Debian's stock one, fetched to the cache, with KERNEL=6.1.
ifdef KERNEL
KDIR := $(shell selftests/vm/kernel $(KERNEL))/build
else
KDIR ?= /lib/modules/$(shell uname -r)/build
endif

# W=, C= and KCFLAGS= are the kernel's own.
kbuild = +$(MAKE) -C $(KDIR) M=$(CURDIR)

modules:
	$(kbuild) modules

modules_install:
	$(kbuild) modules_install

# Policies that nobody installs, against the module as it was built.
samples selftests/rogues: modules
	+$(MAKE) -C $(KDIR) M=$(CURDIR)/$@ KBUILD_EXTRA_SYMBOLS=$(CURDIR)/Module.symvers modules

policy:
	@scripts/new-policy "$$NAME"

# Without a kernel to ask: what kbuild leaves behind is known.
clean:
	@find module samples selftests/rogues \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name '.*.d' -o -name modules.order -o -name Module.symvers \) \
		-delete
	@rm -rf .tmp_versions Module.symvers modules.order .*.cmd
	@rm -rf selftests/build
	@$(MAKE) -s -C userspace/bench clean
	@$(MAKE) -s -C userspace/record clean
	@$(MAKE) -s -C userspace/sim clean

check:
	@selftests/check $(TESTS)

lint:
	@scripts/lint

demo:
	@scripts/demo

bench:
	@scripts/bench $(if $(BASE),--base $(BASE))

help:
	@echo 'make                  build module/*.ko and module/policies/*.ko'
	@echo 'make modules_install  install them, for modprobe'
	@echo 'make policy NAME=mine begin a policy of your own: Documentation/policy-howto.rst'
	@echo 'make samples          build the policies in samples/'
	@echo 'make check            build and test on the stock 6.1 kernel, in a virtual machine'
	@echo 'make check TESTS="a b"  the same with these tests only'
	@echo 'make lint             all static checks; scripts/lint CHECK... for some'
	@echo 'make demo             compare with the stock kernel, in a virtual machine'
	@echo 'make bench            measure against the best of the stock kernel; an hour'
	@echo 'make bench BASE=REV   measure against another revision'
	@echo 'make clean            remove what was built'
	@echo
	@echo 'The kernel built for is the running one, or'
	@echo '  KDIR=DIRECTORY      the one with these headers'
	@echo '  KERNEL=6.1          the stock one of that series, fetched to the cache'
	@echo 'selftests/vm/run runs a command on the stock kernel; see its --help.'
	@echo 'make -C selftests run_tests runs the tests on this machine.'

.PHONY: modules modules_install samples selftests/rogues policy clean check lint demo bench help
