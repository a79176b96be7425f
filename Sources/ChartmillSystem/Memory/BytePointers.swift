/// Memory as the C libraries take it: a pointer to bytes.
///
/// C reads and writes any memory as bytes, whatever it is bound to, so the binding that Swift is
/// promised here is used for nothing but the call. Swift code binds memory where it is allocated.
extension UnsafeMutableRawBufferPointer {
  package var bytes: UnsafeMutablePointer<UInt8>? {
    unsafe baseAddress?.assumingMemoryBound(to: UInt8.self)
  }
}

extension UnsafeRawBufferPointer {
  package var bytes: UnsafePointer<UInt8>? {
    unsafe baseAddress?.assumingMemoryBound(to: UInt8.self)
  }
}
