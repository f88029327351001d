#include "fault_area.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t areas_lock = PTHREAD_MUTEX_INITIALIZER;
static fault_area *areas;

// MARK: - Areas

fault_area *fault_area_make(const char *folder, uint64_t seed) {
    fault_area *area = calloc(1, sizeof *area);
    area->folder = strdup(folder);
    area->random = seed;
    area->references = 1;
    pthread_mutex_init(&area->lock, NULL);
    pthread_mutex_lock(&areas_lock);
    area->next = areas;
    areas = area;
    pthread_mutex_unlock(&areas_lock);
    return area;
}

void fault_area_end(fault_area *area) {
    pthread_mutex_lock(&areas_lock);
    for (fault_area **link = &areas; *link; link = &(*link)->next) {
        if (*link == area) {
            *link = area->next;
            break;
        }
    }
    pthread_mutex_unlock(&areas_lock);
    pthread_mutex_lock(&area->lock);
    area->is_ended = 1;
    area->nth = area->cut_in = area->is_cut = 0;
    pthread_mutex_unlock(&area->lock);
    fault_area_release(area);
}

fault_area *fault_area_of(const char *path) {
    fault_area *found = NULL;
    pthread_mutex_lock(&areas_lock);
    for (fault_area *area = areas; path && area; area = area->next) {
        size_t length = strlen(area->folder);
        if (strncmp(path, area->folder, length) == 0 && path[length] == '/') {
            found = area;
            break;
        }
    }
    if (found) {
        pthread_mutex_lock(&found->lock);
        found->references++;
        pthread_mutex_unlock(&found->lock);
    }
    pthread_mutex_unlock(&areas_lock);
    return found;
}

static void forget(fault_node *node) {
    while (node->first) {
        fault_change *change = node->first;
        node->first = change->next;
        free(change->bytes);
        free(change->old);
        free(change);
    }
    node->last = NULL;
}

static void drop_ghost(fault_node *node) {
    free(node->ghost);
    node->ghost = NULL;
    node->has_ghost = 0;
    node->ghost_length = 0;
}

void fault_area_release(fault_area *area) {
    pthread_mutex_lock(&area->lock);
    int left = --area->references;
    pthread_mutex_unlock(&area->lock);
    if (left > 0) return;
    while (area->nodes) {
        fault_node *node = area->nodes;
        area->nodes = node->next;
        forget(node);
        drop_ghost(node);
        free(node->path);
        free(node);
    }
    pthread_mutex_destroy(&area->lock);
    free(area->folder);
    free(area);
}

/// Nodes stand in the order in which they were first met, so that what a seed takes from them is always the same.
fault_node *fault_node_of(fault_area *area, const char *path) {
    fault_node **link = &area->nodes;
    for (; *link; link = &(*link)->next) {
        if (strcmp((*link)->path, path) == 0) return *link;
    }
    fault_node *node = calloc(1, sizeof *node);
    node->path = strdup(path);
    *link = node;
    return node;
}

// MARK: - Faults

#define LOCKED(area, ...)                                                                                              \
    do {                                                                                                               \
        pthread_mutex_lock(&(area)->lock);                                                                             \
        __VA_ARGS__;                                                                                                   \
        pthread_mutex_unlock(&(area)->lock);                                                                           \
    } while (0)

int fault_area_handles(fault_area *area) {
    int count;
    LOCKED(area, count = area->handles);
    return count;
}

void fault_area_fail(fault_area *area, int kinds, int how, int64_t nth, int lasts) {
    LOCKED(area, area->kinds = kinds; area->how = how; area->nth = nth; area->lasts = lasts; area->calls = 0;
           area->failures = 0);
}

int64_t fault_area_calls(fault_area *area) {
    int64_t count;
    LOCKED(area, count = area->calls);
    return count;
}

int64_t fault_area_failures(fault_area *area) {
    int64_t count;
    LOCKED(area, count = area->failures);
    return count;
}

void fault_area_cut(fault_area *area) { LOCKED(area, area->is_cut = 1; area->cut_in = 0); }

void fault_area_cut_at(fault_area *area, int64_t nth, void (*told)(void *), void *context) {
    LOCKED(area, area->cut_in = nth; area->told = told; area->context = context);
}

int fault_area_is_cut(fault_area *area) {
    int is_cut;
    LOCKED(area, is_cut = area->is_cut);
    return is_cut;
}

void fault_area_spare(fault_area *area, int spared) { LOCKED(area, area->spared = spared); }

fault_verdict fault_meet(fault_area *area, int kind, int *now) {
    fault_verdict verdict = fault_pass;
    void (*told)(void *) = NULL;
    void *context = NULL;
    *now = 0;
    pthread_mutex_lock(&area->lock);
    if (area->is_cut) {
        verdict = fault_die;
    } else if (area->spared || area->is_ended) {
        verdict = fault_pass;
    } else {
        if (area->nth > 0 && (kind & area->kinds)) {
            int is_over = area->failures > 0 && !area->lasts;
            if (!is_over && area->failures == 0) area->calls++;
            if (!is_over && area->calls >= area->nth) {
                area->failures++;
                verdict = area->how == fault_eio ? fault_fail : area->how == fault_short ? fault_fail_short : fault_fail_full;
            }
        }
        if (area->cut_in > 0 && (kind & fault_changes) && --area->cut_in == 0) {
            area->is_cut = 1;
            *now = 1;
            verdict = fault_die;
            told = area->told;
            context = area->context;
        }
    }
    pthread_mutex_unlock(&area->lock);
    if (told) told(context);
    return verdict;
}

// MARK: - What is not durable

static void append(fault_node *node, fault_change *change) {
    if (node->last) {
        node->last->next = change;
    } else {
        node->first = change;
    }
    node->last = change;
}

static unsigned char *copy(const void *bytes, int64_t length) {
    unsigned char *made = malloc(length > 0 ? (size_t)length : 1);
    if (length > 0) memcpy(made, bytes, (size_t)length);
    return made;
}

void fault_note(fault_node *node, int64_t offset, const void *bytes, int64_t length, unsigned char *old, int64_t old_length,
                int64_t old_size) {
    fault_change *change = calloc(1, sizeof *change);
    change->offset = offset;
    change->length = length;
    change->bytes = bytes ? copy(bytes, length) : NULL;
    change->old = old;
    change->old_length = old_length;
    change->old_size = old_size;
    append(node, change);
}

enum { page_size = 4096 };

/// Whether a change that this sync writes dirtied the page of a doomed piece again.
static int is_rewritten(const fault_change *piece) {
    int64_t start = piece->offset / page_size * page_size, end = start + page_size;
    for (const fault_change *later = piece->next; later; later = later->next) {
        if (!later->is_doomed && later->bytes && later->offset < end && later->offset + later->length > start) return 1;
    }
    return 0;
}

void fault_names_synced(fault_area *area, const char *path) {
    size_t length = (size_t)(strrchr(path, '/') - path);
    for (fault_node *node = area->nodes; node; node = node->next) {
        if (strncmp(node->path, path, length + 1) != 0 || strchr(node->path + length + 1, '/')) continue;
        node->is_new = 0;
        drop_ghost(node);
    }
}

void fault_synced(fault_area *area, fault_node *node, int with_name) {
    fault_change *kept = NULL, *last = NULL, *change = node->first;
    // Judged before any is forgotten, from the first on: only later changes count.
    for (fault_change *piece = node->first; piece; piece = piece->next) {
        if (piece->is_doomed && is_rewritten(piece)) piece->is_doomed = -1;
    }
    while (change) {
        fault_change *next = change->next;
        change->next = NULL;
        if (change->is_doomed == 1) {
            if (last) {
                last->next = change;
            } else {
                kept = change;
            }
            last = change;
        } else {
            free(change->bytes);
            free(change->old);
            free(change);
        }
        change = next;
    }
    node->first = kept;
    node->last = last;
    if (with_name) fault_names_synced(area, node->path);
}

/// Divides what was to be written into pages: the kernel takes each for clean from now on, though the disk never got it.
void fault_sync_failed(fault_node *node) {
    fault_change *change = node->first;
    node->first = node->last = NULL;
    while (change) {
        fault_change *next = change->next;
        change->next = NULL;
        if (!change->bytes || change->is_doomed) {
            append(node, change);
            change = next;
            continue;
        }
        for (int64_t start = change->offset, end = change->offset + change->length; start < end;) {
            int64_t stop = (start / page_size + 1) * page_size;
            if (stop > end) stop = end;
            int64_t skipped = start - change->offset, old_length = change->old_length - skipped;
            if (old_length < 0) old_length = 0;
            if (old_length > stop - start) old_length = stop - start;
            unsigned char *old = copy(old_length > 0 ? change->old + skipped : NULL, old_length);
            fault_note(node, start, change->bytes + skipped, stop - start, old, old_length,
                       change->old_size > start ? change->old_size : start);
            node->last->is_doomed = 1;
            start = stop;
        }
        free(change->bytes);
        free(change->old);
        free(change);
        change = next;
    }
}

static unsigned char *read_file(const char *path, int64_t *length) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    struct stat facts;
    if (descriptor < 0 || fstat(descriptor, &facts) != 0) {
        if (descriptor >= 0) close(descriptor);
        return NULL;
    }
    unsigned char *bytes = malloc(facts.st_size > 0 ? (size_t)facts.st_size : 1);
    *length = pread(descriptor, bytes, (size_t)facts.st_size, 0);
    close(descriptor);
    return bytes;
}

static int revert(int descriptor, const fault_change *change) {
    if (change->old_length > 0 &&
        pwrite(descriptor, change->old, (size_t)change->old_length, change->offset) != change->old_length) {
        return -1;
    }
    struct stat facts;
    if (fstat(descriptor, &facts) != 0) return -1;
    int grew = change->bytes && facts.st_size > change->old_size && change->offset + change->length > change->old_size;
    return grew || facts.st_size < change->old_size ? ftruncate(descriptor, change->old_size) : 0;
}

static int revert_all(int descriptor, const fault_change *change) {
    if (!change) return 0;
    if (revert_all(descriptor, change->next) != 0) return -1;
    return revert(descriptor, change);
}

void fault_deleted(fault_node *node) {
    // Of a name that was never durable nothing comes back. Of two deletions the first counts: what it deleted was durable.
    if (!node->is_new && !node->has_ghost) {
        // Its own unsynced changes are lost with it: all of them, which is one of the ways it can go.
        int descriptor = open(node->path, O_RDWR | O_CLOEXEC);
        if (descriptor >= 0) {
            revert_all(descriptor, node->first);
            close(descriptor);
        }
        node->ghost = read_file(node->path, &node->ghost_length);
        node->has_ghost = node->ghost != NULL;
    }
    forget(node);
    node->is_new = 0;
}

// MARK: - The loss

static uint64_t draw(fault_area *area) {
    uint64_t z = (area->random += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static int happens(fault_area *area, int percent) { return (int)(draw(area) % 100) < percent; }

static int keep(int descriptor, const fault_change *change, int64_t from, int64_t to) {
    if (!change->bytes) return ftruncate(descriptor, change->offset);
    if (to > change->length) to = change->length;
    return to <= from || pwrite(descriptor, change->bytes + from, (size_t)(to - from), change->offset + from) == to - from
               ? 0
               : -1;
}

/// Opens the file of a node under the name that it has now; -1 where it is gone.
static int open_now(const fault_node *node) {
    struct stat facts;
    if (stat(node->path, &facts) == 0 && facts.st_ino == node->inode) return open(node->path, O_RDWR | O_CLOEXEC);
    int length = (int)(strrchr(node->path, '/') - node->path), descriptor = -1;
    char *folder = strndup(node->path, (size_t)length);
    DIR *entries = opendir(folder);
    for (struct dirent *entry; descriptor < 0 && entries && (entry = readdir(entries));) {
        if (entry->d_ino == node->inode) descriptor = openat(dirfd(entries), entry->d_name, O_RDWR | O_CLOEXEC);
    }
    if (entries) closedir(entries);
    free(folder);
    return descriptor;
}

static int lose_changes(fault_area *area, fault_node *node, int percent, const fault_change *torn, fault_loss *loss) {
    int descriptor = open_now(node);
    // Whoever deleted it without asking SQLite took its changes with it.
    if (descriptor < 0) return 0;
    int status = revert_all(descriptor, node->first);
    for (fault_change *change = node->first; change && status == 0; change = change->next) {
        if (change == torn) {
            int64_t sectors = (change->length + 511) / 512, middle = (int64_t)(draw(area) % (uint64_t)sectors) * 512;
            int is_head = happens(area, 50);
            status = is_head ? keep(descriptor, change, 0, middle) : keep(descriptor, change, middle, change->length);
            loss->torn++;
        } else if (!change->is_doomed && happens(area, percent)) {
            status = keep(descriptor, change, 0, change->length);
            loss->kept++;
        } else {
            loss->lost++;
        }
    }
    close(descriptor);
    return status;
}

static int lose(fault_area *area, fault_node *node, int percent, const fault_change *torn, fault_loss *loss) {
    int status = 0;
    if (node->has_ghost && !happens(area, percent)) {
        int descriptor = open(node->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (descriptor < 0) return -1;
        if (pwrite(descriptor, node->ghost, (size_t)node->ghost_length, 0) != node->ghost_length) status = -1;
        close(descriptor);
        loss->revived++;
    } else if (node->is_new && !happens(area, percent)) {
        if (unlink(node->path) == 0) loss->vanished++;
    } else if (node->first) {
        status = lose_changes(area, node, percent, torn, loss);
    }
    if (access(node->path, F_OK) == 0) {
        // The index of a write-ahead log is shared memory.
        size_t length = strlen(node->path);
        char *index = malloc(length + 5);
        memcpy(index, node->path, length);
        memcpy(index + length, "-shm", 5);
        unlink(index);
        free(index);
    }
    forget(node);
    drop_ghost(node);
    node->is_new = 0;
    return status;
}

void fault_area_settle(fault_area *area) {
    pthread_mutex_lock(&area->lock);
    for (fault_node *node = area->nodes; node; node = node->next) {
        forget(node);
        drop_ghost(node);
        node->is_new = 0;
    }
    pthread_mutex_unlock(&area->lock);
}

int fault_area_restore(fault_area *area, fault_loss *loss) {
    memset(loss, 0, sizeof *loss);
    pthread_mutex_lock(&area->lock);
    int status = area->handles;
    if (status == 0) {
        // One write is torn, whichever it is.
        int64_t count = 0;
        const fault_change *torn = NULL;
        for (fault_node *node = area->nodes; node; node = node->next) {
            for (fault_change *change = node->first; change; change = change->next) {
                if (change->bytes && change->length > 512 && draw(area) % (uint64_t)++count == 0) torn = change;
            }
        }
        int percent = (int)(draw(area) % 21);
        for (fault_node *node = area->nodes; node; node = node->next) {
            if (lose(area, node, percent, torn, loss) != 0) status = -1;
        }
        area->is_cut = 0;
        area->cut_in = 0;
    }
    pthread_mutex_unlock(&area->lock);
    return status;
}
