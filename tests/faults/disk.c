// A disk that fails and remembers. Preloaded, it watches every call that changes what lies below a folder. Of those
// after arm() it makes the n-th fail, or end the process, in one of the ways below; with a record, every change is
// written down with its bytes, so that what a power cut would leave can be made from it (see power_cut.py).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

// killed: before the n-th call. torn: amid the n-th write, half of which is done. refused: the n-th call fails, once.
// full: from the n-th call on whatever needs room fails, of the first write half is taken. shortened: half of the n-th
// write is taken, and nothing fails.
enum way { UNTOUCHED, KILLED, TORN, REFUSED, FULL, SHORTENED };
enum verdict { PASS, REFUSE, HALF, DIE_AMID };

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static size_t root_length;
static int record = -1, way, error_number, call, nth, failed;

int disk_calls(void) { return call; }
int disk_failed(void) { return failed; }

void disk_arm(const char *folder, int record_to, int of_way, int error, int n) {
    strncpy(root, folder, sizeof root - 1);
    record = record_to;
    way = of_way;
    error_number = error;
    nth = n;
    call = failed = 0;
    root_length = strlen(root);
}

void disk_disarm(void) { root_length = 0; }

// --- what is watched --------------------------------------------------------------------------------------------------

static int is_below(const char *path) {
    return root_length && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || !path[root_length]);
}

static int place_of(int fd, char *place) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, place, PATH_MAX - 1);
    place[length > 0 ? length : 0] = 0;
    return length > 0;
}

static int is_watched(int fd) {
    char place[PATH_MAX];
    struct stat status;
    return root_length && place_of(fd, place) && is_below(place) && fstat(fd, &status) == 0 &&
           (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

// The whole path of a name, which may be relative to a folder; whether it is watched.
static int whole_path(int folder, const char *path, char *whole) {
    if (!root_length) return 0;
    whole[0] = 0;
    if (path[0] != '/') {
        if (folder == AT_FDCWD ? !getcwd(whole, PATH_MAX) : !place_of(folder, whole)) return 0;
        strncat(whole, "/", PATH_MAX - strlen(whole) - 1);
    }
    strncat(whole, path, PATH_MAX - strlen(whole) - 1);
    return is_below(whole);
}

// --- what happens to a call -------------------------------------------------------------------------------------------

static enum verdict refuse(void) {
    failed = 1;
    errno = error_number;
    return REFUSE;
}

static enum verdict judge(int is_write, int needs_room) {
    if (!is_write && (way == TORN || way == SHORTENED)) return PASS;
    call++;
    if (way == FULL && call > nth && failed && needs_room) return refuse();
    if (call < nth || (call > nth && way != FULL) || way == UNTOUCHED) return PASS;
    if (way == KILLED) kill(getpid(), SIGKILL);
    if (way == TORN) return DIE_AMID;
    if (way == SHORTENED) return failed = 1, HALF;
    if (way == REFUSED) return refuse();
    if (failed || !needs_room) return PASS;  // full, and this is the first that needs room
    return is_write ? (failed = 1, HALF) : refuse();
}

struct entry {
    char kind;
    uint64_t inode;
    int64_t at;
    uint32_t size, first, second;  // bytes of data and of two paths, which follow
} __attribute__((packed));

static void put_down(char kind, uint64_t inode, int64_t at, int from, size_t size, const char *first,
                     const char *second) {
    if (record < 0) return;
    struct entry entry = {kind, inode, at, size, strlen(first), strlen(second)};
    struct iovec parts[4] = {{&entry, sizeof entry}, {(void *)first, entry.first}, {(void *)second, entry.second},
                             {malloc(size + 1), size}};
    for (size_t got = 0; got < size;) {
        ssize_t more = pread64(from, (char *)parts[3].iov_base + got, size - got, at + got);
        if (more <= 0) abort();
        got += more;
    }
    if (REAL(writev)(record, parts, 4) < 0) abort();
    free(parts[3].iov_base);
}

static uint64_t inode_of(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

static void put_down_bytes(int fd, int64_t at, size_t size) {
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int reader = record < 0 ? -1 : REAL(open64)(link, O_RDONLY | O_CLOEXEC);
    put_down('w', inode_of(fd), at, reader, size, "", "");
    if (reader >= 0) close(reader);
}

void disk_note(const char *text) { put_down('n', 0, 0, -1, 0, text, ""); }

// A call that changes no bytes: watched, judged, done, and put down where it succeeded.
#define CALL(type, watched, needs_room, call_it, then) \
    if (!(watched)) return call_it; \
    pthread_mutex_lock(&one_at_a_time); \
    type result = judge(0, needs_room) == REFUSE ? -1 : call_it; \
    if (result >= 0) { int kept = errno; then; errno = kept; } \
    pthread_mutex_unlock(&one_at_a_time); \
    return result;

// --- writes -----------------------------------------------------------------------------------------------------------

typedef ssize_t taker(int fd, void *what, off64_t at, size_t most);

// at: -1 for the file's own place.
static ssize_t take(taker *put, int fd, void *what, off64_t at, size_t size) {
    if (!is_watched(fd)) return put(fd, what, at, size);
    pthread_mutex_lock(&one_at_a_time);
    enum verdict verdict = judge(1, 1);
    size_t most = verdict == PASS || size < 2 ? size : size / 2;
    ssize_t done = verdict == REFUSE ? -1 : verdict == DIE_AMID && size < 2 ? 0 : put(fd, what, at, most);
    int kept = errno;
    if (done > 0) put_down_bytes(fd, at >= 0 ? at : lseek64(fd, 0, SEEK_CUR) - done, done);
    if (verdict == DIE_AMID) kill(getpid(), SIGKILL);
    errno = kept;
    pthread_mutex_unlock(&one_at_a_time);
    return done;
}

struct parts { const struct iovec *first; int count; };

static ssize_t put_parts(int fd, void *what, off64_t at, size_t most) {
    struct parts *parts = what;
    struct iovec cut[IOV_MAX];
    int count = 0;
    for (; count < parts->count && most; most -= cut[count++].iov_len) {
        cut[count] = parts->first[count];
        if (cut[count].iov_len > most) cut[count].iov_len = most;
    }
    return at < 0 ? REAL(writev)(fd, cut, count) : REAL(pwritev64)(fd, cut, count, at);
}

static ssize_t take_parts(int fd, const struct iovec *first, int count, off64_t at) {
    struct parts parts = {first, count};
    size_t size = 0;
    for (int i = 0; i < count; i++) size += first[i].iov_len;
    return take(put_parts, fd, &parts, at, size);
}

static ssize_t take_one(int fd, const void *data, size_t size, off64_t at) {
    struct iovec part = {(void *)data, size};
    return take_parts(fd, &part, 1, at);
}

ssize_t write(int fd, const void *data, size_t size) { return take_one(fd, data, size, -1); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return take_one(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { return take_one(fd, data, size, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return take_parts(fd, parts, count, -1); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return take_parts(fd, parts, count, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return take_parts(fd, parts, count, at); }

struct source { int fd; off64_t *at; };

static ssize_t put_file(int fd, void *what, off64_t at, size_t most) {
    (void)at;
    struct source *source = what;
    return REAL(sendfile64)(fd, source->fd, source->at, most);
}

ssize_t sendfile64(int fd, int from, off64_t *at, size_t size) {
    struct source source = {from, at};
    struct stat status;
    if (fstat(from, &status) == 0 && size > (size_t)status.st_size) size = status.st_size;
    return take(put_file, fd, &source, -1, size);
}

// What is written by way of stdio never comes back here: so streams over watched descriptors write through us.
static ssize_t write_stream(void *fd, const char *data, size_t size) {
    for (size_t done = 0; done < size;) {  // as stdio itself does
        ssize_t more = write((int)(intptr_t)fd, data + done, size - done);
        if (more < 0) return 0;
        done += more;
    }
    return size;
}
static ssize_t read_stream(void *fd, char *data, size_t size) { return read((int)(intptr_t)fd, data, size); }
static int close_stream(void *fd) { return close((int)(intptr_t)fd); }
static int seek_stream(void *fd, off64_t *at, int whence) {
    return (*at = lseek64((int)(intptr_t)fd, *at, whence)) < 0 ? -1 : 0;
}

FILE *fdopen(int fd, const char *mode) {
    cookie_io_functions_t functions = {read_stream, write_stream, seek_stream, close_stream};
    return is_watched(fd) ? fopencookie((void *)(intptr_t)fd, mode, functions) : REAL(fdopen)(fd, mode);
}

// --- flushes and sizes ------------------------------------------------------------------------------------------------

static void put_down_flush(int fd) {
    char place[PATH_MAX];
    if (place_of(fd, place)) put_down('s', inode_of(fd), 0, -1, 0, place, "");
}
int fsync(int fd) { CALL(int, is_watched(fd), 1, REAL(fsync)(fd), put_down_flush(fd)) }
int fdatasync(int fd) { CALL(int, is_watched(fd), 1, REAL(fdatasync)(fd), put_down_flush(fd)) }
static int change_size(int fd, off64_t size) {
    CALL(int, is_watched(fd), 0, REAL(ftruncate64)(fd, size), put_down('t', inode_of(fd), size, -1, 0, "", ""))
}
int ftruncate(int fd, off_t size) { return change_size(fd, size); }
int ftruncate64(int fd, off64_t size) { return change_size(fd, size); }

// --- names ------------------------------------------------------------------------------------------------------------

static int renamed(int old_folder, const char *old, int new_folder, const char *new, unsigned flags) {
    char from[PATH_MAX], to[PATH_MAX];
    int watched = whole_path(old_folder, old, from) | whole_path(new_folder, new, to);
    CALL(int, watched, 0, REAL(renameat2)(old_folder, old, new_folder, new, flags),
         put_down(flags & RENAME_EXCHANGE ? 'x' : 'r', 0, 0, -1, 0, from, to))
}
int rename(const char *old, const char *new) { return renamed(AT_FDCWD, old, AT_FDCWD, new, 0); }
int renameat(int a, const char *old, int b, const char *new) { return renamed(a, old, b, new, 0); }
int renameat2(int a, const char *old, int b, const char *new, unsigned flags) { return renamed(a, old, b, new, flags); }

static int linked(int old_folder, const char *old, int new_folder, const char *new, int flags) {
    char from[PATH_MAX], to[PATH_MAX];
    struct stat status;
    whole_path(old_folder, old, from);
    CALL(int, whole_path(new_folder, new, to), 1, REAL(linkat)(old_folder, old, new_folder, new, flags),
         put_down('l', fstatat(new_folder, new, &status, AT_SYMLINK_NOFOLLOW) ? 0 : status.st_ino, 0, -1, 0, to, ""))
}
int link(const char *old, const char *new) { return linked(AT_FDCWD, old, AT_FDCWD, new, 0); }
int linkat(int a, const char *old, int b, const char *new, int flags) { return linked(a, old, b, new, flags); }

int symlinkat(const char *shown, int folder, const char *path) {
    char whole[PATH_MAX];
    CALL(int, whole_path(folder, path, whole), 1, REAL(symlinkat)(shown, folder, path),
         put_down('y', 0, 0, -1, 0, whole, shown))
}
int symlink(const char *shown, const char *path) { return symlinkat(shown, AT_FDCWD, path); }

int unlinkat(int folder, const char *path, int flags) {
    char whole[PATH_MAX];
    CALL(int, whole_path(folder, path, whole), 0, REAL(unlinkat)(folder, path, flags),
         put_down('u', 0, 0, -1, 0, whole, ""))
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int folder, const char *path, mode_t mode) {  // of a folder that is there already it needs no room
    char whole[PATH_MAX];
    int watched = whole_path(folder, path, whole) && faccessat(folder, path, F_OK, 0) != 0;
    CALL(int, watched, 1, REAL(mkdirat)(folder, path, mode), put_down('d', 0, 0, -1, 0, whole, ""))
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

// A name under which a file is opened is put down, too: libraries of Rust rename without asking the C library.
static int seen(int folder, const char *path, int fd) {
    char whole[PATH_MAX];
    if (record >= 0 && fd >= 0 && whole_path(folder, path, whole)) put_down('o', inode_of(fd), 0, -1, 0, whole, "");
    return fd;
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
    char whole[PATH_MAX];
    int anew = (flags & O_CREAT) && faccessat(folder, path, F_OK, 0) != 0;
    int changes = anew || ((flags & O_TRUNC) && (flags & O_ACCMODE) != O_RDONLY);
    if (!changes || !whole_path(folder, path, whole)) return seen(folder, path, REAL(openat64)(folder, path, flags, mode));
    CALL(int, 1, anew, REAL(openat64)(folder, path, flags, mode),
         put_down(anew ? 'c' : 't', inode_of(result), 0, -1, 0, whole, ""))
}

#define MODE(flags) mode_t mode = 0; va_list rest; va_start(rest, flags); \
    if ((flags) & (O_CREAT | __O_TMPFILE)) mode = va_arg(rest, mode_t); \
    va_end(rest);
int open(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags) return opened(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags) return opened(folder, path, flags, mode); }

static FILE *opened_stream(const char *path, const char *mode, FILE *(*real)(const char *, const char *)) {
    if (mode[0] == 'w' && root_length) {  // its creation counts; what libstdc++ writes goes by the descriptor
        int fd = opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, 0666);
        if (fd < 0) return NULL;
        close(fd);
    }
    return real(path, mode);
}
FILE *fopen(const char *path, const char *mode) { return opened_stream(path, mode, REAL(fopen)); }
FILE *fopen64(const char *path, const char *mode) { return opened_stream(path, mode, REAL(fopen64)); }
