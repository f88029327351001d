// A disk that can fail: a virtual file system of SQLite over the system's own, for tests and simulations only.
//
// It is registered as the process's default, since GRDB opens files by path. Files outside of every area go straight to the
// system's file system. Within an area it keeps, file by file, what was written since the last sync, so that a power cut can take
// it back; and it lets the n-th call of a kind fail.
//
// Every call may come from any thread.
#ifndef CFAULTVFS_H
#define CFAULTVFS_H

#include <stdint.h>

/// Kinds of calls, to be combined.
enum {
    fault_open = 1,
    fault_read = 2,
    fault_write = 4,
    fault_sync = 8,
    fault_truncate = 16,
    fault_delete = 32,
    fault_size = 64,
    /// The shared memory of the write-ahead log's index.
    fault_shared = 128,
    /// What changes a file: the calls that a power cut counts.
    fault_changes = 4 | 8 | 16 | 32,
    fault_all = 255
};

/// How a call fails.
enum {
    /// The disk reports an error, and nothing was done.
    fault_eio = 1,
    /// The disk is full.
    fault_enospc = 2,
    /// Half of a write is done, then the disk is full.
    fault_short = 3
};

typedef struct fault_area fault_area;

/// What a power cut did.
typedef struct {
    /// Unsynced changes that stayed, were lost, and were torn at a multiple of 512 bytes.
    int32_t kept, lost, torn;
    /// Deleted files that came back, and new ones that are gone.
    int32_t revived, vanished;
} fault_loss;

/// Makes this file system the process's default, once; 0 when that is done.
int fault_install(void);

/// From now on the files in `folder` (whole, without links, no `/` at its end) and below are this area's.
fault_area *fault_area_make(const char *folder, uint64_t seed);
/// Gives the folder back; files that are open go on without faults.
void fault_area_end(fault_area *area);

/// How many files of the area are open.
int fault_area_handles(fault_area *area);

/// The n-th call of these kinds from now on fails like this, and all later ones where `lasts`; 0 calls it off.
void fault_area_fail(fault_area *area, int kinds, int how, int64_t nth, int lasts);
/// How many calls of those kinds were made since then, up to and with the first that failed.
int64_t fault_area_calls(fault_area *area);
/// How many calls failed since then.
int64_t fault_area_failures(fault_area *area);

/// Cuts the power: every call fails until it is back.
void fault_area_cut(fault_area *area);
/// Cuts the power with the n-th change from now on; `told` hears of it, once, on the thread of that call. 0 calls it off.
void fault_area_cut_at(fault_area *area, int64_t nth, void (*told)(void *), void *context);
/// Whether the power is off.
int fault_area_is_cut(fault_area *area);
/// Calls that off, and holds the counting while it is not 0: for looks that are no part of what is tried.
void fault_area_spare(fault_area *area, int spared);

/// All that was done is on the disk by now: somebody has put other files in the place of these, and no power cut mixes the two.
void fault_area_settle(fault_area *area);

/// The power is back, once no file is open: takes back what the cut lost, all of it that was not synced but for 0 to 20 of a
/// hundred changes. Answers 0, or how many files are still open, or -1 where a file cannot be written.
int fault_area_restore(fault_area *area, fault_loss *loss);

#endif
