# SPDX-License-Identifier: GPL-2.0
#
# make help tells what there is.

# Against which kernel: the running one, one whose headers KDIR= names, or
# Debian's stock one, fetched to the cache, with KERNEL=6.1, 6.12 or 7.2.
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

# Everything: DESTDIR= puts it elsewhere, PREFIX= in place of /usr/local. The modules
# have a directory of their own, so that uninstall finds those for any kernel.
install:
	$(kbuild) INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates/swaplab modules_install
	+$(MAKE) -C userspace/swaplab install

uninstall:
	cd $(DESTDIR)/ && for kernel in lib/modules/*; do \
		[ -d $$kernel/updates/swaplab ] || continue; \
		rm -r $$kernel/updates/swaplab; \
		rmdir -p --ignore-fail-on-non-empty $$kernel/updates; \
		[ -n "$(DESTDIR)" ] || depmod $${kernel##*/}; \
	done
	+$(MAKE) -C userspace/swaplab uninstall

# Policies that nobody installs, against the module as it was built.
samples selftests/faulty: modules
	+$(MAKE) -C $(KDIR) M=$(CURDIR)/$@ KBUILD_EXTRA_SYMBOLS=$(CURDIR)/Module.symvers modules

policy:
	@scripts/new-policy "$$NAME"

# Without a kernel to ask: what kbuild leaves behind is known.
clean:
	@find module samples selftests/faulty \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name '.*.d' -o -name modules.order -o -name Module.symvers \) \
		-delete
	@rm -rf .tmp_versions Module.symvers modules.order .*.cmd
	@rm -rf selftests/build Documentation/output debian/output
	@$(MAKE) -s -C selftests/fuzz clean
	@$(MAKE) -s -C userspace/bench clean
	@$(MAKE) -s -C userspace/heap clean
	@$(MAKE) -s -C userspace/record clean
	@$(MAKE) -s -C userspace/sim clean
	@$(MAKE) -s -C userspace/swaplab clean

check:
	@selftests/check $(TESTS)

check-deb:
	@selftests/package/check

# Preemption, CPUs, levels of page tables and huge pages, pairwise.
check-machines:
	@selftests/machines $(TESTS)

# The same on kernels that look closer.
check-debug:
	@scripts/setup debug
	@KERNELS="6.1-kasan 6.1-kcsan" selftests/check $(TESTS)

# For hours, on the stock kernel or KERNEL.
fuzz:
	+@$(MAKE) -s -C selftests/fuzz
	@selftests/vm/run --kernel $(or $(KERNEL),6.1) --timeout $$(($(or $(HOURS),1) * 3600 + 600)) -- \
		env SECONDS_TO_FUZZ=$$(($(or $(HOURS),1) * 3600)) selftests/fuzz/test

deb:
	@scripts/deb

lint:
	@scripts/lint

htmldocs:
	@scripts/setup lint
	@sphinx-build -q -W --keep-going -b html Documentation Documentation/output
	@echo Documentation/output/index.html

demo:
	@scripts/demo $(if $(QUICK),--quick)

bench:
	@scripts/bench $(if $(BASE),--base $(BASE))

help:
	@echo 'make                  build module/*.ko and module/policies/*.ko'
	@echo 'make modules_install  install them, for modprobe'
	@echo 'make install          install them and the command; DESTDIR= and PREFIX= say where'
	@echo 'make uninstall        remove what make install has installed'
	@echo 'make policy NAME=mine begin a policy of your own: Documentation/policy-howto.rst'
	@echo 'make samples          build the policies in samples/'
	@echo 'make deb              build Debian packages, in debian/output: Documentation/packages.rst'
	@echo 'make check            build and test on the stock 6.1 kernel, in a virtual machine'
	@echo 'make check TESTS="a b"  the same with these tests only'
	@echo 'make check KERNELS="6.1 6.12 7.2"  the same on each of these kernels'
	@echo 'make check JOBS=1     one virtual machine at a time, not one a CPU'
	@echo 'make check-debug      the same on kernels with KASAN, lockdep and KCSAN, built first'
	@echo 'make check-machines   the round trip on nine machines that differ'
	@echo 'make check-machines MACHINES="1 9"  the same on these'
	@echo 'make check-deb        install, upgrade and remove the packages, beside the system'
	@echo 'make fuzz HOURS=n     random operations for hours, beside a model; Documentation/trust.rst'
	@echo 'make htmldocs         make Documentation/output/index.html, with Sphinx'
	@echo 'make lint             all static checks; scripts/lint CHECK... for some'
	@echo 'make demo             compare with the stock kernel, in a virtual machine'
	@echo 'make demo QUICK=1     the same in three minutes, with less of everything'
	@echo 'make bench            measure against the best of the stock kernel; an hour'
	@echo 'make bench BASE=REV   measure against another revision'
	@echo 'make clean            remove what was built'
	@echo
	@echo 'The kernel built for is the running one, or'
	@echo '  KDIR=DIRECTORY      the one with these headers'
	@echo '  KERNEL=6.1          the stock one of that series (6.1, 6.12, 7.2), fetched to the cache'
	@echo 'selftests/vm/run runs a command on the stock kernel; see its --help.'
	@echo 'make -C selftests run_tests runs the tests on this machine.'

.PHONY: modules modules_install install uninstall samples selftests/faulty policy clean deb check check-debug check-deb check-machines fuzz lint htmldocs demo bench help
