package import Glibc

/// One file on its way: it appears under its name complete, in place of what had it, or not at all.
///
/// It is written under a hidden name in the same folder and renamed when it is on disk. Whoever lets
/// go of it without publishing it leaves nothing behind.
package struct StagedFile: ~Copyable {
  package let file: File
  private let folder: Folder
  private let name: String
  private let temporary: String

  /// An empty file in a folder whose lock is held.
  package init(_ name: String, in folder: Folder, mode: mode_t) throws(SystemError) {
    let temporary = TemporaryName.make(for: name)
    file = try File.create(temporary, in: folder, mode: mode)
    self.name = name
    self.folder = folder
    self.temporary = temporary
  }

  /// An empty file beside `path`, in a folder that other programs may use too, so that its lock is
  /// not taken. Instead the unfinished file is locked itself while it is written. So what a killed
  /// run left is known by a lock that nobody holds, and the next run that writes a file of that name
  /// removes it.
  ///
  /// - Throws: `SystemError`, EEXIST also when what has the name is no regular file (a folder, a
  ///   device, a link).
  package init(replacing path: String, mode: mode_t) throws(SystemError) {
    let name = Path.last(of: path)
    let folder = try Folder.open(creatingIn: Path.folder(of: path) ?? "/")
    if try folder.status(of: name)?.isRegular == false {
      throw SystemError("rename", path, .creating, errno: EEXIST)
    }
    try TemporaryName.sweep(folder, for: name)
    try self.init(name, in: folder, mode: mode)
    // Before this line another run may take the file for a leftover: its rename then fails. So it
    // does without a lock.
    _ = try? file.tryLock()
  }

  deinit {
    // Once it is published, nothing has this name.
    try? folder.unlink(temporary)
  }

  /// Gives the file its name, once all of it is on disk.
  ///
  /// - Parameter isDurable: false for what can be made again, which then does not wait for the disk.
  package consuming func publish(isDurable: Bool = true) throws(SystemError) {
    if isDurable { try file.synchronize() }
    try folder.rename(temporary, to: name)
    if isDurable { try folder.synchronize() }
  }
}
