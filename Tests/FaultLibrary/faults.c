// A library for LD_PRELOAD that counts the system calls of a program. At a chosen call it can make
// the call fail, shorten or interrupt it, send a signal, or change a file. The program itself is the
// released one, without any support for tests.
//
//   FAULT_COUNTS=FILE  at exit, writes a line `CALL N` for each call, and `any N` for their sum
//   FAULT_CALL=CALL    the kind of call: a name below, or `any`
//   FAULT_NTH=N        the number of the call, from 1; 0 means all calls
//   FAULT_ACTION=      what happens at the call:
//     error            it fails with FAULT_ERRNO and is not made
//     interrupt        every second one fails with EINTR and is not made
//     short            reads and writes are cut to a random part (FAULT_SEED)
//     signal           the process gets FAULT_SIGNAL before the call
//     append           a byte is appended to FAULT_FILE before the call
//     zeros, huge      statvfs returns only zeros, or the largest possible numbers
//
// Calls on descriptors 0, 1 and 2 are not counted and never fail.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

enum call {
  OPEN, OPENAT, READ, PREAD, WRITE, PWRITE, FSYNC, CLOSE, RENAMEAT, LINKAT, UNLINK, UNLINKAT,
  FTRUNCATE, MMAP, STAT, FSTAT, FSTATAT, FLOCK, MKDIR, STATVFS, THREAD, ANY
};
static const char *const names[] = {
  "open", "openat", "read", "pread", "write", "pwrite", "fsync", "close", "renameat", "linkat",
  "unlink", "unlinkat", "ftruncate", "mmap", "stat", "fstat", "fstatat", "flock", "mkdir",
  "statvfs", "thread", "any"
};
enum action { NOTHING, ERROR, INTERRUPT, SHORT, SIGNAL, APPEND, ZEROS, HUGE_NUMBERS };

static atomic_long counts[ANY + 1];
static atomic_ulong random_state;
static atomic_int is_ready;
static enum call target = ANY;
static enum action action = NOTHING;
static long nth;
static int error_number, signal_number;
static char counts_path[4096], append_path[4096];

static long number(const char *name) {
  const char *text = getenv(name);
  return text ? strtol(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("FAULT_CALL");
  for (int call = 0; text && call <= ANY; call++)
    if (!strcmp(text, names[call])) target = call;
  nth = number("FAULT_NTH");
  error_number = (int)number("FAULT_ERRNO");
  signal_number = (int)number("FAULT_SIGNAL");
  random_state = (unsigned long)number("FAULT_SEED");
  static const char *const actions[] = {
    "", "error", "interrupt", "short", "signal", "append", "zeros", "huge"};
  text = getenv("FAULT_ACTION");
  for (int which = 1; text && which <= HUGE_NUMBERS; which++)
    if (!strcmp(text, actions[which])) action = which;
  if ((text = getenv("FAULT_COUNTS"))) snprintf(counts_path, sizeof counts_path, "%s", text);
  if ((text = getenv("FAULT_FILE"))) snprintf(append_path, sizeof append_path, "%s", text);
  is_ready = 1;
}

static void put(const char *path, int flags, const char *text) {
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return;
  syscall(SYS_write, file, text, strlen(text));
  syscall(SYS_close, file);
}

__attribute__((destructor)) static void end(void) {
  if (!counts_path[0]) return;
  char text[2048];
  int length = 0;
  for (int call = 0; call <= ANY; call++)
    length += snprintf(text + length, sizeof text - length, "%s %ld\n", names[call], counts[call]);
  put(counts_path, O_CREAT | O_TRUNC, text);
}

// True if the call must fail; errno is set.
static int strikes(enum call call, int descriptor) {
  if (!is_ready || (descriptor >= 0 && descriptor <= 2)) return 0;
  long count = atomic_fetch_add(&counts[call], 1) + 1;
  long total = atomic_fetch_add(&counts[ANY], 1) + 1;
  if (action == NOTHING || (target != ANY && target != call)) return 0;
  if (target == ANY) count = total;
  if (action == INTERRUPT) {
    if (count % 2 == 0 || call == MMAP || call == THREAD) return 0;
    errno = EINTR;
    return 1;
  }
  if (nth != 0 && nth != count) return 0;
  switch (action) {
    case ERROR: errno = error_number; return 1;
    case SIGNAL: syscall(SYS_kill, getpid(), signal_number); return 0;
    case APPEND: put(append_path, O_APPEND, "1"); return 0;
    default: return 0;
  }
}

static size_t shortened(enum call call, size_t count) {
  if (action != SHORT || count < 2 || (target != ANY && target != call)) return count;
  unsigned long step = atomic_fetch_add(&random_state, 0x9e3779b97f4a7c15ul);
  step = (step ^ (step >> 31)) * 0xbf58476d1ce4e5b9ul;
  return 1 + (step >> 17) % count;
}

static mode_t mode_of(int flags, va_list rest) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  if (strikes(OPEN, -1)) return -1;
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
int open64(const char *, int, ...) __attribute__((alias("open")));

int openat(int folder, const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  if (strikes(OPENAT, -1)) return -1;
  return (int)syscall(SYS_openat, folder, path, flags, mode);
}
int openat64(int, const char *, int, ...) __attribute__((alias("openat")));

ssize_t read(int file, void *bytes, size_t count) {
  if (strikes(READ, file)) return -1;
  return syscall(SYS_read, file, bytes, file > 2 ? shortened(READ, count) : count);
}

ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
  if (strikes(PREAD, file)) return -1;
  return syscall(SYS_pread64, file, bytes, shortened(PREAD, count), offset);
}
ssize_t pread64(int, void *, size_t, off_t) __attribute__((alias("pread")));

ssize_t write(int file, const void *bytes, size_t count) {
  if (strikes(WRITE, file)) return -1;
  return syscall(SYS_write, file, bytes, file > 2 ? shortened(WRITE, count) : count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  if (strikes(PWRITE, file)) return -1;
  return syscall(SYS_pwrite64, file, bytes, shortened(PWRITE, count), offset);
}
ssize_t pwrite64(int, const void *, size_t, off_t) __attribute__((alias("pwrite")));

int fsync(int file) { return strikes(FSYNC, file) ? -1 : (int)syscall(SYS_fsync, file); }

// A close that fails has closed the file anyway.
int close(int file) {
  int fails = strikes(CLOSE, file), error = errno;
  int result = (int)syscall(SYS_close, file);
  if (!fails) return result;
  errno = error;
  return -1;
}

int renameat(int from, const char *old, int to, const char *new) {
  return strikes(RENAMEAT, -1) ? -1 : (int)syscall(SYS_renameat2, from, old, to, new, 0);
}
int rename(const char *old, const char *new) { return renameat(AT_FDCWD, old, AT_FDCWD, new); }

int linkat(int from, const char *old, int to, const char *new, int flags) {
  return strikes(LINKAT, -1) ? -1 : (int)syscall(SYS_linkat, from, old, to, new, flags);
}

int unlink(const char *path) {
  return strikes(UNLINK, -1) ? -1 : (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int unlinkat(int folder, const char *path, int flags) {
  return strikes(UNLINKAT, -1) ? -1 : (int)syscall(SYS_unlinkat, folder, path, flags);
}

int ftruncate(int file, off_t length) {
  return strikes(FTRUNCATE, file) ? -1 : (int)syscall(SYS_ftruncate, file, length);
}
int ftruncate64(int, off_t) __attribute__((alias("ftruncate")));

// Only anonymous memory counts, because the loader maps files for the libraries.
void *mmap(void *at, size_t length, int access, int flags, int file, off_t offset) {
  if (file < 0 && strikes(MMAP, -1)) return MAP_FAILED;
  return (void *)syscall(SYS_mmap, at, length, access, flags, file, offset);
}
void *mmap64(void *, size_t, int, int, int, off_t) __attribute__((alias("mmap")));

int stat(const char *path, struct stat *status) {
  return strikes(STAT, -1) ? -1 : (int)syscall(SYS_newfstatat, AT_FDCWD, path, status, 0);
}

int fstat(int file, struct stat *status) {
  return strikes(FSTAT, file) ? -1 : (int)syscall(SYS_fstat, file, status);
}

int fstatat(int folder, const char *path, struct stat *status, int flags) {
  return strikes(FSTATAT, -1) ? -1 : (int)syscall(SYS_newfstatat, folder, path, status, flags);
}

int flock(int file, int operation) {
  return strikes(FLOCK, file) ? -1 : (int)syscall(SYS_flock, file, operation);
}

int mkdir(const char *path, mode_t mode) {
  return strikes(MKDIR, -1) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

int statvfs(const char *path, struct statvfs *found) {
  static int (*original)(const char *, struct statvfs *);
  if (!original) original = dlsym(RTLD_NEXT, "statvfs");
  if (strikes(STATVFS, -1)) return -1;
  int result = original(path, found);
  if (result == 0 && (action == ZEROS || action == HUGE_NUMBERS))
    memset(found, action == ZEROS ? 0 : 0xff, sizeof *found);
  return result;
}

int pthread_create(
    pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
  static int (*original)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  if (!original) original = dlsym(RTLD_NEXT, "pthread_create");
  if (strikes(THREAD, -1)) return errno;
  return original(thread, attributes, body, argument);
}
