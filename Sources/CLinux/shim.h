// Linux calls that Swift's Glibc module does not export.
#pragma once
#include <getopt.h>
#include <malloc.h>
#include <sched.h>

// glibc declares these only under _GNU_SOURCE, which Swift's Glibc module is built without.
extern int sched_getaffinity(int pid, unsigned long byte_count, cpu_set_t *set);
extern int sync_file_range(int descriptor, long offset, long byte_count, unsigned int flags);
#ifndef SYNC_FILE_RANGE_WRITE
#define SYNC_FILE_RANGE_WRITE 2
#endif
