internal import Glibc

/// The exclusive right of one process to write to a folder.
///
/// It is a kernel lock on the file `.chartmill-lock`, so it ends with the process, however the
/// process ends. The process id in the file shows people which process holds the lock.
///
/// On a file system without locks the process id decides: the folder is locked while that process
/// runs this program on this machine. Processes on two machines do not exclude each other there.
package final class FolderLock {
  package static let name = ".chartmill-lock"
  private static let pollSeconds = 0.1
  private static let secondsBetweenNotices = 10.0

  private let folder: Folder
  /// Open while the lock is held.
  private let file: File
  /// The seconds that `init` waited for the lock; 0 if it was free.
  package let waitedSeconds: Double

  /// Takes the lock.
  ///
  /// - Parameter waits: waits for another process that holds the lock, instead of failing.
  /// - Throws: `FolderLocked` if another process holds the lock and `waits` is false; `Interrupted`
  ///   if a signal ends the wait; `SystemError` if the lock file cannot be made, or if another
  ///   program made a file with its name.
  package init(_ folder: Folder, waits: Bool = false) throws {
    self.folder = folder
    let stopwatch = Stopwatch()
    let (file, waited) = try Self.acquire(in: folder, waits: waits)
    self.file = file
    waitedSeconds = waited ? stopwatch.seconds : 0
    try file.truncate(to: 0)
    let holder = Array("\(getpid())\n".utf8)
    try file.write(holder.span, at: 0)
  }

  /// Unlinks the file while the lock is still held. A process that has opened the file finds that
  /// its name is gone, and opens it again.
  deinit {
    try? folder.unlink(Self.name)
  }

  private static func acquire(
    in folder: Folder, waits: Bool
  ) throws -> (file: File, hasWaited: Bool) {
    // The file if this process created it, to be removed again after an error.
    var created: File?
    let stopwatch = Stopwatch()
    var noticeAt = 0.0
    do {
      while true {
        created = try create(in: folder)
        let file = try created ?? File.openOrCreate(name, in: folder, mode: 0o644)
        let status = try file.status()
        guard status.isRegular, status.linkCount <= 1, let holder = try holder(in: file, status)
        else {
          // Another program's file must not be truncated.
          throw SystemError("open", file.path, .creating, errno: EEXIST)
        }
        let isFree =
          switch try file.tryLock() {
          case .taken: true
          case .held: false
          case .unsupported: created != nil || !ProcessIdentity.isRunning(holder)
          }
        guard isFree else {
          guard waits else { throw FolderLocked(path: file.path, holder: holder) }
          try StopRequest.check()
          let seconds = stopwatch.seconds
          if seconds >= noticeAt {
            SystemNotice.tell(.init(path: folder.path, holder: holder, seconds: seconds))
            noticeAt = seconds + secondsBetweenNotices
          }
          // Polling lets a signal end the wait.
          usleep(UInt32(pollSeconds * 1_000_000))
          continue
        }
        if try folder.status(of: name)?.inode == status.inode { return (file, noticeAt > 0) }
      }
    } catch let error as SystemError {
      // While this process holds the lock, no other process relies on the name.
      if let created, (try? created.tryLock()) == .taken { try? folder.unlink(name) }
      throw error
    }
  }

  /// Creates the lock file; nil if it exists.
  private static func create(in folder: Folder) throws(SystemError) -> File? {
    do {
      return try File.create(name, in: folder, mode: 0o644)
    } catch let error where error.errno == EEXIST {
      return nil
    }
  }

  /// The process id in a lock file, empty if it is not written yet; nil if the file holds anything
  /// else.
  private static func holder(
    in file: File, _ status: File.Status
  ) throws(SystemError) -> String? {
    guard status.byteCount <= 32 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = try unsafe bytes.withUnsafeMutableBufferPointer { buffer throws(SystemError) in
      try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)
    }
    let text = bytes.prefix(count)
    guard text.allSatisfy({ (48...57).contains($0) || $0 == 10 }) else { return nil }
    return String(decoding: text.filter { $0 != 10 }, as: UTF8.self)
  }
}
