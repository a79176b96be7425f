internal import ChartmillSystem

/// The rejected rows of one worker, in a file of its own until all logs are read.
///
///     file    := stretch*             one for each log that the worker had a part in
///     stretch := (header  rows)*      ascending by line
///     header  := the line number of the first row, and how many bytes of rows follow
///
/// Two workers that share a log take its chunks in turn. A piece of rows never spans two chunks,
/// so the pieces of all workers, by line, are the log's rejected rows in order.
///
/// Memory: `RejectedRows.byteCount`, and 32 bytes for each log with rejected rows.
package final class RejectSpill {
  static let headerBytes = 16

  /// What one worker rejected of one log.
  package struct Stretch: Sendable {
    /// The place of the log in the order of the job's logs.
    let log: Int
    let file: File
    /// Of the next piece.
    var offset: Int
    var end: Int

    var isAtEnd: Bool { offset >= end }
  }

  let rows = RejectedRows()
  private let file: File
  /// Only of logs that have rejected rows.
  private(set) var stretches: [Stretch] = []
  private var log = 0
  private var end = 0

  init(in folder: String) throws(SystemError) {
    file = try File.createAnonymous(in: folder)
  }

  func begin(log: Int, name: String) {
    rows.begin(log: name)
    self.log = log
  }

  /// Moves the rows from memory to the file, and returns the bytes written: called at least once
  /// for each chunk.
  func drain() throws(SystemError) -> Int {
    let bytes = unsafe rows.contents
    if unsafe bytes.isEmpty { return 0 }
    let header = [UInt64(rows.firstLine).littleEndian, UInt64(bytes.count).littleEndian]
    try unsafe header.withUnsafeBufferPointer { header throws(SystemError) in
      try unsafe file.write(UnsafeRawBufferPointer(header), at: end)
    }
    try unsafe file.write(bytes, at: end + Self.headerBytes)
    let count = Self.headerBytes + bytes.count
    if stretches.last?.log != log {
      stretches.append(Stretch(log: log, file: file, offset: end, end: end))
    }
    end += count
    stretches[stretches.count - 1].end = end
    rows.removeAll()
    return count
  }
}
