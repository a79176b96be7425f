// Any bytes as the first ones of a log: an answer that depends on these bytes alone, and none for a
// text that begins with a row.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFormats(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count).prefix(LogFormat.headBytes))
  // At the very end of a block, so that the address sanitizer sees a load behind it.
  func format(_ bytes: [UInt8]) -> LogFormat? {
    let head = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { head.deallocate() }
    head.copyBytes(from: bytes)
    return LogFormat(head: UnsafeRawBufferPointer(head))
  }
  let found = format(bytes)
  precondition(found == format(bytes), "another answer")
  let row = Array("1|2|FR\n".utf8)
  let behindRow = format(Array((row + bytes).prefix(LogFormat.headBytes)))
  // A tar archive has its signature behind the name of its first file.
  precondition(behindRow == nil || behindRow == .tar, "a row was taken for a format")
  if let found, found != .tar, found != .nulBytes, found != .carriageReturns {
    var text = bytes
    text.replaceSubrange(0..<min(8, text.count), with: Array("1|2|FR\n\n".utf8))
    precondition(format(text) == nil || format(text) == .tar, "found behind its signature")
  }
  return 0
}
