internal import CZlib

// Any bytes as the header of a gzip member, in pieces whose sizes come from the first byte:
// `GzipHeader` against zlib's own reading of the same bytes.

/// How many bytes zlib takes for a header that it accepts; nil for one that it refuses. -1 when the
/// bytes end before the header does.
private func reference(_ bytes: [UInt8]) -> Int? {
  var stream = z_stream()
  precondition(chartmill_inflateInit2(&stream, 15 + 16) == Z_OK)
  defer { inflateEnd(&stream) }
  var header = gz_header()
  return withUnsafeMutablePointer(to: &header) { header in
    precondition(inflateGetHeader(&stream, header) == Z_OK)
    var output: UInt8 = 0
    var input = bytes
    for used in 1...bytes.count {
      let status = input.withUnsafeMutableBufferPointer { input in
        withUnsafeMutablePointer(to: &output) { output in
          stream.next_in = input.baseAddress.map { $0 + used - 1 }
          stream.avail_in = 1
          stream.next_out = output
          // Z_BLOCK stops behind the header, before any of the data is looked at.
          stream.avail_out = 0
          return inflate(&stream, Z_BLOCK)
        }
      }
      if status == Z_DATA_ERROR { return nil }
      if header.pointee.done == 1 { return used }
    }
    return -1
  }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHeader(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count >= 2 else { return -1 }
  let bytes = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
  let piece = 1 + Int(data[0]) % 64
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: piece, alignment: 1)
  defer { memory.deallocate() }
  var header = GzipHeader()
  var used = 0
  var progress = GzipHeader.Progress.incomplete
  while used < bytes.count, progress == .incomplete {
    let next = Array(bytes[used..<min(bytes.count, used + piece)])
    memory.copyBytes(from: next)
    var input = UnsafeMutableRawBufferPointer(rebasing: memory[..<next.count])
    progress = header.read(&input)
    used += next.count - input.count
    precondition(progress != .incomplete || input.isEmpty, "bytes were left")
  }
  switch (progress, reference(bytes)) {
  case (.complete, let expected?): precondition(used == expected, "another end")
  // zlib judges two bytes at a time, so it may still wait for the second one.
  case (.incomplete, -1), (.invalid, nil): break
  case (.invalid, -1): precondition(used + 1 >= bytes.count, "refused too early")
  default: preconditionFailure("another verdict")
  }
  return 0
}
