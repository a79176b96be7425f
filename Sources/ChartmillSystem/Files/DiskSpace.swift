internal import CLinux
internal import Glibc

/// The file system that a folder is on, and its free space.
package struct DiskSpace: Sendable, Equatable {
  /// The number of the device. Folders on the same device share its free space.
  package let device: UInt64
  /// The number of bytes that an unprivileged process can still write; nil if the file system does
  /// not report it.
  package let freeBytes: Int?

  /// Examines `folder`. If it does not exist, examines the nearest existing folder above it.
  ///
  /// - Throws: `SystemError` if `stat` or `statvfs` fails.
  package init(of folder: String) throws(SystemError) {
    var path = folder
    while true {
      do {
        var found = stat()
        var system = statvfs()
        let existing = path
        _ = try File.retryingInterrupts("stat", existing, .writing) {
          unsafe stat(existing, &found)
        }
        _ = try File.retryingInterrupts("statvfs", existing, .writing) {
          unsafe statvfs(existing, &system)
        }
        device = UInt64(found.st_dev)
        // Some FUSE and network file systems report only zeros.
        let isKnown = system.f_blocks > 0 && system.f_frsize > 0
        freeBytes =
          isKnown
          ? Int(clamping: system.f_bavail).multipliedSaturated(by: Int(clamping: system.f_frsize))
          : nil
        return
      } catch {
        guard error.errno == ENOENT, let above = Self.folder(above: path) else { throw error }
        path = above
      }
    }
  }

  /// Whether a folder is on tmpfs or ramfs, which hold files in memory. If the folder does not
  /// exist, the nearest existing folder above it is checked.
  package static func isInMemory(_ folder: String) -> Bool {
    var path = folder
    while true {
      let type = unsafe chartmill_file_system_type(path)
      if type >= 0 { return type == CHARTMILL_TMPFS || type == CHARTMILL_RAMFS }
      guard errno == ENOENT, let above = Self.folder(above: path) else { return false }
      path = above
    }
  }

  /// The folder above `path`; nil for the root and for the current folder.
  private static func folder(above path: String) -> String? {
    path == "." ? nil : Path.folder(of: path)
  }
}
