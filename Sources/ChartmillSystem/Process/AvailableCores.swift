internal import CLinux
internal import Glibc

/// The number of cores that the process may use: the cores of its affinity mask, at most the limit
/// of its control groups.
package func availableCores() -> Int {
  min(coresToRunOn(), ResourceLimits.current.cores ?? .max)
}

private func coresToRunOn() -> Int {
  var mask = cpu_set_t()
  if unsafe sched_getaffinity(0, UInt(MemoryLayout<cpu_set_t>.size), &mask) == 0 {
    return unsafe withUnsafeBytes(of: mask) { bytes in
      unsafe max(1, bytes.reduce(0) { $0 + $1.nonzeroBitCount })
    }
  }
  // The machine has more cores than the mask has bits (1024).
  return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
}
