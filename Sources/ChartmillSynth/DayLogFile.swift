internal import CZlib
internal import ChartmillSystem
internal import Glibc

/// Writes one log, plain or gzip, through a buffer of 1 MiB.
@safe final class DayLogFile {
  /// Large enough for few system calls, and small enough for the second-level cache.
  private static let bufferBytes = 1 << 20
  /// The maximum length of a row: two ids of 20 digits, two separators, a country and the line end.
  private static let maxRowBytes = 45
  /// The default level of `gzip`.
  private static let gzipLevel: Int32 = 6
  /// A 32 KiB window with gzip's header and trailer (zlib's manual, `deflateInit2`).
  private static let gzipWindowBits: Int32 = 15 + 16
  private static let defaultMemoryLevel: Int32 = 8

  private var target: StagedFile?
  private let file: File
  private let buffer = UnsafeMutableRawBufferPointer.allocate(
    byteCount: bufferBytes, alignment: 16)
  private let compressed: UnsafeMutableRawBufferPointer?
  private let stream: UnsafeMutablePointer<z_stream>?
  private let digitPairs = UnsafeMutablePointer<(UInt8, UInt8)>.allocate(capacity: 100)
  private var used = 0

  /// Creates a file that `finish` renames to `path`. It is removed if it is not finished.
  init(path: String, gzip: Bool) throws(SystemError) {
    let staged = try StagedFile(replacing: path, mode: 0o644)
    file = staged.file
    target = consume staged
    for pair in 0..<100 {
      unsafe digitPairs[pair] = (48 + UInt8(pair / 10), 48 + UInt8(pair % 10))
    }
    guard gzip else {
      unsafe stream = nil
      unsafe compressed = nil
      return
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    unsafe self.stream = unsafe stream
    unsafe compressed = .allocate(byteCount: Self.bufferBytes, alignment: 16)
    let status = unsafe chartmill_deflateInit2(
      stream, Self.gzipLevel, Self.gzipWindowBits, Self.defaultMemoryLevel, Z_DEFAULT_STRATEGY)
    guard status == Z_OK else { throw SystemError("deflateInit2", path, .writing, errno: ENOMEM) }
  }

  deinit {
    if let stream = unsafe stream {
      unsafe deflateEnd(stream)
      unsafe stream.deallocate()
    }
    unsafe compressed?.deallocate()
    unsafe buffer.deallocate()
    unsafe digitPairs.deallocate()
  }

  /// Appends `song|user|country` and a line end. Time: about 10 ns.
  ///
  /// - Parameter country: the two letters, the first one in the lower byte.
  func append(song: UInt64, user: UInt64, country: UInt16) throws(SystemError) {
    if unsafe buffer.count - used < Self.maxRowBytes { try flush(finish: false) }
    append(digits: song)
    unsafe buffer[used] = UInt8(ascii: "|")
    used += 1
    append(digits: user)
    unsafe buffer[used] = UInt8(ascii: "|")
    unsafe buffer.storeBytes(of: country.littleEndian, toByteOffset: used + 1, as: UInt16.self)
    unsafe buffer[used + 3] = UInt8(ascii: "\n")
    used += 4
  }

  /// Appends any text.
  func append(line: String) throws(SystemError) {
    for byte in line.utf8 {
      if unsafe used == buffer.count { try flush(finish: false) }
      unsafe buffer[used] = byte
      used += 1
    }
  }

  /// Writes the rest of the buffer and the gzip trailer, and gives the file its name. Nothing may
  /// be appended afterwards.
  func finish() throws(SystemError) {
    try flush(finish: true)
    try target.take()?.publish(isDurable: false)
  }

  private func append(digits value: UInt64) {
    var count = 1
    var bound: UInt64 = 10
    while count < 19, value >= bound {
      count += 1
      bound &*= 10
    }
    var rest = value
    var place = used + count
    while place >= used + 2 {
      let pair = unsafe digitPairs[Int(truncatingIfNeeded: rest % 100)]
      unsafe buffer[place - 2] = pair.0
      unsafe buffer[place - 1] = pair.1
      rest /= 100
      place -= 2
    }
    if place > used { unsafe buffer[used] = 48 + UInt8(truncatingIfNeeded: rest) }
    used += count
  }

  private func flush(finish: Bool) throws(SystemError) {
    let filled = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<used])
    used = 0
    guard let stream = unsafe stream, let compressed = unsafe compressed else {
      return try unsafe file.write(UnsafeRawBufferPointer(filled))
    }
    unsafe stream.pointee.next_in = unsafe filled.bytes
    unsafe stream.pointee.avail_in = UInt32(filled.count)
    repeat {
      unsafe stream.pointee.next_out = unsafe compressed.bytes
      unsafe stream.pointee.avail_out = UInt32(compressed.count)
      _ = unsafe deflate(stream, finish ? Z_FINISH : Z_NO_FLUSH)
      let produced = unsafe compressed.count - Int(stream.pointee.avail_out)
      try unsafe file.write(UnsafeRawBufferPointer(rebasing: compressed[..<produced]))
    } while unsafe stream.pointee.avail_out == 0
  }
}
