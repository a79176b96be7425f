internal import Glibc

/// The right to write in a folder, for one run at a time. The kernel holds it, on the file
/// `.chartmill-lock`, so it ends with the process, however that ends; the process id in the file
/// only tells people who has it.
///
/// On a file system without locks that process id is all there is: while a process of this program
/// has it on this machine, the folder is taken. Two runs on two machines are not kept apart there.
package final class FolderLock {
  package static let name = ".chartmill-lock"
  private static let pollSeconds = 0.1
  private static let secondsBetweenNotices = 10.0

  private let folder: Folder
  /// Open while the lock is held.
  private let file: File
  /// Until it was taken.
  package let waitedSeconds: Double

  /// Throws `FolderLocked` at once when another run has the folder, or, if it `waits`, never, but
  /// `Interrupted` when a signal comes; `SystemError` when the file cannot be made or the name is
  /// somebody else's.
  package init(_ folder: Folder, waits: Bool = false) throws {
    self.folder = folder
    let stopwatch = Stopwatch()
    let (file, waited) = try Self.acquire(in: folder, waits: waits)
    self.file = file
    waitedSeconds = waited ? stopwatch.seconds : 0
    try file.truncate(to: 0)
    let holder = Array("\(getpid())\n".utf8)
    try unsafe holder.withUnsafeBufferPointer { bytes throws(SystemError) in
      try unsafe file.write(UnsafeRawBufferPointer(bytes), at: 0)
    }
  }

  /// Unlinks the file while the lock on it is held: who opened it meanwhile finds that the name is
  /// gone, and opens again.
  deinit {
    try? folder.unlink(Self.name)
  }

  private static func acquire(
    in folder: Folder, waits: Bool
  ) throws -> (file: File, hasWaited: Bool) {
    // The file, while it is new and ours to take away again.
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
          // Somebody else's file under our name is not ours to cut.
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
          // Asked again now and then, and not waited for in the kernel, so that a signal ends it.
          usleep(UInt32(pollSeconds * 1_000_000))
          continue
        }
        if try folder.status(of: name)?.inode == status.inode { return (file, noticeAt > 0) }
      }
    } catch let error as SystemError {
      // With the lock nobody else can be about to rely on the name.
      if let created, (try? created.tryLock()) == .taken { try? folder.unlink(name) }
      throw error
    }
  }

  /// Nil when there is something under the name.
  private static func create(in folder: Folder) throws(SystemError) -> File? {
    do {
      return try File.create(name, in: folder, mode: 0o644)
    } catch let error where error.errno == EEXIST {
      return nil
    }
  }

  /// The process id a lock file holds, empty when it is not written yet; nil when the file holds
  /// anything else.
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
