// zlib's init calls are macros that pass the header's version along; Swift cannot call macros.
#pragma once
#include <zlib.h>

static inline int chartmill_inflateInit2(z_streamp stream, int window_bits) {
  return inflateInit2(stream, window_bits);
}

static inline int chartmill_deflateInit2(z_streamp stream, int level, int window_bits,
                                         int mem_level, int strategy) {
  return deflateInit2(stream, level, Z_DEFLATED, window_bits, mem_level, strategy);
}
