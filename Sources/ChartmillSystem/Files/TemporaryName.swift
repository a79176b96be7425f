internal import Glibc

/// Hidden names of unfinished and replaced files: `.chartmill-NAME-PID-RANDOM`.
package enum TemporaryName {
  private static let randomDigits = 16

  /// A new temporary name for the file that will be called `name`.
  package static func make(for name: String) -> String {
    let random = String(UInt64.random(in: 0...UInt64.max), radix: 16).padded(to: randomDigits)
    return ".chartmill-\(name)-\(getpid())-\(random)"
  }

  /// Removes the temporary files of dead processes from a folder whose lock is held.
  ///
  /// A file that is itself locked stays. It is a `StagedFile` that another process is still
  /// writing, such as a report.
  package static func sweep(_ folder: Folder) throws(SystemError) {
    for name in try folder.names() where isOne(name) {
      guard try folder.status(of: name)?.isRegular == true else { continue }
      let path = folder.path(of: name)
      if let file = try? File.open(reading: path, followsLinks: false),
        let lock = try? file.tryLock()
      {
        if lock == .held || (lock == .unsupported && isOfLivingProcess(name)) { continue }
      }
      try folder.unlink(name)
    }
  }

  /// Removes the temporary files that dead processes left for `name`, from a folder whose lock is
  /// not held. A process that is still writing such a file holds a lock on it.
  ///
  /// Files that cannot be opened or removed stay.
  package static func sweep(_ folder: Folder, for name: String) throws(SystemError) {
    for leftover in try folder.names()
    where isOne(leftover) && leftover.hasPrefix(".chartmill-\(name)-") {
      let path = folder.path(of: leftover)
      guard let file = try? File.open(reading: path, followsLinks: false),
        (try? file.status().isRegular) == true, let lock = try? file.tryLock(),
        lock == .taken || (lock == .unsupported && !isOfLivingProcess(leftover))
      else { continue }
      try? folder.unlink(leftover)
    }
  }

  /// Whether the process that made the name is still running on this machine. This is used on a
  /// file system without locks.
  private static func isOfLivingProcess(_ name: String) -> Bool {
    name.split(separator: "-").dropLast().last.map { ProcessIdentity.isRunning(String($0)) }
      ?? false
  }

  /// Whether `name` has the form of a temporary name.
  package static func isOne(_ name: String) -> Bool {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[0] == ".chartmill" else { return false }
    let random = parts[parts.count - 1].utf8
    let process = parts[parts.count - 2].utf8
    return random.count == randomDigits
      && random.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
      && !process.isEmpty && process.allSatisfy { (48...57).contains($0) }
  }
}
