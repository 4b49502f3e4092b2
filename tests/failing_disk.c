// A disk that fails: preloaded, it makes the n-th write, flush, rename or creation after arm(n, error) fail.
// With error 0 it is the process that ends there, by SIGKILL.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

int left;
static int error_number, failed;

void arm(int n, int error) { left = n; error_number = error; failed = 0; }
int disarm(void) { left = 0; return failed; }

static int fails(void) {
    if (left == 0 || --left > 0) return 0;
    if (error_number == 0) kill(getpid(), SIGKILL);
    failed = 1;
    errno = error_number;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define GUARD(type, name, parameters, arguments) \
    type name parameters { return fails() ? -1 : REAL(name) arguments; }

GUARD(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size))
GUARD(ssize_t, writev, (int fd, const struct iovec *data, int count), (fd, data, count))
GUARD(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at))
GUARD(int, fsync, (int fd), (fd))
GUARD(int, fdatasync, (int fd), (fd))
GUARD(int, rename, (const char *from, const char *to), (from, to))

int mkdir(const char *path, mode_t mode) {  // of a folder that is there already it needs no room
    return access(path, F_OK) != 0 && fails() ? -1 : REAL(mkdir)(path, mode);
}

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        return (flags & O_CREAT) && fails() ? -1 : REAL(name)(path, flags, mode); }
#define OPENS_AT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        return (flags & O_CREAT) && fails() ? -1 : REAL(name)(folder, path, flags, mode); }

OPENS(open)
OPENS(open64)
OPENS_AT(openat)
OPENS_AT(openat64)
