#include "fault_area.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// A file of an area; the system's own file lies behind it.
typedef struct {
    sqlite3_file base;
    fault_area *area;
    fault_node *node;
    /// The next sync makes the name durable too.
    int syncs_name;
    sqlite3_file real[];
} fault_file;

static sqlite3_vfs *real_vfs;

#define FILE_OF(file) ((fault_file *)(file))
#define REAL(file) (((fault_file *)(file))->real)

/// What a failing call of a kind returns.
static int code(int kind) {
    switch (kind) {
    case fault_open: return SQLITE_CANTOPEN;
    case fault_read: return SQLITE_IOERR_READ;
    case fault_write: return SQLITE_IOERR_WRITE;
    case fault_sync: return SQLITE_IOERR_FSYNC;
    case fault_truncate: return SQLITE_IOERR_TRUNCATE;
    case fault_delete: return SQLITE_IOERR_DELETE;
    case fault_size: return SQLITE_IOERR_FSTAT;
    default: return SQLITE_IOERR_SHMMAP;
    }
}

/// Says whether a call goes on: SQLITE_OK, or what it returns instead.
static int meet(fault_area *area, int kind) {
    int now;
    switch (fault_meet(area, kind, &now)) {
    case fault_pass: return SQLITE_OK;
    case fault_fail_short:
    case fault_fail_full: return kind == fault_write ? SQLITE_FULL : code(kind);
    default: return code(kind);
    }
}

static void lock(sqlite3_file *file) { pthread_mutex_lock(&FILE_OF(file)->area->lock); }
static void unlock(sqlite3_file *file) { pthread_mutex_unlock(&FILE_OF(file)->area->lock); }

// MARK: - Files

static int fault_close(sqlite3_file *file) {
    fault_area *area = FILE_OF(file)->area;
    int status = REAL(file)->pMethods->xClose(REAL(file));
    lock(file);
    area->handles--;
    unlock(file);
    fault_area_release(area);
    return status;
}

static int fault_read_file(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    int status = meet(FILE_OF(file)->area, fault_read);
    return status != SQLITE_OK ? status : REAL(file)->pMethods->xRead(REAL(file), bytes, count, offset);
}

/// Writes, and notes what stood there; the caller holds the lock.
static int write_noted(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    sqlite3_int64 size = 0;
    int status = REAL(file)->pMethods->xFileSize(REAL(file), &size);
    if (status != SQLITE_OK) return status;
    sqlite3_int64 old_length = size - offset;
    if (old_length < 0) old_length = 0;
    if (old_length > count) old_length = count;
    unsigned char *old = malloc(old_length > 0 ? (size_t)old_length : 1);
    if (old_length > 0) status = REAL(file)->pMethods->xRead(REAL(file), old, (int)old_length, offset);
    if (status == SQLITE_OK) status = REAL(file)->pMethods->xWrite(REAL(file), bytes, count, offset);
    if (status == SQLITE_OK) {
        fault_note(FILE_OF(file)->node, offset, bytes, count, old, old_length, size);
    } else {
        free(old);
    }
    return status;
}

static int fault_write_file(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    int now, status;
    fault_verdict verdict = fault_meet(FILE_OF(file)->area, fault_write, &now);
    if (verdict == fault_fail || (verdict == fault_die && !now)) return SQLITE_IOERR_WRITE;
    if (verdict == fault_fail_full) return SQLITE_FULL;
    lock(file);
    status = write_noted(file, bytes, verdict == fault_fail_short ? count / 2 : count, offset);
    unlock(file);
    if (verdict == fault_fail_short) return SQLITE_FULL;
    return verdict == fault_die ? SQLITE_IOERR_WRITE : status;
}

static int fault_truncate_file(sqlite3_file *file, sqlite3_int64 size) {
    int now;
    fault_verdict verdict = fault_meet(FILE_OF(file)->area, fault_truncate, &now);
    if (verdict != fault_pass && !(verdict == fault_die && now)) return SQLITE_IOERR_TRUNCATE;
    lock(file);
    sqlite3_int64 old_size = 0;
    int status = REAL(file)->pMethods->xFileSize(REAL(file), &old_size);
    sqlite3_int64 old_length = old_size > size ? old_size - size : 0;
    unsigned char *old = malloc(old_length > 0 ? (size_t)old_length : 1);
    if (status == SQLITE_OK && old_length > 0) {
        status = REAL(file)->pMethods->xRead(REAL(file), old, (int)old_length, size);
    }
    if (status == SQLITE_OK) status = REAL(file)->pMethods->xTruncate(REAL(file), size);
    if (status == SQLITE_OK && old_size != size) {
        fault_note(FILE_OF(file)->node, size, NULL, 0, old, old_length, old_size);
    } else {
        free(old);
    }
    unlock(file);
    return verdict == fault_die ? SQLITE_IOERR_TRUNCATE : status;
}

static int fault_sync_file(sqlite3_file *file, int flags) {
    int status = meet(FILE_OF(file)->area, fault_sync);
    if (status == SQLITE_OK) status = REAL(file)->pMethods->xSync(REAL(file), flags);
    lock(file);
    if (status == SQLITE_OK) {
        fault_synced(FILE_OF(file)->area, FILE_OF(file)->node, FILE_OF(file)->syncs_name);
        FILE_OF(file)->syncs_name = 0;
    } else if (!FILE_OF(file)->area->is_cut) {
        fault_sync_failed(FILE_OF(file)->node);
    }
    unlock(file);
    return status;
}

static int fault_file_size(sqlite3_file *file, sqlite3_int64 *size) {
    int status = meet(FILE_OF(file)->area, fault_size);
    return status != SQLITE_OK ? status : REAL(file)->pMethods->xFileSize(REAL(file), size);
}

static int fault_lock_file(sqlite3_file *file, int level) {
    if (fault_area_is_cut(FILE_OF(file)->area)) return SQLITE_IOERR_LOCK;
    return REAL(file)->pMethods->xLock(REAL(file), level);
}

static int fault_unlock_file(sqlite3_file *file, int level) { return REAL(file)->pMethods->xUnlock(REAL(file), level); }

static int fault_check_lock(sqlite3_file *file, int *is_reserved) {
    return REAL(file)->pMethods->xCheckReservedLock(REAL(file), is_reserved);
}

static int fault_control(sqlite3_file *file, int operation, void *argument) {
    return REAL(file)->pMethods->xFileControl(REAL(file), operation, argument);
}

static int fault_sector(sqlite3_file *file) { return REAL(file)->pMethods->xSectorSize(REAL(file)); }
static int fault_traits(sqlite3_file *file) { return REAL(file)->pMethods->xDeviceCharacteristics(REAL(file)); }

static int fault_shared_map(sqlite3_file *file, int region, int size, int extends, void volatile **memory) {
    int status = meet(FILE_OF(file)->area, fault_shared);
    if (status != SQLITE_OK) {
        *memory = NULL;
        return status;
    }
    return REAL(file)->pMethods->xShmMap(REAL(file), region, size, extends, memory);
}

static int fault_shared_lock(sqlite3_file *file, int offset, int count, int flags) {
    if ((flags & SQLITE_SHM_LOCK) && fault_area_is_cut(FILE_OF(file)->area)) return SQLITE_IOERR_SHMLOCK;
    return REAL(file)->pMethods->xShmLock(REAL(file), offset, count, flags);
}

static void fault_shared_barrier(sqlite3_file *file) { REAL(file)->pMethods->xShmBarrier(REAL(file)); }

static int fault_shared_unmap(sqlite3_file *file, int deletes) {
    return REAL(file)->pMethods->xShmUnmap(REAL(file), deletes);
}

/// Version 2: without mapped reads, which would go past it.
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read_file,
    .xWrite = fault_write_file,
    .xTruncate = fault_truncate_file,
    .xSync = fault_sync_file,
    .xFileSize = fault_file_size,
    .xLock = fault_lock_file,
    .xUnlock = fault_unlock_file,
    .xCheckReservedLock = fault_check_lock,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector,
    .xDeviceCharacteristics = fault_traits,
    .xShmMap = fault_shared_map,
    .xShmLock = fault_shared_lock,
    .xShmBarrier = fault_shared_barrier,
    .xShmUnmap = fault_shared_unmap,
};

// MARK: - The file system

static int fault_open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out) {
    (void)vfs;
    fault_area *area = fault_area_of(name);
    // Not ours: the system's own file takes the place, and nothing stands between.
    if (!area) return real_vfs->xOpen(real_vfs, name, file, flags, flags_out);
    file->pMethods = NULL;
    int status = meet(area, fault_open);
    int is_there = access(name, F_OK) == 0;
    if (status == SQLITE_OK) status = real_vfs->xOpen(real_vfs, name, REAL(file), flags, flags_out);
    if (status != SQLITE_OK) {
        fault_area_release(area);
        return status;
    }
    FILE_OF(file)->area = area;
    pthread_mutex_lock(&area->lock);
    FILE_OF(file)->node = fault_node_of(area, name);
    if (!is_there) FILE_OF(file)->node->is_new = 1;
    struct stat facts;
    if (stat(name, &facts) == 0) FILE_OF(file)->node->inode = facts.st_ino;
    int is_journal = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL);
    FILE_OF(file)->syncs_name = is_journal && (flags & SQLITE_OPEN_CREATE);
    area->handles++;
    pthread_mutex_unlock(&area->lock);
    file->pMethods = &methods;
    return SQLITE_OK;
}

static int fault_delete_file(sqlite3_vfs *vfs, const char *name, int syncs_folder) {
    (void)vfs;
    fault_area *area = fault_area_of(name);
    if (!area) return real_vfs->xDelete(real_vfs, name, syncs_folder);
    int status = meet(area, fault_delete);
    if (status == SQLITE_OK) {
        pthread_mutex_lock(&area->lock);
        fault_deleted(fault_node_of(area, name));
        status = real_vfs->xDelete(real_vfs, name, syncs_folder);
        if (status == SQLITE_OK && syncs_folder) fault_names_synced(area, name);
        pthread_mutex_unlock(&area->lock);
    }
    fault_area_release(area);
    return status;
}

static int fault_access(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
    (void)vfs;
    return real_vfs->xAccess(real_vfs, name, flags, result);
}

static int fault_full_path(sqlite3_vfs *vfs, const char *name, int count, char *path) {
    (void)vfs;
    return real_vfs->xFullPathname(real_vfs, name, count, path);
}

static void *fault_dl_open(sqlite3_vfs *vfs, const char *name) {
    (void)vfs;
    return real_vfs->xDlOpen(real_vfs, name);
}

static void fault_dl_error(sqlite3_vfs *vfs, int count, char *message) {
    (void)vfs;
    real_vfs->xDlError(real_vfs, count, message);
}

static void (*fault_dl_symbol(sqlite3_vfs *vfs, void *library, const char *name))(void) {
    (void)vfs;
    return real_vfs->xDlSym(real_vfs, library, name);
}

static void fault_dl_close(sqlite3_vfs *vfs, void *library) {
    (void)vfs;
    real_vfs->xDlClose(real_vfs, library);
}

static int fault_randomness(sqlite3_vfs *vfs, int count, char *bytes) {
    (void)vfs;
    return real_vfs->xRandomness(real_vfs, count, bytes);
}

static int fault_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return real_vfs->xSleep(real_vfs, microseconds);
}

static int fault_time(sqlite3_vfs *vfs, double *day) {
    (void)vfs;
    return real_vfs->xCurrentTime(real_vfs, day);
}

static int fault_last_error(sqlite3_vfs *vfs, int count, char *message) {
    (void)vfs;
    return real_vfs->xGetLastError ? real_vfs->xGetLastError(real_vfs, count, message) : 0;
}

static int fault_time_64(sqlite3_vfs *vfs, sqlite3_int64 *milliseconds) {
    (void)vfs;
    return real_vfs->xCurrentTimeInt64(real_vfs, milliseconds);
}

static sqlite3_vfs fault_vfs = {
    .iVersion = 2,
    .zName = "satchel-fault",
    .xOpen = fault_open_file,
    .xDelete = fault_delete_file,
    .xAccess = fault_access,
    .xFullPathname = fault_full_path,
    .xDlOpen = fault_dl_open,
    .xDlError = fault_dl_error,
    .xDlSym = fault_dl_symbol,
    .xDlClose = fault_dl_close,
    .xRandomness = fault_randomness,
    .xSleep = fault_sleep,
    .xCurrentTime = fault_time,
    .xGetLastError = fault_last_error,
    .xCurrentTimeInt64 = fault_time_64,
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int install_status = SQLITE_ERROR;

static void install(void) {
    if (sqlite3_initialize() != SQLITE_OK) return;
    real_vfs = sqlite3_vfs_find(NULL);
    if (!real_vfs || real_vfs->iVersion < 2) return;
    fault_vfs.szOsFile = real_vfs->szOsFile + (int)sizeof(fault_file);
    fault_vfs.mxPathname = real_vfs->mxPathname;
    install_status = sqlite3_vfs_register(&fault_vfs, 1);
}

int fault_install(void) {
    pthread_once(&once, install);
    return install_status;
}
