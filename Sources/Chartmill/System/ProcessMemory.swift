internal import CLinux
internal import Glibc

/// What the kernel says of this process's memory.
enum ProcessMemory {
  /// The resident set now, in bytes (`VmRSS`).
  static var resident: Int { status("VmRSS:") }
  /// The largest resident set so far, in bytes (`VmHWM`).
  static var peakResident: Int { status("VmHWM:") }

  /// Gives the pages of freed memory back to the kernel, as far as the heap can: lists of files and
  /// decoded JSON would otherwise stay resident under memory that is planned later.
  static func giveBackFreed() {
    malloc_trim(0)
  }

  /// A line `Key:   123 kB` of /proc/self/status; 0 where there is no such file.
  private static func status(_ key: String) -> Int {
    guard let file = try? File.open(reading: "/proc/self/status") else { return 0 }
    return withUnsafeTemporaryAllocation(byteCount: 8192, alignment: 1) { buffer in
      let count = (try? file.read(into: buffer)) ?? 0
      let text = String(decoding: buffer[..<count], as: UTF8.self)
      for line in text.split(separator: "\n") where line.hasPrefix(key) {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        if words.count >= 2, let kibibytes = Int(words[1]) { return kibibytes << 10 }
      }
      return 0
    }
  }
}
