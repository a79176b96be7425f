internal import CZlib

@testable internal import ChartmillFuzz

// Reads any bytes as the header of a gzip member, and compares the result of `GzipHeader` with that
// of zlib. The first byte decides the size of the pieces in which the header is read.

/// The number of bytes of a header that zlib accepts; nil if zlib refuses the header; -1 if the
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
          // Z_BLOCK stops after the header, before the data.
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
    precondition(progress != .incomplete || input.isEmpty, "bytes were not read")
  }
  switch (progress, reference(bytes)) {
  case (.complete, let expected?): precondition(used == expected, "the header ends elsewhere")
  // zlib checks two bytes at a time, so it may still wait for the second one.
  case (.incomplete, -1), (.invalid, nil): break
  case (.invalid, -1): precondition(used + 1 >= bytes.count, "refused too early")
  default: preconditionFailure("only one of the two accepts the header")
  }
  return 0
}
