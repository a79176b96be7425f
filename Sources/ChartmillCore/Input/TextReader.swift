package import ChartmillSystem

/// The text of one log, plain or gzip, in order, in pieces of any size.
///
/// A file is gzip when it begins with gzip's two magic bytes, whatever its name; a name that ends
/// in `.gz` promises them. Concatenated members are one text; zero bytes after the last member are
/// padding, and any other bytes there are ignored and reported, both as gzip(1) does. Bytes that
/// begin another member are one, so a cut anywhere in it is an error.
///
/// A text that is no rows by its first bytes (`LogFormat`) is an error too.
///
/// Memory: `byteCount`. Time: that of the codec; a plain log's is that of `read`.
@safe package final class TextReader {
  static let inputBytes = 128 << 10
  package static let byteCount = inputBytes + GzipStream.byteCount

  private(set) var log: LogFile
  private let file: File
  /// The bytes that one system call reads at most.
  private let maximumReadBytes: Int
  /// The first bytes of the text until its format is judged; nil from then on.
  private var head: [UInt8]?
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
  package private(set) var storedChecksum: Checksum?
  package private(set) var hasTrailingBytes = false
  private var gzip: GzipStream?
  private var state = State.start

  private enum State {
    case start, text, member, betweenMembers, end
  }

  /// - Parameters:
  ///   - start: a byte of the file to begin at: of gzip, where a member begins.
  ///   - recognizesFormats: false for a text that need not be rows.
  ///   - maximumReadBytes: for tests, to be given the file in small pieces.
  /// - Throws: `SystemError`; `.notARegularFile`; `.changedWhileRead` when it is not the file
  ///   that was found.
  package init(
    _ log: LogFile, from start: Int = 0, sumsStoredBytes: Bool = false,
    recognizesFormats: Bool = true, maximumReadBytes: Int = TextReader.inputBytes
  ) throws {
    self.log = log
    self.start = start
    self.maximumReadBytes = maximumReadBytes
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

  /// The checksum and length of the text; whole once `read` returned 0.
  package var checksum: Checksum {
    guard state == .member, let gzip else { return endedChecksum }
    var sum = endedChecksum
    sum.append(gzip.memberChecksum)
    return sum
  }

  /// Fills `output` as far as there is text, and returns the bytes written: 0 at the end, and only
  /// there.
  ///
  /// - Throws: `SystemError`; `.corruptGzip`; `.notText`; `.nothingRead`; `.changedWhileRead` at the
  ///   end, when the file's size or modification time is not what it was at the start.
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
    if head != nil { try unsafe judgeFormat(UnsafeRawBufferPointer(rebasing: output[..<produced])) }
    return produced
  }

  /// Looks at the first bytes of the text once there are enough of them.
  private func judgeFormat(_ piece: UnsafeRawBufferPointer) throws {
    guard var bytes = head else { return }
    unsafe bytes += piece.prefix(LogFormat.headBytes - bytes.count)
    guard bytes.count == LogFormat.headBytes || state == .end else {
      head = bytes
      return
    }
    head = nil
    try unsafe refuse(bytes.withUnsafeBytes(LogFormat.init(head:)))
  }

  private func refuse(_ format: LogFormat?) throws {
    guard let format else { return }
    throw LogError.notText(
      path: log.path,
      LogFormat.Finding(
        format: format, isInsideGzip: isGzip, isStandardInput: log.isStandardInput))
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
      // Damaged gzip has NUL bytes too.
      try refuse(format == .nulBytes ? nil : format)
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
    /// The first byte of the magic, and the end of the file.
    case cutMagic
    case nothing
    case other
  }

  /// What `bytes` begins with, if they are two at least or all there are.
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
    let room = rest.count
    switch unsafe gzip.step(&input, &rest) {
    case .progress:
      if isAtEnd, rest.count == room { throw corrupt(.truncated) }
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

  /// Reads more behind what is left until there are `byteCount` bytes, or the file ends. A pipe may
  /// give any number of bytes at a time.
  private func refill(toHold byteCount: Int) throws {
    while unsafe input.count < byteCount {
      let count = unsafe input.count
      try refill()
      if unsafe input.count == count { return }
    }
  }

  /// Reads once behind what is left; leaves `input` as it is at the end of the file.
  private func refill() throws {
    unsafe memory.copyMemory(from: UnsafeRawBufferPointer(input))
    var filled = unsafe input.count
    if log.isStandardInput { try waitForInput() }
    let count = try unsafe file.read(
      into: UnsafeMutableRawBufferPointer(rebasing: memory[filled...].prefix(maximumReadBytes)))
    bytesRead += count
    unsafe storedChecksum?.append(
      UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[filled..<(filled + count)]))
    filled += count
    unsafe input = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<filled])
  }

  /// Waits until standard input can be read, or a signal asks for the end.
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

  /// Reads standard input to its end, past bytes that are ignored: who writes it must not meet a
  /// closed pipe, and its size is counted.
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
