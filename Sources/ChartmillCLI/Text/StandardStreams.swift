internal import Glibc

/// Standard output, which gets only the answer of a command.
enum StandardOutput {
  /// A reader that closes the pipe has read what it wanted, so that is not a failure.
  static func write(_ text: String) throws {
    if let failure = writeAll(text, to: STDOUT_FILENO), failure != EPIPE {
      throw StandardOutputError(errno: failure)
    }
  }
}

/// Standard error: progress, warnings and errors. A failure to write here cannot be reported
/// anywhere.
enum StandardError {
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// The columns of the terminal; 80 if they are unknown.
  static var columns: Int {
    var size = winsize()
    let isKnown = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return isKnown ? Int(size.ws_col) : 80
  }

  static func write(_ text: String) {
    _ = writeAll(text, to: STDERR_FILENO)
  }
}

/// Writes all of the text; returns the errno of a failure, or nil.
private func writeAll(_ text: String, to descriptor: Int32) -> Int32? {
  let bytes = Array(text.utf8)
  var done = 0
  while done < bytes.count {
    let count = unsafe bytes[done...].withUnsafeBytes {
      unsafe write(descriptor, $0.baseAddress, $0.count)
    }
    if count >= 0 {
      done += count
    } else if errno == EAGAIN {
      // Another process that shares the descriptor made it non-blocking, so wait until it is
      // writable.
      var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      unsafe poll(&room, 1, -1)
    } else if errno != EINTR {
      return errno
    }
  }
  return nil
}
