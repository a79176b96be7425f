internal import CZlib
internal import Glibc

@testable internal import ChartmillFuzz

// Reads any bytes as a log, and compares the results of `TextReader` and of `LogBlocks` with that of
// zlib. The first byte decides the size of the pieces in which the text is read, and how many bytes
// of blocks are taken at once.

private let path = "/dev/shm/chartmill-fuzz-\(getpid()).log"
private let maxTextBytes = 64 << 20

/// The text that zlib reads from concatenated members, and whether it can read all of them to the
/// end.
private func reference(_ bytes: [UInt8]) -> (text: Checksum, isComplete: Bool) {
  var sum = Checksum()
  var stream = z_stream()
  precondition(chartmill_inflateInit2(&stream, 15 + 16) == Z_OK)
  defer { inflateEnd(&stream) }
  var output = [UInt8](repeating: 0, count: 64 << 10)
  var input = bytes
  var offset = 0
  let total = input.count
  while true {
    // One member.
    while true {
      var used = 0
      var produced = 0
      let room = output.count
      let status = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
          stream.next_in = input.baseAddress.map { $0 + offset }
          stream.avail_in = UInt32(total - offset)
          stream.next_out = output.baseAddress
          stream.avail_out = UInt32(room)
          let status = inflate(&stream, Z_NO_FLUSH)
          used = total - offset - Int(stream.avail_in)
          produced = room - Int(stream.avail_out)
          return status
        }
      }
      offset += used
      output.withUnsafeBytes { sum.append(UnsafeRawBufferPointer(rebasing: $0[..<produced])) }
      if status == Z_STREAM_END { break }
      if status != Z_OK || sum.byteCount > maxTextBytes { return (sum, false) }
    }
    inflateReset(&stream)
    while offset < total, input[offset] == 0 { offset += 1 }
    // The file ends after the first byte of another member.
    if offset + 1 == total, input[offset] == 0x1f { return (sum, false) }
    guard offset + 1 < total, input[offset] == 0x1f, input[offset + 1] == 0x8b else {
      return (sum, true)
    }
  }
}

/// The text of a log whose blocks are taken in pieces of `takenBytes`; nil if it is refused.
private func blockedText(takenBytes: Int) -> Checksum? {
  let memory = UnsafeMutableRawBufferPointer.allocate(
    byteCount: LogChunks.chunkBytes + takenBytes, alignment: 1)
  defer { memory.deallocate() }
  let chunk = UnsafeMutableRawBufferPointer(rebasing: memory[..<LogChunks.chunkBytes])
  let taking = UnsafeMutableRawBufferPointer(rebasing: memory[LogChunks.chunkBytes...])
  let deflate = Deflate()
  do {
    let chunks = LogChunks(try TextReader(LogFile(path: path)))
    let blocks = LogBlocks(chunks)
    while let taken = try blocks.take(into: taking) {
      _ = try blocks.join(taken, into: chunk, deflate) { _ in }
    }
    while try chunks.next(into: chunk) != nil {}
    return chunks.text.checksum
  } catch {
    switch error {
    // A damaged text of another format may be refused for either reason.
    case LogError.corruptGzip, LogError.notText: return nil
    default: preconditionFailure("\(error)")
    }
  }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGzip(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count >= 3, data[1] == 0x1f, data[2] == 0x8b else { return -1 }
  let bytes = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
  let piece = 1 + Int(data[0]) * 97
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  precondition(file >= 0 && write(file, bytes, bytes.count) == bytes.count)
  close(file)
  let expected = reference(bytes)
  var isComplete = true
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 1)
  defer { memory.deallocate() }
  var sum = Checksum()
  var reported: Checksum?
  do {
    let text = try TextReader(LogFile(path: path))
    while true {
      let produced = try text.read(into: memory)
      if produced == 0 { break }
      sum.append(UnsafeRawBufferPointer(rebasing: memory[..<produced]))
      if sum.byteCount > maxTextBytes { return 0 }
    }
    reported = text.checksum
  } catch {
    // A text of another format is refused before it is read to its end.
    if case LogError.notText = error { return 0 }
    guard case LogError.corruptGzip = error else { preconditionFailure("\(error)") }
    isComplete = false
  }
  if expected.text.byteCount > maxTextBytes { return 0 }
  if isComplete != expected.isComplete {
    print("complete: zlib \(expected.isComplete), Chartmill \(isComplete); \(bytes)")
    preconditionFailure("only one of the two accepts the file")
  }
  if isComplete {
    precondition(sum == expected.text, "the text differs")
    precondition(reported == sum, "the reported checksum is wrong")
  }
  precondition(blockedText(takenBytes: piece) == reported, "the text of the blocks differs")
  return 0
}
