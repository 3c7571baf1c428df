/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One page of a region, and all that can happen to it at a time: threads that touch it,
 * daemons that evict it and take its slot back, a task that pins it and writes to it
 * later, a task that unmaps and discards it, a pager that takes it back, or makes it read-only and
 * writable again, a disk that may fail.
 *
 * With FORKER the page is private. fork() makes a second owner of it, whose thread touches it,
 * too, and which ends at any time; then the first one may fork again. Owner 0 is the parent.
 *
 * One bit for each owner describes the content of a place (a folio, a slot, or nothing at all,
 * which reads as zeros): is it the last content that the owner wrote to the page? A write sets
 * the bit of the folio that was written to, and clears all others; a copy copies it; a read
 * asserts it. So a byte lost and a stale byte read are the same failure. A write to a folio
 * clears the bit of the other owner there, so a page that was not copied is found, too. A folio
 * or slot that is freed is overwritten by another page at once.
 *
 * A step is one atomic operation of the kernel, or one hold of a spinlock, or a sequence
 * whose middle no other process can see. Names in comments are functions of the module.
 * move() stands where the module has its tracepoint page_state: selftests/transitions.c
 * takes the list of moves from here, and fails on any other that it sees in a kernel. A page
 * with two owners has no single state; the runs with one owner check the moves.
 *
 * "check" runs this with some of the processes at a time, and with bugs planted.
 */
#ifndef FOLIOS
#define FOLIOS	2
#endif
#define NONE	FOLIOS

/* A page has one slot at a time at most, so one for each owner shows all there is to see. */
#ifdef FORKER
#define OWNERS	2
#else
#define OWNERS	1
#endif
#define SLOTS	OWNERS

/* The kernel may ask page_mkwrite() before a page is written to. */
#if OWNERS == 2 || defined(PROTECTER)
#define WP
#endif
#define NO_SLOT	SLOTS
#define other(o)	(OWNERS - 1 - (o))

mtype = { absent, reading, resident, evicting, writing, swapped };
mtype state = absent;

/* The page's entry in the region of each owner: a frame, or a slot, or neither. */
byte entry_frame[OWNERS] = NONE;
byte entry_slot[OWNERS] = NO_SLOT;

/* Its place in a page table of each owner. */
byte pte[OWNERS] = NONE;
bool pte_dirty[OWNERS];
bool pte_write[OWNERS];

typedef folio {
	byte refs;		/* 0: frozen */
	bool locked;		/* the folio lock */
	bool owned;		/* its mapping is the region's */
	bool dirty;
	bool given_up;		/* not the pool's any more */
	bool free;		/* in the pool */
	bool fresh[OWNERS];
	byte region;		/* this and the next ones are the frame's */
	byte slot;
	bool transit;
	bool is_reading;
	bool is_writing;
	bool rescued;
#ifdef PROTECTER
	bool readonly;
#endif
};
folio folios[FOLIOS];

typedef place {
	bool used;
	bool fresh[OWNERS];
};
place slots[SLOTS];
bool nothing_fresh[OWNERS] = true;

#if OWNERS == 2
/* A fault of an owner, or a discard by the parent, is under way: for these a fork waits. */
bool in_fault[OWNERS];
bool discarding;

/* A fork is under way, with mmap_lock, or with the family's forking, too. */
bool fork_lock;
bool forking;
bool has_forked;

/* A TLB of the parent has a translation that allows writes, which its PTE does not. */
bool stale_tlb;

/* The child runs. */
bool alive;
#endif

/* Of one step, and nothing before it or after it. */
hidden byte h, k;

#define maps(o, f)	(pte[o] == f -> 1 : 0)
#if OWNERS == 1
#define shares(o, f)	false
#define mapcount(f)	maps(0, f)
#define unused(f)	(entry_frame[0] != f && pte[0] != f)
#define may_fault(o)	true
#define may_unmap	true
#define may_discard	true
#define begin_fault(o)	skip
#define end_fault(o)	skip
#define set_discarding(to)	skip
#ifdef WP
#define is_wp(o)	true
#else
#define is_wp(o)	false
#endif
#else
#define shares(o, f)	(entry_frame[other(o)] == f)
#define mapcount(f)	(maps(0, f) + maps(1, f))
#define unused(f)	(entry_frame[0] != f && pte[0] != f && entry_frame[1] != f && pte[1] != f)
#define may_unmap	(!fork_lock)
#define may_discard	(!forking)
#define begin_fault(o)	in_fault[o] = true
#define end_fault(o)	in_fault[o] = false
#define set_discarding(to)	discarding = to
#define may_fault(o)	(o == 0 && !fork_lock || o == 1 && alive)
#define is_wp(o)	(o == 1 || has_forked)
#endif
#ifdef PROTECTER
#define is_readonly(f)	(folios[f].readonly)
#else
#define is_readonly(f)	false
#endif
#define is_busy(f)	(folios[f].is_reading || (STABLE && folios[f].is_writing))

#if OWNERS == 1
inline move(from, to)
{
	assert(state == from);
	state = to
}
#else
#define move(from, to)	skip
#endif

/* No place has the last content of an owner. */
inline forget_places(o)
{
	d_step {
		k = 0;
		do
		:: k < FOLIOS ->
			folios[k].fresh[o] = false;
			k++
		:: k >= FOLIOS && k < FOLIOS + SLOTS ->
			slots[k - FOLIOS].fresh[o] = false;
			k++
		:: else -> break
		od;
		nothing_fresh[o] = false
	}
}

/* A write to a folio, which need not be the page's any more. */
inline written(f, o)
{
	if
	:: entry_frame[o] == f ->
		assert(!is_readonly(f));
		forget_places(o);
		folios[f].fresh[o] = true
	:: else
	fi;
#if OWNERS == 2
	folios[f].fresh[other(o)] = false
#endif
}

/* The page reads as zeros from now on. */
inline forgotten(o)
{
	forget_places(o);
	nothing_fresh[o] = true
}

/* Of folios and slots. */
#define copy_content(to, from) \
	d_step { \
		to.fresh[0] = from.fresh[0]; \
		to.fresh[OWNERS - 1] = from.fresh[OWNERS - 1] \
	}
#define spoil(place) \
	d_step { \
		place.fresh[0] = false; \
		place.fresh[OWNERS - 1] = false \
	}

/* A free folio; NONE if there is none. */
inline pool_take(f)
{
	f = 0;
	do
	:: f < FOLIOS && !folios[f].free -> f++
	:: else -> break
	od;
	if
	:: f < FOLIOS ->
		assert(!folios[f].owned && !folios[f].dirty && folios[f].slot == NO_SLOT);
		assert(unused(f));
		folios[f].free = false
	:: else
	fi
}

inline pool_put(f)
{
	assert(!folios[f].free && !folios[f].owned && !folios[f].dirty);
	assert(unused(f));
	spoil(folios[f]);
	folios[f].slot = NO_SLOT;
	folios[f].region = 0;
	folios[f].free = true
}

inline folio_put(f)
{
	assert(folios[f].refs > 0);
	folios[f].refs--;
	if
	:: folios[f].refs == 0 ->
		/* To the system, which gives the frame another one. */
		assert(folios[f].given_up);
		folios[f].given_up = false;
		folios[f].dirty = false;
		folios[f].refs = 1;
		pool_put(f)
	:: else
	fi
}

/* Nobody has the slot any more. */
inline slot_release(s)
{
	assert(slots[s].used);
	assert(entry_slot[0] != s && entry_slot[OWNERS - 1] != s);
	slots[s].used = false;
	spoil(slots[s])
}

inline slot_free(f)
{
	d_step {
		if
		:: folios[f].slot != NO_SLOT ->
			h = folios[f].slot;
			slot_release(h);
			folios[f].slot = NO_SLOT
		:: else
		fi
	}
}

inline slot_take(f)
{
	d_step {
		h = (slots[0].used -> SLOTS - 1 : 0);
		assert(!slots[h].used);
		slots[h].used = true;
		folios[f].slot = h
	}
}

/* The PTE goes, its dirty bit moves into the folio, its reference is left. */
inline zap(f, o)
{
	f = pte[o];
	folios[f].dirty = folios[f].dirty || pte_dirty[o];
	pte_dirty[o] = false;
	pte_write[o] = false;
	pte[o] = NONE
}

inline unmap_one(o)
{
	d_step {
		if
		:: pte[o] != NONE ->
			zap(h, o);
#if OWNERS == 2
			stale_tlb = stale_tlb && o == 1;
#endif
			folio_put(h)
		:: else
		fi
	}
}

/* All page tables, whatever they have there; that of a child after its parent's. */
inline mapping_unmap()
{
	unmap_one(0)
#if OWNERS == 2
	;
	unmap_one(1)
#endif
}

/* The entry changes in all owners that have it, under the family's lock. */
inline entries_become_frame(f)
{
	d_step {
		k = 0;
		do
		:: k < OWNERS ->
			if
			:: entry_slot[k] == folios[f].slot ->
				entry_slot[k] = NO_SLOT;
				entry_frame[k] = f
			:: else
			fi;
			k++
		:: else -> break
		od
	}
}

inline entries_become_slot(f)
{
	d_step {
		assert(entry_frame[folios[f].region] == f);
		k = 0;
		do
		:: k < OWNERS ->
			if
			:: entry_frame[k] == f ->
				entry_frame[k] = NONE;
				entry_slot[k] = folios[f].slot
			:: else
			fi;
			k++
		:: else -> break
		od
	}
}

/* family_leave() */
inline leave_to_other(o, f, new)
{
	assert(shares(o, f));
	entry_frame[o] = new;
	if
	:: folios[f].region == o -> folios[f].region = other(o)
	:: else
	fi
}

/* No region has the page; its folio is locked, and was frozen. Frames are put back in batches. */
inline release_frozen(f)
{
	atomic {
		folios[f].owned = false;
		folios[f].dirty = false;
		folios[f].refs = 1
	};
	atomic {
		folios[f].locked = false;
		folios[f].transit = false
	};
	atomic { pool_put(f) }
}

/* A use of a locked folio. */
inline use_folio(f)
{
	was_writing = folios[f].is_writing;
	atomic {
		folios[f].rescued = folios[f].rescued || was_writing;
		folios[f].dirty = folios[f].dirty || is_write;
		was_writing = false
	}
}

/* The folio is locked and referenced; both go to the PTE. */
inline set_pte(f, o)
{
	atomic {
		if
		:: pte[o] == NONE ->
			pte[o] = f;
			pte_dirty[o] = is_write;
			pte_write[o] = is_write || !is_wp(o)
		:: else ->
			/* Another thread was faster, or it was read-only. */
			assert(pte[o] == f);
#ifdef WP
			if
			:: is_wp(o) && is_write ->
				pte_dirty[o] = true;
				pte_write[o] = true
			:: else
			fi;
#endif
			folios[f].refs--
		fi;
		folios[f].locked = false
	}
}

/* A folio that is not the page's yet; a look-up of its last use may have the lock. */
inline trylock_new_folio(f)
{
	locked = !folios[f].locked;
	if
	:: locked ->
		folios[f].locked = true;
		folios[f].refs++
	:: else
	fi
}

/* A new page of an owner, in transit. */
inline page_init(f, o)
{
	folios[f].region = o;
	folios[f].transit = true;
	folios[f].is_reading = false;
	folios[f].is_writing = false;
	folios[f].rescued = false;
#ifdef PROTECTER
	folios[f].readonly = false;
#endif
}

/* Nothing is left of a fault. */
#if OWNERS == 1
#define forget_fault(o)	skip
#else
#define forget_fault(o)	g = NONE; in_fault[o] = false
#endif
#define look_again(o) \
	forget_fault(o); \
	f = NONE; \
	is_write = false; \
	locked = false; \
	goto look

proctype toucher(byte o)
{
	byte f = NONE;
#if OWNERS == 2
	byte g = NONE;
#endif
	bool is_write, was_writing, locked;

look:
	atomic {
		if
		/* No fault: the processor reads or writes. */
		:: pte[o] != NONE ->
			assert(pte[o] == entry_frame[o] && !folios[pte[o]].free);
			assert(folios[pte[o]].fresh[o]);
			goto look
		:: pte[o] != NONE && pte_write[o] ->
			assert(pte[o] == entry_frame[o] && !folios[pte[o]].free);
			pte_dirty[o] = true;
			written(pte[o], o);
			goto look
#if OWNERS == 2
		:: o == 0 && stale_tlb ->
			written(pte[0], 0);
			/* While the fork is under way, this is as if before it. */
			if
			:: fork_lock && entry_frame[1] == pte[0] ->
				forget_places(1);
				folios[pte[0]].fresh[1] = true
			:: else
			fi;
			goto look
#endif
#ifdef WP
		:: pte[o] != NONE && !pte_write[o] && may_fault(o) ->
			begin_fault(o);
			is_write = true;
			f = pte[o];
			folios[f].refs++;
			goto mkwrite
#endif
		:: pte[o] == NONE && may_fault(o) ->
			begin_fault(o);
			if
			:: true
			:: is_write = true
			fi
		fi;
		if
		:: entry_frame[o] != NONE ->
			f = entry_frame[o];
			goto fault_resident
		:: entry_slot[o] != NO_SLOT -> goto fault_read
		:: else -> goto fault_zero
		fi
	};

fault_resident:
	/* A wait drops mmap_lock; then region_lock_folio() */
	atomic {
		if
		:: entry_frame[o] == f && is_busy(f) ->
			end_fault(o);
			!(entry_frame[o] == f && is_busy(f));
			look_again(o)
#if OWNERS == 2
		:: is_write && entry_frame[o] == f && shares(o, f) -> goto fault_shared
#endif
#ifdef PROTECTER
		/* ask_pager() */
		:: is_write && entry_frame[o] == f && is_readonly(f) ->
			!(entry_frame[o] == f && is_readonly(f));
			look_again(o)
#endif
		:: else
		fi;
		if
		:: folios[f].refs == 0 -> look_again(o)
		:: else -> folios[f].refs++
		fi
	};
	if
	:: entry_frame[o] != f -> goto put
	:: else
	fi;
	atomic { !folios[f].locked -> folios[f].locked = true };
	if
	:: !folios[f].owned || entry_frame[o] != f || is_busy(f) -> goto unlock
#ifdef PROTECTER
	:: is_write && is_readonly(f) -> goto unlock
#endif
	:: else
	fi;
use:
	use_folio(f);
#ifdef WP
	if
	:: is_write && is_wp(o) ->
		folios[f].locked = false;
		goto mkwrite
	:: else
	fi;
#endif
	set_pte(f, o);
again:
	atomic { look_again(o) };

unlock:
	folios[f].locked = false;
put:
	atomic {
		folio_put(f);
		look_again(o)
	};

#ifdef WP
mkwrite:
	/* mkwrite(), with a reference of the kernel's */
	atomic { !folios[f].locked -> folios[f].locked = true };
	if
	:: !folios[f].owned || entry_frame[o] != f -> goto unlock
	:: else
	fi;
#if OWNERS == 2 && !defined(BUG_NO_COPY)
	if
	:: shares(o, f) ->
		/* copy_mapped(), or the next fault does it */
		atomic {
			if
			:: folios[f].transit
			:: else ->
				pool_take(g);
				if
				:: g == NONE
				:: else ->
#ifndef BUG_COPY_WITHOUT_TRANSIT
					folios[f].transit = true;
#endif
					goto claimed
				fi
			fi
		};
		mapping_unmap();
		goto unlock
	:: else
	fi;
#endif
#ifndef BUG_NO_COPY
	if
	:: is_busy(f) ->
		mapping_unmap();
		goto unlock
	:: else
	fi;
#endif
#if defined(PROTECTER) && !defined(BUG_NO_QUESTION)
	if
	:: is_readonly(f) ->
		mapping_unmap();
		goto unlock
	:: else
	fi;
#endif
	use_folio(f);
	set_pte(f, o);
	goto again;
#endif

#if OWNERS == 2
fault_shared:
	atomic {
		pool_take(g);
		if
		:: g == NONE -> look_again(o)
		:: else
		fi
	};
	/* claim_shared() */
	atomic {
		if
		:: entry_frame[o] != f || folios[f].refs == 0 ->
			pool_put(g);
			look_again(o)
		:: else -> folios[f].refs++
		fi
	};
	atomic { !folios[f].locked -> folios[f].locked = true };
	if
	:: !folios[f].owned || entry_frame[o] != f || folios[f].is_reading ->
		atomic {
			pool_put(g);
			goto unlock
		}
	:: else
	fi;
#ifndef BUG_COPY_WITHOUT_TRANSIT
	atomic {
		if
		:: folios[f].transit -> goto wait_for_transit
		:: else -> folios[f].transit = true
		fi
	};
#endif
claimed:
	if
	:: !shares(o, f) ->
		atomic {
			pool_put(g);
			locked = false;
			goto settle
		}
	:: else
	fi;
	atomic {
		trylock_new_folio(g);
		page_init(g, o);
		copy_content(folios[g], folios[f])
	};
	mapping_unmap();
	/* region_publish_copy() */
	folios[g].dirty = true;
	folios[g].owned = true;
	atomic { leave_to_other(o, f, g) };
	folios[g].transit = false;
settle:
#ifndef BUG_COPY_WITHOUT_TRANSIT
	folios[f].transit = false;
#endif
	folios[f].locked = false;
	atomic {
		folio_put(f);
		f = g;
		g = NONE;
		if
		:: locked -> goto use
		:: else -> look_again(o)
		fi
	};

wait_for_transit:
	folios[f].locked = false;
	atomic {
		folio_put(f);
		pool_put(g);
		end_fault(o);
		!(entry_frame[o] == f && folios[f].transit);
		look_again(o)
	};
#endif

fault_zero:
	atomic {
		pool_take(f);
		if
		:: f == NONE -> look_again(o)
		:: else
		fi;
		trylock_new_folio(f);
		/* region_publish_zero() */
		if
		:: entry_frame[o] == NONE && entry_slot[o] == NO_SLOT ->
			page_init(f, o);
			folios[f].owned = true;
			folios[f].fresh[o] = nothing_fresh[o];
			entry_frame[o] = f;
			move(absent, resident)
		:: else ->
			pool_put(f);
			if
			:: locked -> goto unlock
			:: else -> goto again
			fi
		fi
	};
	folios[f].transit = false;
	if
	:: locked -> goto use
	:: else -> goto again
	fi;

fault_read:
	atomic {
		pool_take(f);
		if
		:: f == NONE -> look_again(o)
		:: else
		fi;
		/* region_claim_slot() */
		if
		:: entry_slot[o] != NO_SLOT ->
			page_init(f, o);
			folios[f].is_reading = true;
			folios[f].slot = entry_slot[o];
			entries_become_frame(f);
			move(swapped, reading)
		:: else ->
			pool_put(f);
			look_again(o)
		fi
	};
	if
	:: copy_content(folios[f], slots[folios[f].slot])
	:: goto read_failed
	fi;
	/* pagein_finish_and_lock(), or without the lock of the VMA pagein_finish() */
	if
	:: atomic { trylock_new_folio(f) }
	:: atomic {
		locked = false;
		end_fault(o)
	   }
	fi;
	/* region_publish() */
	atomic {
		folios[f].owned = true;
#ifdef BUG_SLOT_FREED_EARLY
		slot_free(f);
#endif
		move(reading, resident)
	};
	atomic {
		folios[f].is_reading = false;
		folios[f].transit = false
	};
	if
	:: !locked -> goto again
#if OWNERS == 2
	:: locked && is_write && shares(o, f) -> goto unlock
#endif
	:: else -> goto use
	fi;

read_failed:
	/* region_unclaim_slot(); the task gets SIGBUS */
	atomic {
		entries_become_slot(f);
		move(reading, swapped)
	};
	atomic {
		folios[f].is_reading = false;
		folios[f].transit = false;
		pool_put(f);
		look_again(o)
	}
}

/* The reference count that shows that only the region has the folio. */
#ifdef BUG_NO_UNMAP
#define is_alone(f)	(folios[f].refs == 1 + mapcount(f))
#define froze(f)	skip
#else
#ifdef BUG_FREEZE_BEFORE_UNMAP
#define is_alone(f)	true
#define froze(f)	skip
#else
#define is_alone(f)	(mapcount(f) == 0 && folios[f].refs == 1)
#define froze(f)	folios[f].refs = 0
#endif
#endif

inline unfreeze(f)
{
	atomic {
		if
		:: folios[f].refs == 0 -> folios[f].refs = 1
		:: else
		fi
	}
}

proctype daemon()
{
	byte f = NONE;

pick:
	atomic {
		f = NONE;
		if
		:: entry_frame[0] != NONE && !folios[entry_frame[0]].transit -> f = entry_frame[0]
#if OWNERS == 2
		:: entry_frame[1] != NONE && !folios[entry_frame[1]].transit -> f = entry_frame[1]
#endif
		fi;
		folios[f].transit = true;
		if
		:: folios[f].slot != NO_SLOT -> goto take_back
		:: true
		fi;
		move(resident, evicting)
	};
	/* isolate_frame() */
	atomic {
		if
		:: folios[f].locked || folios[f].refs > 1 + mapcount(f) ->
			goto putback_evicting
		:: else -> folios[f].locked = true
		fi
	};
#ifdef BUG_FREEZE_BEFORE_UNMAP
	if
	:: folios[f].refs != 1 + mapcount(f) ->
		folios[f].locked = false;
		goto putback_evicting
	:: else
	fi;
#endif
#ifndef BUG_NO_UNMAP
	mapping_unmap();
#endif
	/* removal_evict(); xa_lock does not keep away those that take references */
	atomic {
		if
		:: is_alone(f) -> froze(f)
		:: else ->
			folios[f].locked = false;
			goto putback_evicting
		fi
	};
	if
	:: !folios[f].dirty -> goto drop
	:: else -> unfreeze(f)
	fi;
	/* writeback_begin() */
	atomic {
		folios[f].dirty = false;
		folios[f].rescued = false;
		folios[f].is_writing = true;
		folios[f].locked = false;
		move(evicting, writing)
	};
	/* take_slots(): there may be none */
	if
	:: atomic {
		slot_free(f);
		slot_take(f)
	   }
	:: goto keep_dirty
	fi;
	/* The disk takes the page at some time, or refuses it. */
	if
	:: copy_content(slots[folios[f].slot], folios[f])
	:: goto keep_dirty
	fi;
	/* write_succeeded() */
	atomic {
		if
		:: folios[f].locked -> goto putback_writing
		:: else -> folios[f].locked = true
		fi
	};
	atomic {
		if
		:: !folios[f].rescued && is_alone(f) -> froze(f)
		:: else -> goto rescued
		fi
	};
	if
	:: folios[f].dirty ->
		unfreeze(f);
		goto rescued
	:: else
	fi;

drop:
	/* the other entry of removal_evict(), then removal_release() */
	atomic {
		entries_become_slot(f);
		spoil(folios[f]);
		if
		:: folios[f].slot != NO_SLOT ->
			folios[f].slot = NO_SLOT;
			if
			:: state == writing -> move(writing, swapped)
			:: else -> move(evicting, swapped)
			fi
		:: else ->
			move(evicting, absent)
		fi
	};
	release_frozen(f);
	goto pick;

putback_evicting:
	atomic {
		move(evicting, resident);
		folios[f].transit = false;
		goto pick
	};

keep_dirty:
	/* Dirty first: from then on no process takes the slot for a copy. */
	folios[f].dirty = true;
	atomic {
		slot_free(f);
		goto putback_writing
	};
rescued:
	folios[f].locked = false;
putback_writing:
	atomic {
		move(writing, resident);
		folios[f].is_writing = false;
		folios[f].rescued = false;
		folios[f].transit = false;
		goto pick
	};

take_back:
	folios[f].dirty = true;
	atomic {
		slot_free(f);
		folios[f].transit = false;
		goto pick
	}
}

/* O_DIRECT and its like, of the parent, as get_user_pages_fast() does it. */
proctype pinner()
{
	byte f = NONE;

again:
	atomic {
		pte[0] != NONE;
		f = pte[0]
	};
	atomic {
		if
		:: folios[f].refs == 0 -> goto again
		:: else -> folios[f].refs++
		fi
	};
	if
	:: pte[0] == f ->
		assert(entry_frame[0] != f || folios[f].fresh[0])
	:: pte[0] == f && pte_write[0] ->
		atomic { written(f, 0) };
		folios[f].dirty = true
	:: else
	fi;
	atomic {
		folio_put(f);
		f = NONE;
		goto again
	}
}

/* A page of owner @o is in transit; no task reads or writes it. */
inline discard_frame(f, o)
{
#if OWNERS == 2
	if
	:: shares(o, f) ->
		/* leave_frame() */
		atomic { !folios[f].locked -> folios[f].locked = true };
		mapping_unmap();
		atomic {
			leave_to_other(o, f, NONE);
			forgotten(o)
		};
		folios[f].locked = false;
		folios[f].transit = false;
		goto discarded
	:: else
	fi;
#endif
	/* run_isolate(), run_erase(), run_release() */
	atomic { !folios[f].locked -> folios[f].locked = true };
	mapping_unmap();
	atomic {
		assert(!shares(o, f));
		entry_frame[o] = NONE;
		move(resident, absent);
		slot_free(f);
		forgotten(o)
	};
	atomic {
		if
		:: folios[f].refs == 1 -> folios[f].refs = 0
		:: else -> goto give_up
		fi
	};
	release_frozen(f);
	goto discarded;

give_up:
	atomic {
		folios[f].owned = false;
		folios[f].locked = false
	};
	folios[f].transit = false;
	folios[f].given_up = true;
flush:
	atomic { folio_put(f) };
discarded:
	skip
}

/* run_take(), of a swapped page */
inline discard_slot(o)
{
	d_step {
		h = entry_slot[o];
		entry_slot[o] = NO_SLOT;
		if
#if OWNERS == 2 && !defined(BUG_SLOT_OF_OTHER)
		:: entry_slot[other(o)] == h
#endif
		:: else -> slot_release(h)
		fi;
		forgotten(o);
		h = 0
	};
	move(swapped, absent)
}

/* Of the parent. */
proctype unmapper()
{
	byte f = NONE;

again:
	atomic {
		f = NONE;
		set_discarding(false);
		if
		/* munmap(): the reference goes when TLBs have been flushed. */
		:: pte[0] != NONE && may_unmap ->
			zap(f, 0);
			goto flush
		:: entry_slot[0] != NO_SLOT && may_discard ->
			discard_slot(0);
			goto again
		/* run_take(), of one in a frame */
		:: entry_frame[0] != NONE && !folios[entry_frame[0]].transit && may_discard ->
			set_discarding(true);
			f = entry_frame[0];
			folios[f].transit = true
		fi
	};
	discard_frame(f, 0);
	goto again
}

#if defined(REVOKER) || defined(PROTECTER)
/*
 * The pager of the page takes it back: SWAPLAB_PAGER_REVOKE. It supplies what it has got for an
 * absent page, so its memory is the place that otherwise reads as zeros.
 */
inline copy_to_pager(f)
{
	if
#ifndef BUG_REVOKED_CLEAN
	:: folios[f].slot != NO_SLOT && !folios[f].dirty ->
		nothing_fresh[0] = folios[f].fresh[0]
#endif
	:: folios[f].dirty -> nothing_fresh[0] = folios[f].fresh[0]
	:: else
	fi
}
#endif

#ifdef REVOKER
proctype revoker()
{
	byte f = NONE;

again:
	/* swaplab_region_claim() */
	atomic {
		f = NONE;
		entry_frame[0] != NONE && !folios[entry_frame[0]].transit ->
		f = entry_frame[0];
		folios[f].transit = true
	};
	/* remove_page() */
	atomic { !folios[f].locked -> folios[f].locked = true };
#ifdef BUG_COPY_BEFORE_UNMAP
	atomic { copy_to_pager(f) };
#endif
	mapping_unmap();
	/* swaplab_removal_revoke() */
	atomic {
		if
		:: folios[f].refs == 1 -> folios[f].refs = 0
		:: else -> goto busy
		fi;
#ifndef BUG_COPY_BEFORE_UNMAP
		copy_to_pager(f);
#endif
		entry_frame[0] = NONE;
		move(resident, absent);
		slot_free(f)
	};
	release_frozen(f);
	goto again;

busy:
	folios[f].locked = false;
	folios[f].transit = false;
	goto again
}
#endif

#ifdef PROTECTER
/* SWAPLAB_REVOKE_READONLY: as revoker(), but the page stays. */
proctype protecter()
{
	byte f = NONE;

again:
	/* swaplab_region_claim() */
	atomic {
		f = NONE;
		entry_frame[0] != NONE && !folios[entry_frame[0]].transit ->
		f = entry_frame[0];
		folios[f].transit = true
	};
	/* take_page() */
	atomic { !folios[f].locked -> folios[f].locked = true };
#ifdef BUG_READONLY_BEFORE_UNMAP
	folios[f].readonly = true;
#endif
	mapping_unmap();
	/* swaplab_removal_revoke() */
	atomic {
		if
		:: folios[f].refs == 1
		:: else -> goto unlock
		fi;
		copy_to_pager(f);
		folios[f].readonly = true;
		folios[f].dirty = false
	};
	/* protect_page() */
	atomic { slot_free(f) };
unlock:
	folios[f].locked = false;
	folios[f].transit = false;
	goto again
}

/* SWAPLAB_PAGER_GRANT */
proctype granter()
{
again:
	atomic {
		entry_frame[0] != NONE && folios[entry_frame[0]].readonly ->
		folios[entry_frame[0]].readonly = false
	};
	goto again
}
#endif

#if OWNERS == 2
/* The child has what the parent has, as it is. */
inline content_is_copied()
{
	d_step {
		k = 0;
		do
		:: k < FOLIOS ->
			folios[k].fresh[1] = folios[k].fresh[0];
			k++
		:: k >= FOLIOS && k < FOLIOS + SLOTS ->
			slots[k - FOLIOS].fresh[1] = slots[k - FOLIOS].fresh[0];
			k++
		:: else -> break
		od;
		nothing_fresh[1] = nothing_fresh[0]
	}
}

/* Where the owner would find its page, there is what it wrote. */
inline check_content(o)
{
	if
	:: entry_frame[o] != NONE && folios[entry_frame[o]].is_reading ->
		assert(slots[folios[entry_frame[o]].slot].fresh[o])
	:: entry_frame[o] != NONE && !folios[entry_frame[o]].is_reading ->
		assert(folios[entry_frame[o]].fresh[o])
	:: entry_slot[o] != NO_SLOT -> assert(slots[entry_slot[o]].fresh[o])
	:: else -> assert(nothing_fresh[o])
	fi
}

/* fork() in the parent, and the end of the child, again and again. */
proctype forker()
{
	byte f = NONE;
	byte g = NONE;

again:
	atomic {
		!in_fault[0];
		fork_lock = true;
		check_content(0)
	};
	/* protect_pages() */
	atomic {
		if
		:: pte[0] != NONE ->
			stale_tlb = pte_dirty[0];
			folios[pte[0]].dirty = folios[pte[0]].dirty || pte_dirty[0];
			pte_dirty[0] = false;
			pte_write[0] = false
		:: else
		fi;
		has_forked = true
	};
	atomic { !discarding -> forking = true };
copy:
	/* copy_some() */
	atomic {
		f = entry_frame[0];
		if
#ifndef BUG_PINNED_SHARED
		:: f != NONE && !folios[f].is_reading && folios[f].refs > 1 + mapcount(f) -> goto pinned
#endif
		:: else
		fi;
		entry_frame[1] = f;
		entry_slot[1] = entry_slot[0];
		f = NONE;
		content_is_copied();
		goto copied
	};
pinned:
	/* copy_pinned(), which waits for a frame */
	atomic {
		folios[0].free || folios[1].free;
		pool_take(g)
	};
	atomic {
		if
		:: entry_frame[0] != f || folios[f].refs == 0 ->
			pool_put(g);
			goto copy
		:: else -> folios[f].refs++
		fi
	};
	atomic { !folios[f].locked -> folios[f].locked = true };
	if
	:: !folios[f].owned || entry_frame[0] != f || folios[f].is_reading ||
	   folios[f].refs <= 2 + mapcount(f) ->
		atomic { pool_put(g) };
		folios[f].locked = false;
		atomic {
			folio_put(f);
			goto copy
		}
	:: else
	fi;
	/* copy_for_clone() */
	mapping_unmap();
	atomic {
		page_init(g, 1);
		content_is_copied();
		copy_content(folios[g], folios[f])
	};
	folios[g].dirty = true;
	folios[g].owned = true;
	entry_frame[1] = g;
	folios[g].transit = false;
	folios[f].locked = false;
	atomic { folio_put(f) };
copied:
	forking = false;
	/* copy_page_range() */
	atomic {
		if
		:: pte[0] != NONE ->
			assert(!pte_write[0] && !pte_dirty[0]);
			pte[1] = pte[0];
			folios[pte[1]].refs++
		:: else
		fi
	};
	/* The flush comes before mmap_lock is dropped. */
	atomic {
#ifndef BUG_NO_FLUSH
		stale_tlb = false;
#endif
		fork_lock = false;
		f = NONE;
		g = NONE;
		alive = true
	};

	/* The end of the child's address space. */
	atomic {
		!in_fault[1];
		alive = false;
		check_content(1);
		if
		:: pte[1] != NONE -> zap(f, 1)
		:: else -> goto discard
		fi
	};
	atomic { folio_put(f) };
discard:
	/* removal_discard_all() */
	atomic {
		f = NONE;
		if
		:: entry_frame[1] == NONE && entry_slot[1] == NO_SLOT ->
			forget_places(1);
			goto again
		:: entry_slot[1] != NO_SLOT ->
			discard_slot(1);
			goto discard
		:: entry_frame[1] != NONE && !folios[entry_frame[1]].transit ->
			f = entry_frame[1];
			folios[f].transit = true
		fi
	};
	discard_frame(f, 1);
	goto discard
}
#endif

init {
	byte f = 0;

	atomic {
		do
		:: f < FOLIOS ->
			folios[f].refs = 1;
			folios[f].free = true;
			folios[f].slot = NO_SLOT;
			f++
		:: else -> break
		od;
		f = 0;
#ifdef IDLE_PARENT
		/* It has touched the page before. */
		pool_take(f);
		page_init(f, 0);
		folios[f].transit = false;
		folios[f].owned = true;
		folios[f].dirty = true;
		folios[f].fresh[0] = true;
		nothing_fresh[0] = false;
		entry_frame[0] = f;
		f = 0;
#else
		run toucher(0);
#endif
#ifdef FORKER
		run forker();
#ifndef IDLE_CHILD
		run toucher(1);
#endif
#endif
#ifdef DAEMON
		run daemon();
#endif
#ifdef DAEMON2
		run daemon();
#endif
#ifdef TOUCHER2
		run toucher(0);
#endif
#ifdef PINNER
		run pinner();
#endif
#ifdef UNMAPPER
		run unmapper();
#endif
#ifdef REVOKER
		run revoker();
#endif
#ifdef PROTECTER
		run protecter();
		run granter();
#endif
	}
}
