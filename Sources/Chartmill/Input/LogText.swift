/// The text of one log, plain or gzip, in order, in pieces of any size.
///
/// A file is gzip when it begins with gzip's two magic bytes, whatever its name; a name that ends
/// in `.gz` promises them. Concatenated members are one text; zero bytes after the last member are
/// padding, and any other bytes there are ignored and reported, both as gzip(1) does.
///
/// Memory: `byteCount`. Time: that of the codec; a plain log's is that of `read`.
final class LogText {
  private static let inputBytes = 128 << 10
  static let byteCount = inputBytes + GzipStream.byteCount

  private(set) var log: LogFile
  private let file: File
  /// Nil of standard input, which nobody can look at twice.
  private let opened: File.Status?
  /// The byte of the file that reading begins at.
  private let start: Int
  private let memory: UnsafeMutableRawBufferPointer
  /// The part of `memory` that is read and not used.
  private var input: UnsafeMutableRawBufferPointer
  /// Bytes of the file read so far.
  private(set) var bytesRead = 0
  /// Of all the text so far, but for the member being read.
  private var endedChecksum = Checksum()
  /// Of the file as it is stored, so far; nil when nobody asked.
  private(set) var storedChecksum: Checksum?
  private(set) var hasTrailingBytes = false
  private var gzip: GzipStream?
  private var state = State.start

  private enum State {
    case start, text, member, betweenMembers, end
  }

  /// - Parameter start: a byte of the file to begin at: of gzip, where a member begins.
  /// - Throws: `JobError.input`; `.notARegularFile`; `.changedWhileRead` when it is not the file
  ///   that was found.
  init(_ log: LogFile, from start: Int = 0, sumsStoredBytes: Bool = false) throws(JobError) {
    self.log = log
    self.start = start
    if sumsStoredBytes { storedChecksum = Checksum() }
    do throws(SystemError) {
      file = try log.isStandardInput ? File.standardInput() : File.open(reading: log.path)
      opened = try log.isStandardInput ? nil : file.status()
      if start > 0 { try file.seek(to: start) }
    } catch {
      throw .input(error)
    }
    if let opened {
      guard opened.isRegular else { throw .notARegularFile(path: log.path) }
      guard opened.byteCount == log.byteCount,
        opened.modifiedNanoseconds == log.modifiedNanoseconds
      else { throw .changedWhileRead(path: log.path) }
    }
    memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.inputBytes, alignment: 64)
    input = UnsafeMutableRawBufferPointer(rebasing: memory[..<0])
  }

  deinit {
    memory.deallocate()
  }

  var isGzip: Bool { gzip != nil }

  /// The checksum and length of the text; whole once `read` returned 0.
  var checksum: Checksum {
    guard state == .member, let gzip else { return endedChecksum }
    var sum = endedChecksum
    sum.append(gzip.memberChecksum)
    return sum
  }

  /// Fills `output` as far as there is text, and returns the bytes written: 0 at the end, and only
  /// there.
  ///
  /// - Throws: `JobError.input`; `.corruptGzip`; `.changedWhileRead` at the end, when the file's
  ///   size or modification time is not what it was at the start.
  func read(into output: UnsafeMutableRawBufferPointer) throws(JobError) -> Int {
    var rest = output
    while !rest.isEmpty, state != .end {
      switch state {
      case .start: try detect()
      case .text: try copy(into: &rest)
      case .member: try inflate(into: &rest)
      case .betweenMembers: try findNextMember()
      case .end: break
      }
    }
    return output.count - rest.count
  }

  private func detect() throws(JobError) {
    try refill()
    let hasMagic = input.count >= 2 && input[0] == 0x1f && input[1] == 0x8b
    if hasMagic {
      gzip = GzipStream()
      state = .member
    } else if log.isGzip {
      throw corrupt(input.count < 2 ? .truncated : .badHeader)
    } else if input.isEmpty {
      try end()
    } else {
      state = .text
    }
  }

  private func copy(into rest: inout UnsafeMutableRawBufferPointer) throws(JobError) {
    if input.isEmpty {
      try refill()
      if input.isEmpty { return try end() }
    }
    let count = min(rest.count, input.count)
    let piece = UnsafeRawBufferPointer(rebasing: input[..<count])
    rest.copyMemory(from: piece)
    endedChecksum.append(piece)
    input = UnsafeMutableRawBufferPointer(rebasing: input[count...])
    rest = UnsafeMutableRawBufferPointer(rebasing: rest[count...])
  }

  private func inflate(into rest: inout UnsafeMutableRawBufferPointer) throws(JobError) {
    guard let gzip else { return }
    if input.isEmpty { try refill() }
    let isAtEnd = input.isEmpty
    let room = rest.count
    switch gzip.step(&input, &rest) {
    case .progress:
      if isAtEnd, rest.count == room { throw corrupt(.truncated) }
    case .memberEnd:
      endedChecksum.append(gzip.memberChecksum)
      state = .betweenMembers
    case .failed(let problem):
      throw corrupt(problem)
    }
  }

  private func findNextMember() throws(JobError) {
    while true {
      if input.count < 2 { try refill() }
      guard let first = input.first else { return try end() }
      if first == 0 {
        input = UnsafeMutableRawBufferPointer(rebasing: input.dropFirst())
        continue
      }
      if input.count >= 2, first == 0x1f, input[1] == 0x8b {
        gzip?.beginMember()
        state = .member
        return
      }
      hasTrailingBytes = true
      return try end()
    }
  }

  /// Reads more behind what is left; leaves `input` as it is at the end of the file.
  private func refill() throws(JobError) {
    memory.copyMemory(from: UnsafeRawBufferPointer(input))
    var filled = input.count
    do throws(SystemError) {
      let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[filled...]))
      bytesRead += count
      storedChecksum?.append(
        UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[filled..<(filled + count)]))
      filled += count
    } catch {
      throw .input(error)
    }
    input = UnsafeMutableRawBufferPointer(rebasing: memory[..<filled])
  }

  private func end() throws(JobError) {
    state = .end
    guard let opened else { return try drain() }
    let now: File.Status
    do {
      now = try file.status()
    } catch {
      throw .input(error)
    }
    if now != opened { throw .changedWhileRead(path: log.path) }
  }

  /// Reads standard input to its end, past bytes that are ignored: who writes it must not meet a
  /// closed pipe, and its size is counted.
  private func drain() throws(JobError) {
    repeat {
      input = UnsafeMutableRawBufferPointer(rebasing: memory[..<0])
      try refill()
    } while !input.isEmpty
    log.byteCount = bytesRead
  }

  private func corrupt(_ problem: GzipProblem) -> JobError {
    .corruptGzip(path: log.path, offset: start + bytesRead - input.count, problem: problem)
  }
}
