internal import CZlib
internal import Glibc

// Any bytes as a log: `TextReader` against zlib's own reading of the same bytes. The first byte
// decides how large the pieces are that the text is read in.

private let path = "/dev/shm/chartmill-fuzz-\(getpid()).log"
private let mostText = 64 << 20

/// What zlib makes of concatenated members.
private func reference(_ bytes: [UInt8]) -> (text: Checksum, isWhole: Bool) {
  var sum = Checksum()
  var stream = z_stream()
  precondition(chartmill_inflateInit2(&stream, 15 + 16) == Z_OK)
  defer { inflateEnd(&stream) }
  var output = [UInt8](repeating: 0, count: 64 << 10)
  var input = bytes
  var offset = 0
  let total = input.count
  while true {
    // A member.
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
      if status != Z_OK || sum.byteCount > mostText { return (sum, false) }
    }
    inflateReset(&stream)
    while offset < total, input[offset] == 0 { offset += 1 }
    // The first byte of another member, and the end of the file.
    if offset + 1 == total, input[offset] == 0x1f { return (sum, false) }
    guard offset + 1 < total, input[offset] == 0x1f, input[offset + 1] == 0x8b else {
      return (sum, true)
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
  var isWhole = true
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 1)
  defer { memory.deallocate() }
  var sum = Checksum()
  var told: Checksum?
  do {
    let text = try TextReader(LogFile(path: path))
    while true {
      let produced = try text.read(into: memory)
      if produced == 0 { break }
      sum.append(UnsafeRawBufferPointer(rebasing: memory[..<produced]))
      if sum.byteCount > mostText { return 0 }
    }
    told = text.checksum
  } catch {
    // A text of another format is refused before it is read to its end.
    if case LogError.notText = error { return 0 }
    guard case LogError.corruptGzip = error else { preconditionFailure("\(error)") }
    isWhole = false
  }
  if expected.text.byteCount > mostText { return 0 }
  if isWhole != expected.isWhole {
    print("whole: zlib \(expected.isWhole), Chartmill \(isWhole); \(bytes)")
    preconditionFailure("another verdict")
  }
  if isWhole {
    precondition(sum == expected.text, "other text")
    precondition(told == sum, "its own sum is another")
  }
  return 0
}
