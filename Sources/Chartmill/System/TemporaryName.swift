internal import Glibc

/// Names of files that are not outputs yet, or no longer: `.chartmill-NAME-PID-RANDOM`.
enum TemporaryName {
  private static let randomDigits = 16

  static func make(for name: String) -> String {
    let random = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    let padding = String(repeating: "0", count: randomDigits - random.count)
    return ".chartmill-\(name)-\(getpid())-\(padding)\(random)"
  }

  /// Removes what dead runs left in a folder whose lock is held.
  static func sweep(_ folder: Folder) throws(SystemError) {
    for name in try folder.names() where isOne(name) {
      guard try folder.status(of: name)?.isRegular == true else { continue }
      try folder.unlink(name)
    }
  }

  static func isOne(_ name: String) -> Bool {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[0] == ".chartmill" else { return false }
    let random = parts[parts.count - 1].utf8
    let process = parts[parts.count - 2].utf8
    return random.count == randomDigits
      && random.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
      && !process.isEmpty && process.allSatisfy { (48...57).contains($0) }
  }
}
