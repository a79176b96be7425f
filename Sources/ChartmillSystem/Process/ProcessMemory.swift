internal import CLinux
internal import Glibc

/// The memory of this process as the kernel counts it, and settings for the heap.
package enum ProcessMemory {
  /// Allocations of at least this many bytes are mapped on their own, and unmapped when freed.
  private static let mappedBytes: Int32 = 64 << 10

  /// Makes the heap unmap large buffers when they are freed.
  ///
  /// By default glibc raises its threshold to the largest buffer that was freed. The heap of each
  /// thread then keeps such buffers, which no memory plan counts.
  ///
  /// Call it once, before other threads exist.
  package static func keepHeapSmall() {
    mallopt(M_MMAP_THRESHOLD, mappedBytes)
    mallopt(M_TRIM_THRESHOLD, 2 * mappedBytes)
  }

  /// The resident set now, in bytes (`VmRSS`).
  package static var resident: Int { status("VmRSS:") }
  /// The largest resident set so far, in bytes (`VmHWM`).
  package static var peakResident: Int { status("VmHWM:") }

  /// Returns the pages of freed memory to the kernel, as far as the heap can. Otherwise freed lists
  /// of files and decoded JSON stay resident in addition to the memory that is planned later.
  package static func giveBackFreed() {
    malloc_trim(0)
  }

  /// The machine's memory in bytes; nil if it is not known.
  package static var ofMachine: Int? {
    let (pages, pageBytes) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    return pages > 0 && pageBytes > 0 ? pages.multipliedSaturated(by: pageBytes) : nil
  }

  /// The bytes in the line `KEY   123 kB` of /proc/self/status; 0 if there is no such line.
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
