internal import Glibc

/// What the kernel says of this process's memory.
enum ProcessMemory {
  /// The resident set now, in bytes (`VmRSS`).
  static var resident: Int { status("VmRSS:") }
  /// The largest resident set so far, in bytes (`VmHWM`).
  static var peakResident: Int { status("VmHWM:") }

  /// Bytes of the machine's memory; nil when it does not say.
  static var ofMachine: Int? {
    let (pages, pageBytes) = (sysconf(Int32(_SC_PHYS_PAGES)), sysconf(Int32(_SC_PAGESIZE)))
    return pages > 0 && pageBytes > 0 ? pages.multipliedSaturated(by: pageBytes) : nil
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
