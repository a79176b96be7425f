internal import Glibc

/// A failed system call: which, on what file, and the errno.
public struct SystemError: Error, Sendable, Equatable {
  /// The call as the manual names it: `open`, `pwrite`, `rename` …
  public let call: String
  public let path: String
  public let errno: Int32

  init(_ call: String, _ path: String, errno: Int32 = Glibc.errno) {
    self.call = call
    self.path = path
    self.errno = errno
  }

  /// The C library's text for `errno`.
  public var reason: String {
    String(cString: strerror(errno))
  }

  public var isNoSpace: Bool { errno == ENOSPC || errno == EDQUOT || errno == EFBIG }
  /// Of a limit that the process has, or its file system.
  public var isFileTooLarge: Bool { errno == EFBIG }
  public var isNoMemory: Bool { errno == ENOMEM }
  public var isNotFound: Bool { errno == ENOENT || errno == ENOTDIR }
  /// A link where none may be.
  public var isLink: Bool { errno == ELOOP }
  public var isPermission: Bool { errno == EACCES || errno == EPERM || errno == EROFS }
}
