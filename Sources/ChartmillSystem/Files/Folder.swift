package import Glibc

/// An open folder. Names are looked up from its descriptor, so renames and unlinks stay in this
/// folder even if another folder takes its path.
package final class Folder: Sendable {
  package let descriptor: Int32
  package let path: String
  /// The role that errors of this folder carry.
  private let role: SystemError.Role

  private init(descriptor: Int32, path: String, _ role: SystemError.Role) {
    self.descriptor = descriptor
    self.path = path
    self.role = role
  }

  deinit {
    _ = Glibc.close(descriptor)
  }

  /// Opens a folder for reading its files.
  package static func open(_ path: String) throws(SystemError) -> Folder {
    Folder(descriptor: try descriptor(of: path, .reading), path: path, .reading)
  }

  /// Opens a folder in this folder. A link is not followed.
  package func folder(_ name: String) throws(SystemError) -> Folder {
    let path = path(of: name)
    let opened = try File.retryingInterrupts("open", path, role) {
      unsafe openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }
    return Folder(descriptor: opened, path: path, role)
  }

  private static func descriptor(
    of path: String, _ role: SystemError.Role
  ) throws(SystemError) -> Int32 {
    try File.retryingInterrupts("open", path, role) {
      unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
  }

  /// Opens a folder for creating files in it.
  package static func open(creatingIn path: String) throws(SystemError) -> Folder {
    Folder(descriptor: try descriptor(of: path, .creating), path: path, .writing)
  }

  /// Opens a folder, and creates it if it is missing. The folder above it must exist.
  package static func openOrCreate(_ path: String, mode: mode_t) throws(SystemError) -> Folder {
    do {
      return try open(creatingIn: path)
    } catch let error where error.errno == ENOENT {
      do {
        _ = try File.retryingInterrupts("mkdir", path, .creating) { unsafe mkdir(path, mode) }
      } catch let error where error.errno == EEXIST {
        // Another process made it, or the path is a dangling link, which `open` reports.
      }
      let folder = try open(creatingIn: path)
      try open(creatingIn: path + "/..").synchronize()
      return folder
    }
  }

  /// Whether `path` leads to this folder, directly or through links; false if `path` does not
  /// exist.
  package func isSame(as path: String) throws(SystemError) -> Bool {
    var mine = stat()
    var other = stat()
    _ = try File.retryingInterrupts("fstat", self.path, role) { unsafe fstat(descriptor, &mine) }
    guard unsafe stat(path, &other) == 0 else { return false }
    return mine.st_dev == other.st_dev && mine.st_ino == other.st_ino
  }

  package func path(of name: String) -> String { Path.join(path, name) }

  /// The names in the folder except `.` and `..`, in no particular order.
  package func names() throws(SystemError) -> [String] {
    let copy = try File.retryingInterrupts("open", path, role) {
      unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard let stream = unsafe fdopendir(copy) else {
      let failure = SystemError("opendir", path, role)
      _ = Glibc.close(copy)
      throw failure
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while true {
      Glibc.errno = 0
      guard let entry = unsafe readdir(stream) else { break }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    if Glibc.errno != 0 { throw SystemError("readdir", path, role) }
    return names
  }

  /// The status of `name`; nil if it does not exist. A link is not followed.
  package func status(of name: String) throws(SystemError) -> File.Status? {
    var raw = stat()
    do {
      _ = try File.retryingInterrupts("fstatat", path(of: name), role) {
        unsafe fstatat(descriptor, name, &raw, AT_SYMLINK_NOFOLLOW)
      }
      return File.Status(raw)
    } catch let error where error.errno == ENOENT {
      return nil
    }
  }

  /// Renames the file `old` to `new`, which it replaces if it exists.
  package func rename(_ old: String, to new: String) throws(SystemError) {
    _ = try File.retryingInterrupts("rename", path(of: new), role) {
      unsafe renameat(descriptor, old, descriptor, new)
    }
  }

  /// Gives the file `name` a second name, which must not exist.
  package func link(_ name: String, as second: String) throws(SystemError) {
    _ = try File.retryingInterrupts("link", path(of: name), role) {
      unsafe linkat(descriptor, name, descriptor, second, 0)
    }
  }

  package func unlink(_ name: String) throws(SystemError) {
    _ = try File.retryingInterrupts("unlink", path(of: name), role) {
      unsafe unlinkat(descriptor, name, 0)
    }
  }

  /// Removes the empty folder `name`.
  package func removeFolder(_ name: String) throws(SystemError) {
    _ = try File.retryingInterrupts("rmdir", path(of: name), role) {
      unsafe unlinkat(descriptor, name, AT_REMOVEDIR)
    }
  }

  /// Removes the folder `name` with all that is in it, to a depth of `levels` folders. Links are
  /// removed, and not followed.
  ///
  /// Memory: the names in a folder of each level.
  ///
  /// - Throws: `SystemError` (`rmdir`) if there are more levels; other errors of the system.
  package func removeTree(_ name: String, levels: Int = 8) throws(SystemError) {
    if levels > 0 {
      let tree = try folder(name)
      for inner in try tree.names() {
        do {
          try tree.unlink(inner)
        } catch let error where error.errno == EISDIR {
          try tree.removeTree(inner, levels: levels - 1)
        }
      }
    }
    try removeFolder(name)
  }

  /// Makes the names in the folder durable.
  package func synchronize() throws(SystemError) {
    try File.synchronize(descriptor, path)
  }
}
