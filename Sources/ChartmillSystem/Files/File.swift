internal import CLinux
package import Glibc

/// An open file descriptor and the path that it was opened by.
///
/// All reads, writes and syncs of files go through this type, which retries interrupted calls and
/// continues short writes. The descriptor is closed with the object; errors of `close` are ignored,
/// because data that must be durable is synced earlier.
package final class File: Sendable {
  package let descriptor: Int32
  package let path: String
  /// The role that errors of this file carry.
  private let role: SystemError.Role

  private init(descriptor: Int32, path: String, _ role: SystemError.Role) {
    self.descriptor = descriptor
    self.path = path
    self.role = role
  }

  deinit {
    _ = Glibc.close(descriptor)
  }

  package struct Status: Sendable, Equatable {
    package let byteCount: Int
    /// Modification time in nanoseconds since 1970.
    package let modifiedNanoseconds: Int64
    /// Device and inode identify a file, even if it has several names.
    package let device: UInt64
    package let inode: UInt64
    package let isRegular: Bool
    /// The number of names that the file has; 0 once it is unlinked.
    package let linkCount: Int

    package init(_ raw: stat) {
      byteCount = max(0, Int(raw.st_size))
      modifiedNanoseconds = Self.nanoseconds(raw.st_mtim)
      device = UInt64(raw.st_dev)
      inode = UInt64(raw.st_ino)
      isRegular = raw.st_mode & S_IFMT == S_IFREG
      linkCount = Int(clamping: raw.st_nlink)
    }

    /// Nanoseconds since 1970. A time outside the years 1677 to 2262 becomes the nearest time that
    /// fits.
    package static func nanoseconds(_ time: timespec) -> Int64 {
      Int64(time.tv_sec).multipliedSaturated(by: 1_000_000_000).addingSaturated(
        Int64(time.tv_nsec))
    }
  }

  /// Opens a file for reading. A fifo does not block; callers refuse it by `status().isRegular`.
  package static func open(reading path: String, followsLinks: Bool = true) throws(SystemError)
    -> File
  {
    File(
      descriptor: try retryingInterrupts("open", path, .reading) {
        unsafe Glibc.open(
          path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followsLinks ? 0 : O_NOFOLLOW))
      }, path: path, .reading)
  }

  /// Opens a file, a pipe or a device for writing, or creates a file with mode 0644. An existing
  /// file is truncated.
  package static func open(writing path: String) throws(SystemError) -> File {
    File(
      descriptor: try retryingInterrupts("open", path, .creating) {
        unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(0o644))
      }, path: path, .writing)
  }

  /// Duplicates the standard input of the process.
  package static func standardInput() throws(SystemError) -> File {
    try duplicate(STDIN_FILENO, "standard input", .reading)
  }

  /// Duplicates the standard output of the process.
  package static func standardOutput() throws(SystemError) -> File {
    try duplicate(STDOUT_FILENO, "standard output", .writing)
  }

  private static func duplicate(
    _ descriptor: Int32, _ name: String, _ role: SystemError.Role
  ) throws(SystemError) -> File {
    File(
      descriptor: try retryingInterrupts("dup", name, role) {
        fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
      }, path: name, role)
  }

  /// Creates a file for writing and reading. It must not exist. Links are not followed.
  package static func create(_ path: String, mode: mode_t = 0o600) throws(SystemError) -> File {
    File(
      descriptor: try retryingInterrupts("open", path, .creating) {
        unsafe Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
      }, path: path, .writing)
  }

  /// Creates the file `name` in `folder` for writing and reading. It must not exist. Links are not
  /// followed.
  package static func create(
    _ name: String, in folder: Folder, mode: mode_t = 0o600
  ) throws(SystemError) -> File {
    let path = folder.path(of: name)
    return File(
      descriptor: try retryingInterrupts("open", path, .creating) {
        unsafe openat(
          folder.descriptor, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
      }, path: path, .writing)
  }

  /// Opens `name` in `folder` for reading and writing, and creates it empty if it is missing. Links
  /// are not followed, and a fifo does not block.
  package static func openOrCreate(
    _ name: String, in folder: Folder, mode: mode_t = 0o600
  ) throws(SystemError) -> File {
    let path = folder.path(of: name)
    return File(
      descriptor: try retryingInterrupts("open", path, .creating) {
        unsafe openat(
          folder.descriptor, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, mode)
      }, path: path, .writing)
  }

  /// What errors call a file without a name.
  package static let anonymousName = "(spill)"

  /// Creates a file without a name in `folder`. It disappears when it is closed, however the
  /// process ends.
  package static func createAnonymous(in folder: String) throws(SystemError) -> File {
    // O_TMPFILE, a macro that Swift does not import: __O_TMPFILE | O_DIRECTORY.
    let temporary = Int32(0o20000000) | O_DIRECTORY
    do {
      return File(
        descriptor: try retryingInterrupts("open", folder, .creating) {
          unsafe Glibc.open(folder, temporary | O_RDWR | O_CLOEXEC, mode_t(0o600))
        }, path: Path.join(folder, anonymousName), .writing)
    } catch let error where error.errno == EOPNOTSUPP || error.errno == EISDIR {
      // File systems without O_TMPFILE (NFS, old overlays): create exclusively, then unlink.
      let name = "\(folder)/\(TemporaryName.make(for: "spill"))"
      let file = try create(name)
      _ = try retryingInterrupts("unlink", name, .creating) { unsafe Glibc.unlink(name) }
      return file
    }
  }

  package func status() throws(SystemError) -> Status {
    var raw = stat()
    _ = try Self.retryingInterrupts("fstat", path, role) { unsafe fstat(descriptor, &raw) }
    return Status(raw)
  }

  /// Moves the current position to `offset` bytes from the start.
  package func seek(to offset: Int) throws(SystemError) {
    _ = try Self.retryingInterrupts("lseek", path, role) { lseek(descriptor, offset, SEEK_SET) }
  }

  /// Reads up to `buffer.count` bytes from the current position; returns 0 at the end.
  ///
  /// Waits for data if the descriptor is non-blocking. An inherited descriptor can be.
  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    try waiting(for: POLLIN, "read") {
      unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
    }
  }

  /// Waits until a read would return at once: with bytes, at the end, or with an error. Returns
  /// false if the time is over first, or after a signal.
  package func isReadable(withinMilliseconds milliseconds: Int) throws(SystemError) -> Bool {
    var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let count = unsafe poll(&state, 1, Int32(clamping: milliseconds))
    if count < 0, errno != EINTR { throw SystemError("poll", path, role) }
    return count > 0
  }

  /// Repeats a system call that fails with EAGAIN, each time after the descriptor becomes ready.
  private func waiting(
    for events: Int32, _ call: String, _ body: () -> Int
  ) throws(SystemError) -> Int {
    while true {
      do {
        return try Self.retryingInterrupts(call, path, role, body)
      } catch let error where error.errno == EAGAIN {
        var state = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        _ = try Self.retryingInterrupts("poll", path, role) { unsafe poll(&state, 1, -1) }
      }
    }
  }

  /// Reads from `offset` until `buffer` is full or the file ends; returns the number of bytes read.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError)
    -> Int
  {
    var done = 0
    while done < buffer.count {
      let count = try Self.retryingInterrupts("pread", path, role) {
        unsafe pread(
          descriptor, buffer.baseAddress.map { unsafe $0 + done }, buffer.count - done,
          offset + done)
      }
      if count == 0 { break }
      done += count
    }
    return done
  }

  /// Returns `count` bytes from `offset`, or fewer if the file ends earlier.
  package func bytes(at offset: Int, count: Int) throws(SystemError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = try unsafe bytes.withUnsafeMutableBufferPointer { buffer throws(SystemError) in
      try unsafe read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
    return Array(bytes.prefix(found))
  }

  /// Writes all of `bytes` at the current position. Waits as `read(into:)` does.
  package func write(_ bytes: [UInt8]) throws(SystemError) {
    try write(bytes.span)
  }

  /// Writes all of `bytes` at the current position. Waits as `read(into:)` does.
  package func write(_ bytes: Span<UInt8>) throws(SystemError) {
    try unsafe bytes.withUnsafeBytes { buffer throws(SystemError) in try unsafe write(buffer) }
  }

  /// Writes all of `bytes` at `offset`, leaving the current position alone.
  package func write(_ bytes: Span<UInt8>, at offset: Int) throws(SystemError) {
    try unsafe bytes.withUnsafeBytes { buffer throws(SystemError) in
      try unsafe write(buffer, at: offset)
    }
  }

  /// Writes all of `bytes` at the current position. Waits as `read(into:)` does.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      done += try waiting(for: POLLOUT, "write") {
        unsafe Glibc.write(
          descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
      }
    }
  }

  /// Writes all of `bytes` at `offset`, leaving the current position alone.
  package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      done += try Self.retryingInterrupts("pwrite", path, role) {
        unsafe pwrite(
          descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done, offset + done)
      }
    }
  }

  /// Flushes the file to disk, if its file system supports it.
  package func synchronize() throws(SystemError) {
    try Self.synchronize(descriptor, path)
  }

  /// Calls fsync. Some FUSE and network file systems do not support it. That is noted in
  /// `SystemNotice` and is not an error.
  package static func synchronize(_ descriptor: Int32, _ path: String) throws(SystemError) {
    do {
      _ = try retryingInterrupts("fsync", path, .writing) { fsync(descriptor) }
    } catch let error where [EINVAL, EOPNOTSUPP, ENOSYS].contains(error.errno) {
      SystemNotice.add(.notSynchronized(error))
    }
  }

  /// Cuts the file to `byteCount` bytes.
  package func truncate(to byteCount: Int) throws(SystemError) {
    _ = try Self.retryingInterrupts("ftruncate", path, role) { ftruncate(descriptor, byteCount) }
  }

  package enum Lock {
    case taken
    /// Another open file holds the lock.
    case held
    /// The file system has no locks. This is noted in `SystemNotice`.
    case unsupported
  }

  /// Takes the kernel's exclusive lock on the file without waiting. The lock ends with the
  /// descriptor, however the process ends.
  package func tryLock() throws(SystemError) -> Lock {
    do {
      _ = try Self.retryingInterrupts("flock", path, role) { flock(descriptor, LOCK_EX | LOCK_NB) }
      return .taken
    } catch let error where error.errno == EWOULDBLOCK {
      return .held
    } catch let error where [ENOLCK, ENOSYS, EOPNOTSUPP].contains(error.errno) {
      SystemNotice.add(.notLocked(error))
      return .unsupported
    }
  }

  /// Asks the kernel to begin to write these bytes to disk, so that the final `synchronize` waits
  /// less. Failures are ignored.
  package func beginWriteback(from offset: Int, byteCount: Int) {
    _ = sync_file_range(descriptor, offset, byteCount, UInt32(SYNC_FILE_RANGE_WRITE))
  }

  /// Lets the kernel drop these bytes from the page cache if they are on disk already. This is a
  /// hint: a failure is not an error.
  package func dropFromCache(from offset: Int, byteCount: Int) {
    _ = posix_fadvise(descriptor, offset, byteCount, POSIX_FADV_DONTNEED)
  }

  /// Gives back the space of these bytes, in the page cache and on disk. They read as zeros
  /// afterwards. This is a hint: if a file system does not support it, the bytes stay.
  package func discard(from offset: Int, byteCount: Int) {
    _ = fallocate(descriptor, CHARTMILL_PUNCH_HOLE, offset, byteCount)
  }

  /// Makes a system call, and repeats it while it fails with EINTR.
  ///
  /// - Throws: `SystemError` for any other failure.
  package static func retryingInterrupts<Result: SignedInteger>(
    _ call: String, _ path: String, _ role: SystemError.Role, _ body: () -> Result
  ) throws(SystemError) -> Result {
    while true {
      let result = body()
      if result >= 0 { return result }
      if errno != EINTR { throw SystemError(call, path, role) }
    }
  }
}
