// What an area knows of its files; shared by the two halves of the file system.
#ifndef FAULT_AREA_H
#define FAULT_AREA_H

#include "CFaultVFS.h"

#include <pthread.h>
#include <stddef.h>

/// A change of a file that no sync has made durable.
typedef struct fault_change {
    struct fault_change *next;
    /// A write of `length` bytes at `offset`; or, where `bytes` is NULL, a cut to `offset`.
    int64_t offset;
    int64_t length;
    unsigned char *bytes;
    /// What stood there, as far as the file reached, and how long the file was.
    unsigned char *old;
    int64_t old_length;
    int64_t old_size;
    /// A sync of it failed: a later one does not write it, as Linux holds it.
    int is_doomed;
} fault_change;

/// What is known of a file.
typedef struct fault_node {
    struct fault_node *next;
    char *path;
    /// Which file it is, since somebody opened it: others may have renamed it.
    uint64_t inode;
    fault_change *first, *last;
    /// The name itself is not durable yet.
    int is_new;
    /// A file of that name was deleted, and that is not durable yet: what it held, unsynced changes of it apart.
    int has_ghost;
    unsigned char *ghost;
    int64_t ghost_length;
} fault_node;

struct fault_area {
    struct fault_area *next;
    char *folder;
    pthread_mutex_t lock;
    int references, handles, is_ended;
    uint64_t random;
    fault_node *nodes;
    int kinds, how, lasts, is_cut, spared;
    int64_t nth, calls, failures, cut_in;
    void (*told)(void *);
    void *context;
};

/// The area of a path, with one more reference; NULL where there is none.
fault_area *fault_area_of(const char *path);
void fault_area_release(fault_area *area);
/// What is known of a path; the caller holds the lock.
fault_node *fault_node_of(fault_area *area, const char *path);

/// What a call has to do.
typedef enum { fault_pass, fault_fail, fault_fail_short, fault_fail_full, fault_die } fault_verdict;
/// Counts a call and says what becomes of it. `fault_die`: the power went before it, or goes with it (then `*now` is 1).
fault_verdict fault_meet(fault_area *area, int kind, int *now);

/// Notes a change that was made; the caller holds the lock.
void fault_note(fault_node *node, int64_t offset, const void *bytes, int64_t length, unsigned char *old, int64_t old_length,
                int64_t old_size);
/// A sync went well, or failed; the caller holds the lock.
void fault_synced(fault_area *area, fault_node *node, int with_name);
void fault_sync_failed(fault_node *node);
/// A file is about to be deleted; the caller holds the lock.
void fault_deleted(fault_node *node);
/// The folder that a path lies in was synced: its names are durable. The caller holds the lock.
void fault_names_synced(fault_area *area, const char *path);

#endif
