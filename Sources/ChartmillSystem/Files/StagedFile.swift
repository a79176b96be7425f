package import Glibc

/// A file that appears under its name only when it is complete. It replaces an existing file.
///
/// It is written under a temporary name in the same folder and renamed when it is on disk. If it is
/// released without being published, it is removed.
package struct StagedFile: ~Copyable {
  package let file: File
  private let folder: Folder
  private let name: String
  private let temporary: String

  /// Creates an empty file in a folder whose lock is held.
  package init(_ name: String, in folder: Folder, mode: mode_t) throws(SystemError) {
    let temporary = TemporaryName.make(for: name)
    file = try File.create(temporary, in: folder, mode: mode)
    self.name = name
    self.folder = folder
    self.temporary = temporary
  }

  /// Creates an empty file that will replace `path`.
  ///
  /// The folder may belong to other programs, so it is not locked. Instead the unfinished file is
  /// locked while it is written. A leftover of a killed process is not locked, and the next process
  /// that writes a file with that name removes it.
  ///
  /// - Throws: `SystemError`; EEXIST if `path` is a folder, a device or a link.
  package init(replacing path: String, mode: mode_t) throws(SystemError) {
    let name = Path.last(of: path)
    let folder = try Folder.open(creatingIn: Path.folder(of: path) ?? "/")
    if try folder.status(of: name)?.isRegular == false {
      throw SystemError("rename", path, .creating, errno: EEXIST)
    }
    try TemporaryName.sweep(folder, for: name)
    try self.init(name, in: folder, mode: mode)
    // Until this line, another process may remove the file as a leftover. The rename then fails.
    _ = try? file.tryLock()
  }

  deinit {
    // After `publish`, there is no file with this name.
    try? folder.unlink(temporary)
  }

  /// Renames the file to its final name.
  ///
  /// - Parameter isDurable: whether to flush the file and the folder to disk. A file that can be
  ///   made again need not be durable.
  package consuming func publish(isDurable: Bool = true) throws(SystemError) {
    if isDurable { try file.synchronize() }
    try folder.rename(temporary, to: name)
    if isDurable { try folder.synchronize() }
  }
}
