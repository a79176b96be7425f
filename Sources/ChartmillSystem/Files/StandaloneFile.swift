package import Glibc

/// One file that appears under its name by rename, complete, in a folder that other programs may
/// use too: the lock of that folder is not taken.
///
/// Instead the unfinished file itself is locked while it is written. So what a killed run left is
/// known by a lock that nobody holds, and the next run that writes a file of that name removes it.
package final class StandaloneFile {
  package let file: File
  private let folder: Folder
  private let name: String
  private var temporary: String?

  /// Makes an empty file under a hidden name beside `path`.
  ///
  /// - Throws: `SystemError`, EEXIST also when what has the name is no regular file (a folder, a
  ///   device, a link).
  package init(replacing path: String, mode: mode_t) throws(SystemError) {
    let cut = path.lastIndex(of: "/")
    name = String(path[(cut.map(path.index(after:)) ?? path.startIndex)...])
    let above = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    folder = try Folder.open(creatingIn: above)
    if try folder.status(of: name)?.isRegular == false {
      throw SystemError("rename", path, .writing, errno: EEXIST)
    }
    try TemporaryName.sweep(folder, for: name)
    let temporary = TemporaryName.make(for: name)
    file = try File.create(temporary, in: folder, mode: mode)
    self.temporary = temporary
    // Before this line another run may take the file for a leftover: its rename then fails.
    _ = try file.tryLock()
  }

  deinit {
    if let temporary { try? folder.unlink(temporary) }
  }

  /// Gives the file its name, in place of what had it, once all of it is on disk.
  ///
  /// - Parameter isDurable: false for what can be made again, which then does not wait for the disk.
  package func publish(isDurable: Bool = true) throws(SystemError) {
    guard let temporary else { return }
    if isDurable { try file.synchronize() }
    try folder.rename(temporary, to: name)
    self.temporary = nil
    if isDurable { try folder.synchronize() }
  }
}
