@testable internal import ChartmillFuzz

// Recognizes the format of a log by any first bytes. The result depends only on these bytes, and a
// text that begins with a row has no format.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFormats(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count).prefix(LogFormat.headBytes))
  // The bytes are in a separate block of memory, so that the address sanitizer finds a load after
  // them.
  func format(_ bytes: [UInt8]) -> LogFormat? {
    let head = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { head.deallocate() }
    head.copyBytes(from: bytes)
    return LogFormat(head: UnsafeRawBufferPointer(head))
  }
  let found = format(bytes)
  precondition(found == format(bytes), "the result changed")
  let row = Array("1|2|FR\n".utf8)
  let behindRow = format(Array((row + bytes).prefix(LogFormat.headBytes)))
  // The signature of a tar archive follows the name of its first file.
  precondition(behindRow == nil || behindRow == .tar, "a row has a format")
  if let found, found != .tar, found != .nulBytes, found != .carriageReturns {
    var text = bytes
    text.replaceSubrange(0..<min(8, text.count), with: Array("1|2|FR\n\n".utf8))
    precondition(format(text) == nil || format(text) == .tar, "a format without its signature")
  }
  return 0
}
