// Linux calls that Swift's Glibc module does not export.
#pragma once
#include <getopt.h>
#include <malloc.h>
#include <sched.h>
#include <sys/vfs.h>

// glibc declares these only under _GNU_SOURCE, which Swift's Glibc module is built without.
extern int sched_getaffinity(int pid, unsigned long byte_count, cpu_set_t *set);
extern int sync_file_range(int descriptor, long offset, long byte_count, unsigned int flags);
#ifndef SYNC_FILE_RANGE_WRITE
#define SYNC_FILE_RANGE_WRITE 2
#endif

// Returns the type of the file system that a path is on; -1 with errno if statfs fails.
static inline long chartmill_file_system_type(const char *path) {
  struct statfs found;
  return statfs(path, &found) ? -1 : (long)(unsigned int)found.f_type;
}
// linux/magic.h
static const long CHARTMILL_TMPFS = 0x01021994;
static const long CHARTMILL_RAMFS = 0x858458f6;
