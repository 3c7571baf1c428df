# SPDX-License-Identifier: GPL-2.0
#
# The files of user space that are installed, and their places.

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc

bin = $(PREFIX)/bin
libexec = $(PREFIX)/libexec/swaplab
lib = $(PREFIX)/lib/swaplab
python = $(lib)/experiment
man = $(PREFIX)/share/man/man1
completions = $(PREFIX)/share/bash-completion/completions
udev = $(PREFIX)/lib/udev/rules.d
systemd = $(PREFIX)/lib/systemd/system
include = $(PREFIX)/include/linux

# Each as it is called when it is installed.
installed = $(bin)/swaplab $(addprefix $(libexec)/swaplab-,sim record workload report) \
	    $(addprefix $(python)/,$(notdir $(wildcard experiment/*.py))) \
	    $(lib)/libswaplab-heap.so \
	    $(man)/swaplab.1 $(completions)/swaplab $(udev)/70-swaplab.rules \
	    $(systemd)/swaplab.service $(include)/swaplab.h
directories = $(bin) $(libexec) $(lib) $(python) $(man) $(completions) $(udev) $(systemd) $(include)
# Those that a new system need not have.
ours = $(libexec) $(python) $(lib) $(completions) $(dir $(completions)) $(udev) $(dir $(udev)) \
       $(systemd) $(dir $(systemd)) $(include)

to = $(DESTDIR)

install: all
	install -d $(addprefix $(to),$(directories) $(SYSCONFDIR))
	install -m 755 $(program) $(to)$(bin)/swaplab
	install -m 755 $(helpers) $(to)$(libexec)
	install -m 644 experiment/*.py $(to)$(python)
	chmod 755 $(addprefix $(to)$(python)/,main.py score.py observe.py)
	install -m 644 $(heap) $(to)$(lib)
	install -m 644 $(build)/swaplab.1 $(to)$(man)/swaplab.1
	install -m 644 completion $(to)$(completions)/swaplab
	install -m 644 swaplab.rules $(to)$(udev)/70-swaplab.rules
	sed 's|@bin@|$(bin)|; s|@sysconfdir@|$(SYSCONFDIR)|' swaplab.service > $(to)$(systemd)/swaplab.service
	chmod 644 $(to)$(systemd)/swaplab.service
	install -m 644 ../../module/include/uapi/linux/swaplab.h $(to)$(include)/swaplab.h
	[ -e $(to)$(SYSCONFDIR)/swaplab.conf ] || install -m 644 swaplab.conf $(to)$(SYSCONFDIR)/swaplab.conf

# A configuration that was changed stays. Directories go if they are empty: of a copy of a
# system all, of a system those that are ours.
uninstall:
	rm -f $(addprefix $(to),$(installed))
	! cmp -s swaplab.conf $(to)$(SYSCONFDIR)/swaplab.conf || rm $(to)$(SYSCONFDIR)/swaplab.conf
	[ ! -e $(to)$(SYSCONFDIR)/swaplab.conf ] || echo "$(to)$(SYSCONFDIR)/swaplab.conf was changed, and stays"
ifdef DESTDIR
	cd $(DESTDIR) && for directory in $(patsubst /%,%,$(directories) $(SYSCONFDIR)); do \
		[ ! -d $$directory ] || rmdir -p --ignore-fail-on-non-empty $$directory; \
	done
else
	for directory in $(ours); do \
		[ ! -d $$directory ] || rmdir --ignore-fail-on-non-empty $$directory; \
	done
endif

.PHONY: install uninstall
