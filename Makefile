# SPDX-License-Identifier: GPL-2.0
#
# make help lists the targets.

# The kernel to build for: the running one, the one with the headers in KDIR=, or
# Debian's stock one, fetched to the cache, with KERNEL=6.1, 6.12 or 7.2.
ifdef KERNEL
KDIR := $(shell selftests/vm/kernel $(KERNEL))/build
else
KDIR ?= /lib/modules/$(shell uname -r)/build
endif

# Debian's programs, which scripts/setup installs, not others of the same names.
export PATH := /usr/sbin:/usr/bin:/sbin:/bin:$(PATH)

# W=, C= and KCFLAGS= are the kernel's own.
kbuild = +$(MAKE) -C $(KDIR) M=$(CURDIR)

modules:
	$(kbuild) modules

modules_install:
	$(kbuild) modules_install

# The modules and the command. PREFIX= replaces /usr/local, DESTDIR= is put before all
# paths. The modules get a directory of their own, so uninstall finds them for all kernels.
install:
	$(kbuild) INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates/swaplab modules_install
	+$(MAKE) -C userspace/swaplab install
	+$(MAKE) -C userspace/pager install
	+$(MAKE) -C userspace/dsm install

uninstall:
	cd $(DESTDIR)/ && for kernel in lib/modules/*; do \
		[ -d $$kernel/updates/swaplab ] || continue; \
		rm -r $$kernel/updates/swaplab; \
		rmdir -p --ignore-fail-on-non-empty $$kernel/updates; \
		[ -n "$(DESTDIR)" ] || depmod $${kernel##*/}; \
	done
	+$(MAKE) -C userspace/dsm uninstall
	+$(MAKE) -C userspace/pager uninstall
	+$(MAKE) -C userspace/swaplab uninstall

# Policies that are not installed, built against this module.
samples selftests/faulty: modules
	+$(MAKE) -C $(KDIR) M=$(CURDIR)/$@ KBUILD_EXTRA_SYMBOLS=$(CURDIR)/Module.symvers modules

policy:
	@scripts/new-policy "$$NAME" $(KIND)

# Policies in BPF, by clang.
bpf:
	+@$(MAKE) -s -C samples/bpf

# Without kbuild, which needs a kernel: removes the files that kbuild leaves.
clean:
	@find module samples selftests/faulty \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name '.*.d' -o -name modules.order -o -name Module.symvers \) \
		-delete
	@rm -rf .tmp_versions Module.symvers modules.order .*.cmd
	@rm -rf selftests/build Documentation/output debian/output
	@$(MAKE) -s -C selftests/fuzz clean
	@$(MAKE) -s -C userspace/bench clean
	@$(MAKE) -s -C userspace/channel clean
	@$(MAKE) -s -C userspace/dsm clean
	@$(MAKE) -s -C userspace/loader clean
	@$(MAKE) -s -C userspace/heap clean
	@$(MAKE) -s -C userspace/pager clean
	@$(MAKE) -s -C userspace/record clean
	@$(MAKE) -s -C userspace/sim clean
	@$(MAKE) -s -C userspace/swaplab clean
	@$(MAKE) -s -C userspace/workload clean

# All that the targets below need, but for check-debug, deb and check-deb.
setup:
	@scripts/setup

check:
	@selftests/check $(TESTS)

check-deb:
	@selftests/package/check

# All pairs of: preemption, CPUs, levels of page tables, huge pages.
check-machines:
	@selftests/machines $(TESTS)

# On debug kernels.
check-debug:
	@scripts/setup debug
	@KERNELS="6.1-kasan 6.1-kcsan" selftests/check $(TESTS)

# For HOURS, on the stock kernel or KERNEL.
fuzz:
	+@$(MAKE) -s -C selftests/fuzz
	@selftests/vm/run --kernel $(or $(KERNEL),6.1) --timeout $$(($(or $(HOURS),1) * 3600 + 600)) -- \
		env SECONDS_TO_FUZZ=$$(($(or $(HOURS),1) * 3600)) selftests/fuzz/test

# 1,000 rounds for each of HOURS, on a clock that counts instructions.
soak:
	+@$(MAKE) -s -C selftests $(CURDIR)/selftests/build/soak
	@selftests/vm/run --kernel $(or $(KERNEL),6.1) --icount --mem 512M --disk 32 \
		--timeout $$(($(or $(HOURS),1) * 7200 + 600)) -- \
		env SOAK_ROUNDS=$$(($(or $(HOURS),1) * 1000)) \
		SWAPLAB_TIMEOUT_FACTOR=$$(($(or $(HOURS),1) * 8)) selftests/build/soak

# 16 GiB of frames; an emulated CPU takes some minutes for them.
large:
	+@$(MAKE) -s -C selftests $(CURDIR)/selftests/build/large
	@awk '/^MemAvailable:/ && $$2 < 19 * 1024 * 1024 { exit 1 }' /proc/meminfo || \
		{ echo '1..0 # SKIP the host has less than 19 GiB of free memory'; exit; }; \
	selftests/vm/run --kernel $(or $(KERNEL),6.1) --mem 18G --timeout 7200 -- \
		env LARGE_FRAMES=4194304 SWAPLAB_TIMEOUT_FACTOR=40 selftests/build/large

deb:
	@scripts/deb

lint:
	@scripts/lint

htmldocs:
	@scripts/setup docs
	@sphinx-build -q -W --keep-going -b html Documentation Documentation/output
	@echo Documentation/output/index.html

demo:
	@scripts/demo $(if $(QUICK),--quick)

bench:
	@scripts/bench $(if $(BASE),--base $(BASE))

# Tables of the documentation, measured again: all, or those in TABLES.
artifact:
	@scripts/artifact $(TABLES)

help:
	@echo 'Build and install'
	@echo '  make setup            install the Debian packages for check, lint, htmldocs, demo and bench'
	@echo '  make                  build module/*.ko and module/policies/*.ko'
	@echo '  make modules_install  install the modules, for modprobe'
	@echo '  make install          install the modules and the command; PREFIX= and DESTDIR= say where'
	@echo '  make uninstall        remove the files that make install has installed'
	@echo '  make deb              build Debian packages in debian/output: Documentation/packages.rst'
	@echo '  make policy NAME=mine start a policy of your own: Documentation/policy-howto.rst'
	@echo '  make policy NAME=mine KIND=bpf        start one in BPF: Documentation/bpf.rst'
	@echo '  make samples          build the policies in samples/'
	@echo '  make bpf              build the policies in BPF in samples/bpf/, with clang'
	@echo '  make htmldocs         build Documentation/output/index.html, with Sphinx'
	@echo '  make clean            remove all files that were built'
	@echo
	@echo 'Test, in virtual machines'
	@echo '  make check            build everything and run all tests on the stock 6.1 kernel'
	@echo '  make check TESTS="a b"                run these tests only'
	@echo '  make check KERNELS="6.1 6.12 7.2"     run on each of these kernels'
	@echo '  make check JOBS=1     run one virtual machine at a time, instead of one per CPU'
	@echo '  make check-debug      run on kernels with KASAN, lockdep and KCSAN, built first'
	@echo '  make check-machines   run the round trip on nine different machines'
	@echo '  make check-machines MACHINES="1 9"    run it on these machines only'
	@echo '  make check-deb        install, upgrade and remove the packages, without changing this system'
	@echo '  make fuzz HOURS=n     run random operations, compared with a model: Documentation/trust.rst'
	@echo '  make soak HOURS=n     compare memory and costs before and after n hours: Documentation/trust.rst'
	@echo '  make large            use 4 Mi frames, in a virtual machine of 18 GiB: Documentation/trust.rst'
	@echo '  make lint             run all static checks; scripts/lint CHECK... runs some of them'
	@echo
	@echo 'Measure, in virtual machines'
	@echo '  make demo             compare with the stock kernel'
	@echo '  make demo QUICK=1     the same in three minutes, with less of everything'
	@echo '  make bench            compare with the best of the stock kernel; takes an hour'
	@echo '  make bench BASE=REV   compare with another revision'
	@echo '  make artifact         measure tables of README.md and Documentation/profile.rst again, and'
	@echo '                        say where they differ by more than 5 %; takes half a day'
	@echo '  make artifact TABLES="refault touch"  measure these only; scripts/artifact --list lists them'
	@echo
	@echo 'The modules are built for the running kernel, or for'
	@echo '  KDIR=DIRECTORY        the kernel with these headers'
	@echo '  KERNEL=6.1            the stock kernel of that series (6.1, 6.12, 7.2), fetched to the cache'
	@echo
	@echo 'selftests/vm/run runs a command in a virtual machine with the stock kernel; see its --help.'
	@echo 'make -C selftests run_tests runs the tests on this machine.'

.PHONY: modules modules_install install uninstall samples selftests/faulty policy bpf clean deb setup check check-debug check-deb check-machines fuzz soak large lint htmldocs demo bench artifact help
