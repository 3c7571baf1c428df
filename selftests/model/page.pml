/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One page of a region, and all that can happen to it at a time: threads that touch it,
 * daemons that evict it and take its slot back, a task that pins it and writes to it
 * later, a task that unmaps and discards it, a disk that may fail.
 *
 * One bit describes the content of a place (a folio, the slot, or nothing at all, which
 * reads as zeros): is it the last content that was written to the page? A write sets the
 * bit of the folio that was written to, and clears all others; a copy copies it; a read
 * asserts it. So a byte lost and a stale byte read are the same failure. A folio or slot
 * that is freed is overwritten by another page at once.
 *
 * A step is one atomic operation of the kernel, or one hold of a spinlock, or a sequence
 * whose middle no other process can see. Names in comments are functions of the module.
 * move() stands where the module has its tracepoint page_state: selftests/transitions.c
 * takes the list of moves from here, and fails on any other that it sees in a kernel.
 *
 * "check" runs this with some of the processes at a time, and with bugs planted.
 */
#ifndef FOLIOS
#define FOLIOS	2
#endif
#define NONE	FOLIOS

mtype = { absent, reading, resident, evicting, writing, swapped };
mtype state = absent;

/* The page's entry in its region: a frame, or a slot, or neither. */
byte entry_frame = NONE;
bool entry_slot;

/* Its place in a page table. */
byte pte = NONE;
bool pte_dirty;

typedef folio {
	byte refs;		/* 0: frozen */
	bool locked;		/* the folio lock */
	bool owned;		/* its mapping is the region's */
	bool dirty;
	bool given_up;		/* not the pool's any more */
	bool free;		/* in the pool */
	bool fresh;
	bool slot;		/* these are the frame's */
	bool transit;
	bool is_reading;
	bool is_writing;
	bool rescued;
};
folio folios[FOLIOS];

/* A page has one slot at a time at most, so one shows all there is to see. */
bool slot_used;
bool slot_fresh;
bool nothing_fresh = true;

inline move(from, to)
{
	assert(state == from);
	state = to
}

/* A write to a folio, which need not be the page's any more. */
inline written(f)
{
	if
	:: entry_frame == f ->
		nothing_fresh = false;
		slot_fresh = false;
		folios[f].fresh = true
	:: else
	fi
}

/* The page reads as zeros from now on. */
inline forgotten(f)
{
	nothing_fresh = true;
	slot_fresh = false;
	if
	:: f != NONE -> folios[f].fresh = false
	:: else
	fi
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
		assert(!folios[f].owned && !folios[f].dirty && !folios[f].slot);
		assert(entry_frame != f && pte != f);
		folios[f].free = false
	:: else
	fi
}

inline pool_put(f)
{
	assert(!folios[f].free && !folios[f].owned && !folios[f].dirty);
	assert(entry_frame != f && pte != f);
	folios[f].fresh = false;
	folios[f].slot = false;
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

inline slot_free(f)
{
	if
	:: folios[f].slot ->
		assert(slot_used);
		slot_used = false;
		slot_fresh = false;
		folios[f].slot = false
	:: else
	fi
}

/* The PTE goes, its dirty bit moves into the folio, its reference is left. */
inline zap(f)
{
	f = pte;
	folios[f].dirty = folios[f].dirty || pte_dirty;
	pte_dirty = false;
	pte = NONE
}

inline mapping_unmap(f)
{
	if
	:: pte == f ->
		zap(f);
		folios[f].refs--
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

/* The folio is locked and referenced; both go to the PTE. */
inline map_folio(f)
{
	was_writing = folios[f].is_writing;
	atomic {
		folios[f].rescued = folios[f].rescued || was_writing;
		folios[f].dirty = folios[f].dirty || is_write;
		was_writing = false
	};
	atomic {
		if
		:: pte == NONE ->
			pte = f;
			pte_dirty = is_write
		:: else ->
			/* Another thread was faster. */
			assert(pte == f);
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

proctype toucher()
{
	byte f = NONE;
	bool is_write, was_writing, locked, slot;

look:
	atomic {
		f = NONE;
		if
		:: is_write = false
		:: is_write = true
		fi;
		if
		:: pte != NONE ->
			/* No fault: the processor reads or writes. */
			assert(pte == entry_frame && !folios[pte].free);
			if
			:: is_write ->
				pte_dirty = true;
				written(pte)
			:: else ->
				assert(folios[pte].fresh)
			fi;
			goto look
		:: else
		fi;
		if
		:: entry_frame != NONE ->
			f = entry_frame;
			goto fault_resident
		:: entry_frame == NONE && entry_slot -> goto fault_read
		:: entry_frame == NONE && !entry_slot -> goto fault_zero
		fi
	};

fault_resident:
	/* region_wait(), then region_lock_folio() */
	atomic {
		!(entry_frame == f && (folios[f].is_reading || (STABLE && folios[f].is_writing)));
		if
		:: folios[f].refs == 0 -> goto look
		:: else -> folios[f].refs++
		fi
	};
	if
	:: entry_frame != f -> goto put
	:: else
	fi;
	atomic { !folios[f].locked -> folios[f].locked = true };
	if
	:: !folios[f].owned || entry_frame != f || folios[f].is_reading ||
	   (STABLE && folios[f].is_writing) -> goto unlock
	:: else
	fi;
	map_folio(f);
	goto look;

unlock:
	folios[f].locked = false;
put:
	atomic {
		folio_put(f);
		goto look
	};

fault_zero:
	atomic {
		pool_take(f);
		if
		:: f == NONE -> goto look
		:: else
		fi;
		trylock_new_folio(f);
		/* region_publish_zero() */
		if
		:: entry_frame == NONE && !entry_slot ->
			folios[f].owned = true;
			folios[f].transit = true;
			folios[f].is_reading = false;
			folios[f].is_writing = false;
			folios[f].rescued = false;
			folios[f].fresh = nothing_fresh;
			entry_frame = f;
			move(absent, resident)
		:: else ->
			pool_put(f);
			if
			:: locked -> goto unlock
			:: else -> goto look
			fi
		fi
	};
	folios[f].transit = false;
	if
	:: locked ->
		map_folio(f);
		goto look
	:: else -> goto look
	fi;

fault_read:
	atomic {
		pool_take(f);
		if
		:: f == NONE -> goto look
		:: else
		fi;
		/* region_claim_slot() */
		if
		:: entry_frame == NONE && entry_slot ->
			folios[f].transit = true;
			folios[f].is_reading = true;
			folios[f].is_writing = false;
			folios[f].rescued = false;
			folios[f].slot = true;
			entry_slot = false;
			entry_frame = f;
			move(swapped, reading)
		:: else ->
			pool_put(f);
			goto look
		fi
	};
	if
	:: folios[f].fresh = slot_fresh
	:: goto read_failed
	fi;
	/* pagein_finish_and_lock(), or without the lock of the VMA pagein_finish() */
	if
	:: atomic { trylock_new_folio(f) }
	:: locked = false
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
	:: locked ->
		map_folio(f);
		goto look
	:: else -> goto look
	fi;

read_failed:
	/* region_unclaim_slot(); the task gets SIGBUS */
	atomic {
		entry_frame = NONE;
		entry_slot = true;
		move(reading, swapped)
	};
	atomic {
		folios[f].is_reading = false;
		folios[f].transit = false;
		pool_put(f);
		goto look
	}
}

/* The reference count that shows that only the region has the folio. */
#ifdef BUG_NO_UNMAP
#define is_alone(f)	(folios[f].refs == 1 + (pte == f))
#define froze(f)	skip
#else
#ifdef BUG_FREEZE_BEFORE_UNMAP
#define is_alone(f)	true
#define froze(f)	skip
#else
#define is_alone(f)	(pte != f && folios[f].refs == 1)
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
		entry_frame != NONE && !folios[entry_frame].transit;
		f = entry_frame;
		folios[f].transit = true;
		if
		:: folios[f].slot -> goto take_back
		:: true
		fi;
		move(resident, evicting)
	};
	/* isolate_frame() */
	atomic {
		if
		:: folios[f].locked || folios[f].refs > 1 + (pte == f) ->
			goto putback_evicting
		:: else -> folios[f].locked = true
		fi
	};
#ifdef BUG_FREEZE_BEFORE_UNMAP
	if
	:: folios[f].refs != 1 + (pte == f) ->
		folios[f].locked = false;
		goto putback_evicting
	:: else
	fi;
#endif
#ifndef BUG_NO_UNMAP
	atomic { mapping_unmap(f) };
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
		slot_used = true;
		folios[f].slot = true
	   }
	:: goto keep_dirty
	fi;
	/* The disk takes the page at some time, or refuses it. */
	if
	:: slot_fresh = folios[f].fresh
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
		entry_frame = NONE;
		folios[f].fresh = false;
		if
		:: folios[f].slot ->
			folios[f].slot = false;
			entry_slot = true;
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

/* O_DIRECT and its like, as get_user_pages_fast() does it. */
proctype pinner()
{
	byte f = NONE;

again:
	atomic {
		pte != NONE;
		f = pte
	};
	atomic {
		if
		:: folios[f].refs == 0 -> goto again
		:: else -> folios[f].refs++
		fi
	};
	if
	:: pte == f ->
		if
		:: atomic { written(f) };
		   folios[f].dirty = true
		:: assert(entry_frame != f || folios[f].fresh)
		fi
	:: else
	fi;
	atomic {
		folio_put(f);
		f = NONE;
		goto again
	}
}

proctype unmapper()
{
	byte f = NONE;

again:
	atomic {
		f = NONE;
		if
		/* munmap(): the reference goes when TLBs have been flushed. */
		:: pte != NONE ->
			zap(f);
			goto flush
		/* run_take(), of a swapped page */
		:: entry_slot ->
			entry_slot = false;
			slot_used = false;
			move(swapped, absent);
			forgotten(NONE);
			goto again
		/* run_take(), of one in a frame */
		:: entry_frame != NONE && !folios[entry_frame].transit ->
			f = entry_frame;
			folios[f].transit = true
		fi
	};
	/* removal_discard(): run_isolate(), run_erase(), run_release() */
	atomic { !folios[f].locked -> folios[f].locked = true };
	atomic { mapping_unmap(f) };
	atomic {
		entry_frame = NONE;
		move(resident, absent);
		slot_free(f);
		forgotten(f)
	};
	atomic {
		if
		:: folios[f].refs == 1 -> folios[f].refs = 0
		:: else -> goto give_up
		fi
	};
	release_frozen(f);
	goto again;

give_up:
	atomic {
		folios[f].owned = false;
		folios[f].locked = false
	};
	folios[f].transit = false;
	folios[f].given_up = true;
flush:
	atomic {
		folio_put(f);
		goto again
	}
}

init {
	byte f = 0;

	atomic {
		do
		:: f < FOLIOS ->
			folios[f].refs = 1;
			folios[f].free = true;
			f++
		:: else -> break
		od;
		f = 0;
		run toucher();
#ifdef DAEMON
		run daemon();
#endif
#ifdef DAEMON2
		run daemon();
#endif
#ifdef TOUCHER2
		run toucher();
#endif
#ifdef PINNER
		run pinner();
#endif
#ifdef UNMAPPER
		run unmapper();
#endif
	}
}
