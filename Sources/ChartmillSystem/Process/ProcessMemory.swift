internal import CLinux
internal import Glibc

/// What the kernel says of this process's memory, and how the heap gives it back.
package enum ProcessMemory {
  /// Allocations of this many bytes are mapped on their own, so that freeing them frees memory.
  private static let mappedBytes: Int32 = 64 << 10

  /// Keeps the heap from holding on to large buffers that were freed. By default glibc raises its
  /// threshold to the largest buffer that it has seen, and then each thread's arena keeps such
  /// buffers for later: memory that no plan knows of.
  ///
  /// To be called once, before there are other threads.
  package static func keepHeapSmall() {
    mallopt(M_MMAP_THRESHOLD, mappedBytes)
    mallopt(M_TRIM_THRESHOLD, 2 * mappedBytes)
  }

  /// The resident set now, in bytes (`VmRSS`).
  package static var resident: Int { status("VmRSS:") }
  /// The largest resident set so far, in bytes (`VmHWM`).
  package static var peakResident: Int { status("VmHWM:") }

  /// Gives the pages of freed memory back to the kernel, as far as the heap can: lists of files and
  /// decoded JSON would otherwise stay resident under memory that is planned later.
  package static func giveBackFreed() {
    malloc_trim(0)
  }

  /// Bytes of the machine's memory; nil when it does not say.
  package static var ofMachine: Int? {
    let (pages, pageBytes) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    return pages > 0 && pageBytes > 0 ? pages.multipliedSaturated(by: pageBytes) : nil
  }

  /// A line `Key:   123 kB` of /proc/self/status; 0 where there is no such file.
  private static func status(_ key: String) -> Int {
    guard let file = try? File.open(reading: "/proc/self/status") else { return 0 }
    return unsafe withUnsafeTemporaryAllocation(byteCount: 8192, alignment: 1) { buffer in
      let count = unsafe (try? file.read(into: buffer)) ?? 0
      let text = unsafe String(decoding: buffer[..<count], as: UTF8.self)
      for line in text.split(separator: "\n") where line.hasPrefix(key) {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        if words.count >= 2, let kibibytes = Int(words[1]) { return kibibytes << 10 }
      }
      return 0
    }
  }
}
