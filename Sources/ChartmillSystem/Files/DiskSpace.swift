internal import CLinux
internal import Glibc

/// The file system a folder is on, and the room there is on it.
package struct DiskSpace: Sendable, Equatable {
  /// Folders of one device share their room.
  package let device: UInt64
  /// Bytes that a process without privileges may still write; nil when the file system does not say.
  package let freeBytes: Int?

  /// Of `folder`, or while it does not exist, of the nearest folder above it that does.
  ///
  /// - Throws: `SystemError` when that one cannot be looked at.
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
        // Some file systems of FUSE and of networks answer with zeros only.
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

  /// Whether a folder, or the nearest one above it that exists, is on a file system whose files are
  /// held in memory: tmpfs, ramfs.
  package static func isInMemory(_ folder: String) -> Bool {
    var path = folder
    while true {
      let type = unsafe chartmill_file_system_type(path)
      if type >= 0 { return type == CHARTMILL_TMPFS || type == CHARTMILL_RAMFS }
      guard errno == ENOENT, let above = Self.folder(above: path) else { return false }
      path = above
    }
  }

  /// Nil above the root and above the current folder.
  private static func folder(above path: String) -> String? {
    path == "." ? nil : Path.folder(of: path)
  }
}
