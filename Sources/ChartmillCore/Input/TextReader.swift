package import ChartmillSystem

/// The text of one log, plain or gzip, read in order in pieces of any size.
///
/// A file is gzip if it begins with the two magic bytes, whatever its name. A file whose name ends
/// in `.gz` must begin with them. Concatenated members are one text. As in gzip(1), zero bytes
/// after the last member are padding, and other bytes there are ignored and reported. Bytes that
/// begin with the magic bytes are another member, so it is an error if the file ends anywhere in
/// that member.
///
/// A text whose first bytes show a different format (`LogFormat`) is also an error.
///
/// Memory: `byteCount`. Time: the time to decompress the log, or to read a plain one.
@safe package final class TextReader {
  static let inputBytes = 128 << 10
  package static let byteCount = inputBytes + GzipStream.byteCount

  private(set) var log: LogFile
  let file: File
  /// The maximum number of bytes that one system call reads.
  private let maxReadBytes: Int
  /// The first bytes of the text until its format is recognized; nil afterwards.
  private var head: [UInt8]?
  /// The status of the file when it was opened; nil for standard input, which has no status to
  /// compare.
  private let opened: File.Status?
  /// The byte offset of the file at which reading begins.
  private let start: Int
  private let memory: UnsafeMutableRawBufferPointer
  /// The part of `memory` that holds bytes of the file that are not used yet.
  private var input: UnsafeMutableRawBufferPointer
  /// The bytes of the file that were read so far.
  private(set) var bytesRead = 0
  /// The checksum of the text so far, without the member that is being read.
  private var endedChecksum = Checksum()
  /// The checksum of the file's bytes so far; nil unless it was asked for.
  package private(set) var storedChecksum: Checksum?
  package private(set) var hasTrailingBytes = false
  private var gzip: GzipStream?
  private var state = State.start

  private enum State {
    case start, text, member, betweenMembers, end
  }

  /// Opens a log.
  ///
  /// - Parameters:
  ///   - start: the byte offset at which to begin. In gzip, a member must begin there.
  ///   - sumsStoredBytes: whether to compute `storedChecksum`.
  ///   - recognizesFormats: false for a text that need not be rows.
  ///   - maxReadBytes: lets tests read the file in small pieces.
  /// - Throws: `SystemError`; `.notARegularFile`; `.changedWhileRead` if the file has changed since
  ///   it was found.
  package init(
    _ log: LogFile, from start: Int = 0, sumsStoredBytes: Bool = false,
    recognizesFormats: Bool = true, maxReadBytes: Int = TextReader.inputBytes
  ) throws {
    self.log = log
    self.start = start
    self.maxReadBytes = maxReadBytes
    head = recognizesFormats ? [] : nil
    if sumsStoredBytes { storedChecksum = Checksum() }
    file = try log.isStandardInput ? File.standardInput() : File.open(reading: log.path)
    opened = try log.isStandardInput ? nil : file.status()
    if start > 0 { try file.seek(to: start) }
    if let opened {
      guard opened.isRegular else { throw LogError.notARegularFile(path: log.path) }
      guard opened.byteCount == log.byteCount,
        opened.modifiedNanoseconds == log.modifiedNanoseconds
      else { throw LogError.changedWhileRead(path: log.path) }
    }
    unsafe memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: Self.inputBytes, alignment: 64)
    unsafe input = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<0])
  }

  deinit {
    unsafe memory.deallocate()
  }

  package var isGzip: Bool { gzip != nil }

  /// The checksum and length of the text so far, which is complete once `read` has returned 0.
  package var checksum: Checksum {
    guard state == .member, let gzip else { return endedChecksum }
    var sum = endedChecksum
    sum.append(gzip.memberChecksum)
    return sum
  }

  /// Fills `output` with the next text, and returns the number of bytes written. It is 0 only at
  /// the end.
  ///
  /// - Throws: `SystemError`; `.corruptGzip`; `.notText`; `.nothingRead`; `Interrupted`;
  ///   `.changedWhileRead` at the end, if the status of the file has changed since the start.
  package func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
    var rest = unsafe output
    while unsafe !rest.isEmpty, state != .end {
      switch state {
      case .start: try detect()
      case .text: try unsafe copy(into: &rest)
      case .member: try unsafe inflate(into: &rest)
      case .betweenMembers: try findNextMember()
      case .end: break
      }
    }
    let produced = output.count - rest.count
    if head != nil {
      try unsafe judgeFormat(
        UnsafeRawBufferPointer(rebasing: output[..<produced]), isAtEnd: state == .end,
        isInsideGzip: isGzip)
    }
    return produced
  }

  /// Appends text that `LogBlocks` has decompressed, in the order of the file. Throws `.notText`.
  func append(_ piece: UnsafeRawBufferPointer, _ checksum: Checksum) throws {
    endedChecksum.append(checksum)
    if head != nil { try unsafe judgeFormat(piece, isAtEnd: false, isInsideGzip: true) }
  }

  /// Continues after complete gzip members of `byteCount` bytes, whose text was appended. `read`
  /// must not have been called before.
  func skip(_ byteCount: Int) throws(SystemError) {
    if byteCount == 0 { return }
    try file.seek(to: start + byteCount)
    bytesRead = byteCount
    gzip = GzipStream()
    state = .betweenMembers
  }

  /// Recognizes the format by the first bytes of the text, once there are enough of them.
  private func judgeFormat(
    _ piece: UnsafeRawBufferPointer, isAtEnd: Bool, isInsideGzip: Bool
  ) throws {
    guard var bytes = head else { return }
    unsafe bytes += piece.prefix(LogFormat.headBytes - bytes.count)
    head = bytes
    guard bytes.count == LogFormat.headBytes || isAtEnd else { return }
    try unsafe refuse(bytes.withUnsafeBytes(LogFormat.init(head:)), isInsideGzip: isInsideGzip)
    head = nil
  }

  /// Throws `LogError.notText` if a format was recognized.
  private func refuse(_ format: LogFormat?, isInsideGzip: Bool) throws {
    guard let format else { return }
    throw LogError.notText(
      path: log.path,
      LogFormat.Finding(
        format: format, isInsideGzip: isInsideGzip, isStandardInput: log.isStandardInput))
  }

  private func detect() throws {
    try refill(toHold: 2)
    switch unsafe Self.memberStart(input) {
    case .magic:
      gzip = GzipStream()
      state = .member
    case .cutMagic:
      throw corrupt(.truncated)
    case .other where log.isGzip && head != nil:
      try refill(toHold: LogFormat.headBytes)
      let format = unsafe LogFormat(
        head: UnsafeRawBufferPointer(rebasing: input.prefix(LogFormat.headBytes)))
      // NUL bytes do not reveal the format, because damaged gzip has them too.
      try refuse(format == .nulBytes ? nil : format, isInsideGzip: false)
      throw corrupt(.badHeader)
    case .other where log.isGzip:
      throw corrupt(.badHeader)
    case .nothing where log.isGzip:
      throw corrupt(.truncated)
    case .nothing:
      try end()
    case .other:
      state = .text
    }
  }

  private enum MemberStart {
    case magic
    /// The first magic byte, and then the end of the file.
    case cutMagic
    case nothing
    case other
  }

  /// How `bytes` begin. They must be at least two bytes, or all that are left.
  private static func memberStart(_ bytes: UnsafeMutableRawBufferPointer) -> MemberStart {
    guard let first = unsafe bytes.first else { return .nothing }
    guard first == GzipHeader.magic.0 else { return .other }
    if bytes.count == 1 { return .cutMagic }
    return unsafe bytes[1] == GzipHeader.magic.1 ? .magic : .other
  }

  private func copy(into rest: inout UnsafeMutableRawBufferPointer) throws {
    if unsafe input.isEmpty {
      try refill(toHold: 1)
      if unsafe input.isEmpty { return try end() }
    }
    let count = unsafe min(rest.count, input.count)
    let piece = unsafe UnsafeRawBufferPointer(rebasing: input[..<count])
    unsafe rest.copyMemory(from: piece)
    unsafe endedChecksum.append(piece)
    unsafe input = unsafe UnsafeMutableRawBufferPointer(rebasing: input[count...])
    unsafe rest = unsafe UnsafeMutableRawBufferPointer(rebasing: rest[count...])
  }

  private func inflate(into rest: inout UnsafeMutableRawBufferPointer) throws {
    guard let gzip else { return }
    if unsafe input.isEmpty { try refill(toHold: 1) }
    let isAtEnd = unsafe input.isEmpty
    let spaceBefore = rest.count
    switch unsafe gzip.step(&input, &rest) {
    case .progress:
      if isAtEnd, rest.count == spaceBefore { throw corrupt(.truncated) }
    case .memberEnd:
      endedChecksum.append(gzip.memberChecksum)
      state = .betweenMembers
    case .failed(let problem):
      throw corrupt(problem)
    }
  }

  private func findNextMember() throws {
    while true {
      try refill(toHold: 2)
      if unsafe input.first == 0 {
        unsafe input = unsafe UnsafeMutableRawBufferPointer(rebasing: input.drop { $0 == 0 })
        continue
      }
      switch unsafe Self.memberStart(input) {
      case .magic:
        gzip?.beginMember()
        state = .member
      case .cutMagic:
        throw corrupt(.truncated)
      case .nothing:
        try end()
      case .other:
        hasTrailingBytes = true
        try end()
      }
      return
    }
  }

  /// Reads until `input` has `byteCount` bytes or the file ends. A pipe may give any number of
  /// bytes at a time.
  private func refill(toHold byteCount: Int) throws {
    while unsafe input.count < byteCount {
      let count = unsafe input.count
      try refill()
      if unsafe input.count == count { return }
    }
  }

  /// Reads once and appends to `input`, which stays as it is at the end of the file.
  private func refill() throws {
    unsafe memory.copyMemory(from: UnsafeRawBufferPointer(input))
    var filled = unsafe input.count
    if log.isStandardInput { try waitForInput() }
    let count = try unsafe file.read(
      into: UnsafeMutableRawBufferPointer(rebasing: memory[filled...].prefix(maxReadBytes)))
    bytesRead += count
    unsafe storedChecksum?.append(
      UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[filled..<(filled + count)]))
    filled += count
    unsafe input = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<filled])
  }

  /// Waits until standard input can be read. Throws `Interrupted` after a signal.
  private func waitForInput() throws {
    while !StopRequest.isMade, try !file.isReadable(withinMilliseconds: 200) {}
    try StopRequest.check()
  }

  private func end() throws {
    state = .end
    guard let opened else { return try drain() }
    let now = try file.status()
    if now != opened { throw LogError.changedWhileRead(path: log.path) }
  }

  /// Reads standard input to its end, even past bytes that are ignored, so that its writer does not
  /// get a closed pipe and its size is known.
  private func drain() throws {
    repeat {
      unsafe input = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<0])
      try refill()
    } while unsafe !input.isEmpty
    log.byteCount = bytesRead
    if bytesRead == 0, !log.mayBeEmpty { throw LogError.nothingRead(path: log.path) }
  }

  private func corrupt(_ problem: GzipProblem) -> LogError {
    unsafe .corruptGzip(path: log.path, offset: start + bytesRead - input.count, problem: problem)
  }
}
