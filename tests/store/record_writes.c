/* Records every call of a process that changes or syncs files beneath RECORD_BELOW, in order, into the file RECORD_TO.

   A record is: operation (1 byte), inode, offset, size or mode (8 bytes each), lengths of path, second path and data
   (4 bytes each), then those three. Loaded with LD_PRELOAD; see test_power_loss.py, which plays the log back. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int log_descriptor = -2;

static void put(const void *data, size_t size) {
    if (syscall(SYS_write, log_descriptor, data, size) != (ssize_t)size) abort();
}

static void record(char operation, uint64_t inode, int64_t offset, int64_t size, const char *path, const char *second,
                   const void *data, size_t data_size) {
    int kept = errno;
    pthread_mutex_lock(&mutex);
    if (log_descriptor == -2)
        log_descriptor = syscall(SYS_openat, AT_FDCWD, getenv("RECORD_TO"), O_WRONLY | O_CREAT | O_APPEND, 0600);
    int64_t numbers[3] = {(int64_t)inode, offset, size};
    uint32_t lengths[3] = {strlen(path), strlen(second), data_size};
    put(&operation, 1);
    put(numbers, sizeof numbers);
    put(lengths, sizeof lengths);
    put(path, lengths[0]);
    put(second, lengths[1]);
    put(data, data_size);
    pthread_mutex_unlock(&mutex);
    errno = kept;
}

static int is_below(const char *path) {
    const char *below = getenv("RECORD_BELOW");
    return below && path && strncmp(path, below, strlen(below)) == 0;
}

/* The path and inode of an open file, if it lies below the folder. */
static int of(int descriptor, char *path, uint64_t *inode) {
    char link[64];
    struct stat status;
    int kept = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = 0;
    int found = is_below(path) && fstat(descriptor, &status) == 0;
    if (found) *inode = status.st_ino;
    errno = kept;
    return found;
}

static uint64_t inode_of(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 ? status.st_ino : 0;
}

static int opened(int descriptor, const char *path, int flags, int existed) {
    char real[PATH_MAX];
    uint64_t inode;
    struct stat status;
    if (descriptor < 0 || !is_below(path) || !of(descriptor, real, &inode)) return descriptor;
    fstat(descriptor, &status);
    if (S_ISDIR(status.st_mode)) return descriptor;
    if (!existed) record('c', inode, 0, status.st_mode & 0777, path, "", "", 0);
    else if (flags & O_TRUNC) record('t', inode, 0, 0, path, "", "", 0);
    return descriptor;
}

#define OPEN(name)                                                                        \
    int name(const char *path, int flags, ...) {                                          \
        va_list rest;                                                                     \
        va_start(rest, flags);                                                            \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;           \
        va_end(rest);                                                                     \
        int existed = inode_of(path) != 0;                                                \
        return opened(REAL(name)(path, flags, mode), path, flags, existed);               \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                      \
    int name(int folder, const char *path, int flags, ...) {                              \
        va_list rest;                                                                     \
        va_start(rest, flags);                                                            \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;           \
        va_end(rest);                                                                     \
        int existed = inode_of(path) != 0;                                                \
        int descriptor = REAL(name)(folder, path, flags, mode);                           \
        return folder == AT_FDCWD ? opened(descriptor, path, flags, existed) : descriptor; \
    }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int descriptor, const void *data, size_t size) {
    char path[PATH_MAX];
    uint64_t inode;
    off_t offset = lseek(descriptor, 0, SEEK_CUR);
    ssize_t done = REAL(write)(descriptor, data, size);
    if (done > 0 && descriptor == 1) record('A', 0, 0, 0, "", "", data, done);
    else if (done > 0 && of(descriptor, path, &inode)) record('w', inode, offset, done, path, "", data, done);
    return done;
}

#define PWRITE(name, type)                                                                \
    ssize_t name(int descriptor, const void *data, size_t size, type offset) {            \
        char path[PATH_MAX];                                                              \
        uint64_t inode;                                                                   \
        ssize_t done = REAL(name)(descriptor, data, size, offset);                        \
        if (done > 0 && of(descriptor, path, &inode)) record('w', inode, offset, done, path, "", data, done); \
        return done;                                                                      \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define FTRUNCATE(name, type)                                                             \
    int name(int descriptor, type size) {                                                 \
        char path[PATH_MAX];                                                              \
        uint64_t inode;                                                                   \
        int result = REAL(name)(descriptor, size);                                        \
        if (result == 0 && of(descriptor, path, &inode)) record('t', inode, size, 0, path, "", "", 0); \
        return result;                                                                    \
    }
FTRUNCATE(ftruncate, off_t)
FTRUNCATE(ftruncate64, off64_t)

ssize_t copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t size, unsigned flags) {
    errno = ENOSYS; /* Makes the program write the bytes itself, so that they are recorded. */
    return -1;
}

int fchmod(int descriptor, mode_t mode) {
    char path[PATH_MAX];
    uint64_t inode;
    int result = REAL(fchmod)(descriptor, mode);
    if (result == 0 && of(descriptor, path, &inode)) record('m', inode, 0, mode, path, "", "", 0);
    return result;
}

int chmod(const char *path, mode_t mode) {
    int result = REAL(chmod)(path, mode);
    if (result == 0 && is_below(path)) record('m', inode_of(path), 0, mode, path, "", "", 0);
    return result;
}

int link(const char *from, const char *to) {
    int result = REAL(link)(from, to);
    if (result == 0 && is_below(to)) record('l', inode_of(to), 0, 0, to, "", "", 0);
    return result;
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    int result = REAL(linkat)(from_folder, from, to_folder, to, flags);
    if (result == 0 && is_below(to)) record('l', inode_of(to), 0, 0, to, "", "", 0);
    return result;
}

int rename(const char *from, const char *to) {
    int result = REAL(rename)(from, to);
    if (result == 0 && is_below(to)) record('r', inode_of(to), 0, 0, to, from, "", 0);
    return result;
}

int unlink(const char *path) {
    uint64_t inode = inode_of(path);
    int result = REAL(unlink)(path);
    if (result == 0 && is_below(path)) record('u', inode, 0, 0, path, "", "", 0);
    return result;
}

int mkdir(const char *path, mode_t mode) {
    int result = REAL(mkdir)(path, mode);
    if (result == 0 && is_below(path)) record('d', inode_of(path), 0, 0, path, "", "", 0);
    return result;
}

#define SYNC(name, operation)                                                             \
    int name(int descriptor) {                                                            \
        char path[PATH_MAX];                                                              \
        uint64_t inode;                                                                   \
        int result = REAL(name)(descriptor);                                              \
        if (result == 0 && of(descriptor, path, &inode)) record(operation, inode, 0, 0, path, "", "", 0); \
        return result;                                                                    \
    }
SYNC(fsync, 's')
SYNC(fdatasync, 's')
SYNC(syncfs, 'S')
